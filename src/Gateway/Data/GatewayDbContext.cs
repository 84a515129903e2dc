using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Gateway.ApiKeys;
using ZohoPlatform.Gateway.Bootstrap;
using ZohoPlatform.Gateway.Tenants;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Data;

/// <summary>Tenants, their API keys and the answers kept for repeated requests. Nothing of a provider is stored here.</summary>
internal sealed class GatewayDbContext(DbContextOptions<GatewayDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<Tenant> Tenants => Set<Tenant>();

    public DbSet<ApiKeyTenant> ApiKeyTenants => Set<ApiKeyTenant>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<AppliedSettings> AppliedSettings => Set<AppliedSettings>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Tenant>(tenant =>
        {
            tenant.ToTable("tenants").HasKey(t => t.Id);
            tenant.Property(t => t.Id).HasColumnName("id").ValueGeneratedNever();
            tenant.Property(t => t.Name).HasColumnName("name");
            tenant.Property(t => t.CreatedAt).HasColumnName("created_at");
        });
        modelBuilder.Entity<ApiKeyTenant>(entry =>
        {
            entry.ToTable("api_key_directory").HasKey(e => e.KeyId);
            entry.Property(e => e.KeyId).HasColumnName("key_id");
            entry.Property(e => e.TenantId).HasColumnName("tenant_id");
        });
        modelBuilder.Entity<ApiKey>(key =>
        {
            key.ToTable("api_keys").HasKey(k => new { k.TenantId, k.Id });
            key.Property(k => k.TenantId).HasColumnName("tenant_id");
            key.Property(k => k.Id).HasColumnName("id");
            key.Property(k => k.Name).HasColumnName("name");
            key.Property(k => k.Role).HasColumnName("role").HasConversion<string>();
            key.Property(k => k.SecretSha256).HasColumnName("secret_sha256");
            key.Property(k => k.CreatedAt).HasColumnName("created_at");
            key.Property(k => k.CreatedBy).HasColumnName("created_by");
            key.Property(k => k.ExpiresAt).HasColumnName("expires_at");
            key.Property(k => k.LastUsedAt).HasColumnName("last_used_at");
        });
        modelBuilder.Entity<AppliedSettings>(applied =>
        {
            applied.ToTable("applied_settings").HasKey(a => a.Name);
            applied.Property(a => a.Name).HasColumnName("name");
            applied.Property(a => a.Fingerprint).HasColumnName("fingerprint");
            applied.Property(a => a.AppliedAt).HasColumnName("applied_at");
        });
    }
}
