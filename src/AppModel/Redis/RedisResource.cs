namespace Aspire.Hosting.ApplicationModel;

/// <summary>A Redis server: <c>ConnectionStrings:{name}</c> from configuration, else a private one on loopback with a password.</summary>
public sealed class RedisResource : ContainerResource, IResourceWithConnectionString
{
    internal RedisResource(string name, ParameterResource password, Func<string?> configured)
        : base(name)
    {
        PasswordParameter = password;
        Configured = configured;
        PrimaryEndpoint = new(this, "tcp");
    }

    public EndpointReference PrimaryEndpoint { get; }

    public ParameterResource? PasswordParameter { get; }

    /// <summary><c>127.0.0.1:6379,password=...</c>, as StackExchange.Redis reads it.</summary>
    public ReferenceExpression ConnectionStringExpression => Configured() is { } configured
        ? ReferenceExpression.Create($"{configured}")
        : ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)},password={PasswordParameter!}");

    /// <inheritdoc cref="PostgresServerResource.Configured"/>
    internal Func<string?> Configured { get; }

    internal string? DataDirectory { get; set; }

    internal (TimeSpan Interval, long KeysChanged)? Persistence { get; set; }
}
