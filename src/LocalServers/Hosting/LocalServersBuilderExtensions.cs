using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ZohoPlatform.LocalServers.Hosting;

/// <summary>PostgreSQL and Redis for an app host without a container engine: private servers on loopback, from the machine's own binaries.</summary>
public static class LocalServersBuilderExtensions
{
    /// <summary>A PostgreSQL server. It is stopped by its fast shutdown.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The server's name.</param>
    /// <param name="dataFolder">Where its data are kept.</param>
    /// <param name="password">The superuser's password, letters and digits; it must be kept as long as the data.</param>
    /// <param name="port">A fixed port; a free one unless given.</param>
    public static IResourceBuilder<LocalPostgresResource> AddLocalPostgres(
        this IDistributedApplicationBuilder builder, string name, string dataFolder, IResourceBuilder<ParameterResource> password, int? port = null)
    {
        var listen = port ?? Ports.TakeFree();
        var data = new DataFolder(dataFolder, IsKept: true);
        return builder
            .AddServer(new LocalPostgresResource(name, password.Resource, secret => new PostgresServer(name, data, listen, secret)), listen)
            .WithIconName("DatabaseMultiple");
    }

    /// <summary>A database of the server.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="databaseName">The database's name; the resource's unless given.</param>
    public static IResourceBuilder<LocalPostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<LocalPostgresResource> builder, string name, string? databaseName = null)
    {
        var database = new LocalPostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        var check = $"{name}_answers";
        builder.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck(check, async ct => ResultOf(await database.AskAsync(ct)));
        builder.OnResourceReady(async (server, ready, ct) =>
        {
            await server.EnsureDatabaseAsync(database.DatabaseName, ct);
            // of what is no process of its own, nobody else says that it runs
            await ready.Services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(
                database, snapshot => snapshot with { State = KnownResourceStates.Running });
        });
        return builder.ApplicationBuilder.AddResource(database)
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "PostgreSQL database",
                State = KnownResourceStates.Waiting,
                Properties = [],
            })
            .WithIconName("Database")
            .WithHealthCheck(check);
    }

    /// <summary>A Redis server.</summary>
    /// <inheritdoc cref="AddLocalPostgres"/>
    public static IResourceBuilder<LocalRedisResource> AddLocalRedis(
        this IDistributedApplicationBuilder builder, string name, string dataFolder, IResourceBuilder<ParameterResource> password, int? port = null)
    {
        var listen = port ?? Ports.TakeFree();
        var data = new DataFolder(dataFolder, IsKept: true);
        var redis = new LocalRedisResource(name, password.Resource, (secret, users) => new RedisServer(name, data, listen, secret, users));
        return builder
            .AddServer(redis, listen)
            .WithIconName("DatabaseLightning");
    }

    /// <summary>A login that reaches its own keys and channels, and administers nothing; the answer is its connection string.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="user">The user's name.</param>
    /// <param name="password">Its password, letters and digits.</param>
    /// <param name="reaches">Patterns of keys and channels: <c>~tokens:* &amp;tokens:changed</c>.</param>
    public static ReferenceExpression AddUser(
        this IResourceBuilder<LocalRedisResource> builder, string user, IResourceBuilder<ParameterResource> password, string reaches) =>
        builder.Resource.AddUser(user, password.Resource, reaches);

    private static IResourceBuilder<TServer> AddServer<TServer>(this IDistributedApplicationBuilder builder, TServer server, int port)
        where TServer : LocalServerResource
    {
        var check = $"{server.Name}_answers";
        builder.Services.AddHealthChecks().AddAsyncCheck(check, async ct => ResultOf(await server.AskAsync(ct)));
        return builder.AddResource(server)
            // its own port: behind a proxy a server that is down would still be connected to
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: "tcp", isProxied: false)
            .WithArgs(context =>
            {
                foreach (var word in server.Prepared?.ShellArguments("service") ?? [])
                {
                    context.Args.Add(word);
                }
            })
            .WithHealthCheck(check)
            .OnBeforeResourceStarted((resource, _, ct) => resource.PrepareAsync(ct));
    }

    private static HealthCheckResult ResultOf(string? trouble) =>
        trouble is null ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(trouble);
}
