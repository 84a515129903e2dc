using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.CampaignsService.Data;

internal static class CampaignsTriggers
{
    extension(MigrationBuilder migration)
    {
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
