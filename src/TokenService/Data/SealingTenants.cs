using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.TokenService.Data;

[DbContext(typeof(TokensDbContext))]
[Migration("20261121130000_SealingTenants")]
internal sealed class SealingTenants : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            -- says only which tenants hold sealed values, so that all of them can be sealed anew
            CREATE TABLE sealing_tenants (tenant_id uuid PRIMARY KEY);

            CREATE FUNCTION note_sealing_tenant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO sealing_tenants VALUES (NEW.tenant_id) ON CONFLICT DO NOTHING;
                RETURN NULL;
            END $$;
            """);
        foreach (var table in (string[])["client_secrets", "connections", "revocations"])
        {
            // the owner is under the policies too, and no tenant is at work here
            migrationBuilder.Sql(
                $"""
                ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
                INSERT INTO sealing_tenants SELECT DISTINCT tenant_id FROM {table} ON CONFLICT DO NOTHING;
                ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
                CREATE TRIGGER note_sealing_tenant AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION note_sealing_tenant();
                """);
        }
    }
}
