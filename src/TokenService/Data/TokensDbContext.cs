using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Events;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Connecting;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Health;
using ZohoPlatform.TokenService.Revocations;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Data;

/// <summary>What one tenant has connected. Every table but the queues and the key ring is under row level security.</summary>
internal sealed class TokensDbContext(DbContextOptions<TokensDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<ConnectionRow> Connections => Set<ConnectionRow>();

    public DbSet<RefreshAttempt> RefreshAttempts => Set<RefreshAttempt>();

    public DbSet<SettingsRow> Settings => Set<SettingsRow>();

    public DbSet<ClientSecretRow> ClientSecrets => Set<ClientSecretRow>();

    public DbSet<FeatureConnectionRow> FeatureConnections => Set<FeatureConnectionRow>();

    public DbSet<AuthorizationRow> Authorizations => Set<AuthorizationRow>();

    public DbSet<Revocation> Revocations => Set<Revocation>();

    public DbSet<QueuedRevocation> RevocationQueue => Set<QueuedRevocation>();

    public DbSet<QueuedRefresh> RefreshQueue => Set<QueuedRefresh>();

    public DbSet<AlertRow> Alerts => Set<AlertRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ConnectionRow>(connection =>
        {
            connection.HasKey(row => new { row.TenantId, row.Id });
            connection.HasIndex(row => new { row.TenantId, row.Provider, row.Owner, row.DataCentre }).IsUnique();
        });
        modelBuilder.Entity<RefreshAttempt>(attempt =>
        {
            attempt.HasKey(row => new { row.TenantId, row.Id });
            attempt.HasIndex(row => new { row.TenantId, row.GrantSha256, row.StartedAt });
            attempt.HasIndex(row => new { row.TenantId, row.StartedAt });
        });
        modelBuilder.Entity<SettingsRow>().ToTable("integration_settings").HasKey(row => new { row.TenantId, row.Provider });
        modelBuilder.Entity<ClientSecretRow>().HasKey(row => new { row.TenantId, row.Provider, row.DataCentre });
        modelBuilder.Entity<FeatureConnectionRow>(chosen =>
        {
            chosen.ToTable("feature_connections").HasKey(row => new { row.TenantId, row.Feature });
            chosen.HasOne<ConnectionRow>().WithMany().HasForeignKey(row => new { row.TenantId, row.ConnectionId }).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<AuthorizationRow>(authorization =>
        {
            authorization.ToTable("authorizations").HasKey(row => new { row.TenantId, row.Id });
            authorization.Ignore(row => row.Failure);
        });
        modelBuilder.Entity<Revocation>().HasKey(row => new { row.TenantId, row.Id });
        modelBuilder.AddWorkQueue<QueuedRevocation>();
        modelBuilder.AddWorkQueue<QueuedRefresh>();
        modelBuilder.Entity<AlertRow>(alert =>
        {
            alert.ToTable("connection_alerts").HasKey(row => new { row.TenantId, row.Id });
            alert.HasIndex(row => new { row.TenantId, row.ConnectionId, row.Cause }).IsUnique().HasFilter("resolved_at IS NULL");
        });

        modelBuilder.AddEventOutbox();
        modelBuilder.AddAudit();
        modelBuilder.AddSealing();
    }
}

internal sealed class TokensDatabase() : ServiceDatabase<TokensDbContext>("tokens", (options, tenant) => new TokensDbContext(options, tenant));
