using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.MessagingService.Conversations;
using ZohoPlatform.MessagingService.People;
using ZohoPlatform.MessagingService.Settings;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>
/// Brings a tenant's messages into Zoho CRM, a hundred at a time and in the order in which they were stored: the leads of their people, a record for each,
/// notes. One worker does so for a tenant at a time, so that a person gets one lead.
/// </summary>
internal sealed class DeliveryRound(
    DeliveryLedger ledger,
    FeatureAccess access,
    CrmClient crm,
    ShapeReader shapes,
    LeadFinder finder,
    LeadMaker leads,
    MessageWriter messages,
    NoteWriter notes,
    SettingsStore settings,
    TimeProvider clock)
{
    private const string Purpose = "messages.sync";

    // behind others who wait
    private const int RoundsAtOnce = 10;

    private static readonly TimeSpan ShapeKept = TimeSpan.FromHours(6);

    /// <summary>Works until nothing is due, or others wait long enough. A failure is the whole tenant's.</summary>
    public async Task<Failure?> RunAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var tenant = item.Tenant;
        if (!(await access.StateAsync(tenant, cancellationToken)).Succeeded(out var feature, out var failure))
        {
            return failure;
        }

        if (!feature.IsOn)
        {
            await ledger.SkipAllAsync(
                item,
                "crm_disabled",
                "Zoho CRM was switched off for conversations when the message came: set crm_enabled in the Zoho settings, then resend it to have it there.",
                cancellationToken);
            return null;
        }

        if (!(await access.ForAsync(tenant, Purpose, cancellationToken)).Succeeded(out var call, out failure)
            || !(await ReadyAsync(item, call, cancellationToken)).Succeeded(out var work, out failure))
        {
            return failure;
        }

        for (var round = 0; round < RoundsAtOnce; round++)
        {
            var batch = await ledger.NextAsync(tenant, cancellationToken);
            batch = await WithoutOldAsync(item, batch, feature.Since, cancellationToken);
            if (await leads.FindOrMakeAsync(work, batch, finder, cancellationToken) is { } unmade)
            {
                return unmade;
            }

            var (written, failed) = await messages.WriteAsync(work, batch.Messages, cancellationToken);
            if ((failed ?? await notes.WriteAsync(work, cancellationToken)) is { } unwritten)
            {
                return unwritten;
            }

            if (work.WasBlocked && round == 0)
            {
                await ledger.UnblockAsync(tenant, cancellationToken);
            }

            if (batch.Messages.Count < DeliveryLedger.MostAtOnce && !written)
            {
                return null;
            }
        }

        return null;
    }

    // what was sent or came before the switch is a thing of the past
    private async Task<Batch> WithoutOldAsync(WorkItem item, Batch batch, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        if (since is not { } on)
        {
            return batch;
        }

        // WhatsApp tells whole seconds
        var from = on.AddTicks(-(on.Ticks % TimeSpan.TicksPerSecond));
        var old = batch.Messages
            .Where(message => message is { SyncState: SyncState.Stored, IsAskedFor: false } && (message.SentAt < from || message.ReceivedAt < from))
            .Select(message => message.Id)
            .ToHashSet();
        await ledger.ChangeAsync(
            item,
            old,
            (_, message) =>
            {
                (message.SyncState, message.SyncCode) = (SyncState.Skipped, "before_enabled");
                message.SyncMessage = "The message is from before Zoho CRM was switched on for conversations: resend it to have it there.";
                return Task.CompletedTask;
            },
            cancellationToken);
        await ledger.RestAsync(
            item,
            [.. batch.Messages.Where(message => old.Contains(message.Id)).Select(message => message.ConversationId).Distinct()],
            cancellationToken);
        return batch with { Messages = [.. batch.Messages.Where(message => !old.Contains(message.Id))] };
    }

    private async Task<Result<DeliveryWork>> ReadyAsync(WorkItem item, ProviderCall call, CancellationToken cancellationToken)
    {
        var set = await settings.ReadAsync(item.Tenant, cancellationToken);
        var state = await ledger.StateAsync(item.Tenant, cancellationToken);
        var now = clock.GetUtcNow();
        var wasBlocked = state is { Code.Length: > 0 };
        if (state?.Shape is { } kept && state.ConnectionId == call.ConnectionId && state.ShapeReadAt > now - ShapeKept
            && JsonSerializer.Deserialize<CrmShape>(kept) is { } known && known.Wanted == CrmShape.WantedBy(set))
        {
            return new DeliveryWork(item, call, set, known, wasBlocked);
        }

        if (!(await shapes.ReadAsync(call, set, cancellationToken)).Succeeded(out var shape, out var failure))
        {
            return failure;
        }

        // its number is for links alone: who may not read it has the form that needs none
        var zgid = "";
        if ((await crm.GetOrganizationAsync(call, cancellationToken)).Succeeded(out var organization, out failure))
        {
            zgid = organization.Zgid;
        }
        else if (failure.CrmClass.MayBeRepeated)
        {
            return failure;
        }

        await ledger.WriteAsync(
            item,
            async context =>
            {
                var row = await context.CrmStates.SingleOrDefaultAsync(cancellationToken)
                    ?? context.CrmStates.Add(new CrmStateRow { TenantId = item.Tenant }).Entity;
                (row.ConnectionId, row.DataCentre, row.Zgid) = (call.ConnectionId, call.DataCentre, zgid);
                (row.Shape, row.ShapeReadAt) = (JsonSerializer.Serialize(shape), now);
                await PeopleFollower.QueueAsync(context, shape.Phones, now, cancellationToken);
            },
            cancellationToken);
        return new DeliveryWork(item, call, set, shape, wasBlocked);
    }
}

/// <summary>What a round works with, and whether the last one was told that nothing can be synced.</summary>
internal sealed record DeliveryWork(WorkItem Item, ProviderCall Call, SettingsRow Settings, CrmShape Shape, bool WasBlocked)
{
    public string? Region => Settings.DefaultRegion.Length == 0 ? null : Settings.DefaultRegion;

    /// <summary>Where a person goes on talking: the company's chat, or WhatsApp's own page.</summary>
    public string LinkOf(ConversationRow conversation) => Settings.DialogUrl.Length > 0
        ? Settings.DialogUrl.Replace("{conversation_id}", conversation.Id.ToString(), StringComparison.Ordinal)
        : conversation.Phone is { } phone ? $"https://wa.me/{phone[1..]}" : "";
}
