using Aspire.Hosting.ApplicationModel;

namespace ZohoPlatform.LocalServers.Hosting;

/// <summary>A <see cref="LocalServer"/> as a resource of an app host.</summary>
public abstract class LocalServerResource : ExecutableResource, IResourceWithConnectionString
{
    // what Aspire finds healthy it asks every 30 s
    private static readonly TimeSpan AnswerHolds = TimeSpan.FromSeconds(20);

    private LocalServer? _server;
    private long _answeredAt;

    /// <param name="name">The resource's name.</param>
    /// <param name="password">The server's password: letters and digits.</param>
    private protected LocalServerResource(string name, ParameterResource password)
        : base(name, "sh", "/")
    {
        PasswordParameter = password;
        PrimaryEndpoint = new EndpointReference(this, "tcp");
    }

    public EndpointReference PrimaryEndpoint { get; }

    public ParameterResource PasswordParameter { get; }

    public abstract ReferenceExpression ConnectionStringExpression { get; }

    /// <summary>What runs it, once it has been prepared.</summary>
    internal ServerCommand? Prepared { get; private set; }

    /// <summary>Null when it is in order, else why not. Aspire wants to know it for each database too: it is asked once.</summary>
    internal async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        if (Volatile.Read(ref _answeredAt) is var answeredAt and not 0 && time.GetElapsedTime(answeredAt) < AnswerHolds)
        {
            return null;
        }

        var asked = time.GetTimestamp();
        var trouble = await (await GetServerAsync(cancellationToken)).AskAsync(cancellationToken);
        Volatile.Write(ref _answeredAt, trouble is null ? asked : 0);
        return trouble;
    }

    internal async Task<LocalServer> GetServerAsync(CancellationToken cancellationToken) =>
        _server ??= await CreateAsync(await ValueOfAsync(PasswordParameter, cancellationToken), cancellationToken);

    internal async Task PrepareAsync(CancellationToken cancellationToken)
    {
        // what a former process answered says nothing of the next
        Volatile.Write(ref _answeredAt, 0);
        Prepared = await (await GetServerAsync(cancellationToken)).PrepareAsync(cancellationToken);
    }

    private protected abstract ValueTask<LocalServer> CreateAsync(string password, CancellationToken cancellationToken);

    private protected static async ValueTask<string> ValueOfAsync(ParameterResource parameter, CancellationToken cancellationToken) =>
        await parameter.GetValueAsync(cancellationToken) ?? "";
}

/// <summary>A private PostgreSQL; its superuser is <c>postgres</c>.</summary>
public sealed class LocalPostgresResource : LocalServerResource
{
    private readonly Func<string, PostgresServer> _create;

    internal LocalPostgresResource(string name, ParameterResource password, Func<string, PostgresServer> create)
        : base(name, password) => _create = create;

    public override ReferenceExpression ConnectionStringExpression => LoginExpression("postgres", PasswordParameter);

    /// <summary>The connection string of one of its roles, without a database.</summary>
    public ReferenceExpression LoginExpression(string role, ParameterResource password) => ReferenceExpression.Create(
        $"Host={PrimaryEndpoint.Property(EndpointProperty.Host)};Port={PrimaryEndpoint.Property(EndpointProperty.Port)};Username={role};Password={password};Require Auth=ScramSHA256");

    private protected override ValueTask<LocalServer> CreateAsync(string password, CancellationToken cancellationToken) =>
        new(_create(password));

    internal async Task EnsureDatabaseAsync(string databaseName, CancellationToken cancellationToken) =>
        await ((PostgresServer)await GetServerAsync(cancellationToken)).EnsureDatabaseAsync(databaseName, cancellationToken);

    internal async Task<string?> AskAsync(string databaseName, CancellationToken cancellationToken) =>
        await ((PostgresServer)await GetServerAsync(cancellationToken)).AskAsync(databaseName, cancellationToken);
}

/// <summary>A database of a <see cref="LocalPostgresResource"/>, made once the server answers and does not have it.</summary>
public sealed class LocalPostgresDatabaseResource(string name, string databaseName, LocalPostgresResource parent)
    : Resource(name), IResourceWithParent<LocalPostgresResource>, IResourceWithConnectionString
{
    private volatile bool _hasAnswered;

    public LocalPostgresResource Parent => parent;

    public string DatabaseName => databaseName;

    // once it has answered it is as well as its server, whose check Aspire counts as one of the database's
    internal async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        var trouble = _hasAnswered ? null : await parent.AskAsync(databaseName, cancellationToken);
        _hasAnswered = trouble is null;
        return trouble;
    }

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{parent};Database={databaseName}");
}

/// <summary>A private Redis.</summary>
public sealed class LocalRedisResource : LocalServerResource
{
    private readonly Func<string, IReadOnlyList<RedisUser>, RedisServer> _create;
    private readonly List<(string Name, ParameterResource Password, string Reaches)> _users = [];

    internal LocalRedisResource(string name, ParameterResource password, Func<string, IReadOnlyList<RedisUser>, RedisServer> create)
        : base(name, password) => _create = create;

    public override ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Address},password={PasswordParameter}");

    private ReferenceExpression Address => ReferenceExpression.Create(
        $"{PrimaryEndpoint.Property(EndpointProperty.Host)}:{PrimaryEndpoint.Property(EndpointProperty.Port)}");

    internal ReferenceExpression AddUser(string user, ParameterResource password, string reaches)
    {
        _users.Add((user, password, reaches));
        return ReferenceExpression.Create($"{Address},user={user},password={password}");
    }

    private protected override async ValueTask<LocalServer> CreateAsync(string password, CancellationToken cancellationToken)
    {
        var users = new List<RedisUser>();
        foreach (var user in _users)
        {
            users.Add(new RedisUser(user.Name, await ValueOfAsync(user.Password, cancellationToken), user.Reaches));
        }

        return _create(password, users);
    }
}
