using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>
/// A row of a <see cref="WorkQueue"/>, for a service that adds its items through Entity Framework. It is read before the tenant is known:
/// ids and times, and nothing of the work itself.
/// </summary>
public abstract class QueuedWork
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required DateTimeOffset DueAt { get; set; }

    /// <summary>How often it was claimed.</summary>
    public int Attempts { get; set; }

    /// <summary>Which process has it; null while none has.</summary>
    public Guid? ClaimedBy { get; set; }

    /// <summary>Until when, by the database's clock.</summary>
    public DateTimeOffset? ClaimedUntil { get; set; }
}

/// <summary>How the tables of <see cref="WorkQueue"/>s are made.</summary>
public static class WorkQueueTable
{
    private const string IsClaimed = "claimed_by IS NOT NULL";

    extension(ModelBuilder model)
    {
        /// <summary>The table of a queue whose rows are of a type.</summary>
        public EntityTypeBuilder<TRow> AddWorkQueue<TRow>()
            where TRow : QueuedWork
        {
            var queued = model.Entity<TRow>();
            queued.HasKey(row => new { row.TenantId, row.Id });
            queued.Property(row => row.Attempts).HasDefaultValue(0);
            queued.HasIndex(row => row.DueAt);
            queued.HasIndex(row => row.ClaimedUntil).HasFilter(IsClaimed);
            return queued;
        }

        /// <summary>The table of a queue that is spoken to in SQL alone.</summary>
        public EntityTypeBuilder<Dictionary<string, object>> AddWorkQueue(string table)
        {
            var queued = model.SharedTypeEntity<Dictionary<string, object>>(table);
            queued.IndexerProperty<TenantId>("tenant_id");
            queued.IndexerProperty<Guid>("id");
            queued.IndexerProperty<DateTimeOffset>("due_at");
            queued.IndexerProperty<int>("attempts").HasDefaultValue(0);
            queued.IndexerProperty<Guid?>("claimed_by");
            queued.IndexerProperty<DateTimeOffset?>("claimed_until");
            queued.HasKey("tenant_id", "id");
            queued.HasIndex("due_at");
            queued.HasIndex("claimed_until").HasFilter(IsClaimed);
            return queued;
        }
    }

    extension(MigrationBuilder migration)
    {
        /// <summary>Says on the channel of each of these tables, when it is committed, that an item was added to it or is due earlier.</summary>
        public void SignalWork(params string[] tables)
        {
            migration.Sql(
                """
                CREATE OR REPLACE FUNCTION say_work() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    PERFORM pg_notify(TG_TABLE_NAME, '');
                    RETURN NULL;
                END $$;
                """);
            foreach (var table in tables)
            {
                migration.Sql(
                    $"""
                    CREATE TRIGGER say_work_added AFTER INSERT ON {PlainName.Of(table)} FOR EACH ROW EXECUTE FUNCTION say_work();
                    CREATE TRIGGER say_work_due_earlier AFTER UPDATE OF due_at ON {PlainName.Of(table)}
                        FOR EACH ROW WHEN (NEW.due_at < OLD.due_at) EXECUTE FUNCTION say_work();
                    """);
            }
        }
    }
}
