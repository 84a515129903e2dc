using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.TokenService.Data;

internal static class TokenTriggers
{
    extension(MigrationBuilder migration)
    {
        /// <summary>Says on <c>connection_health</c>, once per transaction and tenant and when it is committed, that a connection is otherwise.</summary>
        public void SayConnectionHealth() => migration.Sql(
            """
            CREATE FUNCTION say_connection_health() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_notify('connection_health', COALESCE(NEW.tenant_id, OLD.tenant_id)::text);
                RETURN NULL;
            END $$;
            CREATE TRIGGER say_connection_health
                AFTER INSERT OR DELETE OR UPDATE OF state, state_code, state_reason, features, extra_scopes, granted_scopes, grant_sha256, account_name,
                    access_token_expires_at, cooldown_until, cooldown_code, cooldown_reason, last_refreshed_at
                ON connections FOR EACH ROW EXECUTE FUNCTION say_connection_health();
            CREATE TRIGGER say_connection_health
                AFTER INSERT OR UPDATE ON connection_alerts FOR EACH ROW EXECUTE FUNCTION say_connection_health();
            CREATE TRIGGER say_connection_health
                AFTER INSERT OR UPDATE OR DELETE ON feature_connections FOR EACH ROW EXECUTE FUNCTION say_connection_health();
            """);
    }
}
