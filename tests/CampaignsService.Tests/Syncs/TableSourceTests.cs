using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;
using ZohoPlatform.CampaignsService.Syncs;
using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Outcome = ZohoPlatform.Contracts.Campaigns.V1.SyncContactOutcome;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>Somebody's database as the source.</summary>
public sealed class TableSourceTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private Campaigns _campaigns = null!;
    private Syncing _syncing = null!;
    private string _users = "";

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho);
        _syncing = new Syncing(_campaigns.Host, (await _campaigns.TenantAsync()).Id);
        _users = await SourceServer.CreateDatabaseAsync();
        await RunAsync(
            """
            CREATE TABLE "Users" (id bigint PRIMARY KEY, "E mail" text, first_name text, born date, tags jsonb);
            INSERT INTO "Users" SELECT i, 'user' || i || '@example.com', 'User ' || i, '2000-01-01',
            '["a"]' FROM generate_series(1, 2300) i;
            CREATE VIEW twice AS SELECT 'ada@example.com' AS id, 'ada@example.com' AS email UNION ALL SELECT 'ada@example.com', 'grace@example.com';
            CREATE VIEW never AS SELECT NULL::bigint AS id, 'ada@example.com' AS email;
            CREATE FUNCTION empty_users() RETURNS bigint LANGUAGE sql AS 'DELETE FROM "Users" RETURNING id';
            """);
    }

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task A_table_is_read_in_pages_and_its_password_is_neither_shown_nor_kept()
    {
        var created = await _syncing.CreateAsync(new CreateSyncRequest
        {
            Source = Table("Users"),
            Mapping = { new FieldMapping { Column = "E mail", Field = "Contact Email" } },
            DryRun = true,
        });
        var password = new NpgsqlConnectionStringBuilder(_users).Password!;
        Assert.DoesNotContain(password, created.ToString(), StringComparison.Ordinal);

        var done = await _syncing.EventuallyAsync(created, SyncState.Completed);

        Assert.Equal((2_300, 2_300), (done.Counts.Total, done.Counts.Added));
        Assert.StartsWith("table Users at ", done.Source, StringComparison.Ordinal);
        Assert.Equal(["id", "first_name", "born", "tags"], done.UnmappedColumns);
        Assert.Equal(Enumerable.Range(1, 2_300).Select(i => $"user{i}@example.com"),
            (await _syncing.LedgerAsync(done)).Select(contact => contact.Email));
        await using var connection = new NpgsqlConnection(_campaigns.Database);
        await connection.OpenAsync();
        await using var kept = new NpgsqlCommand("SELECT count(*) FROM syncs WHERE sealed_connection IS NOT NULL", connection);
        Assert.Equal(0L, await kept.ExecuteScalarAsync());
        Assert.DoesNotContain(_campaigns.Host.Log.Lines, line => line.Contains(password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_environments_variables_for_postgres_neither_damage_what_is_kept_nor_lead_to_other_tables()
    {
        await RunAsync(
            """
            CREATE TABLE "Käufer" (id bigint PRIMARY KEY, email text);
            INSERT INTO "Käufer" VALUES (1, 'ada@example.com');
            CREATE SCHEMA app;
            CREATE TABLE app."Käufer" (id bigint PRIMARY KEY, email text);
            """);
        // this process reads and does no work, so that all of it is the other's
        await using var reader = await Campaigns.StartAsync(zoho, pushes: false);
        var tenant = (await reader.TenantAsync()).Id;
        await using var replica = await ServiceProcess.StartAsync(
            "CampaignsService",
            new Dictionary<string, string?>(await reader.SettingsAsync())
            {
                ["PGCLIENTENCODING"] = "LATIN1",
                ["PGTZ"] = "Asia/Tokyo",
                ["PGOPTIONS"] = "-c search_path=app -c default_transaction_read_only=on",
            });
        using var channel = GrpcChannel.ForAddress(replica.Address);

        var created = await new Wire.Syncs.SyncsClient(channel).CreateSyncAsync(
            new CreateSyncRequest { Source = Table("Käufer"), DryRun = true }, reader.Host.TicketOf(tenant, Role.Admin));

        var syncing = new Syncing(reader.Host, tenant);
        var done = await syncing.EventuallyAsync(created, SyncState.Completed);
        Assert.StartsWith("table Käufer at ", done.Source, StringComparison.Ordinal);
        Assert.Equal(["ada@example.com"], (await syncing.LedgerAsync(done)).Select(contact => contact.Email));
    }

    [Fact]
    public async Task A_table_that_turns_out_too_long_for_what_a_tenant_keeps_pauses_its_sync_until_there_is_room()
    {
        var other = await _syncing.CreateAsync(Syncing.Users(1));
        await _syncing.PauseAsync(other);
        await _syncing.CancelAsync(other);
        await using (var campaigns = NpgsqlDataSource.Create(_campaigns.Database))
        await using (var command = campaigns.CreateCommand($"UPDATE syncs SET total = {SyncLimits.RowsOfATenant - 1}"))
        {
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        var sync = await _syncing.CreateAsync(new CreateSyncRequest { Source = Query("SELECT id, \"E mail\" AS email FROM \"Users\" LIMIT 3"), DryRun = true });
        var paused = await _syncing.EventuallyAsync(sync, SyncState.Paused);
        await _syncing.DeleteAsync(other);
        await _syncing.ResumeAsync(sync);

        Assert.Equal("ledgers_full", paused.Code);
        Assert.Equal(3, (await _syncing.EventuallyAsync(sync, SyncState.Completed)).Counts.Added);
    }

    [Fact]
    public async Task A_query_is_a_source_too()
    {
        var done = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(new CreateSyncRequest
            {
                Source = Query("SELECT \"E mail\" AS email, id FROM \"Users\" WHERE id % 1000 = 0 -- every thousandth;"),
                Rate = 2_000,
            }),
            SyncState.Completed);

        Assert.Equal(["user1000@example.com", "user2000@example.com"], (await _syncing.LedgerAsync(done)).Select(contact => contact.Email));
        Assert.All(await _syncing.LedgerAsync(done), contact => Assert.Equal(Outcome.Added, contact.Outcome));
    }

    [Theory]
    [InlineData("INSERT INTO \"Users\" (id) VALUES (0) RETURNING id", "source_query_writes")]
    [InlineData("WITH gone AS (DELETE FROM \"Users\" RETURNING id) SELECT id, 'a@example.com' AS email FROM gone", "source_query_writes")]
    [InlineData("SELECT 1; DROP TABLE \"Users\"", "source_query_invalid")]
    [InlineData("SELECT 1 AS id) AS a; DROP TABLE \"Users\"; SELECT * FROM (SELECT 1 AS id", "source_query_not_a_select")]
    [InlineData("DROP TABLE \"Users\"", "source_query_writes")]
    [InlineData("EXPLAIN SELECT 1", "source_query_not_a_select")]
    [InlineData("SELECT * FROM nowhere", "source_query_invalid")]
    [InlineData("SELECT 1 AS id, 2 AS id", "source_query_invalid")]
    public async Task A_query_that_writes_or_is_none_is_refused_at_once_and_changes_nothing(string query, string code)
    {
        var refusal = await Refused.ByAsync(() => _syncing.CreateAsync(new CreateSyncRequest { Source = Query(query) }));

        Assert.Equal((code, "source.table.query"), (refusal.Code, refusal.Field));
        Assert.Equal(2_300L, await CountAsync());
    }

    [Fact]
    public async Task A_function_that_writes_fails_the_sync_and_changes_nothing()
    {
        var created = await _syncing.CreateAsync(
            new CreateSyncRequest { Source = Query("SELECT empty_users() AS id, 'ada@example.com' AS email") });

        Assert.Equal("source_query_writes", (await _syncing.EventuallyAsync(created, SyncState.Failed)).Code);
        Assert.Equal(2_300L, await CountAsync());
    }

    [Theory]
    [InlineData("twice", "source_key_not_unique")]
    [InlineData("never", "source_key_null")]
    public async Task A_key_that_would_leave_rows_out_fails_the_sync(string view, string code)
    {
        var created = await _syncing.CreateAsync(new CreateSyncRequest { Source = Table(view) });

        var failed = await _syncing.EventuallyAsync(created, SyncState.Failed);
        Assert.Equal(code, failed.Code);
        Assert.DoesNotContain("example.com", failed.Message, StringComparison.Ordinal);
        Assert.Equal(0, await zoho.CountAsync());
    }

    [Theory]
    [InlineData("Users", "nothing", "source_key_missing")]
    [InlineData("Users", "tags", "source_key_type")]
    public async Task A_key_column_that_cannot_order_is_refused(string table, string key, string code)
    {
        var source = Table(table);
        source.Table.KeyColumn = key;

        Assert.Equal(code, (await Refused.ByAsync(() => _syncing.CreateAsync(new CreateSyncRequest { Source = source }))).Code);
    }

    [Theory]
    [InlineData("Host=db.internal;Database=a;Username=b;Password=c", "source_host_not_allowed")]
    [InlineData("Host=127.0.0.1,169.254.169.254;Database=a;Username=b;Password=c", "source_host_not_allowed")]
    [InlineData("Host=/var/run/postgresql;Database=a;Username=b;Password=c", "source_host_not_allowed")]
    [InlineData("Host=127.0.0.1;Database=a;Username=b", "source_connection_invalid")]
    [InlineData("nonsense", "source_connection_invalid")]
    [InlineData("Host=127.0.0.1;Port=1;Database=a;Username=b;Password=c", "source_host_not_allowed")]
    public async Task A_server_that_is_not_allowed_or_not_there_is_refused(string connectionString, string code)
    {
        var source = new SyncSource { Table = new TableSource { ConnectionString = connectionString, Table = "users" } };

        Assert.Equal(code, (await Refused.ByAsync(() => _syncing.CreateAsync(new CreateSyncRequest { Source = source }))).Code);
    }

    [Fact]
    public async Task Only_an_admin_may_name_a_database() =>
        Assert.Equal(
            "role_missing",
            (await Refused.ByAsync(() => _syncing.CreateAsync(new CreateSyncRequest { Source = Table("Users") }, Role.Operator))).Code);

    [Fact]
    public async Task The_services_own_server_is_refused_with_a_login_that_opens_it()
    {
        var source = Table("Users");
        source.Table.ConnectionString = _campaigns.Database;

        var refusal = await Refused.ByAsync(() => _syncing.CreateAsync(new CreateSyncRequest { Source = source }));

        Assert.Equal(("source_host_not_allowed", "source.table.connection_string"), (refusal.Code, refusal.Field));
        Assert.Contains("platform's own", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT id, \"E mail\"::int AS email FROM \"Users\"")]
    [InlineData("SELECT id, 'user1@example.com'::date AS email FROM \"Users\"")]
    public async Task What_the_server_says_of_a_value_is_told_to_nobody(string query)
    {
        var source = Query(query);
        string code, message;
        try
        {
            var failed = await _syncing.EventuallyAsync(await _syncing.CreateAsync(new CreateSyncRequest { Source = source }), SyncState.Failed);
            (code, message) = (failed.Code, failed.Message);
        }
        catch (Grpc.Core.RpcException e)
        {
            (code, message) = ("source_query_invalid", e.Status.Detail);
        }

        Assert.Equal("source_query_invalid", code);
        Assert.Contains("SQLSTATE 22", message, StringComparison.Ordinal);
        Assert.DoesNotContain("user1@", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT id, mail FROM \"Users\"", "column", 12)]
    [InlineData(" SELECT id, FROM \"Users\"", "SQL", 12)]
    [InlineData("SELECT nothing(id) AS id FROM \"Users\"", "function", 8)]
    public async Task What_is_wrong_with_a_query_is_told_with_its_place(string query, string told, int place)
    {
        var refusal = await Refused.ByAsync(() => _syncing.CreateAsync(new CreateSyncRequest { Source = Query(query) }));

        Assert.Equal(("source_query_invalid", "source.table.query"), (refusal.Code, refusal.Field));
        Assert.Contains(told, refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith($"at character {place} of the query.", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT i AS id, 'ada@example.com' AS email, repeat('x', CASE i WHEN 2 THEN 4000000 ELSE 1 END) AS note FROM generate_series(1, 3) i", "source_query_invalid")]
    [InlineData("SELECT repeat('x', 4000000) AS id, 'ada@example.com' AS email", "source_key_too_long")]
    public async Task A_value_that_is_too_long_never_leaves_its_server(string query, string code)
    {
        await using var line = await SourceServer.StartAsync();
        var (tables, server) = Over(line);
        Assert.True((await tables.LookAsync(server, "", query, "", default)).Succeeded(out var found, out _));

        Assert.False((await tables.ReadAsync(server, found.Query, after: null, most: 1_000, default)).Succeeded(out _, out var failure));

        Assert.Equal(code, failure.Code);
        Assert.InRange(line.ToClient, 1, 100_000);
    }

    [Fact]
    public async Task A_page_of_long_rows_ends_before_it_fills_the_memory_and_the_next_one_goes_on_behind_it()
    {
        await using var line = await SourceServer.StartAsync();
        var (tables, server) = Over(line);
        var query = new TableQuery("(SELECT i AS id, repeat('x', 100000) AS note FROM generate_series(1, 100) i)", "id", "integer");
        var keys = new List<string>();
        var isLast = false;
        while (!isLast)
        {
            Assert.True((await tables.ReadAsync(server, query, keys.LastOrDefault(), most: 1_000, default)).Succeeded(out var page, out _));
            Assert.InRange(page.Rows.Sum(row => row.Columns["note"].Length), 1, 5_000_000);
            keys.AddRange(page.Rows.Select(row => row.Key));
            isLast = page.IsLast;
        }

        Assert.Equal(Enumerable.Range(1, 100).Select(i => $"{i}"), keys);
    }

    [Theory]
    [InlineData("timestamptz", "timestamp with time zone")]
    [InlineData("timestamp", "timestamp without time zone")]
    [InlineData("date", "date")]
    public async Task Whatever_a_database_says_of_its_text_no_row_is_left_out_and_values_are_the_same(string type, string named)
    {
        var step = type is "date" ? "1 day" : "13 minutes";
        await RunAsync(
            $"""
            CREATE TABLE marked AS SELECT ('2025-12-28 00:00:00+00'::timestamptz + i * interval '{step}')::{type} AS id, 'user' || i || '@example.com' AS email,
                0.1::float8 + 0.2::float8 AS f, interval '1 day 02:03:04' AS i, '\xdead'::bytea AS b, '2026-07-01 00:00:00+00'::timestamptz AS t, E'a\\b' AS s
            FROM generate_series(1, 700) i;
            CREATE FUNCTION to_jsonb(marked) RETURNS jsonb LANGUAGE sql AS 'SELECT jsonb_build_object(''id'', $1.id, ''email'', ''eve@example.com'')';
            CREATE FUNCTION octet_length(text) RETURNS int LANGUAGE sql AS 'SELECT 0';
            """);
        var database = new NpgsqlConnectionStringBuilder(_users).Database;
        string[] settings =
        [
            "DateStyle TO 'SQL, DMY'", "DateStyle TO 'Postgres, MDY'", "IntervalStyle TO 'sql_standard'", "extra_float_digits TO -10",
            "bytea_output TO 'escape'", "TimeZone TO 'Asia/Kolkata'", "standard_conforming_strings TO off", "search_path TO public, pg_catalog",
        ];
        foreach (var setting in settings)
        {
            await RunAsync($"ALTER DATABASE {database} SET {setting}");
        }

        await using var line = await SourceServer.StartAsync();
        var (tables, server) = Over(line);

        var rows = await RowsAsync(tables, server, new TableQuery("\"marked\"", "id", named), most: 100);

        Assert.Equal(Enumerable.Range(1, 700).Select(i => $"user{i}@example.com"), rows.Select(row => row["email"]));
        Assert.Equal(
            ["0.30000000000000004", "1 day 02:03:04", "\\xdead", "2026-07-01T00:00:00+00:00", "a\\b"], "fibts".Select(column => rows[0][$"{column}"]));
        var query = await tables.LookAsync(server, "", "SELECT id::text AS id, 'a\\b' AS s FROM marked", "", default);
        Assert.True(query.Succeeded(out var found, out _));
        Assert.Equal("a\\b", (await RowsAsync(tables, server, found.Query, most: 1_000))[0]["s"]);
    }

    [Theory]
    [InlineData("SELECT id FROM (VALUES (1.0), (2.0), (2.00), (3.0)) v (id)", "numeric", "source_key_not_unique")]
    [InlineData("SELECT id COLLATE nocase AS id FROM (VALUES ('a'), ('b'), ('B'), ('c')) v (id)", "text", "source_key_not_unique")]
    [InlineData("SELECT id COLLATE nocase AS id FROM (VALUES ('a'), ('B'), ('c'), ('D')) v (id)", "text", null)]
    [InlineData("SELECT id COLLATE \"en-x-icu\" AS id FROM (VALUES ('a-b'), ('ab'), ('A B'), ('Ab'), ('\u00e4'), ('z')) v (id)", "text", null)]
    [InlineData("SELECT id COLLATE \"C\" AS id FROM (VALUES ('a'), ('B'), ('\u00e4'), ('D')) v (id)", "text", null)]
    public async Task What_the_database_takes_for_the_same_key_is_no_key_however_it_is_written(string rows, string type, string? code)
    {
        await RunAsync("CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
        await using var line = await SourceServer.StartAsync();
        var (tables, server) = Over(line);
        var query = new TableQuery($"({rows})", "id", type);

        if (code is null)
        {
            Assert.Equal(rows.Count(c => c is '(') - 2, (await RowsAsync(tables, server, query, most: 2)).Count);
            return;
        }

        string? after = null;
        Failure? failure = null;
        while (failure is null && (await tables.ReadAsync(server, query, after, most: 2, default)).Succeeded(out var page, out failure) && !page.IsLast)
        {
            after = page.Rows[^1].Key;
        }

        Assert.Equal(code, failure?.Code);
    }

    [Fact]
    public async Task Rows_that_a_policy_hides_are_left_out_or_refused_as_the_owner_says()
    {
        var role = $"reader_{Guid.NewGuid():N}";
        await RunAsync(
            $"""
            CREATE TABLE guarded AS SELECT i AS id, 'user' || i || '@example.com' AS email FROM generate_series(1, 4) i;
            ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
            CREATE POLICY half ON guarded USING (id % 2 = 0);
            CREATE ROLE {role} LOGIN PASSWORD 'a-long-password';
            GRANT SELECT ON guarded TO {role};
            """);
        try
        {
            await using var line = await SourceServer.StartAsync();
            var (tables, owner) = Over(line);
            var server = new NpgsqlConnectionStringBuilder(owner) { Username = role, Password = "a-long-password" }.ConnectionString;
            var query = new TableQuery("\"guarded\"", "id", "integer");
            Assert.Equal(2, (await RowsAsync(tables, server, query, most: 10)).Count);

            await RunAsync($"ALTER ROLE {role} SET row_security TO off");

            Assert.False((await tables.ReadAsync(server, query, after: null, most: 10, default)).Succeeded(out _, out var failure));
            Assert.Equal("source_query_invalid", failure.Code);
            Assert.Contains("row_security", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            await RunAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task The_role_that_the_readme_tells_to_make_reads_its_view_and_nothing_else()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "src", "CampaignsService", "Syncs", "README.md"));
        await RunAsync("CREATE TABLE users AS SELECT id, \"E mail\" AS email, first_name, '' AS last_name, born FROM \"Users\" LIMIT 3");
        var owner = _users;
        await RunAsync(readme.Split("```sql")[1].Split("```")[0]);
        try
        {
            _users = new NpgsqlConnectionStringBuilder(_users) { Username = "zoho_reader", Password = "a-long-password" }.ConnectionString;

            var done = await _syncing.EventuallyAsync(
                await _syncing.CreateAsync(new CreateSyncRequest { Source = Table("zoho.users"), DryRun = true }), SyncState.Completed);

            Assert.Equal(3, done.Counts.Added);
            // what a read-only transaction lets through is the role's to refuse
            SyncSource[] others =
                [Table("users"), Table("public.users"), Table("Users"), Query("SELECT 1 AS id, pg_read_file('/etc/hosts') AS email")];
            foreach (var source in others)
            {
                var refusal = await Refused.ByAsync(async () =>
                {
                    var failed = await _syncing.EventuallyAsync(
                        await _syncing.CreateAsync(new CreateSyncRequest { Source = source }), SyncState.Failed);
                    throw new Failure(FailureKind.Invalid, failed.Code, failed.Message).ToRpcException();
                });
                Assert.StartsWith("source_query_", refusal.Code, StringComparison.Ordinal);
            }

            await using var connection = new NpgsqlConnection(_users);
            await connection.OpenAsync();
            foreach (var sql in new[] { "DELETE FROM public.users", "CREATE TABLE mine (id int)", "SET ROLE postgres" })
            {
                await using var command = new NpgsqlCommand($"SET default_transaction_read_only = off; {sql}", connection);
                await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
            }
        }
        finally
        {
            _users = owner;
            await RunAsync("DROP OWNED BY zoho_reader; DROP ROLE zoho_reader");
        }
    }

    private static async Task<List<IReadOnlyDictionary<string, string>>> RowsAsync(TableRows tables, string server, TableQuery query, int most)
    {
        var (rows, after, isLast) = (new List<IReadOnlyDictionary<string, string>>(), (string?)null, false);
        while (!isLast)
        {
            var read = await tables.ReadAsync(server, query, after, most, default);
            Assert.True(read.Succeeded(out var page, out var failure), failure?.Message);
            rows.AddRange(page.Rows.Select(row => row.Columns));
            (after, isLast) = (page.Rows.Count > 0 ? page.Rows[^1].Key : after, page.IsLast);
        }

        return rows;
    }

    private (TableRows Tables, string Server) Over(Line line) => (
        new TableRows(new SourceServers(
            Options.Create(new SourceOptions { Hosts = $"127.0.0.1:{line.Port}" }),
            new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:campaigns", _campaigns.Database)]).Build(),
            TimeProvider.System)),
        new NpgsqlConnectionStringBuilder(_users) { Port = line.Port }.ConnectionString);

    private SyncSource Table(string table) => new() { Table = new TableSource { ConnectionString = _users, Table = table } };

    private SyncSource Query(string query) => new() { Table = new TableSource { ConnectionString = _users, Query = query } };

    private async Task<long> CountAsync()
    {
        await using var connection = new NpgsqlConnection(_users);
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand("SELECT count(*) FROM \"Users\"", connection);
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_users);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
