using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.Storage;

public static class TenantIsolation
{
    extension(MigrationBuilder migration)
    {
        /// <summary>
        /// Puts a table under row level security: its rows are visible and writable only to connections that work for their <c>tenant_id</c>.
        /// FORCE binds the owner role too.
        /// </summary>
        /// <param name="table">Its name; must have a column <c>tenant_id uuid</c>, first in the primary key.</param>
        public void IsolateTenants(string table) => migration.Sql(
            $"""
            ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
            ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant_isolation ON "{table}"
                USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
                WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
            """);
    }
}
