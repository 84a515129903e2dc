using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class StorageOutageTests
{
    [Theory]
    [InlineData("53000", true)]     // insufficient resources
    [InlineData("53100", true)]     // disk full
    [InlineData("53200", true)]     // out of memory
    [InlineData("53300", true)]     // too many connections
    [InlineData("53400", true)]     // a limit of the configuration
    [InlineData("58000", true)]     // system error
    [InlineData("58030", true)]     // input or output failed
    [InlineData("57P01", true)]     // the server goes down
    [InlineData("57P03", true)]     // it starts
    [InlineData("57P05", true)]     // a session was idle for too long
    [InlineData("57014", true)]     // a statement took too long, or an operator ended it
    [InlineData("25P03", true)]     // a transaction was idle for too long
    [InlineData("25P04", true)]     // a transaction took too long
    [InlineData("55P03", true)]     // a lock was not to be had in time
    [InlineData("40P01", true)]     // a deadlock
    [InlineData("25006", true)]     // nobody may write
    [InlineData("42501", false)]    // this role may not
    [InlineData("25P02", false)]    // a command after a failed one
    [InlineData("23514", false)]    // a check failed
    [InlineData("XX001", false)]    // corrupted
    public async Task What_the_server_cannot_do_for_want_of_something_is_an_outage_however_it_is_written(string sqlState, bool isOutage)
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var host = await StorageHost.StartAsync(database);
        await using (var admin = NpgsqlDataSource.Create(database))
        await using (var refuse = admin.CreateCommand(
            $"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN RAISE EXCEPTION 'could not write' USING ERRCODE = '{sqlState}'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION refuse();
            """))
        {
            await refuse.ExecuteNonQueryAsync();
        }

        var tenant = new TenantId(Guid.CreateVersion7());
        await using var db = host.Db.For(tenant);
        db.Notes.Add(new Note { TenantId = tenant, Id = 1, Text = "" });
        Func<Task>[] writes =
        [
            () => db.SaveChangesAsync(),
            () => db.Database.ExecuteSqlAsync($"INSERT INTO notes (tenant_id, id, owner, text) VALUES ({tenant.Value}, 2, '', '')"),
        ];

        foreach (var write in writes)
        {
            var failure = await Assert.ThrowsAnyAsync<Exception>(write);
            Assert.True(StorageOutage.Is(failure) == isOutage, failure.ToString());
        }
    }

    [Fact]
    public async Task A_callers_own_end_is_no_outage()
    {
        await using var host = await StorageHost.StartAsync();
        await using var db = host.Db.ForNoTenant();
        using var end = new CancellationTokenSource();
        var asked = db.Database.ExecuteSqlAsync($"SELECT pg_sleep(60)", end.Token);
        await using var look = host.Db.DataSource.CreateCommand("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
        await Eventually.GetAsync(async () => (long)(await look.ExecuteScalarAsync())!, sleeping => sleeping > 0);

        await end.CancelAsync();

        var ended = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal("57014", Assert.IsType<PostgresException>(ended.InnerException).SqlState);
        Assert.False(StorageOutage.Is(ended));
    }

    [Fact]
    public async Task A_database_that_became_read_only_is_an_outage_and_health_tells_so()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var host = await StorageHost.StartAsync(database);
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync()).Status);
        await using var admin = NpgsqlDataSource.Create(database);
        await using (var demote = admin.CreateCommand(
            $"""ALTER DATABASE "{new NpgsqlConnectionStringBuilder(database).Database}" SET default_transaction_read_only = on"""))
        {
            await demote.ExecuteNonQueryAsync();
        }

        host.Db.DataSource.Clear();     // as a failover does: what comes next is a new session
        host.Db.Statements.Clear();

        var failure = await Assert.ThrowsAnyAsync<Exception>(WriteAsync);
        Assert.True(StorageOutage.Is(failure), failure.ToString());
        var health = await host.HealthAsync();
        Assert.Equal((HealthStatus.Unhealthy, "PostgreSQL takes no writes."), (health.Status, health.Description));

        // where writes are taken again, or another server takes them, nobody has to cut the sessions that know of none
        await using (var promote = admin.CreateCommand(
            $"""ALTER DATABASE "{new NpgsqlConnectionStringBuilder(database).Database}" RESET default_transaction_read_only"""))
        {
            await promote.ExecuteNonQueryAsync();
        }

        await WriteAsync();
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync()).Status);

        async Task WriteAsync()
        {
            var tenant = new TenantId(Guid.CreateVersion7());
            await using var db = host.Db.For(tenant);
            db.Notes.Add(new Note { TenantId = tenant, Id = 1, Text = "" });
            await db.SaveChangesAsync();
        }
    }

    [Theory]
    [InlineData("a statement")]
    [InlineData("what is saved")]
    [InlineData("the commit")]
    [InlineData("the commit behind a failure")]
    public async Task A_server_that_goes_away_in_the_middle_of_a_transaction_is_an_outage(string what)
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var host = await StorageHost.StartAsync(database);
        var tenant = new TenantId(Guid.CreateVersion7());
        await using var db = host.Db.For(tenant);
        await using var transaction = await db.Database.BeginTransactionAsync();
        db.Notes.Add(new Note { TenantId = tenant, Id = 1, Text = "" });
        await db.SaveChangesAsync();
        var pid = ((NpgsqlConnection)db.Database.GetDbConnection()).ProcessID;
        await using var admin = NpgsqlDataSource.Create(database);
        await using var end = admin.CreateCommand($"SELECT pg_terminate_backend({pid}, 10000)");
        Assert.True((bool)(await end.ExecuteScalarAsync())!);

        db.Notes.Add(new Note { TenantId = tenant, Id = 2, Text = "" });
        if (what == "the commit behind a failure")
        {
            await Assert.ThrowsAnyAsync<Exception>(() => db.SaveChangesAsync());
        }

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => what switch
        {
            "a statement" => db.Notes.ToListAsync(),
            "the commit" or "the commit behind a failure" => transaction.CommitAsync(),
            _ => db.SaveChangesAsync(),
        });
        Assert.True(StorageOutage.Is(failure), failure.ToString());
    }

    [Fact]
    public async Task Health_writes()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var host = await StorageHost.StartAsync(database);
        await using var admin = NpgsqlDataSource.Create(database);
        // a server that answers whatever is asked, and writes nothing
        await using (var refuse = admin.CreateCommand(
            "REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) FROM PUBLIC"))
        {
            await refuse.ExecuteNonQueryAsync();
        }

        Assert.Equal(HealthStatus.Unhealthy, (await host.HealthAsync()).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Health_waits_no_longer_for_a_stopped_server_than_it_says(bool connected)
    {
        await using var servers = await TestServers.StartAsync();
        await using var host = await StorageHost.StartAsync(await servers.CreateDatabaseAsync("notes"));
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync()).Status);
        if (!connected)
        {
            host.Db.DataSource.Clear();
        }

        var pids = await PostgresPidsAsync(servers);
        pids.ForEach(pid => Signals.Send("STOP", pid));
        try
        {
            var started = Stopwatch.GetTimestamp();
            Assert.Equal(HealthStatus.Unhealthy, (await host.HealthAsync()).Status);
            // its limit is 2 s of the real clock, and opening a connection may take 15
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(8));
        }
        finally
        {
            pids.ForEach(pid => Signals.Send("CONT", pid));
        }
    }

    private static async Task<List<int>> PostgresPidsAsync(TestServers servers)
    {
        await using var admin = NpgsqlDataSource.Create($"{servers.Postgres};Database=postgres;Pooling=false");
        await using var ask = admin.CreateCommand(
            """
            SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int
            UNION SELECT pid FROM pg_stat_activity WHERE datname = 'notes'
            """);
        await using var answer = await ask.ExecuteReaderAsync();
        var pids = new List<int>();
        while (await answer.ReadAsync())
        {
            pids.Add(answer.GetInt32(0));
        }

        return pids;
    }
}
