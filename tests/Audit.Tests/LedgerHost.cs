using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Audit.Tests;

/// <summary>A replica of a service that does nothing but log.</summary>
internal sealed class LedgerHost : IAsyncDisposable
{
    public const string Written = "ledger.written";
    public const string Read = "ledger.read";

    private readonly IHost _host;
    private readonly string _connection;

    private LedgerHost(IHost host, string connection, FakeTimeProvider clock) => (_host, _connection, Clock) = (host, connection, clock);

    public FakeTimeProvider Clock { get; }

    public TenantId Tenant { get; private init; } = new(Guid.CreateVersion7());

    public TenantDb<LedgerDbContext> Db => _host.Services.GetRequiredService<TenantDb<LedgerDbContext>>();

    public AuditReader Reader => _host.Services.GetRequiredService<AuditReader>();

    /// <param name="chains">False: what is written waits until it is asked for, as where the worker has died.</param>
    public static async Task<LedgerHost> StartAsync(bool chains = false) =>
        await StartAsync(chains, await (await TestServers.Shared).CreateDatabaseAsync(), StandingClock.Create());

    /// <summary>Another replica on the same database, which chains.</summary>
    public async Task<LedgerHost> AnotherAsync()
    {
        var another = await StartAsync(chains: true, _connection, Clock);
        return new LedgerHost(another._host, _connection, Clock) { Tenant = Tenant };
    }

    public AuditEntry Entry(string subject = "thing", string action = Written, TenantId? tenant = null) => AuditEntry.Of(
        new Caller(tenant ?? Tenant, Role.Admin, "key:test") { From = "192.0.2.7" }, Clock.GetUtcNow(), action, subject, new { BeforeThat = "a", after = "b" });

    /// <summary>Writes entries, each a second after the one before and in a transaction of its own.</summary>
    public async Task WriteAsync(int count = 1)
    {
        for (var i = 0; i < count; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await using var context = Db.For(Tenant);
            context.Audit(Entry());
            await context.SaveChangesAsync();
        }
    }

    public async Task<IReadOnlyList<AuditLogEntry>> ListAsync(AuditFilter? filter = null) =>
        (await Reader.ListAsync(Tenant, new() { Filter = filter, PageSize = 200 }, default)).Entries;

    public Task<VerifyChainResponse> VerifyAsync(params ChainPoint[] known) => Reader.VerifyAsync(Tenant, new() { Known = { known } }, default);

    /// <summary>SQL as the database's owner of all: below every policy.</summary>
    public Task<object?> SqlAsync(string sql) => RunAsync(_connection, sql);

    /// <summary>SQL as whoever has got hold of the service's password.</summary>
    public Task<object?> ServiceSqlAsync(string sql) => RunAsync(
        new NpgsqlConnectionStringBuilder(ServiceDatabases.LoginOf(_connection)) { Options = $"-c app.tenant_id={Tenant}" }.ConnectionString,
        sql);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static async Task<LedgerHost> StartAsync(bool chains, string connection, FakeTimeProvider clock)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:ledger"] = await new LedgerDatabase().MigrateAsync(connection),
        });
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.AddStorage(new LedgerDatabase());
        builder.AddAudit<LedgerDbContext>("ledger", [Written, Read]);
        if (!chains)
        {
            builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(AuditChainer)));
        }

        var host = builder.Build();
        await host.StartAsync();
        return new LedgerHost(host, connection, clock);
    }

    private static async Task<object?> RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
