using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.MessagingService.Conversations;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>
/// Writes the note of first contact, and a note for each day of a conversation where they are wanted or hold what no module takes. A note has no unique
/// field: each ends with a mark of its own, by which one is found whose answer was lost.
/// </summary>
internal sealed partial class NoteWriter(CrmClient crm, DeliveryLedger ledger, TimeProvider clock, ILogger<NoteWriter> logger)
{
    private const string Notes = "Notes";
    private const int MostPages = 5;

    // the mark is behind it
    private const int LongestDay = 31_000;

    /// <summary>Notes of conversations that have none; a failure is the whole tenant's.</summary>
    public async Task<Failure?> WriteFirstAsync(DeliveryWork work, CancellationToken cancellationToken)
    {
        var without = await ledger.WithoutNoteAsync(work.Item.Tenant, cancellationToken);
        var missing = new List<ConversationRow>();
        foreach (var conversation in without)
        {
            if (conversation.NoteAskedAt is null)
            {
                missing.Add(conversation);
                continue;
            }

            if (!(await FindAsync(work, conversation, MarkOf(conversation), cancellationToken)).Succeeded(out var found, out var failure))
            {
                if (failure.CrmClass is not CrmCodeClass.Gone)
                {
                    return failure;
                }

                await NotedAsync(work, [], [conversation.Id], [], cancellationToken);
            }
            else if (found.NoteId is not null)
            {
                await NotedAsync(work, [conversation.Id], [], [], cancellationToken);
            }
            else
            {
                missing.Add(conversation);
            }
        }

        return missing.Count == 0 ? null : await CreateFirstAsync(work, missing, cancellationToken);
    }

    /// <summary>The notes of days that have a message which is not in them; a failure is the whole tenant's.</summary>
    public async Task<Failure?> WriteDaysAsync(DeliveryWork work, CancellationToken cancellationToken)
    {
        foreach (var day in await ledger.DirtyDaysAsync(work.Item.Tenant, cancellationToken))
        {
            var said = await ledger.DayAsync(work.Item.Tenant, day.ConversationId, day.Day, cancellationToken);
            if (said.Conversation is { CrmRecordId: not null } conversation
                && await WriteDayAsync(work, day, conversation, said, cancellationToken) is { } failure)
            {
                return failure;
            }
        }

        return null;
    }

    private static string MarkOf(ConversationRow conversation) => $"Ref: {conversation.Id}";

    private static string MarkOf(DayNoteRow day) => string.Create(CultureInfo.InvariantCulture, $"Ref: {day.ConversationId}/{day.Day:yyyy-MM-dd}");

    private static CrmNoteDraft FirstOf(DeliveryWork work, ConversationRow conversation) => new(
        "Conversation",
        string.Join('\n', ((string[])[$"First message of {conversation.Name ?? conversation.Phone}.", work.LinkOf(conversation), MarkOf(conversation)])
            .Where(line => line.Length > 0)));

    private static CrmNoteDraft NoteOf(DeliveryWork work, DayNoteRow day, ConversationRow conversation, IReadOnlyList<MessageRow> messages)
    {
        var lines = messages.Select(message => string.Create(
            CultureInfo.InvariantCulture,
            $"{message.SentAt.UtcDateTime:HH:mm} {(message.Direction is MessageDirection.Inbound ? conversation.Name ?? conversation.Phone : message.Source)}: {message.Text}"));
        var text = string.Join('\n', lines);
        // the end of a long day is what people look for
        var from = text.Length - LongestDay;
        var body = from <= 0 ? text : $"...{text[(char.IsLowSurrogate(text[from]) ? from + 1 : from)..]}";
        var content = new StringBuilder(body).Append('\n');
        if (work.LinkOf(conversation) is { Length: > 0 } link)
        {
            content.Append(link).Append('\n');
        }

        return new CrmNoteDraft(
            string.Create(CultureInfo.InvariantCulture, $"Conversation, {day.Day:yyyy-MM-dd} (UTC)"), content.Append(MarkOf(day)).ToString());
    }

    private async Task<Failure?> CreateFirstAsync(DeliveryWork work, List<ConversationRow> missing, CancellationToken cancellationToken)
    {
        var ids = missing.ConvertAll(one => one.Id);
        await AskingAsync(work, ids, clock.GetUtcNow(), cancellationToken);
        var created = await crm.CreateNotesAsync(
            work.Call,
            [.. missing.Select(one => (one.CrmModule!, one.CrmRecordId!, FirstOf(work, one)))],
            cancellationToken);
        if (!created.Succeeded(out var written, out var failure))
        {
            if (failure.CrmClass is CrmCodeClass.Unclear)
            {
                return null;
            }

            await AskingAsync(work, ids, null, cancellationToken);
            return failure;
        }

        var (noted, gone, again) = (new List<Guid>(), new List<Guid>(), new List<Guid>());
        foreach (var (conversation, outcome) in missing.Zip(written))
        {
            switch (outcome.Refusal?.Class)
            {
                case null:
                    noted.Add(conversation.Id);
                    break;
                case CrmCodeClass.Gone or CrmCodeClass.Converted:
                    gone.Add(conversation.Id);
                    break;
                case CrmCodeClass.Unclear:
                    break;
                case CrmCodeClass.Held or CrmCodeClass.Changed:
                    // tried again as one whose answer was lost
                    again.Add(conversation.Id);
                    break;
                default:
                    // messages are worth more than the note
                    LogRefused(work.Item.Tenant.Value, conversation.Id, outcome.Refusal.Failure.Code);
                    noted.Add(conversation.Id);
                    break;
            }
        }

        await NotedAsync(work, noted, gone, again, cancellationToken);
        return null;
    }

    private Task AskingAsync(DeliveryWork work, List<Guid> ids, DateTimeOffset? at, CancellationToken cancellationToken) => ledger.WriteAsync(
        work.Item,
        context => context.Conversations.Where(one => ids.Contains(one.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.NoteAskedAt, at), cancellationToken),
        cancellationToken);

    private Task NotedAsync(
        DeliveryWork work, IReadOnlyCollection<Guid> noted, IReadOnlyCollection<Guid> gone, IReadOnlyCollection<Guid> again,
        CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return ledger.WriteAsync(
            work.Item,
            async context =>
            {
                await context.Conversations.Where(one => noted.Contains(one.Id)).ExecuteUpdateAsync(
                    set => set.SetProperty(one => one.NotedAt, now).SetProperty(one => one.NoteAskedAt, (DateTimeOffset?)null), cancellationToken);
                await context.Conversations.Where(one => gone.Contains(one.Id))
                    .ExecuteUpdateAsync(set => set.SetProperty(one => one.NoteAskedAt, (DateTimeOffset?)null), cancellationToken);
                await LeadMaker.UnlinkAsync(context, gone, CrmFailures.RecordGone, now, cancellationToken);
                await context.Conversations.Where(one => again.Contains(one.Id))
                    .ExecuteUpdateAsync(set => set.SetProperty(one => one.NoteAskedAt, now), cancellationToken);
            },
            cancellationToken);
    }

    private async Task<Failure?> WriteDayAsync(
        DeliveryWork work, DayNoteRow day, ConversationRow conversation, ConversationDay said, CancellationToken cancellationToken)
    {
        var noteId = day.NoteId;
        if (noteId is null && day.AskedAt is not null)
        {
            if (!(await FindAsync(work, conversation, MarkOf(day), cancellationToken)).Succeeded(out var found, out var failure))
            {
                // it may be there all the same
                return failure.CrmClass is CrmCodeClass.Gone
                    ? await RefuseDayAsync(work, day, conversation, said, failure, cancellationToken)
                    : failure;
            }

            noteId = found.NoteId;
            await DayAsync(work, day, row => (row.NoteId, row.AskedAt) = (noteId, null), cancellationToken);
        }

        var note = NoteOf(work, day, conversation, said.Messages);
        if (noteId is null)
        {
            await DayAsync(work, day, row => row.AskedAt = clock.GetUtcNow(), cancellationToken);
            var created = await crm.CreateNotesAsync(work.Call, conversation.CrmModule!, conversation.CrmRecordId!, [note], cancellationToken);
            if (!created.Succeeded(out var written, out var failure))
            {
                return await RefuseDayAsync(work, day, conversation, said, failure, cancellationToken);
            }

            if (written[0] is not { Id: { } made, Refusal: null })
            {
                return await RefuseDayAsync(work, day, conversation, said, written[0].Refusal!.Failure, cancellationToken, isOfRecord: true);
            }

            noteId = made;
        }
        else if (!(await crm.UpdateNoteAsync(work.Call, noteId, note, cancellationToken)).Succeeded(out var changed, out var failure))
        {
            return failure;
        }
        else if (changed.Refusal is { } refusal)
        {
            if (refusal.Class is CrmCodeClass.Gone)
            {
                // somebody deleted it: there is another one
                await DayAsync(work, day, row => (row.NoteId, row.AskedAt) = (null, null), cancellationToken);
                return null;
            }

            return await RefuseDayAsync(work, day, conversation, said, refusal.Failure, cancellationToken, isOfRecord: true);
        }

        await DayAsync(work, day, row => (row.NoteId, row.AskedAt, row.IsDirty) = (noteId, null, false), cancellationToken);
        if (conversation.Attempts > 0)
        {
            await ledger.WriteAsync(
                work.Item, context => LeadMaker.TakenAsync(context.Conversations, [conversation.Id], cancellationToken), cancellationToken);
        }

        await KeptAsync(work, said, noteId, cancellationToken);
        return null;
    }

    // what is in the note now, and has no other place
    private Task KeptAsync(DeliveryWork work, ConversationDay said, string noteId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return ledger.ChangeAsync(
            work.Item,
            WithoutModule(work, said),
            (_, message) =>
            {
                (message.SyncState, message.SyncCode, message.SyncMessage) = (SyncState.Synced, "kept_in_note", work.Shape.WithoutModule);
                (message.CrmModule, message.CrmRecordId, message.SyncedAt, message.IsAskedFor) = (Notes, noteId, now, false);
                message.Attempts++;
                return Task.CompletedTask;
            },
            cancellationToken);
    }

    private static IReadOnlyCollection<Guid> WithoutModule(DeliveryWork work, ConversationDay said) => work.Shape.Module is null ? [.. said.Waiting] : [];

    private async Task<Failure?> RefuseDayAsync(
        DeliveryWork work, DayNoteRow day, ConversationRow conversation, ConversationDay said, Failure failure, CancellationToken cancellationToken,
        bool isOfRecord = false)
    {
        // what Zoho says of one record holds up no other
        var what = failure.CrmClass switch
        {
            var told and (CrmCodeClass.Unclear or CrmCodeClass.Gone or CrmCodeClass.Converted or CrmCodeClass.BadData or CrmCodeClass.BadRequest
                or CrmCodeClass.Held or CrmCodeClass.Changed) => told,
            var told when isOfRecord => told.MayBeRepeated ? CrmCodeClass.Held : CrmCodeClass.BadData,
            var told => told,
        };
        switch (what)
        {
            case CrmCodeClass.Unclear:
                await HoldAsync(work, conversation, failure, cancellationToken);
                return null;
            case CrmCodeClass.Gone or CrmCodeClass.Converted:
                await DayAsync(work, day, row => (row.NoteId, row.AskedAt) = (null, null), cancellationToken);
                await ledger.WriteAsync(
                    work.Item,
                    context => LeadMaker.UnlinkAsync(context, [conversation.Id], failure, clock.GetUtcNow(), cancellationToken),
                    cancellationToken);
                return null;
            case CrmCodeClass.BadData or CrmCodeClass.BadRequest:
                LogRefused(work.Item.Tenant.Value, conversation.Id, failure.Code);
                await DayAsync(work, day, row => (row.AskedAt, row.IsDirty) = (null, false), cancellationToken);
                await ledger.ChangeAsync(
                    work.Item,
                    WithoutModule(work, said),
                    (_, message) =>
                    {
                        (message.SyncState, message.SyncCode, message.SyncMessage) = (SyncState.Failed, failure.Code, failure.Message);
                        message.IsAskedFor = false;
                        message.Attempts++;
                        return Task.CompletedTask;
                    },
                    cancellationToken);
                return null;
            case CrmCodeClass.Held or CrmCodeClass.Changed:
                // somebody has the record: the note is looked for and written later
                await DayAsync(work, day, row => row.AskedAt = clock.GetUtcNow(), cancellationToken);
                await HoldAsync(work, conversation, failure, cancellationToken);
                return null;
            default:
                await DayAsync(work, day, row => row.AskedAt = null, cancellationToken);
                return failure;
        }
    }

    // what the note alone would have waits with it
    private Task HoldAsync(DeliveryWork work, ConversationRow conversation, Failure why, CancellationToken cancellationToken) =>
        work.Shape.Module is not null ? Task.CompletedTask : ledger.WriteAsync(
            work.Item,
            context => DeliveryLedger.HoldAsync(context, [conversation.Id], why, clock.GetUtcNow() + DeliveryLedger.Doubt, cancellationToken),
            cancellationToken);

    private Task DayAsync(DeliveryWork work, DayNoteRow day, Action<DayNoteRow> change, CancellationToken cancellationToken) => ledger.WriteAsync(
        work.Item,
        async context => change(await context.DayNotes.SingleAsync(
            row => row.ConversationId == day.ConversationId && row.Day == day.Day, cancellationToken)),
        cancellationToken);

    private async Task<Result<Found>> FindAsync(DeliveryWork work, ConversationRow conversation, string mark, CancellationToken cancellationToken)
    {
        for (int? page = 1; page is { } number && number <= MostPages;)
        {
            if (!(await crm.ListNotesAsync(work.Call, conversation.CrmModule!, conversation.CrmRecordId!, number, cancellationToken))
                .Succeeded(out var read, out var failure))
            {
                return failure;
            }

            if (read.Notes.FirstOrDefault(note => note.Content?.EndsWith(mark, StringComparison.Ordinal) == true) is { } found)
            {
                return new Found(found.Id);
            }

            page = read.NextPage;
        }

        return new Found(null);
    }

    private sealed record Found(string? NoteId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {TenantId}, conversation {ConversationId}: Zoho CRM takes no note for it ({Code})")]
    private partial void LogRefused(Guid tenantId, Guid conversationId, string code);
}
