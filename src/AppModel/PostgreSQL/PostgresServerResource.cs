namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A PostgreSQL server: <c>ConnectionStrings:{name}</c> from configuration, else a private one on loopback whose superuser is
/// <c>postgres</c> (scram-sha-256).
/// </summary>
public sealed class PostgresServerResource : ContainerResource, IResourceWithConnectionString
{
    private readonly Dictionary<string, string> _databases = new(StringComparer.OrdinalIgnoreCase);

    internal PostgresServerResource(string name, ParameterResource password, Func<string?> configured)
        : base(name)
    {
        PasswordParameter = password;
        Configured = configured;
        PrimaryEndpoint = new(this, "tcp");
    }

    public EndpointReference PrimaryEndpoint { get; }

    public ParameterResource PasswordParameter { get; }

    /// <summary>Names of the databases by the names of their resources.</summary>
    public IReadOnlyDictionary<string, string> Databases => _databases;

    public ReferenceExpression ConnectionStringExpression => Configured() is { } configured
        ? ReferenceExpression.Create($"{configured}")
        : ReferenceExpression.Create(
            $"Host={PrimaryEndpoint.Property(EndpointProperty.Host)};Port={PrimaryEndpoint.Property(EndpointProperty.Port)};Username=postgres;Password={PasswordParameter}");

    /// <summary>The connection string that configuration gives instead of a server of our own.</summary>
    internal Func<string?> Configured { get; }

    internal string? DataDirectory { get; set; }

    /// <summary>Databases that live in this server, in the order in which they were added.</summary>
    internal List<PostgresDatabaseResource> Hosted { get; } = [];

    internal void Add(PostgresDatabaseResource database)
    {
        _databases.Add(database.Name, database.DatabaseName);
        Hosted.Add(database);
    }
}

/// <summary>A database of a server, made when it is missing; or <c>ConnectionStrings:{name}</c> from configuration.</summary>
public sealed class PostgresDatabaseResource : Resource, IResourceWithParent<PostgresServerResource>, IResourceWithConnectionString
{
    internal PostgresDatabaseResource(
        string name, string databaseName, PostgresServerResource postgresParentResource, Func<string?> configured)
        : base(name)
    {
        Parent = postgresParentResource;
        DatabaseName = databaseName;
        Configured = configured;
    }

    public PostgresServerResource Parent { get; }

    public string DatabaseName { get; }

    public ReferenceExpression ConnectionStringExpression => Configured() is { } configured
        ? ReferenceExpression.Create($"{configured}")
        : ReferenceExpression.Create($"{Parent};Database={DatabaseName}");

    /// <inheritdoc cref="PostgresServerResource.Configured"/>
    internal Func<string?> Configured { get; }
}
