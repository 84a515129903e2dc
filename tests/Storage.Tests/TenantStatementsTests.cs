using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

/// <summary>A tenant is as well kept apart from others without a context.</summary>
public sealed class TenantStatementsTests : IAsyncLifetime
{
    private static readonly TenantId Ours = new(Guid.Parse("0199a000-0000-7000-8000-00000000000a"));
    private static readonly TenantId Theirs = new(Guid.Parse("0199a000-0000-7000-8000-00000000000b"));

    private string _database = "";
    private StorageHost _host = null!;

    private TenantStatements Statements => _host.Db.Statements;

    public async Task InitializeAsync()
    {
        _database = await (await TestServers.Shared).CreateDatabaseAsync();
        _host = await StorageHost.StartAsync(_database);
        foreach (var tenant in new[] { Ours, Theirs })
        {
            await using var db = _host.Db.For(tenant);
            db.Notes.Add(new Note { TenantId = tenant, Id = 1, Text = $"of {tenant}" });
            await db.SaveChangesAsync();
        }
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_statement_without_any_filter_sees_and_changes_only_its_own_tenants_rows()
    {
        Assert.Equal(
            (1L, $"of {Ours}"),
            await Statements.FindAsync(
                Ours, "SELECT count(*), min(text) FROM notes", [], row => (row.GetInt64(0), row.GetString(1)), default));
        Assert.Equal(1, await Statements.RunAsync(Ours, "UPDATE notes SET text = 'changed'", [], default));
        Assert.Equal(1, await Statements.RunAsync(Ours, "DELETE FROM notes", [], default));

        await using var theirs = _host.Db.For(Theirs);
        Assert.Equal($"of {Theirs}", Assert.Single(await theirs.Notes.ToListAsync()).Text);
    }

    [Fact]
    public async Task A_statement_that_says_its_tenant_itself_sees_only_that_tenants_rows()
    {
        Assert.Equal((1L, $"of {Theirs}"), await Statements.FindInOneAsync(
            Theirs,
            $"""
            {TenantStatements.OfTenant}
            SELECT count(*), min(note.text)
            FROM tenant LEFT JOIN LATERAL (SELECT * FROM notes WHERE tenant.id IS NOT NULL LIMIT 10) note ON true
            """,
            [],
            row => (row.GetInt64(0), row.GetString(1)),
            default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_cannot_be_written_for_another_tenant(bool inOne)
    {
        const string Insert = "INSERT INTO notes (tenant_id, id, text, owner)";
        var refused = await Assert.ThrowsAsync<PostgresException>(() => inOne
            ? Statements.FindInOneAsync(
                Ours,
                $"{TenantStatements.OfTenant} {Insert} SELECT $2::uuid, 2, 'smuggled', '' FROM tenant",
                [Theirs.Value],
                _ => 0,
                default)
            : Statements.RunAsync(Ours, $"{Insert} SELECT $1::uuid, 2, 'smuggled', ''", [Theirs.Value], default));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task A_connection_goes_back_without_its_tenant_also_after_a_statement_that_failed_or_was_cut_off()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(1, await Statements.RunAsync(Ours, "UPDATE notes SET text = 'changed'", [], default));
            await NoneAsync();
            await Assert.ThrowsAsync<PostgresException>(() => Statements.RunAsync(Ours, "SELECT 1 / 0", [], default));
            await NoneAsync();
            await Statements.FindInOneAsync(Ours, $"{TenantStatements.OfTenant} SELECT 1 FROM tenant", [], _ => 0, default);
            await NoneAsync();
        }

        using var cut = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Statements.RunAsync(Ours, "SELECT pg_sleep(60)", [], cut.Token));
        await NoneAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_fails_when_its_transaction_is_committed_has_failed_whatever_it_answered_before(bool inOne)
    {
        await using var admin = NpgsqlDataSource.Create(_database);
        await using var guard = admin.CreateCommand(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'at the end'; END $$;
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON notes DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        await guard.ExecuteNonQueryAsync();
        const string Add = "INSERT INTO notes (tenant_id, id, text, owner)";

        var refused = await Assert.ThrowsAsync<PostgresException>(() => inOne
            ? Statements.FindInOneAsync(
                Ours, $"{TenantStatements.OfTenant} {Add} SELECT id, 2, '', '' FROM tenant RETURNING id", [], row => row.GetInt32(0), default)
            : Statements.FindAsync(Ours, "UPDATE notes SET text = '' RETURNING id", [], row => row.GetInt32(0), default));

        Assert.Equal("at the end", refused.MessageText);
    }

    // what forgets to say its tenant gets nothing, whoever had the connection before
    private async Task NoneAsync()
    {
        await using var count = Statements.CreateCommand("SELECT count(*) FROM notes");
        Assert.Equal(0L, await count.ExecuteScalarAsync());
        await using var tenant = Statements.CreateCommand("SELECT coalesce(current_setting('app.tenant_id', true), '')");
        Assert.Equal("", await tenant.ExecuteScalarAsync());
    }
}
