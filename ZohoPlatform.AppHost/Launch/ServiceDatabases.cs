using Npgsql;
using ZohoPlatform.LocalServers.Hosting;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>Says of a resource that it does its work and ends.</summary>
internal sealed class StepAnnotation : IResourceAnnotation;

/// <summary>A service's database: the step that prepares it, and the login that the service gets. No service knows another one's, or the server's own.</summary>
/// <param name="Name">The service's name for it.</param>
/// <param name="Login">Connection string of the service's role.</param>
/// <param name="Migration">The service's program with <c>--migrate</c>.</param>
internal sealed record ServiceDatabase(string Name, ReferenceExpression Login, IResourceBuilder<ProjectResource> Migration);

internal static class ServiceDatabases
{
    /// <summary>Starts once the database is ready, and works in it as its own role.</summary>
    public static IResourceBuilder<ProjectResource> WithDatabase(this IResourceBuilder<ProjectResource> service, ServiceDatabase database) => service
        .WithEnvironment($"ConnectionStrings__{database.Name}", database.Login)
        .WaitForCompletion(database.Migration);

    /// <summary>What a role logs in with.</summary>
    /// <param name="server">Any of the three kinds of server.</param>
    /// <param name="database">The database, and the service's name.</param>
    /// <param name="password">The role's password.</param>
    public static ReferenceExpression LoginOf(
        IResourceBuilder<IResourceWithConnectionString> server, string database, IResourceBuilder<ParameterResource> password)
    {
        // the name that --migrate gives it
        var role = $"{database}_service";
        return server.Resource switch
        {
            LocalPostgresResource local => ReferenceExpression.Create($"{local.LoginExpression(role, password.Resource)};Database={database}"),
            PostgresServerResource container => ReferenceExpression.Create(
                $"Host={container.PrimaryEndpoint.Property(EndpointProperty.Host)};Port={container.PrimaryEndpoint.Property(EndpointProperty.Port)};Username={role};Password={password};Database={database}"),
            var theirs when server.ApplicationBuilder.ExecutionContext.IsRunMode =>
                ReferenceExpression.Create($"{new LoginToTheirs(theirs, database, role, password.Resource)}"),
            // a manifest cannot take their connection string apart
            _ => ReferenceExpression.Create($"{server.ApplicationBuilder.AddConnectionString($"{database}-login")}"),
        };
    }

    /// <summary>A connection string that somebody gave, with another login.</summary>
    private sealed class LoginToTheirs(IResourceWithConnectionString server, string database, string role, ParameterResource password)
        : IValueProvider, IManifestExpressionProvider
    {
        // asked for in a launch as well, and read in a manifest alone
        public string ValueExpression => $"{{{database}-login.connectionString}}";

        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
            new NpgsqlConnectionStringBuilder(await server.GetConnectionStringAsync(cancellationToken))
            {
                Database = database,
                Username = role,
                Password = await password.GetValueAsync(cancellationToken),
            }.ConnectionString;
    }
}
