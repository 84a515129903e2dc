using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.Gateway.Access.Data;

internal static class KeptHeadsGuard
{
    extension(MigrationBuilder migration)
    {
        /// <summary>Where a chain was known to end can be moved forward, and neither back nor away: also by who has the gateway's role.</summary>
        public void KeepHeadsForward() => migration.Sql(
            """
            CREATE FUNCTION keep_head_forward() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.sequence <= OLD.sequence OR NEW.tenant_id <> OLD.tenant_id OR NEW.service <> OLD.service THEN
                    RAISE EXCEPTION 'A kept head only goes forward.';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER keep_head_forward BEFORE UPDATE ON audit_kept_heads FOR EACH ROW EXECUTE FUNCTION keep_head_forward();
            DO $$ BEGIN
                EXECUTE format('REVOKE DELETE ON audit_kept_heads FROM %I', current_database() || '_service');
            END $$;
            """);
    }
}
