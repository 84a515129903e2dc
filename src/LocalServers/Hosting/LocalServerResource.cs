using Aspire.Hosting.ApplicationModel;

namespace ZohoPlatform.LocalServers.Hosting;

/// <summary>A <see cref="LocalServer"/> as a resource of an app host.</summary>
public abstract class LocalServerResource : ExecutableResource, IResourceWithConnectionString
{
    private readonly Func<string, LocalServer> _create;
    private LocalServer? _server;

    /// <param name="name">The resource's name.</param>
    /// <param name="password">The server's password: letters and digits.</param>
    /// <param name="create">Makes the server for a password.</param>
    private protected LocalServerResource(string name, ParameterResource password, Func<string, LocalServer> create)
        : base(name, "sh", "/")
    {
        _create = create;
        PasswordParameter = password;
        PrimaryEndpoint = new EndpointReference(this, "tcp");
    }

    public EndpointReference PrimaryEndpoint { get; }

    public ParameterResource PasswordParameter { get; }

    public abstract ReferenceExpression ConnectionStringExpression { get; }

    /// <summary>What runs it, once it has been prepared.</summary>
    internal ServerCommand? Prepared { get; private set; }

    internal async Task<LocalServer> GetServerAsync(CancellationToken cancellationToken) =>
        _server ??= _create(await PasswordParameter.GetValueAsync(cancellationToken) ?? "");

    internal async Task PrepareAsync(CancellationToken cancellationToken) =>
        Prepared = await (await GetServerAsync(cancellationToken)).PrepareAsync(cancellationToken);
}

/// <summary>A private PostgreSQL; its superuser is <c>postgres</c>.</summary>
public sealed class LocalPostgresResource : LocalServerResource
{
    internal LocalPostgresResource(string name, ParameterResource password, Func<string, PostgresServer> create)
        : base(name, password, create)
    {
    }

    public override ReferenceExpression ConnectionStringExpression => LoginExpression("postgres", PasswordParameter);

    /// <summary>The connection string of one of its roles, without a database.</summary>
    public ReferenceExpression LoginExpression(string role, ParameterResource password) => ReferenceExpression.Create(
        $"Host={PrimaryEndpoint.Property(EndpointProperty.Host)};Port={PrimaryEndpoint.Property(EndpointProperty.Port)};Username={role};Password={password};Require Auth=ScramSHA256");

    internal async Task EnsureDatabaseAsync(string databaseName, CancellationToken cancellationToken) =>
        await ((PostgresServer)await GetServerAsync(cancellationToken)).EnsureDatabaseAsync(databaseName, cancellationToken);

    internal async Task<string?> AskAsync(string databaseName, CancellationToken cancellationToken) =>
        await ((PostgresServer)await GetServerAsync(cancellationToken)).AskAsync(databaseName, cancellationToken);
}

/// <summary>A database of a <see cref="LocalPostgresResource"/>, made once the server answers and does not have it.</summary>
public sealed class LocalPostgresDatabaseResource(string name, string databaseName, LocalPostgresResource parent)
    : Resource(name), IResourceWithParent<LocalPostgresResource>, IResourceWithConnectionString
{
    public LocalPostgresResource Parent => parent;

    public string DatabaseName => databaseName;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{parent};Database={databaseName}");
}

/// <summary>A private Redis.</summary>
public sealed class LocalRedisResource : LocalServerResource
{
    internal LocalRedisResource(string name, ParameterResource password, Func<string, RedisServer> create)
        : base(name, password, create)
    {
    }

    public override ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"{PrimaryEndpoint.Property(EndpointProperty.Host)}:{PrimaryEndpoint.Property(EndpointProperty.Port)},password={PasswordParameter}");
}
