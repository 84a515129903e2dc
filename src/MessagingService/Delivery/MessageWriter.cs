using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.MessagingService.Conversations;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.MessagingService.People;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>
/// Writes messages as records of the organisation's message module, found by their external id: written twice it is one record. Where there is no such
/// module their days' notes have them.
/// </summary>
internal sealed class MessageWriter(CrmClient crm, DeliveryLedger ledger, TenantDb<MessagingDbContext> db, TimeProvider clock)
{
    private const int LongestName = 80;

    // somebody in Zoho CRM has the record: locked, in approval
    private static readonly TimeSpan HeldFor = TimeSpan.FromMinutes(5);

    /// <summary>Whether something came forward, and the failure of the whole tenant, if any.</summary>
    public async Task<(bool Written, Failure? Failure)> WriteAsync(
        DeliveryWork work, IReadOnlyList<MessageRow> messages, CancellationToken cancellationToken)
    {
        // as they are linked now
        var ids = messages.Select(message => message.ConversationId).Distinct().ToList();
        Dictionary<Guid, ConversationRow> linked;
        await using (var context = db.For(work.Item.Tenant))
        {
            linked = await context.Conversations.AsNoTracking()
                .Where(one => ids.Contains(one.Id) && one.CrmRecordId != null && one.NextAttemptAt == null)
                .ToDictionaryAsync(one => one.Id, cancellationToken);
        }

        var ready = messages.Where(message => linked.ContainsKey(message.ConversationId)).ToList();
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

        await WriteDownAsync(work, module, ready, written, cancellationToken);
        return (true, null);
    }

    private async Task WriteDownAsync(
        DeliveryWork work, MessageModule module, List<MessageRow> ready, CrmWritten[] written, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var outcomes = ready.Zip(written).ToDictionary(pair => pair.First.Id, pair => (Sent: pair.First, Written: pair.Second));
        var (gone, held) = (new HashSet<Guid>(), new HashSet<Guid>());
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

                        message.CrmRecordId = id;
                        // it may have come further meanwhile
                        message.IsStale = message.Status != sent.Status;
                        message.Attempts++;
                        break;
                    // its lead is gone: the record was not written, and is once there is another lead
                    case { Refusal: { Class: CrmCodeClass.Gone or CrmCodeClass.Converted } refusal }:
                        (message.SyncCode, message.SyncMessage) = (refusal.Failure.Code, refusal.Failure.Message);
                        gone.Add(message.ConversationId);
                        break;
                    case { Refusal: { Class: CrmCodeClass.Held or CrmCodeClass.Changed or CrmCodeClass.Unclear or CrmCodeClass.Retry or CrmCodeClass.Unknown } refusal }:
                        (message.SyncCode, message.SyncMessage) = (refusal.Failure.Code, refusal.Failure.Message);
                        message.NextAttemptAt = now + HeldFor;
                        message.Attempts++;
                        held.Add(message.ConversationId);
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
        if (gone.Count + held.Count > 0)
        {
            await ledger.WriteAsync(
                work.Item,
                async context =>
                {
                    await LeadMaker.UnlinkAsync(context, gone, cancellationToken);
                    await context.Conversations.Where(one => held.Contains(one.Id))
                        .ExecuteUpdateAsync(set => set.SetProperty(one => one.NextAttemptAt, now + HeldFor), cancellationToken);
                },
                cancellationToken);
        }
    }

    // they are synced once the note is written that has them
    private Task KeepInNotesAsync(DeliveryWork work, List<MessageRow> ready, CancellationToken cancellationToken) => ledger.WriteAsync(
        work.Item,
        async context =>
        {
            foreach (var message in ready.Where(message => message.SyncState is SyncState.Stored))
            {
                await DirtyAsync(context, message, cancellationToken);
            }

            // a note does not show how far a message came
            var stale = ready.Where(message => message.IsStale).Select(message => message.Id).ToList();
            await context.Messages.Where(row => stale.Contains(row.Id))
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.IsStale, false), cancellationToken);
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
        var lookup = conversation.CrmModule == CrmModules.Contacts ? module.ContactLookup : module.LeadLookup;
        if (lookup is not null)
        {
            record[lookup] = new JsonObject { ["id"] = conversation.CrmRecordId };
        }

        module.Set(record, MessageModule.NameField, MessageField.Cut(message.Text.Length > 0 ? OneLine(message.Text) : message.Type, LongestName));
        module.Set(record, MessageModule.Text, message.Text);
        module.Set(record, MessageModule.Direction, message.Direction.ToString());
        module.Set(record, MessageModule.Phone, conversation.Phone);
        module.Set(record, MessageModule.Status, message.Status is DeliveryStatus.Unspecified ? "Received" : message.Status.ToString());
        module.Set(record, MessageModule.Source, message.Source);
        module.Set(record, MessageModule.Type, message.Type);
        module.Set(record, MessageModule.SentAt, message.SentAt);
        module.Set(record, MessageModule.Link, work.LinkOf(conversation));
        return record;
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
