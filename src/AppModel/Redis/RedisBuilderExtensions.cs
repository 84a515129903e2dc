using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Redis;
using Aspire.Hosting.Runtime;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Redis, from the machine's own redis-server.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>A server, private to this application and on loopback; or the one that <c>ConnectionStrings:{name}</c> names.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The server's name.</param>
    /// <param name="port">A fixed port; a free one unless given.</param>
    /// <param name="password">Generated and kept unless given.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        var server = new RedisResource(
            name, password?.Resource ?? ParameterResourceBuilderExtensions.CreatePassword(builder, $"{name}-password"),
            () => builder.Configuration.GetConnectionString(name));

        return builder.AddResource(server)
            .WithAnnotation(new EndpointAnnotation("tcp", "tcp") { Port = port, Transport = "tcp" })
            .WithAnnotation(new ProcessAnnotation((instance, ct) => RedisServer.PrepareAsync(server, instance, builder.State(), ct)))
            .WithAnnotation(new HealthProbe((_, ct) => RedisServer.AskAsync(server, ct)));
    }

    /// <summary>Keeps the data in a folder, with snapshots; without it they go with the launch.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="source">The folder, relative to the app host's.</param>
    /// <param name="isReadOnly">Loads what is there and saves nothing.</param>
    public static IResourceBuilder<RedisResource> WithDataBindMount(
        this IResourceBuilder<RedisResource> builder, string source, bool isReadOnly = false)
    {
        builder.Resource.DataDirectory = Path.GetFullPath(source, builder.ApplicationBuilder.AppHostDirectory);
        return isReadOnly ? builder : builder.WithPersistence();
    }

    /// <summary>A snapshot after <paramref name="interval"/> (60 s unless given) in which so many keys changed, and one at the
    /// stop.</summary>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1)
    {
        builder.Resource.Persistence = (interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold);
        return builder;
    }
}
