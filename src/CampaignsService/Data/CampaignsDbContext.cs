using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Gates;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Retention;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.CampaignsService.Syncs;
using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.Events;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CampaignsService.Data;

/// <summary>
/// One tenant's campaigns. Tables without a type of their own are read and written in SQL alone.
/// </summary>
internal sealed class CampaignsDbContext(DbContextOptions<CampaignsDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<SettingsRow> Settings => Set<SettingsRow>();

    public DbSet<RegistrationRow> Registrations => Set<RegistrationRow>();

    public DbSet<PushBlock> PushBlocks => Set<PushBlock>();

    public DbSet<SyncRow> Syncs => Set<SyncRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SettingsRow>().ToTable("campaigns_settings").HasKey(settings => settings.TenantId);
        AddRegistrations(modelBuilder);
        AddSyncs(modelBuilder);
        modelBuilder.AddEventOutbox();
        modelBuilder.AddAudit();
        modelBuilder.AddSealing();
        modelBuilder.AddCopies();
    }

    private static void AddRegistrations(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<RegistrationRow>(registration =>
        {
            registration.HasKey(r => new { r.TenantId, r.Id });
            registration.HasIndex(r => new { r.TenantId, r.Status, r.Id });
            registration.HasIndex(r => new { r.TenantId, r.Subject });
            registration.HasIndex(r => new { r.TenantId, r.IdempotencyKey }).IsUnique().HasFilter("idempotency_key IS NOT NULL");
            registration.ComplexProperty(r => r.Contact, contact =>
            {
                // without the "contact_" of a complex property
                foreach (var property in contact.Metadata.ComplexType.GetProperties())
                {
                    property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
                }
            });
        });
        modelBuilder.Entity<PushBlock>().HasKey(block => block.TenantId);
        modelBuilder.SharedTypeEntity<Dictionary<string, object>>("subscriptions", subscription =>
        {
            subscription.IndexerProperty<TenantId>("tenant_id");
            subscription.IndexerProperty<string>("list_key");
            subscription.IndexerProperty<byte[]>("subject");
            subscription.IndexerProperty<bool>("confirmed");
            subscription.IndexerProperty<DateTimeOffset>("subscribed_at");
            subscription.HasKey("tenant_id", "subject", "list_key");
        });

        modelBuilder.SharedTypeEntity<Dictionary<string, object>>("opt_outs", optOut =>
        {
            optOut.IndexerProperty<TenantId>("tenant_id");
            optOut.IndexerProperty<byte[]>("subject");
            optOut.IndexerProperty<string>("list_key");
            optOut.IndexerProperty<int>("reason");
            optOut.IndexerProperty<DateTimeOffset>("opted_out_at");
            // until Zoho has been told
            optOut.IndexerProperty<string?>("email");
            optOut.IndexerProperty<Guid?>("tell_id");
            optOut.HasKey("tenant_id", "subject", "list_key", "reason");
            optOut.HasIndex("tenant_id", "tell_id").IsUnique().HasFilter("tell_id IS NOT NULL");
        });
        AddTurns(modelBuilder.AddWorkQueue(OptOuts.Queue));

        modelBuilder.SharedTypeEntity<Dictionary<string, object>>("list_contacts", contact =>
        {
            contact.IndexerProperty<TenantId>("tenant_id");
            contact.IndexerProperty<Guid>("copy_id");
            contact.IndexerProperty<byte[]>("subject");
            // brought back by our own doing, which the copy does not know yet
            contact.IndexerProperty<DateTimeOffset?>("returned_at");
            contact.HasKey("tenant_id", "copy_id", "subject");
        });

        modelBuilder.AddWorkQueue(RetentionWorker.Queue);

        // what workers of any tenant share; holds nothing of a contact
        var queued = modelBuilder.AddWorkQueue(RegistrationQueue.Table);
        queued.IndexerProperty<long>("sequence").UseIdentityAlwaysColumn();
        queued.IndexerProperty<byte[]>("subject").IsRequired();
        queued.IndexerProperty<bool>("in_doubt").HasDefaultValue(false);
        queued.IndexerProperty<int>("gate_failures").HasDefaultValue(0);
        queued.IndexerProperty<string?>("trace_parent");
        queued.HasIndex("tenant_id", "due_at", "sequence");
        queued.HasIndex("tenant_id", "subject", "sequence");
        queued.HasIndex("tenant_id").HasFilter("claimed_by IS NOT NULL");
        modelBuilder.SharedTypeEntity<Dictionary<string, object>>("push_gates", gate =>
        {
            gate.IndexerProperty<TenantId>("tenant_id");
            gate.IndexerProperty<DateTimeOffset>("opens_at");
            gate.IndexerProperty<int>("failures");
            gate.HasKey("tenant_id");
        });
    }

    private static void AddSyncs(ModelBuilder modelBuilder)
    {
        modelBuilder.SharedTypeEntity<Dictionary<string, object>>("sync_uploads", upload =>
        {
            upload.IndexerProperty<TenantId>("tenant_id");
            upload.IndexerProperty<Guid>("id");
            upload.IndexerProperty<string>("name").IsRequired();
            upload.IndexerProperty<string[]>("columns").IsRequired();
            upload.IndexerProperty<long>("rows");
            upload.IndexerProperty<long>("bytes");
            upload.IndexerProperty<DateTimeOffset>("expires_at");
            upload.HasKey("tenant_id", "id");
        });
        modelBuilder.SharedTypeEntity<Dictionary<string, object>>("sync_upload_packs", pack =>
        {
            pack.IndexerProperty<TenantId>("tenant_id");
            pack.IndexerProperty<Guid>("upload_id");
            // of its last row
            pack.IndexerProperty<long>("position");
            pack.IndexerProperty<int>("rows");
            pack.IndexerProperty<byte[]>("content").IsRequired();
            pack.HasKey("tenant_id", "upload_id", "position");
            pack.HasOne("sync_uploads").WithMany().HasForeignKey("tenant_id", "upload_id").OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<SyncRow>(sync =>
        {
            sync.HasKey(s => new { s.TenantId, s.Id });
            sync.HasIndex(s => new { s.TenantId, s.IdempotencyKey }).IsUnique().HasFilter("idempotency_key IS NOT NULL");
            // what is being deleted is nobody's to see
            sync.HasQueryFilter(s => s.DeletedAt == null);
            sync.Property(s => s.Mapping).HasColumnType("jsonb");
            sync.Property(s => s.Filters).HasColumnType("jsonb");
            sync.Ignore(s => s.Fields);
            sync.Ignore(s => s.RowFilters);
            sync.Ignore(s => s.Table);
        });

        // the ledger: what becomes of every row of a source
        modelBuilder.SharedTypeEntity<Dictionary<string, object>>("sync_contacts", contact =>
        {
            contact.IndexerProperty<TenantId>("tenant_id");
            contact.IndexerProperty<Guid>("sync_id");
            contact.IndexerProperty<long>("position");
            contact.IndexerProperty<string>("email").IsRequired();
            contact.IndexerProperty<string>("key");
            // whose address is in the row, also where it has no key because it is not pushed
            contact.IndexerProperty<byte[]>("subject");
            contact.IndexerProperty<string>("fields").HasColumnType("jsonb");
            contact.IndexerProperty<bool>("on_list").HasDefaultValue(false);
            contact.IndexerProperty<bool>("resubscribe").HasDefaultValue(false);
            contact.IndexerProperty<int>("outcome");
            contact.IndexerProperty<string>("code");
            contact.IndexerProperty<string>("message");
            contact.IndexerProperty<DateTimeOffset?>("at");
            contact.IndexerProperty<long>("event");
            contact.IndexerProperty<Guid?>("run");
            contact.IndexerProperty<bool>("in_doubt").HasDefaultValue(false);
            contact.IndexerProperty<int>("attempts").HasDefaultValue(0);
            contact.IndexerProperty<DateTimeOffset?>("retry_at");
            contact.HasKey("tenant_id", "sync_id", "position");
            contact.HasOne<SyncRow>().WithMany().HasForeignKey("tenant_id", "sync_id").OnDelete(DeleteBehavior.Cascade);
            contact.HasIndex("tenant_id", "sync_id", "key");
            contact.HasIndex("tenant_id", "subject").HasFilter("subject IS NOT NULL");
            contact.HasIndex("tenant_id", "sync_id", "event", "position").IsDescending(false, false, true, true);
            contact.HasIndex("tenant_id", "sync_id", "outcome", "position");
        });

        // what replicas share before they know the tenant; ids and times only
        AddTurns(modelBuilder.AddWorkQueue(SyncQueue.Table));
        modelBuilder.AddWorkQueue(UploadStore.Queue);
        modelBuilder.AddWorkQueue(SyncExpiry.Queue);
    }

    // a queue of which tenants take turns
    private static void AddTurns(EntityTypeBuilder<Dictionary<string, object>> queued)
    {
        queued.HasIndex("tenant_id", "due_at");
        queued.HasIndex("tenant_id").HasFilter("claimed_by IS NOT NULL");
    }
}

internal sealed class CampaignsDatabase() : ServiceDatabase<CampaignsDbContext>("campaigns", (options, tenant) => new CampaignsDbContext(options, tenant));
