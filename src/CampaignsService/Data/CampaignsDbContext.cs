using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.CampaignsService.Syncs;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Data;

/// <summary>
/// One tenant's campaigns. The queue and the gates belong to no tenant and are spoken to in SQL by <see cref="RegistrationQueue"/>.
/// </summary>
internal sealed class CampaignsDbContext(DbContextOptions<CampaignsDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<SettingsRow> Settings => Set<SettingsRow>();

    public DbSet<RegistrationRow> Registrations => Set<RegistrationRow>();

    public DbSet<PushBlock> PushBlocks => Set<PushBlock>();

    public DbSet<SyncRow> Syncs => Set<SyncRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SettingsRow>(settings =>
        {
            settings.ToTable("campaigns_settings");
            settings.HasKey(s => s.TenantId);
            settings.Property(s => s.TenantId).HasColumnName("tenant_id");
            settings.Property(s => s.ListKey).HasColumnName("list_key");
            settings.Property(s => s.SubjectKey).HasColumnName("subject_key");
        });
        modelBuilder.Entity<RegistrationRow>(registration =>
        {
            registration.ToTable("registrations");
            registration.HasKey(r => new { r.TenantId, r.Id });
            registration.Property(r => r.TenantId).HasColumnName("tenant_id");
            registration.Property(r => r.Id).HasColumnName("id").ValueGeneratedNever();
            registration.Property(r => r.IdempotencyKey).HasColumnName("idempotency_key");
            registration.Property(r => r.Status).HasColumnName("status");
            registration.Property(r => r.Code).HasColumnName("code");
            registration.Property(r => r.Message).HasColumnName("message");
            registration.Property(r => r.Attempts).HasColumnName("attempts");
            registration.Property(r => r.CreatedAt).HasColumnName("created_at");
            registration.Property(r => r.UpdatedAt).HasColumnName("updated_at");
            registration.Property(r => r.NextAttemptAt).HasColumnName("next_attempt_at");
            registration.ComplexProperty(r => r.Contact, contact =>
            {
                contact.Property(c => c.Email).HasColumnName("email");
                contact.Property(c => c.FirstName).HasColumnName("first_name");
                contact.Property(c => c.LastName).HasColumnName("last_name");
                contact.Property(c => c.Country).HasColumnName("country");
                contact.Property(c => c.Company).HasColumnName("company");
                contact.Property(c => c.Phone).HasColumnName("phone");
                contact.Property(c => c.PreferredLanguage).HasColumnName("preferred_language");
                contact.Property(c => c.ProductionType).HasColumnName("production_type");
                contact.Property(c => c.Category).HasColumnName("category");
            });
        });
        modelBuilder.Entity<PushBlock>(block =>
        {
            block.ToTable("push_blocks");
            block.HasKey(b => b.TenantId);
            block.Property(b => b.TenantId).HasColumnName("tenant_id");
            block.Property(b => b.Status).HasColumnName("status");
            block.Property(b => b.Code).HasColumnName("code");
            block.Property(b => b.Message).HasColumnName("message");
            block.Property(b => b.Until).HasColumnName("until");
        });
        modelBuilder.Entity<SyncRow>(sync =>
        {
            sync.ToTable("syncs");
            sync.HasKey(s => new { s.TenantId, s.Id });
            sync.Property(s => s.Id).ValueGeneratedNever();
            sync.Property(s => s.Mapping).HasColumnType("jsonb");
            sync.Ignore(s => s.Fields);
            sync.Ignore(s => s.Table);
            foreach (var property in sync.Metadata.GetProperties())
            {
                property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            }
        });
    }
}
