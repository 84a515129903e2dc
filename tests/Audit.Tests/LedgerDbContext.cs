using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit.Tests;

/// <summary>The smallest service database that logs: one tenant table and the audit.</summary>
internal sealed class LedgerDbContext(DbContextOptions<LedgerDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<Change> Changes => Set<Change>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Change>().HasKey(change => new { change.TenantId, change.Id });
        modelBuilder.AddAudit();
    }
}

internal sealed class LedgerDatabase() : ServiceDatabase<LedgerDbContext>("ledger", (options, tenant) => new LedgerDbContext(options, tenant));

internal sealed class Change
{
    public required TenantId TenantId { get; init; }

    public required int Id { get; init; }
}
