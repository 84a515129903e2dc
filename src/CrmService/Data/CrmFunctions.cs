using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.CrmService.Data;

/// <summary>What Entity Framework cannot say of this database.</summary>
internal static class CrmFunctions
{
    extension(MigrationBuilder migration)
    {
        /// <summary>
        /// Says on <c>feed_changes</c>, with its id, that a feed has something to tell: changes, or that more is known. Once per transaction and feed,
        /// when it is committed.
        /// </summary>
        public void SayFeedChanges() => migration.Sql(
            """
            CREATE FUNCTION say_feed_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_notify('feed_changes', NEW.id::text);
                RETURN NULL;
            END $$;
            CREATE TRIGGER say_feed_change AFTER UPDATE OF position ON feeds
                FOR EACH ROW WHEN (NEW.position > OLD.position) EXECUTE FUNCTION say_feed_change();
            CREATE TRIGGER say_feed_known AFTER UPDATE OF changes_until ON copies
                FOR EACH ROW WHEN (NEW.changes_until IS DISTINCT FROM OLD.changes_until) EXECUTE FUNCTION say_feed_change();
            """);
    }
}
