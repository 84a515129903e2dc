using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Audit;
using ZohoPlatform.TokenService.Authorization;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.RefreshAhead;
using ZohoPlatform.TokenService.Revocations;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Data;

/// <summary>What one tenant has connected. Every table but the queues and the key ring is under row level security.</summary>
internal sealed partial class TokensDbContext(DbContextOptions<TokensDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<ConnectionRow> Connections => Set<ConnectionRow>();

    public DbSet<RefreshAttempt> RefreshAttempts => Set<RefreshAttempt>();

    public DbSet<SettingsRow> Settings => Set<SettingsRow>();

    public DbSet<ClientSecretRow> ClientSecrets => Set<ClientSecretRow>();

    public DbSet<PendingAuthorization> PendingAuthorizations => Set<PendingAuthorization>();

    public DbSet<Revocation> Revocations => Set<Revocation>();

    public DbSet<QueuedRevocation> RevocationQueue => Set<QueuedRevocation>();

    public DbSet<QueuedRefresh> RefreshQueue => Set<QueuedRefresh>();

    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    public DbSet<AuditBatch> AuditBatches => Set<AuditBatch>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ConnectionRow>().ToTable("connections").HasKey(row => new { row.TenantId, row.Id });
        modelBuilder.Entity<RefreshAttempt>().ToTable("refresh_attempts").HasKey(row => new { row.TenantId, row.Id });
        modelBuilder.Entity<SettingsRow>().ToTable("integration_settings").HasKey(row => new { row.TenantId, row.Provider });
        modelBuilder.Entity<ClientSecretRow>().ToTable("client_secrets").HasKey(row => new { row.TenantId, row.Provider, row.DataCentre });
        modelBuilder.Entity<PendingAuthorization>().ToTable("pending_authorizations").HasKey(row => new { row.TenantId, row.Id });
        modelBuilder.Entity<Revocation>().ToTable("revocations").HasKey(row => new { row.TenantId, row.Id });
        modelBuilder.Entity<QueuedRevocation>().ToTable("revocation_queue").HasKey(row => new { row.TenantId, row.Id });
        modelBuilder.Entity<QueuedRefresh>().ToTable("refresh_queue").HasKey(row => new { row.TenantId, row.Id });
        modelBuilder.Entity<AuditEntry>().ToTable("audit_entries").HasKey(row => new { row.TenantId, row.Id });
        modelBuilder.Entity<AuditEntry>().Property(row => row.Details).HasColumnType("json");
        modelBuilder.Entity<AuditBatch>().ToTable("audit_batches").HasKey(row => new { row.TenantId, row.LastSequence });

        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(WordStart().Replace(property.Name, "_$0").ToLowerInvariant());
            property.ValueGenerated = Microsoft.EntityFrameworkCore.Metadata.ValueGenerated.Never;
        }
    }

    // RefreshTokenSealed -> refresh_token_sealed, GrantSha256 -> grant_sha256
    [GeneratedRegex("(?<!^)[A-Z]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordStart();
}

internal static class TokensDb
{
    extension(TenantDb<TokensDbContext> db)
    {
        /// <summary>The tenants that have something sealed here; all that have a connection are among them.</summary>
        public async Task<IReadOnlyList<TenantId>> SealingTenantsAsync(CancellationToken cancellationToken)
        {
            await using var context = db.ForNoTenant();
            var tenants = await context.Database.SqlQuery<Guid>($"SELECT tenant_id FROM sealing_tenants").ToListAsync(cancellationToken);
            return [.. tenants.Select(tenant => new TenantId(tenant))];
        }
    }
}
