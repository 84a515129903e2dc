using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Events;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Data;

/// <summary>One tenant's conversations. Every table but the queues is under row level security.</summary>
internal sealed class MessagingDbContext(DbContextOptions<MessagingDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddEventOutbox();
        modelBuilder.AddAudit();
        modelBuilder.AddSealing();
    }
}

internal sealed class MessagingDatabase()
    : ServiceDatabase<MessagingDbContext>("messaging", (options, tenant) => new MessagingDbContext(options, tenant));
