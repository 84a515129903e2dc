using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.MessagingService.Conversations;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.MessagingService.People;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>
/// Writes messages as records of the organisation's message module, found by their external id: written twice it is one record. Where there is no such
/// module their days' notes have them.
/// </summary>
internal sealed class MessageWriter(CrmClient crm, DeliveryLedger ledger, TenantDb<MessagingDbContext> db, TimeProvider clock)
{
    private const int LongestName = 80;

    // that a message is given, one after the other, before what Zoho says of its lead is believed to be the message's own fault
    private const int MostLeads = 5;

    // somebody in Zoho CRM has the record: locked, in approval
    private static readonly TimeSpan HeldFor = TimeSpan.FromMinutes(5);

    /// <summary>Whether something came forward, and the failure of the whole tenant, if any.</summary>
    public async Task<(bool Written, Failure? Failure)> WriteAsync(
        DeliveryWork work, IReadOnlyList<MessageRow> messages, CancellationToken cancellationToken)
    {
        if (await ChangeStaleAsync(work, messages, cancellationToken) is { } unchanged)
        {
            return (false, unchanged);
        }

        // as they are linked now
        var now = clock.GetUtcNow();
        var ids = messages.Select(message => message.ConversationId).Distinct().ToList();
        Dictionary<Guid, ConversationRow> linked;
        await using (var context = db.For(work.Item.Tenant))
        {
            linked = await context.Conversations.AsNoTracking()
                .Where(one => ids.Contains(one.Id) && one.CrmRecordId != null && (one.NextAttemptAt == null || one.NextAttemptAt <= now))
                .ToDictionaryAsync(one => one.Id, cancellationToken);
        }

        var ready = messages.Where(message => message.SyncState is SyncState.Stored && linked.ContainsKey(message.ConversationId)).ToList();
        if (ready.Count == 0)
        {
            return (false, null);
        }

        if (work.Shape.Module is not { } module)
        {
            await KeepInNotesAsync(work, ready, cancellationToken);
            return (false, null);
        }

        var upserted = await crm.UpsertAsync(
            work.Call,
            module.ApiName,
            [.. ready.Select(message => RecordOf(work, module, message, linked[message.ConversationId]))],
            [module.KeyField],
            runsWorkflows: true,
            cancellationToken);
        if (!upserted.Succeeded(out var written, out var failure))
        {
            return (false, failure);
        }

        return (true, await WriteDownAsync(work, module, ready, linked, written, cancellationToken));
    }

    private async Task<Failure?> WriteDownAsync(
        DeliveryWork work, MessageModule module, List<MessageRow> ready, Dictionary<Guid, ConversationRow> linked, CrmWritten[] written,
        CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var outcomes = ready.Zip(written).ToDictionary(pair => pair.First.Id, pair => (Sent: pair.First, Written: pair.Second));
        var (gone, held) = (new Dictionary<Guid, Failure>(), new Dictionary<Guid, Failure>());
        var taken = new HashSet<Guid>();
        Failure? ofAll = null;
        await ledger.ChangeAsync(
            work.Item,
            outcomes.Keys,
            async (context, message) =>
            {
                var (sent, outcome) = outcomes[message.Id];
                switch (outcome)
                {
                    case { Id: { } id, Refusal: null }:
                        if (message.SyncState is SyncState.Stored)
                        {
                            (message.SyncState, message.SyncCode, message.SyncMessage) = (SyncState.Synced, "", "");
                            (message.CrmModule, message.SyncedAt, message.IsAskedFor) = (module.ApiName, now, false);
                            await NoteDayAsync(work, context, message, cancellationToken);
                        }

                        if (linked[sent.ConversationId].Attempts > 0)
                        {
                            taken.Add(sent.ConversationId);
                        }

                        message.CrmRecordId = id;
                        message.NextAttemptAt = null;
                        message.IsStale = HasChanged(message, sent);
                        message.Attempts++;
                        break;
                    // its lead is gone: the record was not written, and is once there is another lead
                    case { Refusal: { } refusal }
                        when IsOfLead(refusal, LookupOf(module, linked[sent.ConversationId])) && message.Attempts < MostLeads:
                        (message.SyncCode, message.SyncMessage) = (refusal.Failure.Code, refusal.Failure.Message);
                        message.Attempts++;
                        gone[sent.ConversationId] = refusal.Failure;
                        break;
                    case { Refusal: { Class.IsOfOrganization: true } refusal }:
                        ofAll = refusal.Failure;
                        break;
                    case { Refusal: { Class.IsForLater: true } refusal }:
                        message.Attempts++;
                        held[sent.ConversationId] = refusal.Failure;
                        break;
                    case { Refusal: { } refusal } when work.Doubts(refusal):
                        break;
                    case { Refusal: { } refusal }:
                        (message.SyncState, message.SyncCode, message.SyncMessage) = (SyncState.Failed, refusal.Failure.Code, refusal.Failure.Message);
                        (message.IsStale, message.IsAskedFor) = (false, false);
                        message.Attempts++;
                        break;
                    default:
                        throw new InvalidOperationException("Zoho CRM neither wrote a message nor refused it.");
                }
            },
            cancellationToken);
        if (gone.Count + held.Count + taken.Count > 0)
        {
            await ledger.WriteAsync(
                work.Item,
                async context =>
                {
                    await LeadMaker.TakenAsync(context.Conversations, taken, cancellationToken);
                    foreach (var (id, why) in gone)
                    {
                        await LeadMaker.UnlinkAsync(context, [linked[id]], why, now, cancellationToken);
                    }

                    foreach (var (id, why) in held)
                    {
                        await DeliveryLedger.HoldAsync(context, [id], why, now + HeldFor, cancellationToken);
                    }
                },
                cancellationToken);
        }

        return ofAll;
    }

    // meanwhile
    private static bool HasChanged(MessageRow message, MessageRow sent) =>
        message.Status != sent.Status || message.Text != sent.Text || message.Type != sent.Type;

    // only what changed: who deleted the record, or its lead, does not get it back for that
    private async Task<Failure?> ChangeStaleAsync(DeliveryWork work, IReadOnlyList<MessageRow> messages, CancellationToken cancellationToken)
    {
        var stale = messages.Where(message => message is { IsStale: true, SyncState: SyncState.Synced }).ToList();
        var changes = new List<(MessageRow Message, JsonObject Record)>();
        if (work.Shape.Module is { } module)
        {
            foreach (var message in stale.Where(message => message.CrmModule == module.ApiName && message.CrmRecordId is not null))
            {
                var record = new JsonObject { ["id"] = message.CrmRecordId };
                // what goes out comes further, and what came in is edited or deleted by who wrote it
                if (message.Direction is MessageDirection.Inbound)
                {
                    SetWords(module, record, message);
                }
                else
                {
                    module.Set(record, MessageModule.Status, StatusOf(message));
                }

                if (record.Count > 1)
                {
                    changes.Add((message, record));
                }
            }
        }

        var outcomes = new Dictionary<Guid, CrmWritten>();
        if (changes.Count > 0)
        {
            var updated = await crm.UpdateAsync(
                work.Call, work.Shape.Module!.ApiName, changes.ConvertAll(change => change.Record), runsWorkflows: true, cancellationToken);
            if (!updated.Succeeded(out var written, out var failure))
            {
                return failure;
            }

            outcomes = changes.Zip(written).ToDictionary(pair => pair.First.Message.Id, pair => pair.Second);
        }

        // a record that somebody has holds up its own status alone
        var later = clock.GetUtcNow() + HeldFor;
        var sent = stale.ToDictionary(message => message.Id);
        Failure? ofAll = null;
        await ledger.ChangeAsync(
            work.Item,
            sent.Keys,
            (_, message) =>
            {
                var refusal = outcomes.GetValueOrDefault(message.Id)?.Refusal;
                var isHeld = refusal is { Class.IsForLater: true };
                var isOfAll = refusal is { Class.IsOfOrganization: true };
                var isDoubted = refusal is not null && work.Doubts(refusal);
                ofAll = isOfAll ? refusal!.Failure : ofAll;
                message.NextAttemptAt = isHeld ? later : null;
                message.IsStale = isHeld || isOfAll || isDoubted || HasChanged(message, sent[message.Id]);
                // what is not there needs no change; else the record shows what the message is no more, and the message says why
                if (refusal is not null && refusal.Class is not (CrmCodeClass.Gone or CrmCodeClass.Converted) && !message.IsStale)
                {
                    (message.SyncCode, message.SyncMessage) = (refusal.Failure.Code, refusal.Failure.Message);
                }
                else if (refusal is null && outcomes.ContainsKey(message.Id))
                {
                    (message.SyncCode, message.SyncMessage) = ("", "");
                }

                return Task.CompletedTask;
            },
            cancellationToken);
        return ofAll;
    }

    // Zoho names the field that leads to a record which is not there
    private static bool IsOfLead(CrmRefusal refusal, string? lookup) => refusal.Class is CrmCodeClass.Gone or CrmCodeClass.Converted
        || (refusal is { Class: CrmCodeClass.BadData, Field: { } field } && field == lookup);

    private static string? LookupOf(MessageModule module, ConversationRow conversation) =>
        conversation.CrmModule == CrmModules.Contacts ? module.ContactLookup : module.LeadLookup;

    private static string StatusOf(MessageRow message) =>
        message.Status is DeliveryStatus.Unspecified ? "Received" : message.Status.ToString();

    // they are synced once the note is written that has them
    private Task KeepInNotesAsync(DeliveryWork work, List<MessageRow> ready, CancellationToken cancellationToken) => ledger.WriteAsync(
        work.Item,
        async context =>
        {
            foreach (var message in ready.DistinctBy(message => (message.ConversationId, message.SentAt.UtcDateTime.Date)))
            {
                await DirtyAsync(context, message, cancellationToken);
            }
        },
        cancellationToken);

    private static Task NoteDayAsync(DeliveryWork work, MessagingDbContext context, MessageRow message, CancellationToken cancellationToken) =>
        work.Settings.DailyNotes ? DirtyAsync(context, message, cancellationToken) : Task.CompletedTask;

    private static Task<int> DirtyAsync(MessagingDbContext context, MessageRow message, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO day_notes (tenant_id, conversation_id, day, is_dirty)
            VALUES ({context.Tenant.Value}, {message.ConversationId}, {DateOnly.FromDateTime(message.SentAt.UtcDateTime)}, true)
            ON CONFLICT (tenant_id, conversation_id, day) DO UPDATE SET is_dirty = true
            """,
            cancellationToken);

    private static JsonObject RecordOf(DeliveryWork work, MessageModule module, MessageRow message, ConversationRow conversation)
    {
        var record = new JsonObject { [module.KeyField] = MessageKey.Of(message.ExternalId, module.KeyLength) };
        if (LookupOf(module, conversation) is { } lookup)
        {
            record[lookup] = new JsonObject { ["id"] = conversation.CrmRecordId };
        }

        SetWords(module, record, message);
        module.Set(record, MessageModule.Direction, message.Direction.ToString());
        module.Set(record, MessageModule.Phone, conversation.Phone);
        module.Set(record, MessageModule.Status, StatusOf(message));
        module.Set(record, MessageModule.Source, message.Source);
        module.Set(record, MessageModule.SentAt, message.SentAt);
        module.Set(record, MessageModule.Link, work.LinkOf(conversation));
        return record;
    }

    private static void SetWords(MessageModule module, JsonObject record, MessageRow message)
    {
        // of blanks alone, or of what nobody sees, there is no name
        module.Set(record, MessageModule.NameField, ShownText.Cut(OneLine(ShownText.WithoutHidden(message.Text)) is { Length: > 0 } words ? words : $"({message.Type})", LongestName));
        module.Set(record, MessageModule.Text, message.Text);
        module.Set(record, MessageModule.Type, message.Type);
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
