using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.MessagingService.Conversations;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.MessagingService.People;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>
/// Gives each conversation its lead: one that is found, or a new one. Before Zoho is asked to make one it is written down that it was; what has no answer is
/// looked for first, some time later, and made again only where it is not there.
/// </summary>
internal sealed partial class LeadMaker(CrmClient crm, DeliveryLedger ledger, TimeProvider clock, ILogger<LeadMaker> logger)
{
    // a person's process in Zoho CRM has it: locked, in approval
    private static readonly TimeSpan HeldFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan GoneAgainFor = TimeSpan.FromMinutes(1);

    /// <summary>A failure is the whole tenant's; what Zoho says of one person is written down at their conversation.</summary>
    public async Task<Failure?> FindOrMakeAsync(DeliveryWork work, Batch batch, LeadFinder finder, CancellationToken cancellationToken)
    {
        var without = batch.Messages
            .Where(message => message.SyncState is SyncState.Stored)
            .Select(message => batch.Conversations[message.ConversationId])
            .Where(one => one is { CrmRecordId: null, PhoneKey: not null })
            .DistinctBy(one => one.Id)
            .ToList();
        if (without.Count == 0)
        {
            return null;
        }

        if (!(await finder.FindAsync(work.Call, work.Shape, work.Region, without, cancellationToken)).Succeeded(out var found, out var failure))
        {
            return failure;
        }

        await ledger.WriteAsync(
            work.Item,
            async context =>
            {
                foreach (var (id, record) in found)
                {
                    await LinkAsync(context.Conversations, id, record, isMade: false, cancellationToken);
                }
            },
            cancellationToken);
        var unknown = without.Where(one => !found.ContainsKey(one.Id)).ToList();
        return unknown.Count == 0 ? null : await MakeAsync(work, unknown, cancellationToken);
    }

    /// <summary>
    /// A conversation's record in Zoho CRM is not there any more: its lead is found or made again, unless it has been led elsewhere since it was read.
    /// </summary>
    public static async Task UnlinkAsync(
        MessagingDbContext context, IReadOnlyCollection<ConversationRow> read, Failure why, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (all, gone) = (read.Select(one => one.Id).ToList(), read.Select(one => one.CrmRecordId).ToList());
        var ids = await context.Conversations.Where(one => all.Contains(one.Id) && gone.Contains(one.CrmRecordId)).Select(one => one.Id).ToListAsync(cancellationToken);
        if (ids.Count == 0)
        {
            return;
        }

        // the phone map would lead there again until it is told: as the record itself, or as the contact that a lead became
        await context.People
            .Where(person => context.Conversations.Any(
                one => ids.Contains(one.Id)
                    && ((one.CrmModule == person.Module && one.CrmRecordId == person.RecordId)
                        || (one.CrmModule == CrmModules.Contacts && one.CrmRecordId == person.ContactId))))
            .ExecuteDeleteAsync(cancellationToken);
        await context.Conversations.Where(one => ids.Contains(one.Id)).ExecuteUpdateAsync(
            set => set
                .SetProperty(one => one.CrmModule, (string?)null)
                .SetProperty(one => one.CrmRecordId, (string?)null)
                .SetProperty(one => one.CrmState, Conversation.Types.CrmState.Pending)
                .SetProperty(one => one.Attempts, one => one.Attempts + 1),
            cancellationToken);
        // Zoho shows it, and says that it is not there: not as fast as it answers
        var again = await context.Conversations.Where(one => ids.Contains(one.Id) && one.Attempts > 1).Select(one => one.Id).ToListAsync(cancellationToken);
        if (again.Count > 0)
        {
            await DeliveryLedger.HoldAsync(context, again, why, now + GoneAgainFor, cancellationToken);
        }
    }

    /// <summary>Zoho CRM took something for them: their records are there.</summary>
    public static Task TakenAsync(DbSet<ConversationRow> conversations, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        conversations.Where(one => ids.Contains(one.Id) && one.Attempts > 0)
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.Attempts, 0), cancellationToken);

    private static async Task LinkAsync(
        DbSet<ConversationRow> conversations, Guid id, CrmRecordKey record, bool isMade, CancellationToken cancellationToken)
    {
        var linked = await LinkAsync(conversations.Where(one => one.Id == id && one.JoinedInto == null), record, isMade, cancellationToken);
        if (linked == 0)
        {
            // it was joined with another one meanwhile, which may have a lead of its own
            await LinkAsync(
                conversations.Where(one => one.CrmRecordId == null && conversations.Any(joined => joined.Id == id && joined.JoinedInto == one.Id)),
                record, isMade, cancellationToken);
        }
    }

    private static Task<int> LinkAsync(IQueryable<ConversationRow> which, CrmRecordKey record, bool isMade, CancellationToken cancellationToken) =>
        which.ExecuteUpdateAsync(
            set => set
                .SetProperty(one => one.CrmModule, record.Module)
                .SetProperty(one => one.CrmRecordId, record.Id)
                .SetProperty(one => one.CrmState, Conversation.Types.CrmState.Linked)
                .SetProperty(one => one.CrmCode, "")
                .SetProperty(one => one.CrmMessage, "")
                .SetProperty(one => one.LeadAskedAt, (DateTimeOffset?)null)
                .SetProperty(one => one.NextAttemptAt, (DateTimeOffset?)null)
                // one that is made again has no note
                .SetProperty(one => one.NotedAt, one => isMade ? null : one.NotedAt)
                .SetProperty(one => one.NoteAskedAt, one => isMade ? null : one.NoteAskedAt),
            cancellationToken);

    private async Task<Failure?> MakeAsync(DeliveryWork work, List<ConversationRow> people, CancellationToken cancellationToken)
    {
        var ids = people.ConvertAll(one => one.Id);
        await ledger.AskingAsync(work.Item, (context, at) => AskedAsync(context, ids, at, cancellationToken), cancellationToken);
        var made = await crm.InsertAsync(
            work.Call, CrmModules.Leads, [.. people.Select(one => LeadOf(work, one))], runsWorkflows: true, cancellationToken);
        if (!made.Succeeded(out var written, out var failure))
        {
            // nobody knows whether they are there: they are looked for once Zoho is done with it
            if (failure.CrmClass is not CrmCodeClass.Unclear)
            {
                await ledger.WriteAsync(work.Item, context => AskedAsync(context, ids, null, cancellationToken), cancellationToken);
                return failure;
            }

            LogUnclear(work.Item.Tenant.Value, people.Count);
            await InDoubtAsync(work, ids, failure, cancellationToken);
            return null;
        }

        Failure? ofAll = null;
        await ledger.WriteAsync(
            work.Item,
            async context =>
            {
                for (var i = 0; i < written.Length; i++)
                {
                    var id = ids[i];
                    switch (written[i])
                    {
                        case { Id: { } leadId, Refusal: null }:
                            await LinkAsync(context.Conversations, id, new CrmRecordKey(CrmModules.Leads, leadId), isMade: true, cancellationToken);
                            break;
                        // of another field it is another person's
                        case { Refusal: { Class: CrmCodeClass.Duplicate, ExistingId: { } existing, Field: { } field } refusal }
                            when work.Shape.Leads.Phones.Contains(field, StringComparer.Ordinal):
                            await LinkAsync(
                                context.Conversations, id, new CrmRecordKey(refusal.ExistingModule ?? CrmModules.Leads, existing), isMade: false,
                                cancellationToken);
                            break;
                        case { Refusal: { Class: CrmCodeClass.Unclear } refusal }:
                            await DeliveryLedger.HoldAsync(context, [id], refusal.Failure, clock.GetUtcNow() + DeliveryLedger.Doubt, cancellationToken);
                            break;
                        case { Refusal: { Class.IsOfOrganization: true } refusal }:
                            ofAll = refusal.Failure;
                            await AskedAsync(context, [id], null, cancellationToken);
                            break;
                        case { Refusal: { } refusal } when work.Doubts(refusal):
                            await AskedAsync(context, [id], null, cancellationToken);
                            break;
                        case { Refusal: { } refusal }:
                            await RefuseAsync(work, context, id, refusal, cancellationToken);
                            break;
                        default:
                            throw new InvalidOperationException("Zoho CRM neither made a lead nor refused it.");
                    }
                }
            },
            cancellationToken);
        return ofAll;
    }

    private Task InDoubtAsync(DeliveryWork work, List<Guid> ids, Failure why, CancellationToken cancellationToken) => ledger.WriteAsync(
        work.Item,
        async context =>
        {
            var until = await context.Conversations.Where(one => ids.Contains(one.Id)).MinAsync(one => one.NextAttemptAt, cancellationToken);
            await DeliveryLedger.HoldAsync(context, ids, why, until!.Value, cancellationToken);
            await context.Conversations.Where(one => ids.Contains(one.Id)).ExecuteUpdateAsync(
                set => set.SetProperty(one => one.CrmCode, why.Code).SetProperty(one => one.CrmMessage, why.Message), cancellationToken);
        },
        cancellationToken);

    // in doubt from then on, or not any more
    private static Task<int> AskedAsync(MessagingDbContext context, List<Guid> ids, DateTimeOffset? at, CancellationToken cancellationToken) =>
        context.Conversations.Where(one => ids.Contains(one.Id)).ExecuteUpdateAsync(
            set => set
                .SetProperty(one => one.LeadAskedAt, at)
                .SetProperty(one => one.NextAttemptAt, at == null ? null : at + DeliveryLedger.Doubt)
                .SetProperty(one => one.CrmState, Conversation.Types.CrmState.Pending),
            cancellationToken);

    private async Task RefuseAsync(
        DeliveryWork work, MessagingDbContext context, Guid id, CrmRefusal refusal, CancellationToken cancellationToken)
    {
        var isHeld = refusal.Class.IsForLater;
        await context.Conversations.Where(one => one.Id == id).ExecuteUpdateAsync(
            set => set
                .SetProperty(one => one.CrmState, isHeld ? Conversation.Types.CrmState.Pending : Conversation.Types.CrmState.Failed)
                .SetProperty(one => one.CrmCode, refusal.Failure.Code)
                .SetProperty(one => one.CrmMessage, refusal.Failure.Message)
                .SetProperty(one => one.LeadAskedAt, (DateTimeOffset?)null)
                .SetProperty(one => one.NextAttemptAt, (DateTimeOffset?)null),
            cancellationToken);
        if (isHeld)
        {
            await DeliveryLedger.HoldAsync(context, [id], refusal.Failure, clock.GetUtcNow() + HeldFor, cancellationToken);
            return;
        }

        LogRefused(work.Item.Tenant.Value, id, refusal.Failure.Code);
        await DeliveryLedger.FailAsync(context, id, refusal.Failure, cancellationToken);
    }

    private static JsonObject LeadOf(DeliveryWork work, ConversationRow person)
    {
        var shape = work.Shape.Leads;
        var name = person.Name is { Length: > 0 } given ? given : person.Phone!;
        var lead = new JsonObject
        {
            ["Last_Name"] = ShownText.Cut(name, shape.NameLength),
            [shape.PhoneField] = person.Phone,
        };
        if (shape is { NeedsCompany: true, CompanyLength: { } longest })
        {
            lead["Company"] = ShownText.Cut(name, longest);
        }

        if (shape.Source is { } source)
        {
            lead[ShapeReader.LeadSource] = source;
        }

        if (shape.LayoutId is { } layout)
        {
            lead["Layout"] = new JsonObject { ["id"] = layout };
        }

        return lead;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {TenantId}: {Count} leads were sent to Zoho CRM and nobody knows whether they are there; they are looked for")]
    private partial void LogUnclear(Guid tenantId, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {TenantId}, conversation {ConversationId}: Zoho CRM takes no lead for it ({Code})")]
    private partial void LogRefused(Guid tenantId, Guid conversationId, string code);
}
