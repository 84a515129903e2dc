using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Npgsql;

namespace ZohoPlatform.Testing;

/// <summary>
/// One real PostgreSQL and one real Redis for all tests of an assembly, started by the first that asks. A test keeps to itself by taking a
/// database of its own and keys of its own; one that stops the servers takes servers of its own.
/// </summary>
public sealed class LocalServers : IAsyncDisposable
{
    private static readonly Lazy<Task<LocalServers>> Started = new(StartSharedAsync);

    private readonly DistributedApplication _app;
    private readonly string _admin;

    private LocalServers(DistributedApplication app, string admin, string redis) => (_app, _admin, Redis) = (app, admin, redis);

    /// <summary>The servers, which run until the test process ends.</summary>
    public static Task<LocalServers> Shared => Started.Value;

    /// <summary>StackExchange.Redis connection string.</summary>
    public string Redis { get; }

    /// <summary>Creates an empty database and answers with the connection string of a role that may prepare it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(_admin);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_admin) { Database = name }.ConnectionString;
    }

    /// <summary>Servers that nobody else uses. One that ends is started again after a moment, where it was and with its data.</summary>
    public static async Task<LocalServers> StartAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        var postgres = builder.AddPostgres("postgres");
        var redis = builder.AddRedis("redis");
        var app = await builder.BuildAsync();
        await app.StartAsync();

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await app.ResourceNotifications.WaitForResourceHealthyAsync(postgres.Resource.Name, limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync(redis.Resource.Name, limit.Token);
        return new LocalServers(
            app,
            (await app.GetConnectionStringAsync(postgres.Resource.Name, limit.Token))!,
            (await app.GetConnectionStringAsync(redis.Resource.Name, limit.Token))!);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task<LocalServers> StartSharedAsync()
    {
        var servers = await StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => servers.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(10));
        return servers;
    }
}
