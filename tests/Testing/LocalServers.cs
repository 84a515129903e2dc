using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Npgsql;

namespace ZohoPlatform.Testing;

/// <summary>
/// One real PostgreSQL and one real Redis for all tests of an assembly, started by the first that asks. A test keeps to itself by taking a
/// database of its own and keys of its own.
/// </summary>
public sealed class LocalServers
{
    private static readonly Lazy<Task<LocalServers>> Started = new(StartAsync);

    private readonly string _admin;

    private LocalServers(string admin, string redis) => (_admin, Redis) = (admin, redis);

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

    private static async Task<LocalServers> StartAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        var postgres = builder.AddPostgres("postgres");
        var redis = builder.AddRedis("redis");
        var app = await builder.BuildAsync();
        await app.StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => app.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(10));

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await app.ResourceNotifications.WaitForResourceHealthyAsync(postgres.Resource.Name, limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync(redis.Resource.Name, limit.Token);
        return new LocalServers(
            (await app.GetConnectionStringAsync(postgres.Resource.Name, limit.Token))!,
            (await app.GetConnectionStringAsync(redis.Resource.Name, limit.Token))!);
    }
}
