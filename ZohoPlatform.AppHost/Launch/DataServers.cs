using Microsoft.Extensions.Configuration;
using ZohoPlatform.LocalServers.Hosting;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// PostgreSQL and Redis of a launch: this machine's own (<c>--Servers=local</c>, the default), containers with data volumes
/// (<c>--Servers=containers</c>, and in a manifest), or those that <c>ConnectionStrings:postgres</c> and <c>ConnectionStrings:redis</c> name.
/// </summary>
internal sealed class DataServers
{
    private readonly IDistributedApplicationBuilder _builder;
    private readonly IResourceBuilder<IResourceWithConnectionString> _postgres;
    private readonly bool _areOurs;
    private readonly Func<string, IResourceBuilder<ParameterResource>> _secret;
    private readonly List<ServiceDatabase> _databases = [];

    private DataServers(
        IDistributedApplicationBuilder builder,
        IResourceBuilder<IResourceWithConnectionString> postgres,
        IResourceBuilder<IResourceWithConnectionString> redis,
        Func<string, IResourceBuilder<ParameterResource>> secret,
        bool areOurs)
    {
        (_builder, _postgres, Redis, _secret, _areOurs) = (builder, postgres, redis, secret, areOurs);
    }

    public IResourceBuilder<IResourceWithConnectionString> Redis { get; }

    /// <param name="builder">The application.</param>
    /// <param name="state">Where local servers keep their data.</param>
    /// <param name="secret">Makes a parameter that is generated and kept.</param>
    /// <exception cref="LaunchException"><c>Servers</c> is neither.</exception>
    public static DataServers Add(
        IDistributedApplicationBuilder builder, LaunchState state, Func<string, IResourceBuilder<ParameterResource>> secret)
    {
        var containers = (builder.Configuration["Servers"] ?? "local") switch
        {
            "local" => builder.ExecutionContext.IsPublishMode,
            "containers" => true,
            var other => throw new LaunchException($"Servers is '{other}'. Set --Servers=local or --Servers=containers."),
        };
        var isPostgresTheirs = builder.Configuration.GetConnectionString("postgres") is { Length: > 0 };
        var isRedisTheirs = builder.Configuration.GetConnectionString("redis") is { Length: > 0 };
        IResourceBuilder<IResourceWithConnectionString> postgres = isPostgresTheirs
            ? builder.AddConnectionString("postgres")
            : containers
                ? builder.AddPostgres("postgres", password: secret("postgres-password")).WithDataVolume(Volume("postgres"))
                : builder.AddLocalPostgres("postgres", Path.Combine(state.Root, "postgres"), secret("postgres-password"));
        IResourceBuilder<IResourceWithConnectionString> redis = isRedisTheirs
            ? builder.AddConnectionString("redis")
            : containers
                ? builder.AddRedis("redis", port: null, password: secret("redis-password")).WithDataVolume(Volume("redis")).WithoutHttpsCertificate()
                : builder.AddLocalRedis("redis", Path.Combine(state.Root, "redis"), secret("redis-password"));
        return new DataServers(builder, postgres, redis, secret, areOurs: !isPostgresTheirs && !isRedisTheirs);

        // a manifest knows no state folder
        string? Volume(string server) => builder.ExecutionContext.IsPublishMode ? null : state.NameVolume(server);
    }

    /// <summary>A database, <c>{service}-db</c>, and the step that prepares it, <c>{service}-migration</c>.</summary>
    /// <typeparam name="TProject">The service, whose program with <c>--migrate</c> is the step.</typeparam>
    /// <param name="service">The service's name, which is the database's.</param>
    public ServiceDatabase AddDatabase<TProject>(string service)
        where TProject : IProjectMetadata, new()
    {
        var name = $"{service}-db";
        IResourceBuilder<IResourceWithConnectionString> prepared = _postgres switch
        {
            IResourceBuilder<LocalPostgresResource> local => local.AddDatabase(name, service),
            IResourceBuilder<PostgresServerResource> container => container.AddDatabase(name, service),
            _ => _builder.AddConnectionString(name, ReferenceExpression.Create($"{_postgres.Resource};Database={service}")),
        };
        var password = _secret($"{service}-db-password");
        var migration = _builder
            .AddProject<TProject>($"{service}-migration", options => (options.ExcludeLaunchProfile, options.ExcludeKestrelEndpoints) = (true, true))
            .AsBuilt<TProject>()
            .WithArgs("--migrate")
            .WithoutHttpsCertificate()
            .WithReference(prepared, service)
            .WithEnvironment("Storage__ServicePassword", password)
            .WithAnnotation(new StepAnnotation())
            .WithIconName("DatabaseArrowUp")
            .WaitFor(prepared);
        var database = new ServiceDatabase(service, ServiceDatabases.LoginOf(_postgres, service, password), migration);
        _databases.Add(database);
        return database;
    }

    /// <summary>
    /// What a service logs in to Redis with: a user of its own, who reads no other one's keys, or what <c>ConnectionStrings:redis</c> says,
    /// where that is given.
    /// </summary>
    /// <param name="service">The service's name, which is the user's.</param>
    /// <param name="reaches">The patterns of its keys and channels.</param>
    public ReferenceExpression AddRedisUser(string service, string reaches) => Redis switch
    {
        IResourceBuilder<LocalRedisResource> local => local.AddUser(service, _secret($"{service}-redis-password"), reaches),
        IResourceBuilder<RedisResource> container => container.AddUser(service, _secret($"{service}-redis-password"), reaches),
        _ => ReferenceExpression.Create($"{Redis}"),
    };

    /// <summary>A button that makes the databases and the cache new, where both servers belong to the launch.</summary>
    /// <param name="users">
    /// What works with them when the button is pressed, and is stopped meanwhile; who waits for another one stands behind it.
    /// </param>
    public void WithReset(IReadOnlyList<IResource> users)
    {
        if (_areOurs)
        {
            _postgres.WithResetCommand(_databases, Redis.Resource, users);
        }
    }
}
