using Microsoft.Extensions.Configuration;
using ZohoPlatform.LocalServers.Hosting;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// PostgreSQL and Redis of a launch: this machine's own (<c>--Servers=local</c>, the default), containers with data volumes
/// (<c>--Servers=containers</c>, and in a manifest), or those that <c>ConnectionStrings:postgres</c> and <c>ConnectionStrings:redis</c> name.
/// </summary>
internal sealed class DataServers
{
    private readonly Func<string, string, IResourceBuilder<IResourceWithConnectionString>> _addDatabase;

    private DataServers(
        Func<string, string, IResourceBuilder<IResourceWithConnectionString>> addDatabase, IResourceBuilder<IResourceWithConnectionString> redis) =>
        (_addDatabase, Redis) = (addDatabase, redis);

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
        return new DataServers(AddPostgres(builder, state, secret, containers), AddRedis(builder, state, secret, containers));
    }

    public IResourceBuilder<IResourceWithConnectionString> AddDatabase(string name, string databaseName) => _addDatabase(name, databaseName);

    private static Func<string, string, IResourceBuilder<IResourceWithConnectionString>> AddPostgres(
        IDistributedApplicationBuilder builder, LaunchState state, Func<string, IResourceBuilder<ParameterResource>> secret, bool containers)
    {
        if (builder.Configuration.GetConnectionString("postgres") is not null)
        {
            var theirs = builder.AddConnectionString("postgres");
            return (name, databaseName) =>
                builder.AddConnectionString(name, ReferenceExpression.Create($"{theirs.Resource};Database={databaseName}"));
        }

        if (containers)
        {
            var server = builder.AddPostgres("postgres", password: secret("postgres-password")).WithDataVolume();
            return (name, databaseName) => server.AddDatabase(name, databaseName);
        }

        var local = builder.AddLocalPostgres("postgres", Path.Combine(state.Root, "postgres"), secret("postgres-password"));
        return (name, databaseName) => local.AddDatabase(name, databaseName);
    }

    private static IResourceBuilder<IResourceWithConnectionString> AddRedis(
        IDistributedApplicationBuilder builder, LaunchState state, Func<string, IResourceBuilder<ParameterResource>> secret, bool containers) =>
        builder.Configuration.GetConnectionString("redis") is not null
            ? builder.AddConnectionString("redis")
            : containers
                ? builder.AddRedis("redis", port: null, password: secret("redis-password")).WithDataVolume()
                : builder.AddLocalRedis("redis", Path.Combine(state.Root, "redis"), secret("redis-password"));
}
