using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.CampaignsService.Data;

/// <summary>Functions in the database, and the triggers that call some of them.</summary>
internal static class CampaignsFunctions
{
    extension(MigrationBuilder migration)
    {
        /// <summary>
        /// Why somebody is not written to on a list, null where they may be, as it is committed when this is called: a volatile function looks
        /// afresh, where the statement around it sees what was committed when it began (PostgreSQL, "Function Volatility Categories").
        /// </summary>
        public void ReadOptOutsAfresh() => migration.Sql(
            """
            CREATE FUNCTION opt_out_now(tenant uuid, who bytea, list text) RETURNS integer LANGUAGE sql VOLATILE AS $$
                SELECT reason FROM opt_outs WHERE tenant_id = tenant AND subject = who AND list_key IN ('', list)
                ORDER BY reason DESC LIMIT 1
            $$;
            """);

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
