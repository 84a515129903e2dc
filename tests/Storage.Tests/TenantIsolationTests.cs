using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage.Tests;

public sealed class TenantIsolationTests : IAsyncLifetime
{
    private static readonly TenantId Ours = new(Guid.Parse("0199a000-0000-7000-8000-00000000000a"));
    private static readonly TenantId Theirs = new(Guid.Parse("0199a000-0000-7000-8000-00000000000b"));

    private StorageHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await StorageHost.StartAsync();
        foreach (var tenant in new[] { Ours, Theirs })
        {
            await using var db = _host.Db.For(tenant);
            db.Notes.Add(new Note { TenantId = tenant, Id = 1, Text = $"of {tenant}" });
            await db.SaveChangesAsync();
        }
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_query_without_any_filter_gets_only_its_own_tenants_rows()
    {
        await using var db = _host.Db.For(Ours);

        Assert.Equal(Ours, Assert.Single(await db.Notes.ToListAsync()).TenantId);
    }

    [Fact]
    public async Task A_query_that_forgets_the_owner_gets_only_that_owners_rows()
    {
        await AddNoteOfAdaAsync();
        await using var ofAda = _host.Db.For(new Caller(Ours, Role.Viewer, "key:1") { Owner = "ada" });
        await using var ofAll = _host.Db.For(new Caller(Ours, Role.Viewer, "key:2"));

        Assert.Equal("ada", Assert.Single(await ofAda.Notes.ToListAsync()).Owner);
        Assert.Equal(2, await ofAda.Database.SqlQuery<int>($"SELECT id AS \"Value\" FROM notes").SingleAsync());
        Assert.Equal(2, (await ofAll.Notes.ToListAsync()).Count);
    }

    [Fact]
    public async Task Another_owners_row_is_neither_written_nor_changed_nor_deleted()
    {
        await AddNoteOfAdaAsync();
        await using var db = _host.Db.For(new Caller(Ours, Role.Operator, "key:1") { Owner = "grace" });

        Assert.Equal(0, await db.Notes.ExecuteUpdateAsync(set => set.SetProperty(n => n.Text, "changed")));
        Assert.Equal(0, await db.Notes.ExecuteDeleteAsync());
        db.Notes.Add(new Note { TenantId = Ours, Id = 3, Owner = "ada", Text = "smuggled" });
        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.IsType<PostgresException>(refused.InnerException).SqlState);
    }

    [Fact]
    public async Task An_owner_of_another_tenant_is_another_owner()
    {
        await AddNoteOfAdaAsync();
        await using var db = _host.Db.For(new Caller(Theirs, Role.Viewer, "key:1") { Owner = "ada" });

        Assert.Empty(await db.Notes.ToListAsync());
    }

    [Fact]
    public async Task A_connection_that_goes_back_to_the_pool_forgets_its_owner()
    {
        await AddNoteOfAdaAsync();
        for (var i = 0; i < 20; i++)
        {
            await using (var bound = _host.Db.For(new Caller(Ours, Role.Viewer, "key:1") { Owner = "ada" }))
            {
                Assert.Single(await bound.Notes.ToListAsync());
            }

            await using var free = _host.Db.For(Ours);
            Assert.Equal(2, await free.Notes.CountAsync());
        }
    }

    [Fact]
    public async Task A_context_of_no_tenant_gets_no_rows()
    {
        await using var db = _host.Db.ForNoTenant();

        Assert.Empty(await db.Notes.ToListAsync());
    }

    [Fact]
    public async Task Plain_sql_without_a_tenant_gets_no_rows()
    {
        await using var command = _host.Db.DataSource.CreateCommand("SELECT count(*) FROM notes");

        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_connection_that_goes_back_to_the_pool_forgets_its_tenant()
    {
        for (var i = 0; i < 20; i++)
        {
            await using (var db = _host.Db.For(Ours))
            {
                Assert.Single(await db.Notes.ToListAsync());
            }

            await using var command = _host.Db.DataSource.CreateCommand("SELECT count(*) FROM notes");
            Assert.Equal(0L, await command.ExecuteScalarAsync());
        }
    }

    [Fact]
    public async Task A_row_cannot_be_written_for_another_tenant()
    {
        await using var db = _host.Db.For(Ours);
        db.Notes.Add(new Note { TenantId = Theirs, Id = 2, Text = "smuggled" });

        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.IsType<PostgresException>(refused.InnerException).SqlState);
    }

    [Fact]
    public async Task Another_tenants_row_is_neither_changed_nor_deleted()
    {
        await using var db = _host.Db.For(Ours);

        Assert.Equal(0, await db.Notes.Where(n => n.TenantId == Theirs).ExecuteUpdateAsync(set => set.SetProperty(n => n.Text, "changed")));
        Assert.Equal(0, await db.Notes.Where(n => n.TenantId == Theirs).ExecuteDeleteAsync());
    }

    [Theory]
    [InlineData("ALTER TABLE notes DISABLE ROW LEVEL SECURITY")]
    [InlineData("ALTER TABLE notes NO FORCE ROW LEVEL SECURITY")]
    [InlineData("DROP POLICY tenant_isolation ON notes")]
    [InlineData("CREATE TABLE mine (id integer)")]
    [InlineData("SET ROLE postgres")]
    public async Task The_service_role_cannot_lift_the_isolation(string sql)
    {
        await using var command = _host.Db.DataSource.CreateCommand(sql);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task The_service_role_owns_nothing_and_bypasses_nothing()
    {
        await using var command = _host.Db.DataSource.CreateCommand(
            """
            SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid)
            FROM pg_roles WHERE rolname = current_user
            """);

        Assert.Equal(false, await command.ExecuteScalarAsync());
    }

    private async Task AddNoteOfAdaAsync()
    {
        await using var db = _host.Db.For(Ours);
        db.Notes.Add(new Note { TenantId = Ours, Id = 2, Owner = "ada", Text = "of ada" });
        await db.SaveChangesAsync();
    }
}
