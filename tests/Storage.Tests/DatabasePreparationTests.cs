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
    public async Task A_session_means_the_same_whatever_the_databases_own_settings_are()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await using var admin = NpgsqlDataSource.Create(database);
        await using (var elsewhere = admin.CreateCommand(
            $"""
            CREATE SCHEMA app;
            ALTER DATABASE "{name}" SET search_path = app;
            ALTER DATABASE "{name}" SET timezone = 'Asia/Tokyo';
            ALTER DATABASE "{name}" SET client_encoding = 'LATIN1';
            """))
        {
            await elsewhere.ExecuteNonQueryAsync();
        }

        await using var host = await StorageHost.StartAsync($"{database};Options=-c statement_timeout=77s");

        await using var look = host.Db.DataSource.CreateCommand(
            """
            SELECT string_agg(current_setting(name), ' ' ORDER BY place)
            FROM unnest(ARRAY['search_path', 'TimeZone', 'client_encoding', 'statement_timeout']) WITH ORDINALITY AS s (name, place)
            """);
        Assert.Equal("public UTC UTF8 77s", await look.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Replicas_that_start_at_once_prepare_the_database_once()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();

        var hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StorageHost.StartAsync(database)));

        Assert.Equal(["1"], await ColumnAsync(database, "SELECT count(*)::text FROM \"__EFMigrationsHistory\""));
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_service_may_read_and_write_its_tables_and_nothing_else()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var host = await StorageHost.StartAsync(database);
        var role = new NpgsqlConnectionStringBuilder(database).Database + "_service";

        // the one of an append-only table would be less
        Assert.Equal(
            ["notes: DELETE INSERT SELECT UPDATE", "queue: DELETE INSERT SELECT UPDATE"],
            await ColumnAsync(
                database,
                $"""
                SELECT c.relname || ': ' || string_agg(p.privilege, ' ' ORDER BY p.privilege)
                FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (privilege)
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                    AND (has_table_privilege('{role}', c.oid, p.privilege)
                        OR (p.privilege <> ALL (ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AND has_any_column_privilege('{role}', c.oid, p.privilege)))
                GROUP BY c.relname ORDER BY c.relname
                """));
        Assert.Empty(await ColumnAsync(database, $"SELECT oid::text FROM pg_class WHERE pg_get_userbyid(relowner) = '{role}'"));
        Assert.Empty(await ColumnAsync(
            database,
            $"""
            SELECT 'schema ' || nspname FROM pg_namespace WHERE has_schema_privilege('{role}', oid, 'CREATE')
            UNION ALL
            SELECT 'database: ' || p FROM unnest(ARRAY['CREATE', 'TEMP']) AS p WHERE has_database_privilege('{role}', current_database(), p)
            UNION ALL
            SELECT 'member of ' || roleid::regrole FROM pg_auth_members WHERE member = '{role}'::regrole
            """));
    }

    [Theory]
    [InlineData("INSERT INTO \"__EFMigrationsHistory\" VALUES ('1_Mine', '10')")]
    [InlineData("UPDATE \"__EFMigrationsHistory\" SET product_version = ''")]
    [InlineData("DELETE FROM \"__EFMigrationsHistory\"")]
    [InlineData("DROP TABLE \"__EFMigrationsHistory\"")]
    [InlineData("CREATE TABLE mine (id integer)")]
    [InlineData("CREATE TEMP TABLE mine (id integer)")]
    [InlineData("CREATE SCHEMA mine")]
    public async Task A_service_is_refused_what_would_decide_its_next_start(string sql)
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using (var host = await StorageHost.StartAsync(database))
        {
            await using var command = host.Db.DataSource.CreateCommand(sql);
            Assert.Equal(
                PostgresErrorCodes.InsufficientPrivilege,
                (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState);
        }

        await using var again = await StorageHost.StartAsync(database);
    }

    [Fact]
    public async Task A_right_that_an_earlier_version_gave_is_taken_at_the_next_start()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using (await StorageHost.StartAsync(database))
        {
        }

        var role = new NpgsqlConnectionStringBuilder(database).Database + "_service";
        await ExecuteAsync(database, $"GRANT ALL ON \"__EFMigrationsHistory\" TO \"{role}\"");

        await using var host = await StorageHost.StartAsync(database);
        Assert.Equal(
            ["false"], await ColumnAsync(database, $"SELECT has_table_privilege('{role}', '\"__EFMigrationsHistory\"', 'INSERT')::text"));
    }

    [Fact]
    public async Task A_replica_waits_for_its_turn_as_long_as_it_takes_and_says_so_every_half_minute()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var other = new NpgsqlConnection(database + ";Pooling=false");
        await other.OpenAsync();
        await using var take = new NpgsqlCommand($"SELECT pg_advisory_lock({AdvisoryLock.KeyOf("storage preparation")})", other);
        await take.ExecuteNonQueryAsync();
        var log = new RecordedLog(LogLevel.Warning);

        var starting = StorageHost.StartAsync(database + ";Command Timeout=1", clock: new PassingClock(), log: log);
        var told = await Eventually.GetAsync(
            () => Task.FromResult(log.Lines.Where(line => line.Contains("another replica is preparing it", StringComparison.Ordinal)).ToList()),
            lines => lines.Count >= 2);

        Assert.False(starting.IsCompleted);
        Assert.Contains("waited for 30 s so far", told[0], StringComparison.Ordinal);
        Assert.Contains("waited for 60 s so far", told[1], StringComparison.Ordinal);
        await other.CloseAsync();
        await using var host = await starting.WaitAsync(Eventually.Limit);
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

    private static async Task<IReadOnlyList<string>> ColumnAsync(string database, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(database);
        await using var command = dataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(database);
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
