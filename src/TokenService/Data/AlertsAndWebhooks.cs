using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.Storage;

namespace ZohoPlatform.TokenService.Data;

[DbContext(typeof(TokensDbContext))]
[Migration("20261121150000_AlertsAndWebhooks")]
internal sealed class AlertsAndWebhooks : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            CREATE TABLE connection_alerts (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                connection_id uuid NOT NULL,
                cause text NOT NULL,
                message text NOT NULL,
                raised_at timestamptz NOT NULL,
                ends_at timestamptz,
                resolved_at timestamptz,
                PRIMARY KEY (tenant_id, id)
            );
            CREATE UNIQUE INDEX connection_alerts_open ON connection_alerts (tenant_id, connection_id, cause) WHERE resolved_at IS NULL;

            CREATE TABLE webhooks (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                url text NOT NULL,
                event_types text[] NOT NULL,
                secret_sealed bytea NOT NULL,
                created_at timestamptz NOT NULL,
                failing_since timestamptz,
                disabled_at timestamptz,
                disabled_reason text NOT NULL,
                PRIMARY KEY (tenant_id, id)
            );
            CREATE TRIGGER note_sealing_tenant AFTER INSERT ON webhooks FOR EACH ROW EXECUTE FUNCTION note_sealing_tenant();

            CREATE TABLE webhook_deliveries (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                webhook_id uuid NOT NULL,
                event_id uuid NOT NULL,
                event_type text NOT NULL,
                body text NOT NULL,
                state integer NOT NULL,
                created_at timestamptz NOT NULL,
                attempts integer NOT NULL,
                last_attempt_at timestamptz,
                last_status integer NOT NULL,
                last_error text NOT NULL,
                ended_at timestamptz,
                PRIMARY KEY (tenant_id, id)
            );
            CREATE INDEX webhook_deliveries_of_a_webhook ON webhook_deliveries (tenant_id, webhook_id, id);

            -- says only that something is due for a tenant, so that one worker can look after all of them
            CREATE TABLE webhook_queue (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                due_at timestamptz NOT NULL,
                attempts integer NOT NULL,
                PRIMARY KEY (tenant_id, id)
            );
            CREATE INDEX webhook_queue_due ON webhook_queue (due_at);

            -- once per transaction and tenant, when it is committed
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
        foreach (var table in (string[])["connection_alerts", "webhooks", "webhook_deliveries"])
        {
            migrationBuilder.IsolateTenants(table);
        }
    }
}
