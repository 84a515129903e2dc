using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace ZohoPlatform.Storage;

/// <summary>What a migration says about PostgreSQL's own guards, after the tables are made.</summary>
public static class TenantIsolation
{
    private const string TenantColumn = "tenant_id";
    private const string OwnerColumn = "owner";

    private const string OfTenant = $"{TenantColumn} = NULLIF(current_setting('app.tenant_id', true), '')::uuid";

    // a connection that is bound to no owner works for all of the tenant's
    private const string OfOwner = $"(NULLIF(current_setting('app.owner', true), '') IS NULL OR {OwnerColumn} = current_setting('app.owner', true))";

    extension(MigrationBuilder migration)
    {
        /// <summary>
        /// Puts every table that this migration makes with a <c>tenant_id</c> under row level security: its rows are visible and writable only
        /// to connections that work for their tenant and, where the table has an <c>owner</c> and the connection is bound to one, for that
        /// owner. FORCE binds the owner role too.
        /// </summary>
        /// <param name="except">Tables without a tenant's content, which are read before the tenant is known: queues, directories.</param>
        /// <exception cref="InvalidOperationException">A table's primary key does not begin with the tenant, or an exception is none.</exception>
        public void IsolateTenants(params string[] except)
        {
            var tables = migration.Operations
                .OfType<CreateTableOperation>()
                .Where(table => table.Columns.Exists(column => column.Name == TenantColumn))
                .ToList();
            if (except.FirstOrDefault(name => !tables.Exists(table => table.Name == name)) is { } unknown)
            {
                throw new InvalidOperationException($"{unknown} is no table that this migration makes with a {TenantColumn}.");
            }

            foreach (var table in tables.Where(table => !except.Contains(table.Name, StringComparer.Ordinal)))
            {
                if (table.PrimaryKey?.Columns[0] != TenantColumn)
                {
                    throw new InvalidOperationException($"{TenantColumn} must come first in the primary key of {table.Name}.");
                }

                var visible = table.Columns.Exists(column => column.Name == OwnerColumn) ? $"{OfTenant} AND {OfOwner}" : OfTenant;
                migration.Sql(
                    $"""
                    ALTER TABLE "{table.Name}" ENABLE ROW LEVEL SECURITY;
                    ALTER TABLE "{table.Name}" FORCE ROW LEVEL SECURITY;
                    CREATE POLICY tenant_isolation ON "{table.Name}"
                        USING ({visible})
                        WITH CHECK ({visible});
                    """);
            }
        }

        /// <summary>The service adds rows to these tables and reads them; it can neither change nor delete one.</summary>
        public void MakeAppendOnly(params string[] tables)
        {
            foreach (var table in tables)
            {
                migration.Sql(
                    $"""
                    DO $$ BEGIN
                        EXECUTE format('REVOKE UPDATE, DELETE ON "{table}" FROM %I', current_database() || '_service');
                    END $$;
                    """);
            }
        }
    }
}
