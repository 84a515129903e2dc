using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Events;
using ZohoPlatform.MessagingService.Channels;
using ZohoPlatform.MessagingService.Conversations;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.MessagingService.People;
using ZohoPlatform.MessagingService.Settings;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Data;

/// <summary>One tenant's conversations. Every table but the queues and whose a channel is are under row level security.</summary>
internal sealed class MessagingDbContext(DbContextOptions<MessagingDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    /// <summary>The one order of a tenant's messages and their changes.</summary>
    public const string Positions = "message_positions";

    /// <summary>Whose messages wait for Zoho CRM: one item for a tenant.</summary>
    public const string DeliveryQueue = "delivery_queue";

    /// <summary>Whose leads and contacts are followed: one item for a module.</summary>
    public const string FollowQueue = "follow_queue";

    public DbSet<SettingsRow> Settings => Set<SettingsRow>();

    public DbSet<ChannelRow> Channels => Set<ChannelRow>();

    public DbSet<ChannelTenantRow> ChannelTenants => Set<ChannelTenantRow>();

    public DbSet<ConversationRow> Conversations => Set<ConversationRow>();

    public DbSet<ConversationUserRow> ConversationUsers => Set<ConversationUserRow>();

    public DbSet<DayNoteRow> DayNotes => Set<DayNoteRow>();

    public DbSet<MessageRow> Messages => Set<MessageRow>();

    public DbSet<PersonRow> People => Set<PersonRow>();

    public DbSet<FollowedModuleRow> FollowedModules => Set<FollowedModuleRow>();

    public DbSet<CrmStateRow> CrmStates => Set<CrmStateRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasSequence<long>(Positions);
        modelBuilder.Entity<SettingsRow>().ToTable("messaging_settings").HasKey(settings => settings.TenantId);
        modelBuilder.Entity<ChannelRow>(channel =>
        {
            channel.ToTable("channels").HasKey(row => new { row.TenantId, row.Id });
            channel.Property(row => row.Version).IsConcurrencyToken();
            channel.Ignore(row => row.AppSecretPlace).Ignore(row => row.VerifyTokenPlace);
        });
        modelBuilder.Entity<ChannelTenantRow>().ToTable("channel_tenants").HasKey(row => row.Id);
        AddConversations(modelBuilder);

        modelBuilder.Entity<PersonRow>(person =>
        {
            person.ToTable("people").HasKey(row => new { row.TenantId, row.Module, row.RecordId });
            person.HasIndex(row => row.PhoneKeys).HasMethod("gin");
        });
        modelBuilder.Entity<FollowedModuleRow>(followed =>
        {
            followed.ToTable("followed_modules").HasKey(row => new { row.TenantId, row.Module });
            followed.HasIndex(row => new { row.TenantId, row.Id }).IsUnique();
        });
        modelBuilder.Entity<CrmStateRow>(state =>
        {
            state.ToTable("crm_states").HasKey(row => row.TenantId);
            state.Property(row => row.Shape).HasColumnType("jsonb");
        });

        var delivery = modelBuilder.AddWorkQueue(DeliveryQueue);
        // nothing of the tenant is tried before, whatever comes
        delivery.IndexerProperty<DateTimeOffset?>("not_before");
        delivery.HasIndex("tenant_id", "due_at");
        modelBuilder.AddWorkQueue(FollowQueue);

        modelBuilder.AddEventOutbox();
        modelBuilder.AddAudit();
        modelBuilder.AddSealing();
    }

    private static void AddConversations(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ConversationRow>(conversation =>
        {
            conversation.ToTable("conversations").HasKey(row => new { row.TenantId, row.Id });
            conversation.HasIndex(row => new { row.TenantId, row.PhoneKey }).IsUnique().HasFilter("phone_key IS NOT NULL");
            conversation.HasIndex(row => new { row.TenantId, row.LastMessageAt, row.Id }).HasFilter("joined_into IS NULL");
            conversation.HasIndex(row => new { row.TenantId, row.CrmModule, row.CrmRecordId }).HasFilter("crm_record_id IS NOT NULL");
            conversation.HasIndex(row => row.TenantId).HasFilter("noted_at IS NULL AND crm_record_id IS NOT NULL");
        });
        modelBuilder.Entity<ConversationUserRow>(user =>
        {
            user.ToTable("conversation_users").HasKey(row => new { row.TenantId, row.UserId });
            user.HasIndex(row => new { row.TenantId, row.ConversationId });
        });
        modelBuilder.Entity<DayNoteRow>(note =>
        {
            note.ToTable("day_notes").HasKey(row => new { row.TenantId, row.ConversationId, row.Day });
            note.HasIndex(row => row.TenantId).HasFilter("is_dirty");
        });
        modelBuilder.Entity<MessageRow>(message =>
        {
            message.ToTable("messages").HasKey(row => new { row.TenantId, row.Id });
            message.HasIndex(row => new { row.TenantId, row.ExternalId }).IsUnique();
            message.HasIndex(row => new { row.TenantId, row.ConversationId, row.SentAt, row.Sequence });
            message.HasIndex(row => new { row.TenantId, row.SentAt, row.Sequence });
            message.HasIndex(row => new { row.TenantId, row.Position });
            message.HasIndex(row => new { row.TenantId, row.Sequence }).HasFilter($"sync_state = {Stored} OR is_stale");
            message.HasIndex(row => new { row.TenantId, row.ConversationId, row.SyncState }).HasFilter($"sync_state IN ({Stored}, {Failed})");
            message.HasIndex(row => new { row.TenantId, row.SyncState, row.Sequence }).HasFilter($"sync_state IN ({Skipped}, {Failed})");
        });
        modelBuilder.Entity<MessageContentRow>().ToTable("message_contents").HasKey(row => new { row.TenantId, row.MessageId });
        modelBuilder.Entity<EarlyStatusRow>(status =>
        {
            status.ToTable("early_statuses").HasKey(row => new { row.TenantId, row.ExternalId });
            status.HasIndex(row => new { row.TenantId, row.ReceivedAt });
        });
    }

    private const int Stored = (int)Contracts.Messaging.V1.SyncState.Stored;
    private const int Skipped = (int)Contracts.Messaging.V1.SyncState.Skipped;
    private const int Failed = (int)Contracts.Messaging.V1.SyncState.Failed;
}

internal sealed class MessagingDatabase()
    : ServiceDatabase<MessagingDbContext>("messaging", (options, tenant) => new MessagingDbContext(options, tenant));
