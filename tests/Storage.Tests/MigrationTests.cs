using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace ZohoPlatform.Storage.Tests;

public sealed class MigrationTests
{
    [Fact]
    public void The_migrations_hold_the_whole_model()
    {
        using var context = new NotesDatabase().CreateDbContext([]);

        Assert.False(context.Database.HasPendingModelChanges(), "NotesDbContext has changed: add a migration, as CONTRIBUTING.md shows.");
    }

    [Fact]
    public void Every_table_with_a_tenant_is_isolated_but_those_that_the_migration_names()
    {
        var migration = new MigrationBuilder(null);
        CreateTable(migration, "notes", "tenant_id", "id");
        CreateTable(migration, "queue", "tenant_id", "id");
        CreateTable(migration, "versions", "id");

        migration.IsolateTenants(except: "queue");

        Assert.Contains("FORCE ROW LEVEL SECURITY", Assert.Single(Sql(migration)), StringComparison.Ordinal);
        Assert.Contains("\"notes\"", Assert.Single(Sql(migration)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_that_is_no_table_with_a_tenant_is_named()
    {
        var migration = new MigrationBuilder(null);
        CreateTable(migration, "versions", "id");

        var refused = Assert.Throws<InvalidOperationException>(() => migration.IsolateTenants(except: "versions"));

        Assert.Contains("versions", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_whose_key_does_not_begin_with_the_tenant_is_named()
    {
        var migration = new MigrationBuilder(null);
        CreateTable(migration, "notes", "id", "tenant_id");

        var refused = Assert.Throws<InvalidOperationException>(() => migration.IsolateTenants());

        Assert.Contains("notes", refused.Message, StringComparison.Ordinal);
    }

    private static void CreateTable(MigrationBuilder migration, string name, params string[] key)
    {
        var table = new CreateTableOperation { Name = name, PrimaryKey = new AddPrimaryKeyOperation { Columns = key } };
        table.Columns.AddRange(key.Select(column => new AddColumnOperation { Name = column }));
        migration.Operations.Add(table);
    }

    private static IEnumerable<string> Sql(MigrationBuilder migration) => migration.Operations.OfType<SqlOperation>().Select(sql => sql.Sql);
}
