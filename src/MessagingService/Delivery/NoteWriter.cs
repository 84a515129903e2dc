using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.MessagingService.Conversations;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>
/// Writes the note of first contact, and a note for each day of a conversation where they are wanted or hold what no module takes: all new ones in one
/// call, all that are there already in another. A note has no unique field: each ends with a mark of its own, by which one is found whose answer was lost.
/// </summary>
internal sealed partial class NoteWriter(CrmClient crm, DeliveryLedger ledger, TimeProvider clock, ILogger<NoteWriter> logger)
{
    private const string Notes = "Notes";
    private const int MostPages = 5;

    // the mark is behind it
    public const int LongestDay = 31_000;

    // of one call: how much Zoho reads is told nowhere
    private const int MostCharacters = 500_000;

    // of one statement under the tenant's turn
    private const int MostChanged = 1_000;

    private static readonly Failure NoteFull = new(
        FailureKind.Precondition,
        "note_full",
        "The day's note in Zoho CRM is full, and there is no module for messages: make one there, name it in messages_module, then resend the message.");

    private enum Fate
    {
        Written,

        // somebody deleted it: there is another one
        Deleted,

        LeadGone,

        // somebody has the record, or nobody knows: it is looked for and written behind the doubt
        Later,

        Refused,
    }

    /// <summary>
    /// Notes of conversations that have none, and of days that have a message which is not in theirs; a failure is the whole tenant's. What Zoho says of one
    /// note holds up no other.
    /// </summary>
    public async Task<Failure?> WriteAsync(DeliveryWork work, CancellationToken cancellationToken)
    {
        var sheets = await SheetsAsync(work, cancellationToken);
        var fresh = sheets.FindAll(sheet => sheet is { NoteId: null, IsAskedFor: false });
        var known = sheets.FindAll(sheet => sheet.NoteId is not null);
        foreach (var doubtful in sheets.Where(sheet => sheet is { NoteId: null, IsAskedFor: true }).GroupBy(sheet => sheet.Conversation.Id))
        {
            var looked = await FindAsync(work, [.. doubtful], cancellationToken);
            if (looked.Succeeded(out var found, out var failure))
            {
                // what is said first does not change
                await SetAsync(
                    work, found.Select(sheet => (sheet, new NoteState(sheet.NoteId, null, IsDone: sheet.Day is null))), cancellationToken);
                known.AddRange(found.Where(sheet => sheet.Day is not null));
                fresh.AddRange(doubtful.ExceptBy(found.Select(sheet => sheet.Mark), sheet => sheet.Mark, StringComparer.Ordinal));
            }
            else if (failure.CrmClass is CrmCodeClass.Gone || IsOfNotesAlone(work, failure))
            {
                await WriteDownAsync(work, [.. doubtful.Select(sheet => new Outcome(sheet, null, failure))], cancellationToken);
            }
            else
            {
                // they may be there all the same
                return failure;
            }
        }

        return await SendAsync(work, fresh, isNew: true, cancellationToken) ?? await SendAsync(work, known, isNew: false, cancellationToken);
    }

    private static Fate FateOf(Outcome outcome) => outcome.Refusal?.CrmClass switch
    {
        null => Fate.Written,
        CrmCodeClass.Gone when outcome.Sheet.NoteId is not null => Fate.Deleted,
        CrmCodeClass.Gone or CrmCodeClass.Converted => Fate.LeadGone,
        { IsForLater: true } => Fate.Later,
        // what has another place does not wait for a note that may not be
        { IsOfOrganization: true } when outcome.Sheet.Waiting.Count > 0 => Fate.Later,
        _ => Fate.Refused,
    };

    // messages go on to their module: a note more or less is no reason to keep them back
    private static bool IsOfNotesAlone(DeliveryWork work, Failure failure) =>
        work.Shape.Module is not null && failure.CrmClass is CrmCodeClass.Configuration;

    private static NoteState StateOf(Outcome outcome, Fate fate, DateTimeOffset now) => fate switch
    {
        Fate.Written => new(outcome.NoteId, null, IsDone: true),
        Fate.Deleted or Fate.LeadGone => new(null, null, IsDone: false),
        Fate.Later => new(outcome.Sheet.NoteId, now, IsDone: false),
        Fate.Refused => new(outcome.Sheet.NoteId, null, IsDone: true),
    };

    private static Sheet FirstOf(DeliveryWork work, ConversationRow conversation)
    {
        var mark = $"Ref: {conversation.Id}";
        var lines = (string[])[$"First message of {Broken().Replace(conversation.Name ?? conversation.Phone ?? "", " ")}.", work.LinkOf(conversation), mark];
        var note = new CrmNoteDraft("Conversation", string.Join('\n', lines.Where(line => line.Length > 0)));
        return new Sheet(conversation, null, note, mark, []) { IsAskedFor = conversation.NoteAskedAt is not null };
    }

    private static Sheet DayOf(DeliveryWork work, DayNoteRow day, ConversationRow conversation, ConversationDay said)
    {
        var (content, beyond) = (new StringBuilder(), said.Waiting.ToHashSet());
        foreach (var message in said.Messages)
        {
            var speaker = message.Direction is MessageDirection.Inbound ? conversation.Name ?? conversation.Phone : message.Source;
            // a line that begins with a time is one that the platform wrote
            var line = ShownText.Cut(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{message.SentAt.UtcDateTime:HH:mm} {Broken().Replace(speaker ?? "", " ")}: {Broken().Replace(message.Text, "\n    ")}"),
                LongestDay);
            if (content.Length + line.Length > LongestDay)
            {
                // what is in it stays in it: what comes later has no room
                content.Append("...\n");
                break;
            }

            content.Append(line).Append('\n');
            beyond.Remove(message.Id);
        }

        if (work.LinkOf(conversation) is { Length: > 0 } link)
        {
            content.Append(link).Append('\n');
        }

        var mark = string.Create(CultureInfo.InvariantCulture, $"Ref: {day.ConversationId}/{day.Day:yyyy-MM-dd}");
        var note = new CrmNoteDraft(
            string.Create(CultureInfo.InvariantCulture, $"Conversation, {day.Day:yyyy-MM-dd} (UTC)"), content.Append(mark).ToString());
        return new Sheet(conversation, day.Day, note, mark, work.Shape.Module is null ? said.Waiting : [])
        {
            Beyond = beyond,
            NoteId = day.NoteId,
            IsAskedFor = day.AskedAt is not null,
        };
    }

    private static IEnumerable<List<Sheet>> PartsOf(IEnumerable<Sheet> sheets)
    {
        var (part, characters) = (new List<Sheet>(), 0);
        foreach (var sheet in sheets)
        {
            if (part.Count == CrmClient.BatchSize || (part.Count > 0 && characters + sheet.Note.Content.Length > MostCharacters))
            {
                yield return part;
                (part, characters) = ([], 0);
            }

            part.Add(sheet);
            characters += sheet.Note.Content.Length;
        }

        if (part.Count > 0)
        {
            yield return part;
        }
    }

    private static async Task SetAsync(
        MessagingDbContext context, IReadOnlyCollection<(Sheet Sheet, NoteState State)> states, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ids = states.Select(one => one.Sheet.Conversation.Id).ToHashSet();
        var conversations = await context.Conversations.Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, cancellationToken);
        var days = await context.DayNotes.Where(row => ids.Contains(row.ConversationId) && row.IsDirty)
            .ToDictionaryAsync(row => (row.ConversationId, row.Day), cancellationToken);
        foreach (var (sheet, state) in states)
        {
            if (sheet.Day is { } day)
            {
                var row = days[(sheet.Conversation.Id, day)];
                (row.NoteId, row.AskedAt, row.IsDirty) = (state.NoteId, state.AskedAt, !state.IsDone);
            }
            else
            {
                var row = conversations[sheet.Conversation.Id];
                (row.NoteAskedAt, row.NotedAt) = (state.AskedAt, state.IsDone ? now : null);
            }
        }

        await context.SaveChangesAsync(cancellationToken);
    }

    private async Task<List<Sheet>> SheetsAsync(DeliveryWork work, CancellationToken cancellationToken)
    {
        var tenant = work.Item.Tenant;
        var sheets = new List<Sheet>();
        foreach (var day in await ledger.DirtyDaysAsync(tenant, cancellationToken))
        {
            var said = await ledger.DayAsync(tenant, day.ConversationId, day.Day, work.From, cancellationToken);
            if (said.Conversation is { CrmRecordId: not null } conversation)
            {
                sheets.Add(DayOf(work, day, conversation, said));
            }
        }

        sheets.AddRange((await ledger.WithoutNoteAsync(tenant, cancellationToken)).Select(conversation => FirstOf(work, conversation)));
        return sheets;
    }

    /// <summary>Of some sheets of one conversation those whose notes are there, each with its id.</summary>
    private async Task<Result<List<Sheet>>> FindAsync(DeliveryWork work, List<Sheet> sheets, CancellationToken cancellationToken)
    {
        var conversation = sheets[0].Conversation;
        var found = new List<Sheet>();
        for (int? page = 1; page is { } number && number <= MostPages && found.Count < sheets.Count;)
        {
            if (!(await crm.ListNotesAsync(work.Call, conversation.CrmModule!, conversation.CrmRecordId!, number, cancellationToken))
                .Succeeded(out var read, out var failure))
            {
                return failure;
            }

            foreach (var sheet in sheets.Where(sheet => !found.Exists(one => one.Mark == sheet.Mark)))
            {
                if (read.Notes.FirstOrDefault(note => note.Content?.EndsWith(sheet.Mark, StringComparison.Ordinal) == true) is { } note)
                {
                    found.Add(sheet with { NoteId = note.Id });
                }
            }

            page = read.NextPage;
        }

        return found;
    }

    private async Task<Failure?> SendAsync(DeliveryWork work, IReadOnlyList<Sheet> sheets, bool isNew, CancellationToken cancellationToken)
    {
        foreach (var part in PartsOf(sheets))
        {
            if (isNew)
            {
                await ledger.AskingAsync(
                    work.Item,
                    (context, at) => SetAsync(context, [.. part.Select(sheet => (sheet, new NoteState(null, at, IsDone: false)))], at, cancellationToken),
                    cancellationToken);
            }

            var sent = isNew
                ? await crm.CreateNotesAsync(
                    work.Call,
                    part.ConvertAll(sheet => (sheet.Conversation.CrmModule!, sheet.Conversation.CrmRecordId!, sheet.Note)),
                    cancellationToken)
                : await crm.UpdateNotesAsync(work.Call, part.ConvertAll(sheet => (sheet.NoteId!, sheet.Note)), cancellationToken);
            if (sent.Succeeded(out var written, out var failure))
            {
                await WriteDownAsync(work, [.. part.Zip(written, (sheet, one) => new Outcome(sheet, one.Id, one.Refusal?.Failure))], cancellationToken);
            }
            else if (failure.CrmClass is CrmCodeClass.BadRequest && part.Count > 1)
            {
                // which of them it is, Zoho does not say
                var half = part.Count / 2;
                if ((await SendAsync(work, part[..half], isNew, cancellationToken) ?? await SendAsync(work, part[half..], isNew, cancellationToken)) is { } refused)
                {
                    return refused;
                }
            }
            else if (failure.CrmClass is CrmCodeClass.BadRequest or CrmCodeClass.Unclear || IsOfNotesAlone(work, failure))
            {
                await WriteDownAsync(work, part.ConvertAll(sheet => new Outcome(sheet, null, failure)), cancellationToken);
            }
            else
            {
                await SetAsync(work, part.Select(sheet => (sheet, new NoteState(sheet.NoteId, null, IsDone: false))), cancellationToken);
                return failure;
            }
        }

        return null;
    }

    private Task SetAsync(DeliveryWork work, IEnumerable<(Sheet, NoteState)> states, CancellationToken cancellationToken) =>
        states.ToList() is { Count: > 0 } some
            ? ledger.WriteAsync(work.Item, context => SetAsync(context, some, clock.GetUtcNow(), cancellationToken), cancellationToken)
            : Task.CompletedTask;

    private async Task WriteDownAsync(DeliveryWork work, List<Outcome> outcomes, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var fates = outcomes.ToLookup(FateOf);
        await ledger.WriteAsync(
            work.Item,
            async context =>
            {
                await SetAsync(
                    context, outcomes.ConvertAll(outcome => (outcome.Sheet, StateOf(outcome, FateOf(outcome), now))), now, cancellationToken);
                if (IdsOf(fates[Fate.Written].Where(one => one.Sheet is { Day: not null, Conversation.Attempts: > 0 })) is { Count: > 0 } taken)
                {
                    await LeadMaker.TakenAsync(context.Conversations, taken, cancellationToken);
                }

                foreach (var gone in fates[Fate.LeadGone].GroupBy(one => one.Refusal!))
                {
                    await LeadMaker.UnlinkAsync(
                        context, [.. gone.Select(one => one.Sheet.Conversation).DistinctBy(one => one.Id)], gone.Key, now, cancellationToken);
                }

                // the lead is there, and says what it lacks
                foreach (var refused in fates[Fate.Refused].Where(one => one.Sheet.Day is null).GroupBy(one => one.Refusal!))
                {
                    var ids = IdsOf(refused);
                    await context.Conversations.Where(one => ids.Contains(one.Id)).ExecuteUpdateAsync(
                        set => set.SetProperty(one => one.CrmCode, refused.Key.Code).SetProperty(one => one.CrmMessage, refused.Key.Message),
                        cancellationToken);
                }

                // what the note alone would have waits with it
                foreach (var held in fates[Fate.Later].Where(one => one.Sheet.Waiting.Count > 0).GroupBy(one => one.Refusal!))
                {
                    await DeliveryLedger.HoldAsync(context, IdsOf(held), held.Key, now + DeliveryLedger.Doubt, cancellationToken);
                }
            },
            cancellationToken);
        foreach (var refused in fates[Fate.Refused])
        {
            LogRefused(work.Item.Tenant.Value, refused.Sheet.Conversation.Id, refused.Refusal!.Code);
        }

        var settled = fates[Fate.Written].Concat(fates[Fate.Refused]).SelectMany(one => one.Sheet.Waiting.Select(
            id => KeyValuePair.Create(id, one.Sheet.Beyond.Contains(id) ? one with { Refusal = one.Refusal ?? NoteFull } : one)));
        foreach (var part in settled.Chunk(MostChanged))
        {
            await SettleAsync(work, part.ToDictionary(), now, cancellationToken);
        }

        static List<Guid> IdsOf(IEnumerable<Outcome> some) => [.. some.Select(one => one.Sheet.Conversation.Id).Distinct()];
    }

    // what is in a note now, and has no other place
    private Task SettleAsync(DeliveryWork work, Dictionary<Guid, Outcome> messages, DateTimeOffset now, CancellationToken cancellationToken) =>
        ledger.ChangeAsync(
            work.Item,
            messages.Keys,
            (_, message) =>
            {
                var (_, noteId, refusal) = messages[message.Id];
                if (refusal is null)
                {
                    (message.SyncState, message.SyncCode, message.SyncMessage) = (SyncState.Synced, MessageStore.KeptInNote, work.Shape.WithoutModule);
                    (message.CrmModule, message.CrmRecordId, message.SyncedAt) = (Notes, noteId, now);
                }
                else
                {
                    (message.SyncState, message.SyncCode, message.SyncMessage) = (SyncState.Failed, refusal.Code, refusal.Message);
                }

                (message.IsAskedFor, message.NextAttemptAt) = (false, null);
                message.Attempts++;
                return Task.CompletedTask;
            },
            cancellationToken);

    [GeneratedRegex(@"\r\n|[\n\v\f\r\u0085\u2028\u2029]", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Broken();

    /// <summary>A note that is to be written.</summary>
    /// <param name="Conversation">Whose it is.</param>
    /// <param name="Day">What it has; null where it is of first contact.</param>
    /// <param name="Note">What it says.</param>
    /// <param name="Mark">How that ends, and no other's.</param>
    /// <param name="Waiting">Messages that have no other place.</param>
    private sealed record Sheet(ConversationRow Conversation, DateOnly? Day, CrmNoteDraft Note, string Mark, IReadOnlyList<Guid> Waiting)
    {
        public string? NoteId { get; init; }

        /// <summary>Of those that wait: for which the note has no room.</summary>
        public HashSet<Guid> Beyond { get; init; } = [];

        public bool IsAskedFor { get; init; }
    }

    /// <summary>What became of one.</summary>
    private sealed record Outcome(Sheet Sheet, string? NoteId, Failure? Refusal);

    /// <summary>What is written down of one.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct NoteState(string? NoteId, DateTimeOffset? AskedAt, bool IsDone);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {TenantId}, conversation {ConversationId}: Zoho CRM takes no note for it ({Code})")]
    private partial void LogRefused(Guid tenantId, Guid conversationId, string code);
}
