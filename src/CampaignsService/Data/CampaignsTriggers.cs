using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.CampaignsService.Data;

internal static class CampaignsTriggers
{
    extension(MigrationBuilder migration)
    {
        /// <summary>A tenant whose settings are made has its place in the queue of <c>RetentionWorker</c>, from a day later on.</summary>
        public void QueueRetention() => migration.Sql(
            """
            CREATE FUNCTION queue_retention() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO retention_queue (tenant_id, id, due_at) VALUES (NEW.tenant_id, NEW.tenant_id, now() + interval '1 day')
                ON CONFLICT DO NOTHING;
                RETURN NULL;
            END $$;
            CREATE TRIGGER queue_retention AFTER INSERT ON campaigns_settings FOR EACH ROW EXECUTE FUNCTION queue_retention();
            """);

        /// <summary>Says on <c>sync_changes</c> that a sync is otherwise: once per transaction and sync, when it is committed.</summary>
        public void SaySyncChanges() => migration.Sql(
            """
            CREATE FUNCTION say_sync_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_notify('sync_changes', NEW.id::text);
                RETURN NULL;
            END $$;
            CREATE TRIGGER say_sync_change AFTER UPDATE OF event ON syncs
                FOR EACH ROW WHEN (NEW.event <> OLD.event) EXECUTE FUNCTION say_sync_change();
            """);
    }
}
