using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.WebhookService.Deliveries;
using ZohoPlatform.WebhookService.Subscriptions;

namespace ZohoPlatform.WebhookService.Data;

/// <summary>What one tenant wants to be told, and what it was told. Every table but the queue and the key ring is under row level security.</summary>
internal sealed class WebhooksDbContext(DbContextOptions<WebhooksDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<WebhookRow> Webhooks => Set<WebhookRow>();

    public DbSet<EventRow> Events => Set<EventRow>();

    public DbSet<DeliveryRow> Deliveries => Set<DeliveryRow>();

    public DbSet<QueuedDelivery> DeliveryQueue => Set<QueuedDelivery>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<WebhookRow>().HasKey(row => new { row.TenantId, row.Id });
        modelBuilder.Entity<EventRow>(raised =>
        {
            raised.HasKey(row => new { row.TenantId, row.Id });
            raised.HasIndex(row => new { row.TenantId, row.ReceivedAt });
        });
        modelBuilder.Entity<DeliveryRow>(delivery =>
        {
            delivery.HasKey(row => new { row.TenantId, row.Id });
            delivery.HasOne<WebhookRow>().WithMany().HasForeignKey(row => new { row.TenantId, row.WebhookId }).OnDelete(DeleteBehavior.Cascade);
            delivery.HasOne<EventRow>().WithMany().HasForeignKey(row => new { row.TenantId, row.EventId }).OnDelete(DeleteBehavior.Restrict);
            delivery.HasIndex(row => new { row.TenantId, row.WebhookId, row.Id });
            delivery.HasIndex(row => new { row.TenantId, row.EventId });
            delivery.HasIndex(row => new { row.TenantId, row.EndedAt });
        });
        var queued = modelBuilder.AddWorkQueue<QueuedDelivery>();
        queued.HasIndex(row => new { row.TenantId, row.DueAt });
        queued.HasIndex(row => row.TenantId).HasFilter("claimed_by IS NOT NULL");

        modelBuilder.AddAudit();
        modelBuilder.AddSealing();
    }
}

internal sealed class WebhooksDatabase() : ServiceDatabase<WebhooksDbContext>("webhooks", (options, tenant) => new WebhooksDbContext(options, tenant));
