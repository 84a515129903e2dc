using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Events.Tests;

/// <summary>Replicas of a service that tells something, on one database of their own.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly List<IHost> _replicas = [];
    private readonly string _admin;

    private Shop(string admin) => _admin = admin;

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    public RecordedLog Log { get; } = new(LogLevel.Information);

    public TenantDb<ShopDbContext> Db => _replicas[0].Services.GetRequiredService<TenantDb<ShopDbContext>>();

    public static async Task<Shop> StartAsync(string webhooks, int replicas = 1)
    {
        var shop = new Shop(await (await TestServers.Shared).CreateDatabaseAsync());
        foreach (var _ in Enumerable.Range(0, replicas))
        {
            await shop.AddReplicaAsync(webhooks);
        }

        return shop;
    }

    public async Task AddReplicaAsync(string webhooks)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(Log);
        builder.Configuration.AddInMemoryCollection(TestTickets.SettingsOf("tokens"));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:shop"] = await new ShopDatabase().MigrateAsync(_admin),
            ["services:webhooks:grpc:0"] = webhooks,
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        builder.AddTickets("tokens");
        builder.AddStorage(new ShopDatabase());
        builder.AddEventOutbox<ShopDbContext>();
        var host = builder.Build();
        await host.StartAsync();
        _replicas.Add(host);
    }

    public async Task StopAllAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.StopAsync();
            replica.Dispose();
        }

        _replicas.Clear();
    }

    /// <summary>A sale, and an event that tells of it.</summary>
    public async Task SellAsync(int sale, TenantId? tenant = null)
    {
        await using var context = Db.For(tenant ?? Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync();
        await SellAsync(context, sale);
        await transaction.CommitAsync();
    }

    public static async Task SellAsync(ShopDbContext context, int sale)
    {
        context.Sales.Add(new Sale { TenantId = context.Tenant, Id = sale });
        await context.SaveChangesAsync();
        await context.RaiseAsync(
            EventCatalogue.SyncFinished, $"sale:{sale}", new { sale }, TimeProvider.System.GetUtcNow(), CancellationToken.None);
    }

    /// <summary>SQL as the database's owner of all: below every policy.</summary>
    public async Task<object?> SqlAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_admin);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Waits until nothing is on its way out any more.</summary>
    public Task EmptyAsync() => Eventually.GetAsync(
        () => SqlAsync("SELECT (SELECT count(*) FROM event_outbox) + (SELECT count(*) FROM event_queue)"), left => left is 0L);

    public async ValueTask DisposeAsync() => await StopAllAsync();
}
