using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class DatabasePreparationTests
{
    [Fact]
    public async Task Replicas_that_start_at_once_prepare_the_database_once()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();

        var hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StorageHost.StartAsync(database)));

        await using var command = hosts[0].Db.DataSource.CreateCommand("SELECT count(*) FROM \"__EFMigrationsHistory\"");
        Assert.Equal(1L, await command.ExecuteScalarAsync());
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_database_of_an_earlier_shape_is_refused_with_the_way_to_reset_it()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await ExecuteAsync(
            database,
            """
            CREATE TABLE "__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL);
            INSERT INTO "__EFMigrationsHistory" VALUES ('20261121000000_FirstTables', '10.0.4');
            """);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StorageHost.StartAsync(database));

        Assert.Contains(new NpgsqlConnectionStringBuilder(database).Database!, refused.Message, StringComparison.Ordinal);
        Assert.Contains("20261121000000_FirstTables", refused.Message, StringComparison.Ordinal);
        Assert.Contains("./run.sh --reset", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_later_version_is_worked_with()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using (await StorageHost.StartAsync(database))
        {
        }

        await ExecuteAsync(database, "INSERT INTO \"__EFMigrationsHistory\" VALUES ('29990101000000_Later', '10.0.15')");

        await using var host = await StorageHost.StartAsync(database);
        await using var db = host.Db.For(new TenantId(Guid.CreateVersion7()));
        Assert.Empty(await db.Notes.ToListAsync());
    }

    [Fact]
    public async Task A_new_service_password_takes_effect_at_the_next_start()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using (await StorageHost.StartAsync(database))
        {
        }

        await using var host = await StorageHost.StartAsync(database, "another-fake-password");
        await using var db = host.Db.For(new TenantId(Guid.CreateVersion7()));
        Assert.True(await db.Database.CanConnectAsync());
    }

    [Fact]
    public async Task A_pool_that_would_keep_a_tenant_stops_the_start()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StorageHost.StartAsync(database + ";No Reset On Close=true"));

        Assert.Contains("ConnectionStrings:notes", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    public async Task A_missing_or_short_service_password_is_named(string password)
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => StorageHost.StartAsync(database, password));

        Assert.Contains("Storage:ServicePassword", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_admin_login_stops_the_start_at_once()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        var wrong = new NpgsqlConnectionStringBuilder(database) { Password = "wrong-fake-password" }.ConnectionString;

        await Assert.ThrowsAsync<PostgresException>(() => StorageHost.StartAsync(wrong));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_waited_for_a_minute_and_told_of_every_half()
    {
        var log = new RecordedLog(LogLevel.Warning);
        var nobody = "Host=127.0.0.1;Port=1;Username=postgres;Password=fake-password;Database=notes";

        await Assert.ThrowsAsync<NpgsqlException>(
            () => StorageHost.StartAsync(nobody, clock: new PassingClock(), log: log).WaitAsync(Eventually.Limit));

        var told = log.Lines.Where(line => line.Contains("waiting for PostgreSQL at 127.0.0.1:1, ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, told.Count);
        Assert.Contains(", 0 s so far: ", told[0], StringComparison.Ordinal);
        Assert.Contains(", 30 s so far: ", told[1], StringComparison.Ordinal);
    }

    /// <summary>Passes as fast as it is waited for.</summary>
    private sealed class PassingClock : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _ = Task.Run(() => Advance(dueTime));
            return timer;
        }
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(database);
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
