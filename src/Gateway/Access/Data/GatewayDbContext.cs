using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Tenants;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Access.Data;

/// <summary>Tenants, their API keys and the answers kept for repeated requests. Nothing of a provider is stored here.</summary>
internal sealed class GatewayDbContext(DbContextOptions<GatewayDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<Tenant> Tenants => Set<Tenant>();

    public DbSet<ApiKeyTenant> ApiKeyTenants => Set<ApiKeyTenant>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<AppliedSettings> AppliedSettings => Set<AppliedSettings>();

    public DbSet<KeptHead> KeptHeads => Set<KeptHead>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Tenant>(tenant =>
        {
            tenant.HasKey(t => t.Id);
            tenant.HasIndex(t => t.Name).IsUnique();
        });
        modelBuilder.Entity<ApiKeyTenant>(entry =>
        {
            entry.ToTable("api_key_directory").HasKey(e => e.KeyId);
            entry.HasOne<Tenant>().WithMany().HasForeignKey(e => e.TenantId).OnDelete(DeleteBehavior.NoAction);
        });
        modelBuilder.Entity<ApiKey>(key =>
        {
            key.HasKey(k => new { k.TenantId, k.Id });
            key.Property(k => k.Role).HasConversion<string>();
            key.HasOne<Tenant>().WithMany().HasForeignKey(k => k.TenantId).OnDelete(DeleteBehavior.NoAction);
        });
        modelBuilder.AddWorkQueue(TenantStore.Erasures);
        modelBuilder.AddAudit();
        modelBuilder.Entity<KeptHead>().ToTable("audit_kept_heads").HasKey(head => new { head.TenantId, head.Service });
        modelBuilder.Entity<HeadLook>().ToTable("audit_head_looks").HasKey(look => look.Service);
        modelBuilder.AddSealing();
        modelBuilder.Entity<AppliedSettings>().HasKey(applied => applied.Name);
        // read and written in SQL by IdempotencyStore alone
        modelBuilder.SharedTypeEntity<Dictionary<string, object>>("idempotency_records", record =>
        {
            record.IndexerProperty<TenantId>("tenant_id");
            record.IndexerProperty<string>("key");
            record.IndexerProperty<byte[]>("request_sha256").IsRequired();
            record.IndexerProperty<Guid>("claim");
            record.IndexerProperty<DateTimeOffset>("claimed_at");
            record.IndexerProperty<DateTimeOffset>("created_at");
            record.IndexerProperty<int?>("status");
            record.IndexerProperty<string>("content_type");
            record.IndexerProperty<string>("location");
            record.IndexerProperty<byte[]>("body");
            record.HasKey("tenant_id", "key");
            record.HasIndex("tenant_id", "created_at");
            record.HasIndex("tenant_id", "location").HasFilter("location IS NOT NULL");
            record.HasOne<Tenant>().WithMany().HasForeignKey("tenant_id").OnDelete(DeleteBehavior.NoAction);
        });
    }
}

internal sealed class GatewayDatabase() : ServiceDatabase<GatewayDbContext>("gateway", (options, tenant) => new GatewayDbContext(options, tenant));
