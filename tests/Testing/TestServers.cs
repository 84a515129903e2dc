using System.Security.Cryptography;
using Npgsql;
using ZohoPlatform.LocalServers;

namespace ZohoPlatform.Testing;

/// <summary>
/// One real PostgreSQL and one real Redis for all tests of an assembly, started by the first that asks. A test keeps to itself by taking a
/// database of its own and keys of its own; one that stops the servers takes servers of its own.
/// </summary>
public sealed class TestServers : IAsyncDisposable
{
    private static readonly Lazy<Task<TestServers>> Started = new(StartSharedAsync);

    private readonly ServerProcess _postgres;
    private readonly ServerProcess _redis;

    private TestServers(ServerProcess postgres, ServerProcess redis) => (_postgres, _redis) = (postgres, redis);

    /// <summary>The servers, which run until the test process ends.</summary>
    public static Task<TestServers> Shared => Started.Value;

    /// <summary>StackExchange.Redis connection string.</summary>
    public string Redis => _redis.Server.ConnectionString;

    /// <summary>Npgsql connection string of the superuser, without a database.</summary>
    public string Postgres => _postgres.Server.ConnectionString;

    /// <summary>Creates an empty database and answers with the connection string of a role that may prepare it.</summary>
    public Task<string> CreateDatabaseAsync() => CreateDatabaseAsync($"test_{Guid.NewGuid():N}");

    /// <summary>As <see cref="CreateDatabaseAsync()"/>, on servers that nobody else uses.</summary>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await ((PostgresServer)_postgres.Server).EnsureDatabaseAsync(name, limit.Token);
        return new NpgsqlConnectionStringBuilder(_postgres.Server.ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Servers that nobody else uses. One that ends is started again after a moment, where it was and with its data.</summary>
    /// <param name="isDurable">Whether a commit of PostgreSQL is on the disk when it is answered, which tests do not wait for.</param>
    public static async Task<TestServers> StartAsync(bool isDurable = false)
    {
        var postgres = StartPostgresAsync(isDurable);
        var redis = StartRedisAsync();
        try
        {
            return new TestServers(await postgres, await redis);
        }
        catch
        {
            await Task.WhenAll(StopAsync(postgres), StopAsync(redis));
            throw;
        }
    }

    /// <summary>A Redis that nobody else uses.</summary>
    public static Task<ServerProcess> StartRedisAsync() =>
        ServerProcess.StartAsync(new RedisServer("redis", NewData(), Ports.TakeFree(), NewPassword()));

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await StopAsync(_postgres);
    }

    private static Task<ServerProcess> StartPostgresAsync(bool isDurable) => ServerProcess.StartAsync(
        new PostgresServer("postgres", NewData() with { IsKept = isDurable }, Ports.TakeFree(), NewPassword()));

    private static DataFolder NewData() => new(TestData.NewFolder(), IsKept: false);

    private static string NewPassword() => RandomNumberGenerator.GetHexString(32);

    private static async Task StopAsync(Task<ServerProcess> started)
    {
        if (started.IsCompletedSuccessfully)
        {
            await StopAsync(await started);
        }
    }

    private static async Task StopAsync(ServerProcess server)
    {
        await server.DisposeAsync();
        if (server.Server.Data.IsKept)
        {
            server.Server.Data.Delete();
        }
    }

    private static async Task<TestServers> StartSharedAsync()
    {
        var servers = await StartAsync();
        // hundreds of databases that are emptied before they could grow
        await using (var source = NpgsqlDataSource.Create(servers.Postgres))
        {
            foreach (var sql in (string[])["ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()"])
            {
                await using var command = source.CreateCommand(sql);
                await command.ExecuteNonQueryAsync();
            }
        }

        AppDomain.CurrentDomain.ProcessExit += (_, _) => servers.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(10));
        return servers;
    }
}
