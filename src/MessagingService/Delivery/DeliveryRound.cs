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

    // whatever Zoho refuses then: one who sends much that is refused does not have it read each time
    private static readonly TimeSpan ShapeBelieved = TimeSpan.FromMinutes(1);

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
            || !(await ReadyAsync(item, feature, call, isDoubted: false, cancellationToken)).Succeeded(out var work, out failure))
        {
            return failure;
        }

        for (var round = 0; round < RoundsAtOnce; round++)
        {
            if (work.IsShapeDoubted && !(await ReadyAsync(item, feature, call, isDoubted: true, cancellationToken)).Succeeded(out work, out failure))
            {
                return failure;
            }

            var next = await ledger.NextAsync(tenant, cancellationToken);
            var batch = await WithoutOldAsync(work, next, cancellationToken);
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

            if (next.Messages.Count < DeliveryLedger.MostAtOnce && !written && !work.IsShapeDoubted)
            {
                return null;
            }
        }

        return null;
    }

    // what was sent or came before the switch is a thing of the past
    private async Task<Batch> WithoutOldAsync(DeliveryWork work, Batch batch, CancellationToken cancellationToken)
    {
        var (item, from) = (work.Item, work.From);
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

    private async Task<Result<DeliveryWork>> ReadyAsync(
        WorkItem item, FeatureState feature, ProviderCall call, bool isDoubted, CancellationToken cancellationToken)
    {
        // WhatsApp tells whole seconds
        var from = feature.Since is { } on ? on.AddTicks(-(on.Ticks % TimeSpan.TicksPerSecond)) : DateTimeOffset.MinValue;
        var set = await settings.ReadAsync(item.Tenant, cancellationToken);
        var state = await ledger.StateAsync(item.Tenant, cancellationToken);
        var now = clock.GetUtcNow();
        var wasBlocked = state is { Code.Length: > 0 };
        if (!isDoubted && state is { Shape: { } kept, ShapeReadAt: { } readAt } && state.ConnectionId == call.ConnectionId && readAt > now - ShapeKept
            && CrmShape.Kept(kept, CrmShape.WantedBy(set)) is { } known)
        {
            return new DeliveryWork(item, call, set, known, from, wasBlocked) { MayDoubtShape = readAt < now - ShapeBelieved };
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
        return new DeliveryWork(item, call, set, shape, from, wasBlocked);
    }
}

/// <summary>What a round works with.</summary>
/// <param name="Item">The claim.</param>
/// <param name="Call">Through which Zoho is asked.</param>
/// <param name="Settings">The tenant's.</param>
/// <param name="Shape">What its CRM looks like.</param>
/// <param name="From">What is older is not for the CRM, unless it was asked for.</param>
/// <param name="WasBlocked">Whether the last one was told that nothing can be synced.</param>
internal sealed record DeliveryWork(
    WorkItem Item, ProviderCall Call, SettingsRow Settings, CrmShape Shape, DateTimeOffset From, bool WasBlocked)
{
    /// <summary>Whether the shape is old enough to be the cause of a refusal.</summary>
    public bool MayDoubtShape { get; init; }

    /// <summary>Whether something was refused that may be taken with a shape which is read anew.</summary>
    public bool IsShapeDoubted { get; private set; }

    /// <summary>
    /// Whether a refusal may come from what somebody has changed in the organisation since its shape was read: then nothing is failed for it, and the shape is
    /// read anew first.
    /// </summary>
    public bool Doubts(CrmRefusal refusal)
    {
        var isDoubted = MayDoubtShape && refusal.Class is CrmCodeClass.BadData;
        IsShapeDoubted |= isDoubted;
        return isDoubted;
    }

    public string? Region => Settings.DefaultRegion.Length == 0 ? null : Settings.DefaultRegion;

    /// <summary>Where a person goes on talking: the company's chat, or WhatsApp's own page.</summary>
    public string LinkOf(ConversationRow conversation) => Settings.DialogUrl.Length > 0
        ? Settings.DialogUrl.Replace("{conversation_id}", conversation.Id.ToString(), StringComparison.Ordinal)
        : conversation.Phone is { } phone ? $"https://wa.me/{phone[1..]}" : "";
}
