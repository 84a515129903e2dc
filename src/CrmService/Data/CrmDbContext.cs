using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.CrmService.Channels;
using ZohoPlatform.CrmService.Feeds;
using ZohoPlatform.CrmService.Inbox;
using ZohoPlatform.Events;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CrmService.Data;

/// <summary>What is followed in a tenant's CRM and what is known of it. Every table but the queues is under row level security.</summary>
internal sealed class CrmDbContext(DbContextOptions<CrmDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<FeedRow> Feeds => Set<FeedRow>();

    public DbSet<FeedRecordRow> Records => Set<FeedRecordRow>();

    public DbSet<SubscriptionRow> Subscriptions => Set<SubscriptionRow>();

    public DbSet<ChannelRow> Channels => Set<ChannelRow>();

    public DbSet<QueuedChannel> ChannelQueue => Set<QueuedChannel>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<FeedRow>(feed =>
        {
            feed.ToTable("feeds").HasKey(row => new { row.TenantId, row.Id });
            feed.HasIndex(row => new { row.TenantId, row.ConnectionId, row.Module }).IsUnique();
        });
        modelBuilder.Entity<FeedRecordRow>(record =>
        {
            record.ToTable("feed_records").HasKey(row => new { row.TenantId, row.FeedId, row.RecordId });
            record.HasIndex(row => new { row.TenantId, row.FeedId, row.Position }).IsUnique();
            record.Property(row => row.Content).HasColumnType("jsonb");
        });
        modelBuilder.Entity<SubscriptionRow>(subscription =>
        {
            subscription.ToTable("subscriptions").HasKey(row => new { row.TenantId, row.Id });
            subscription.HasIndex(row => new { row.TenantId, row.FeedId, row.Subscriber }).IsUnique();
        });
        modelBuilder.Entity<ChannelRow>(channel =>
        {
            channel.ToTable("channels").HasKey(row => new { row.TenantId, row.Id });
            channel.HasIndex(row => new { row.TenantId, row.ConnectionId }).IsUnique();
        });
        // by the id alone: whoever is told of changes knows no tenant
        modelBuilder.AddWorkQueue<QueuedChannel>().ToTable(ChannelWorker.Queue).HasIndex(row => row.Id).IsUnique();

        modelBuilder.AddCopies();
        modelBuilder.AddAudit();
        modelBuilder.AddEventOutbox();
    }
}

internal sealed class CrmDatabase() : ServiceDatabase<CrmDbContext>("crm", (options, tenant) => new CrmDbContext(options, tenant));
