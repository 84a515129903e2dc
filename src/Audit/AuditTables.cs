using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit;

/// <summary>A link of a tenant's chain: what was numbered in one go.</summary>
internal sealed class AuditLink
{
    public required TenantId TenantId { get; init; }

    public required long FirstSequence { get; init; }

    public required long LastSequence { get; init; }

    /// <summary>SHA-256 over the hash of the link before (nothing for the first) and every entry in order, see <see cref="ChainHash"/>.</summary>
    public required byte[] Hash { get; init; }
}

/// <summary>Where a tenant's chain ends, for who keeps all tenants' ends elsewhere.</summary>
internal sealed class AuditHead
{
    public required TenantId TenantId { get; init; }

    public required long Sequence { get; init; }

    public required byte[] Hash { get; init; }

    /// <summary>The transaction that has moved it: who knows which ones had ended when it last looked knows what it has not seen.</summary>
    public required long ChangedIn { get; init; }
}

/// <summary>What a service that logs has in its database.</summary>
public static class AuditTables
{
    /// <summary>Those without a tenant's content (ids, counts, hashes): exceptions of <c>IsolateTenants</c>.</summary>
    public static readonly IReadOnlyList<string> WithoutContent = [QueuedChaining.Table, "audit_heads"];

    /// <summary>Given by the database: entries of one moment are chained in the order in which they came.</summary>
    internal const string Arrival = "Arrival";

    extension(ModelBuilder model)
    {
        /// <summary>The inbox, the chained entries with their links, and the queue and heads that workers share.</summary>
        public void AddAudit()
        {
            model.Entity<AuditEntry>(entry =>
            {
                entry.ToTable("audit_inbox").IsRecord();
                entry.Property<long>(Arrival).UseIdentityAlwaysColumn();
                entry.HasIndex(nameof(AuditRecord.TenantId), nameof(AuditRecord.At), Arrival);
            });
            model.Entity<ChainedEntry>(entry =>
            {
                entry.ToTable("audit_entries").IsRecord();
                entry.HasIndex(row => new { row.TenantId, row.Sequence }).IsUnique();
                entry.HasIndex(row => new { row.TenantId, row.At, row.Sequence });
                entry.HasIndex(row => new { row.TenantId, row.Subject, row.At, row.Sequence });
                entry.HasIndex(row => new { row.TenantId, row.Action, row.At, row.Sequence });
                entry.HasIndex(row => new { row.TenantId, row.TraceId }).HasFilter("trace_id <> ''");
            });
            model.Entity<AuditLink>().ToTable("audit_links").HasKey(row => new { row.TenantId, row.LastSequence });
            model.Entity<AuditHead>(head =>
            {
                head.ToTable("audit_heads").HasKey(row => row.TenantId);
                head.HasIndex(row => row.ChangedIn);
            });
            model.AddWorkQueue<QueuedChaining>().ToTable(QueuedChaining.Table);
        }
    }

    extension(MigrationBuilder migration)
    {
        /// <summary>Called behind <c>IsolateTenants</c>: the service adds to its chains and cannot change what stands in them.</summary>
        public void GuardAudit()
        {
            migration.MakeAppendOnly("audit_entries", "audit_links");
            migration.Sql("""
                DO $$ BEGIN
                    EXECUTE format('REVOKE UPDATE ON audit_inbox FROM %I', current_database() || '_service');
                END $$;
                """);
            migration.SignalWork(QueuedChaining.Table);
        }
    }

    extension<TRecord>(EntityTypeBuilder<TRecord> entry)
        where TRecord : AuditRecord
    {
        private EntityTypeBuilder<TRecord> IsRecord()
        {
            entry.HasKey(row => new { row.TenantId, row.Id });
            // json keeps the text as it was written, and the text is what is hashed
            entry.Property(row => row.Details).HasColumnType("json");
            return entry;
        }
    }
}
