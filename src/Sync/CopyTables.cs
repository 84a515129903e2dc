using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sync;

/// <summary>What a service that keeps copies has in its database.</summary>
public static class CopyTables
{
    /// <summary>Which copy is due when, which is read before the tenant is known: an exception of <c>IsolateTenants</c>.</summary>
    public static readonly IReadOnlyList<string> WithoutContent = [Queue];

    internal const string Queue = "copy_queue";
    internal const string Records = "copy_records";

    extension(ModelBuilder model)
    {
        /// <summary>The copies, their records, their runs, and the queue that workers share.</summary>
        public void AddCopies()
        {
            model.Entity<CopyRow>(copy =>
            {
                copy.ToTable("copies").HasKey(row => new { row.TenantId, row.Id });
                copy.HasIndex(row => new { row.TenantId, row.Kind, row.ConnectionId, row.Subject }).IsUnique();
                copy.Ignore(row => row.Target);
                copy.Property(row => row.CountVoidAt).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
            });
            model.Entity<CopyRecordRow>(record =>
            {
                record.ToTable(Records).HasKey(row => new { row.TenantId, row.CopyId, row.RecordId });
                // those that a run has not seen
                record.HasIndex(row => new { row.TenantId, row.CopyId, row.Generation }).HasFilter("deleted_at IS NULL");
            });
            model.Entity<CopyRunRow>().ToTable("copy_runs").HasKey(row => new { row.TenantId, row.CopyId, row.Id });
            model.Entity<CopyHintRow>().ToTable("copy_hints").HasKey(row => new { row.TenantId, row.CopyId, row.RecordId });
            model.AddWorkQueue<QueuedCopy>().ToTable(Queue);
        }
    }

    extension(MigrationBuilder migration)
    {
        /// <summary>Wakes the workers when a copy is due.</summary>
        public void SignalCopies() => migration.SignalWork(Queue);
    }

    extension(TenantDbContext context)
    {
        /// <summary>
        /// The service has changed something at the source itself, in a way that another change may balance in what the source counts: the next look of these
        /// copies reads everything. In the transaction of the context; whoever works on them is not disturbed.
        /// </summary>
        public Task DistrustCountsAsync(IReadOnlyCollection<Guid> ids, DateTimeOffset now, CancellationToken cancellationToken) =>
            context.Database.ExecuteSqlAsync($"UPDATE copies SET count_void_at = {now} WHERE id = ANY ({ids.ToArray()})", cancellationToken);

        /// <summary>Forgets the copy and what it knows of its records, in the transaction of the context; what its kind has written is the caller's.</summary>
        public async Task DeleteCopyAsync(Guid id, CancellationToken cancellationToken)
        {
            await context.Set<QueuedCopy>().Where(row => row.TenantId == context.Tenant && row.Id == id).ExecuteDeleteAsync(cancellationToken);
            await context.Set<CopyRow>().Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
            await context.Set<CopyRecordRow>().Where(row => row.CopyId == id).ExecuteDeleteAsync(cancellationToken);
            await context.Set<CopyRunRow>().Where(row => row.CopyId == id).ExecuteDeleteAsync(cancellationToken);
            await context.Set<CopyHintRow>().Where(row => row.CopyId == id).ExecuteDeleteAsync(cancellationToken);
        }
    }
}
