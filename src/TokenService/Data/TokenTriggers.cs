using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.TokenService.Data;

internal static class TokenTriggers
{
    extension(MigrationBuilder migration)
    {
        /// <summary>The function that puts a tenant into <c>sealing_tenants</c>, for <c>NoteSealingTenants</c>.</summary>
        public void CreateSealingTenantsFunction() => migration.Sql(
            """
            CREATE FUNCTION note_sealing_tenant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO sealing_tenants VALUES (NEW.tenant_id) ON CONFLICT DO NOTHING;
                RETURN NULL;
            END $$;
            """);

        /// <summary>Whoever has a row in one of these tables is among the tenants that hold sealed values.</summary>
        public void NoteSealingTenants(params string[] tables)
        {
            foreach (var table in tables)
            {
                migration.Sql(
                    $"CREATE TRIGGER note_sealing_tenant AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION note_sealing_tenant();");
            }
        }

        /// <summary>Says on <c>connection_health</c>, once per transaction and tenant and when it is committed, that a connection is otherwise.</summary>
        public void SayConnectionHealth() => migration.Sql(
            """
            CREATE FUNCTION say_connection_health() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_notify('connection_health', COALESCE(NEW.tenant_id, OLD.tenant_id)::text);
                RETURN NULL;
            END $$;
            CREATE TRIGGER say_connection_health
                AFTER INSERT OR DELETE OR UPDATE OF state, state_code, state_reason, features, granted_scopes, grant_sha256,
                    access_token_expires_at, cooldown_until, cooldown_code, cooldown_reason, last_refreshed_at
                ON connections FOR EACH ROW EXECUTE FUNCTION say_connection_health();
            CREATE TRIGGER say_connection_health
                AFTER INSERT OR UPDATE ON connection_alerts FOR EACH ROW EXECUTE FUNCTION say_connection_health();
            """);
    }
}
