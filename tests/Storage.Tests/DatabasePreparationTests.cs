using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
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
    public async Task A_login_that_may_create_roles_and_owns_the_database_suffices()
    {
        var database = new NpgsqlConnectionStringBuilder(await (await TestServers.Shared).CreateDatabaseAsync());
        var deployer = $"deployer_{Guid.NewGuid():N}";
        await ExecuteAsync(
            database.ConnectionString,
            $"""
            CREATE ROLE {deployer} LOGIN CREATEROLE PASSWORD 'fake-deployer-password';
            ALTER DATABASE "{database.Database}" OWNER TO {deployer};
            """);
        (database.Username, database.Password) = (deployer, "fake-deployer-password");

        var login = await new NotesDatabase().MigrateAsync(database.ConnectionString);
        // and again, as with each rollout
        await new NotesDatabase().MigrateAsync(database.ConnectionString);

        await using var host = await StorageHost.StartAsAsync(login);
    }

    [Fact]
    public async Task Steps_that_run_at_once_apply_each_migration_once()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new NotesDatabase().MigrateAsync(database)));

        Assert.Equal(["1"], await ColumnAsync(database, "SELECT count(*)::text FROM \"__EFMigrationsHistory\""));
    }

    [Fact]
    public async Task A_service_that_is_up_before_its_migration_waits_for_it_and_says_so()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        var login = await new NotesDatabase().MigrateAsync(database);
        await ExecuteAsync(database, "ALTER TABLE \"__EFMigrationsHistory\" RENAME TO away");
        var log = new RecordedLog(LogLevel.Warning);

        var starting = StorageHost.StartAsAsync(login, log: log);
        await Eventually.GetAsync(
            () => Task.FromResult(log.Lines.ToList()),
            lines => lines.Exists(line => line.Contains("waiting for its migration, 0 s so far", StringComparison.Ordinal)));
        Assert.False(starting.IsCompleted);

        await ExecuteAsync(database, "ALTER TABLE away RENAME TO \"__EFMigrationsHistory\"");
        await using var host = await starting.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task A_service_whose_migration_does_not_come_ends_with_what_lacks_and_how_to_apply_it()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        var login = await new NotesDatabase().MigrateAsync(database);
        await ExecuteAsync(database, "DELETE FROM \"__EFMigrationsHistory\"");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => StorageHost.StartAsAsync(login, clock: new PassingClock()).WaitAsync(Eventually.Limit));

        Assert.Contains("_Initial", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--migrate", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ALTER ROLE {0} SUPERUSER")]
    [InlineData("ALTER ROLE {0} BYPASSRLS")]
    [InlineData("GRANT {1} TO {0}")]
    public async Task A_role_that_could_see_every_tenants_rows_stops_the_start(string more)
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        var login = await new NotesDatabase().MigrateAsync(database);
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await ExecuteAsync(database, string.Format(CultureInfo.InvariantCulture, more, $"{name}_service", $"{name}_owner"));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StorageHost.StartAsAsync(login));

        Assert.Contains("ConnectionStrings:notes logs in as " + name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_login_of_the_step_is_none_for_a_service()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await new NotesDatabase().MigrateAsync(database);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StorageHost.StartAsAsync(database));

        Assert.Contains("ConnectionStrings:notes logs in as postgres", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_may_read_and_write_its_tables_and_nothing_else()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var host = await StorageHost.StartAsync(database);
        var role = new NpgsqlConnectionStringBuilder(database).Database + "_service";

        // the one of an append-only table would be less
        Assert.Equal(
            ["__EFMigrationsHistory: SELECT", "notes: DELETE INSERT SELECT UPDATE", "queue: DELETE INSERT SELECT UPDATE"],
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
    public async Task A_right_that_an_earlier_version_gave_is_taken_by_the_next_migration()
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
    public async Task A_step_waits_for_its_turn_as_long_as_it_takes_and_says_so_every_half_minute()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var other = new NpgsqlConnection(database + ";Pooling=false");
        await other.OpenAsync();
        await using var take = new NpgsqlCommand($"SELECT pg_advisory_lock({AdvisoryLock.KeyOf("storage migration")})", other);
        await take.ExecuteNonQueryAsync();
        var log = new RecordedLog(LogLevel.Warning);

        var migrating = MigrateAsync(database + ";Command Timeout=1", clock: new PassingClock(), log: log);
        var told = await Eventually.GetAsync(
            () => Task.FromResult(log.Lines.Where(line => line.Contains("another process is preparing it", StringComparison.Ordinal)).ToList()),
            lines => lines.Count >= 2);

        Assert.False(migrating.IsCompleted);
        Assert.Contains("waited for 30 s so far", told[0], StringComparison.Ordinal);
        Assert.Contains("waited for 60 s so far", told[1], StringComparison.Ordinal);
        await other.CloseAsync();
        await migrating.WaitAsync(Eventually.Limit);
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

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => MigrateAsync(database));

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
    public async Task A_new_service_password_takes_effect_with_the_next_migration()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        var login = await new NotesDatabase().MigrateAsync(database);

        await MigrateAsync(database, "another-fake-password");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StorageHost.StartAsAsync(login));
        Assert.Contains("ConnectionStrings:notes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--migrate", refused.Message, StringComparison.Ordinal);
        await using var host = await StorageHost.StartAsAsync(
            new NpgsqlConnectionStringBuilder(login) { Password = "another-fake-password" }.ConnectionString);
    }

    [Fact]
    public async Task A_pool_that_would_keep_a_tenant_stops_the_start()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();

        var login = await new NotesDatabase().MigrateAsync(database);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StorageHost.StartAsAsync(login + ";No Reset On Close=true"));

        Assert.Contains("ConnectionStrings:notes", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    public async Task A_missing_or_short_service_password_is_named(string password)
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => MigrateAsync(database, password));

        Assert.Contains("Storage:ServicePassword", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_admin_login_ends_the_step_at_once()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        var wrong = new NpgsqlConnectionStringBuilder(database) { Password = "wrong-fake-password" }.ConnectionString;

        await Assert.ThrowsAsync<PostgresException>(() => MigrateAsync(wrong));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_waited_for_a_minute_and_told_of_every_half()
    {
        var log = new RecordedLog(LogLevel.Warning);
        var nobody = "Host=127.0.0.1;Port=1;Username=postgres;Password=fake-password;Database=notes";

        await Assert.ThrowsAsync<NpgsqlException>(
            () => StorageHost.StartAsAsync(nobody, clock: new PassingClock(), log: log).WaitAsync(Eventually.Limit));

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

    private static async Task MigrateAsync(
        string database, string password = "fake-service-password", TimeProvider? clock = null, RecordedLog? log = null)
    {
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log ?? new RecordedLog(LogLevel.Warning)));
        await new NotesDatabase().MigrateAsync(
            database, password, clock ?? TimeProvider.System, factory.CreateLogger("migration"), CancellationToken.None);
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
