using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.PostgreSQL;
using Aspire.Hosting.Runtime;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>PostgreSQL, from the machine's own binaries (15 or later).</summary>
public static class PostgresBuilderExtensions
{
    /// <summary>A server, private to this application and on loopback; or the one that <c>ConnectionStrings:{name}</c> names.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The server's name.</param>
    /// <param name="userName">Must be left out: the superuser is <c>postgres</c>.</param>
    /// <param name="password">The superuser's password; generated and kept unless given.</param>
    /// <param name="port">A fixed port; a free one unless given.</param>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null, int? port = null)
    {
        if (userName is not null)
        {
            throw new DistributedApplicationException($"'{name}': the private server's superuser is always postgres.");
        }
        var server = new PostgresServerResource(
            name, password?.Resource ?? ParameterResourceBuilderExtensions.CreatePassword(builder, $"{name}-password"),
            () => builder.Configuration.GetConnectionString(name));

        return builder.AddResource(server)
            .WithAnnotation(new EndpointAnnotation("tcp", "tcp") { Port = port, Transport = "tcp" })
            .WithAnnotation(new ProcessAnnotation((instance, ct) => PostgresServer.PrepareAsync(server, instance, builder.State(), ct)))
            .WithAnnotation(new HealthProbe((_, ct) => PostgresServer.AskAsync(server, ct)));
    }

    /// <summary>A database of the server, made when the server is up and does not have it.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var configuration = builder.ApplicationBuilder.Configuration;
        var database = new PostgresDatabaseResource(
            name, databaseName ?? name, builder.Resource, () => configuration.GetConnectionString(name));
        builder.Resource.Add(database);

        return builder.ApplicationBuilder.AddResource(database)
            .WithAnnotation(new WaitAnnotation(builder.Resource))
            .WithAnnotation(new ProcessAnnotation(async (_, ct) =>
            {
                await PostgresServer.CreateMissingAsync(database, ct);
                return null;
            }))
            .WithAnnotation(new HealthProbe((_, ct) => PostgresServer.AskAsync(database, ct)));
    }

    /// <summary>Keeps the data in a folder; without it they go with the launch.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="source">The folder, relative to the app host's.</param>
    /// <param name="isReadOnly">Must be false: PostgreSQL writes.</param>
    public static IResourceBuilder<PostgresServerResource> WithDataBindMount(
        this IResourceBuilder<PostgresServerResource> builder, string source, bool isReadOnly = false)
    {
        if (isReadOnly)
        {
            throw new DistributedApplicationException($"'{builder.Resource.Name}' cannot run on a folder that it may not write to.");
        }
        builder.Resource.DataDirectory = Path.GetFullPath(source, builder.ApplicationBuilder.AppHostDirectory);
        return builder;
    }
}
