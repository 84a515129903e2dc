using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Events;
using ZohoPlatform.MessagingService.Conversations;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.MessagingService.Settings;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>
/// What a delivery reads and writes down. Each write is a transaction under the tenant's turn and only while the claim is held: whoever has lost it
/// writes nothing. No transaction is open while Zoho is asked.
/// </summary>
internal sealed class DeliveryLedger(
    TenantDb<MessagingDbContext> db, [FromKeyedServices(MessagingDbContext.DeliveryQueue)] WorkQueue queue, TimeProvider clock)
{
    /// <summary>Messages of one round: as many as one call writes.</summary>
    public const int MostAtOnce = 100;

    // of one statement under the tenant's turn
    private const int MostChanged = 5_000;

    // that say why they wait; the others say nothing yet
    private const int MostShown = 1_000;

    /// <summary>So long something that was asked for without an answer may still be done by Zoho: it is looked for behind that.</summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromSeconds(90);

    // a call waits for its place and its answer for less than the rest of the doubt
    private static readonly TimeSpan Freshness = Doubt / 3;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    // somebody has to set something up; a change of the connection is told at once
    private static readonly TimeSpan WaitForPerson = TimeSpan.FromMinutes(1);

    /// <summary>The messages that are next, in the order in which they were stored, with their conversations.</summary>
    public async Task<Batch> NextAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = db.For(tenant);
        var messages = await context.Messages.AsNoTracking()
            .Where(message => message.SyncState == SyncState.Stored
                || (message.IsStale && message.SyncState == SyncState.Synced && (message.NextAttemptAt == null || message.NextAttemptAt <= now)))
            .Where(message => context.Conversations.Any(
                one => one.Id == message.ConversationId && (one.NextAttemptAt == null || one.NextAttemptAt <= now)))
            .OrderBy(message => message.Sequence)
            .Take(MostAtOnce)
            .ToListAsync(cancellationToken);
        var ids = messages.Select(message => message.ConversationId).Distinct().ToList();
        var conversations = await context.Conversations.AsNoTracking()
            .Where(one => ids.Contains(one.Id))
            .ToDictionaryAsync(one => one.Id, cancellationToken);
        return new Batch(messages, conversations);
    }

    /// <summary>Conversations with a lead that have no note of first contact.</summary>
    public async Task<IReadOnlyList<ConversationRow>> WithoutNoteAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - Doubt;
        await using var context = db.For(tenant);
        return await context.Conversations.AsNoTracking()
            .Where(one => one.NotedAt == null && one.CrmRecordId != null && one.JoinedInto == null && (one.NoteAskedAt == null || one.NoteAskedAt <= before))
            .OrderBy(one => one.Id)
            .Take(MostAtOnce)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Days that have a message which is not in their note.</summary>
    public async Task<IReadOnlyList<DayNoteRow>> DirtyDaysAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - Doubt;
        await using var context = db.For(tenant);
        return await context.DayNotes.AsNoTracking()
            .Where(note => note.IsDirty && (note.AskedAt == null || note.AskedAt <= before)
                && context.Conversations.Any(one => one.Id == note.ConversationId && one.CrmRecordId != null))
            .OrderBy(note => note.Day).ThenBy(note => note.ConversationId)
            .Take(MostAtOnce)
            .ToListAsync(cancellationToken);
    }

    /// <summary>What a person's day says: its messages in the order in which they were sent, as many as there can be room for.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="conversation">With whom.</param>
    /// <param name="day">In UTC.</param>
    /// <param name="since">What is older and waits is not for the CRM, unless it was asked for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ConversationDay> DayAsync(
        TenantId tenant, Guid conversation, DateOnly day, DateTimeOffset since, CancellationToken cancellationToken)
    {
        // a line has a time, a speaker and what was said
        const int ShortestLine = 9;
        var from = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var to = from.AddDays(1);
        await using var context = db.For(tenant);
        var row = await context.Conversations.AsNoTracking().SingleOrDefaultAsync(one => one.Id == conversation, cancellationToken);
        // read first: what comes meanwhile is in the note and waits for the next one, not the other way round
        var said = context.Messages.AsNoTracking()
            .Where(one => one.ConversationId == conversation && one.SentAt >= from && one.SentAt < to && one.SyncState != SyncState.Skipped)
            .Where(one => one.SyncState != SyncState.Stored || one.IsAskedFor || (one.SentAt >= since && one.ReceivedAt >= since));
        var waiting = await said.Where(one => one.SyncState == SyncState.Stored).Select(one => one.Id).ToListAsync(cancellationToken);
        var messages = await said
            .OrderBy(one => one.SentAt).ThenBy(one => one.Sequence)
            .Take(NoteWriter.LongestDay / ShortestLine)
            .Select(one => new DayMessage(one.Id, one.SentAt, one.Direction, one.Source, one.Text))
            .ToListAsync(cancellationToken);
        return new ConversationDay(row, messages, waiting);
    }

    /// <summary>How many messages are on their way, and how many were refused.</summary>
    public async Task<(int Waiting, int Failed)> CountAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return (
            await context.Messages.CountAsync(message => message.SyncState == SyncState.Stored, cancellationToken),
            await context.Messages.CountAsync(message => message.SyncState == SyncState.Failed, cancellationToken));
    }

    public async Task<CrmStateRow?> StateAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await context.CrmStates.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Writes something down in one transaction. Throws where the claim is lost: nothing was written then.</summary>
    public async Task WriteAsync(WorkItem item, Func<MessagingDbContext, Task> write, CancellationToken cancellationToken)
    {
        await using var context = db.For(item.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.LockAsync(MessageIntake.TurnOf(item.Tenant), cancellationToken);
        if (!await queue.IsHeldAsync(context, item, cancellationToken))
        {
            throw new InvalidOperationException("The claim on the tenant's messages was lost.");
        }

        await write(context);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Writes down that Zoho is about to be asked for something that may not be there twice, and when. It is looked for <see cref="Doubt"/> later: whoever
    /// stood still after that was written down writes it down anew, which nobody can who has lost the claim meanwhile.
    /// </summary>
    public async Task AskingAsync(WorkItem item, Func<MessagingDbContext, DateTimeOffset, Task> write, CancellationToken cancellationToken)
    {
        DateTimeOffset at;
        do
        {
            at = clock.GetUtcNow();
            await WriteAsync(item, context => write(context, at), cancellationToken);
        }
        while (clock.GetUtcNow() - at > Freshness);
    }

    /// <summary>Changes messages, gives them their new places and says so to who watches.</summary>
    public Task ChangeAsync(
        WorkItem item, IReadOnlyCollection<Guid> messages, Func<MessagingDbContext, MessageRow, Task> change, CancellationToken cancellationToken) =>
        messages.Count == 0 ? Task.CompletedTask : WriteAsync(
            item,
            async context =>
            {
                var rows = await context.Messages.Where(row => messages.Contains(row.Id)).OrderBy(row => row.Sequence).ToListAsync(cancellationToken);
                foreach (var row in rows)
                {
                    await change(context, row);
                }

                await MessageStore.PlaceAsync(context, rows, cancellationToken);
            },
            cancellationToken);

    /// <summary>Of these conversations those that have nothing on its way any more.</summary>
    public Task RestAsync(WorkItem item, IReadOnlyCollection<Guid> conversations, CancellationToken cancellationToken) => conversations.Count == 0
        ? Task.CompletedTask
        : WriteAsync(
            item,
            context => context.Conversations
                .Where(one => conversations.Contains(one.Id) && one.CrmState == Conversation.Types.CrmState.Pending
                    && !context.Messages.Any(message => message.ConversationId == one.Id && message.SyncState == SyncState.Stored))
                .ExecuteUpdateAsync(set => set.SetProperty(one => one.CrmState, Conversation.Types.CrmState.None), cancellationToken),
            cancellationToken);

    /// <summary>Conversations wait, and their messages say why and until when.</summary>
    public static async Task HoldAsync(
        MessagingDbContext context, IReadOnlyCollection<Guid> conversations, Failure why, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await context.Conversations.Where(one => conversations.Contains(one.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.NextAttemptAt, until), cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE messages SET sync_code = {why.Code}, sync_message = {why.Message}, next_attempt_at = {until}, position = nextval('message_positions')
            WHERE tenant_id = {context.Tenant.Value} AND id IN (
                SELECT id FROM messages
                WHERE tenant_id = {context.Tenant.Value} AND conversation_id = ANY({conversations.ToArray()}) AND sync_state = {(int)SyncState.Stored}
                ORDER BY sequence LIMIT {MostShown})
            """,
            cancellationToken);
        await SayAsync(context, cancellationToken);
    }

    /// <summary>
    /// What waits of a conversation is failed for what Zoho says of its lead; of very many the first ones, and the others when their turn comes.
    /// </summary>
    public static async Task FailAsync(MessagingDbContext context, Guid conversation, Failure why, CancellationToken cancellationToken)
    {
        await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE messages SET sync_state = {(int)SyncState.Failed}, sync_code = {why.Code}, sync_message = {why.Message}, next_attempt_at = NULL,
                is_stale = false, attempts = attempts + 1, position = nextval('message_positions')
            WHERE tenant_id = {context.Tenant.Value} AND id IN (
                SELECT id FROM messages
                WHERE tenant_id = {context.Tenant.Value} AND conversation_id = {conversation} AND sync_state = {(int)SyncState.Stored}
                ORDER BY sequence LIMIT {MostChanged})
            """,
            cancellationToken);
        await SayAsync(context, cancellationToken);
    }

    /// <summary>Nothing of the tenant goes to Zoho CRM for now: what waits is skipped, and what comes later is looked at when it comes.</summary>
    public async Task SkipAllAsync(WorkItem item, string code, string message, CancellationToken cancellationToken)
    {
        // in pieces: whoever stores a message meanwhile does not wait for all of them
        for (var skipped = MostChanged; skipped == MostChanged;)
        {
            await WriteAsync(
                item,
                async context =>
                {
                    skipped = await context.Database.ExecuteSqlAsync(
                        $"""
                        UPDATE messages SET sync_state = {(int)SyncState.Skipped}, sync_code = {code}, sync_message = {message}, is_asked_for = false,
                            is_stale = false, position = nextval('message_positions')
                        WHERE tenant_id = {item.Tenant.Value} AND id IN (
                            SELECT id FROM messages WHERE tenant_id = {item.Tenant.Value} AND sync_state = {(int)SyncState.Stored}
                            ORDER BY sequence LIMIT {MostChanged})
                        """,
                        cancellationToken);
                    await SayAsync(context, cancellationToken);
                },
                cancellationToken);
        }

        await ForgetAsync(item, cancellationToken);
    }

    private static async Task SayAsync(MessagingDbContext context, CancellationToken cancellationToken) => await context.Database.ExecuteSqlAsync(
        $"SELECT pg_notify({MessageChanges.Channel}, {context.Tenant.Value.ToString()})", cancellationToken);

    // what else was on its way
    private Task ForgetAsync(WorkItem item, CancellationToken cancellationToken) => WriteAsync(
        item,
        async context =>
        {
            await context.Messages.Where(row => row.IsStale)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.IsStale, false), cancellationToken);
            await context.DayNotes.Where(row => row.IsDirty)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.IsDirty, false), cancellationToken);
            await context.Conversations.Where(one => one.CrmState == Conversation.Types.CrmState.Pending)
                .ExecuteUpdateAsync(set => set.SetProperty(one => one.CrmState, Conversation.Types.CrmState.None), cancellationToken);
            // once it is on again all is looked at anew, and its people are followed
            await context.CrmStates.ExecuteUpdateAsync(
                set => set.SetProperty(state => state.ShapeReadAt, (DateTimeOffset?)null), cancellationToken);
            // a note that is not there yet is not written any more
            var now = clock.GetUtcNow();
            await context.Conversations.Where(one => one.NotedAt == null && one.CrmRecordId != null)
                .ExecuteUpdateAsync(set => set.SetProperty(one => one.NotedAt, now), cancellationToken);
        },
        cancellationToken);

    /// <summary>
    /// The way to Zoho CRM fails for the whole tenant: nothing of it is tried before some time, longer each time. What a person must set up is told to
    /// webhooks once for each cause.
    /// </summary>
    public async Task BlockAsync(WorkItem item, Failure failure, bool needsPerson, CancellationToken cancellationToken)
    {
        await using var context = db.For(item.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var state = await context.CrmStates.SingleOrDefaultAsync(cancellationToken)
            ?? context.CrmStates.Add(new CrmStateRow { TenantId = item.Tenant }).Entity;
        var now = clock.GetUtcNow();
        var isNew = state.Code != failure.Code;
        state.Failures = isNew ? 1 : state.Failures + 1;
        (state.Code, state.Message) = (failure.Code, failure.Message);
        if (needsPerson)
        {
            // what somebody changes there changes how it looks
            state.ShapeReadAt = null;
        }

        var wait = needsPerson ? WaitForPerson : Doubled(state.Failures);
        state.Until = now + (failure.RetryAfter > wait ? failure.RetryAfter.Value : wait);
        if (needsPerson && isNew)
        {
            await context.RaiseAsync(
                EventCatalogue.MessagesBlocked, "messages", new { code = failure.Code, message = failure.Message }, now, cancellationToken);
        }

        // the connection changed while it was tried: it is tried with what there is now
        if (await context.Database.ExecuteSqlAsync(
            $"UPDATE delivery_queue SET not_before = NULL WHERE tenant_id = {item.Tenant.Value} AND id = {item.Id} AND not_before = '-infinity'",
            cancellationToken) > 0)
        {
            state.Until = now;
        }
        else
        {
            await context.Database.ExecuteSqlAsync(
                $"UPDATE delivery_queue SET not_before = {state.Until} WHERE tenant_id = {item.Tenant.Value} AND id = {item.Id}", cancellationToken);
        }

        await context.SaveChangesAsync(cancellationToken);
        if (await queue.DeferAsync(context, item, state.Until.Value, cancellationToken))
        {
            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <summary>Nothing is in the way any more.</summary>
    public async Task UnblockAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        await context.CrmStates.Where(state => state.Code != "").ExecuteUpdateAsync(
            set => set.SetProperty(state => state.Code, "").SetProperty(state => state.Message, "")
                .SetProperty(state => state.Failures, 0).SetProperty(state => state.Until, (DateTimeOffset?)null),
            cancellationToken);
    }

    /// <summary>Gives the claim back until the next of the tenant's messages can be tried, or for good where none waits.</summary>
    public async Task FinishAsync(WorkItem item, CancellationToken cancellationToken)
    {
        await using var context = db.For(item.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // what is stored meanwhile is seen, or has its own word to the queue
        await context.LockAsync(MessageIntake.TurnOf(item.Tenant), cancellationToken);
        var due = await NextDueAsync(context, cancellationToken);
        var kept = due is { } next
            ? await queue.ContinueAsync(context, item, next, cancellationToken)
            : await queue.CompleteAsync(context, item, cancellationToken);
        if (kept)
        {
            await transaction.CommitAsync(cancellationToken);
        }
    }

    // the first that waits answers as a rule: under the tenant's turn nothing is asked of each of very many
    private async Task<DateTimeOffset?> NextDueAsync(MessagingDbContext context, CancellationToken cancellationToken)
    {
        var (tenant, now) = (context.Tenant.Value, clock.GetUtcNow());
        const int Stored = (int)SyncState.Stored;
        const int Synced = (int)SyncState.Synced;
        return await context.Database.SqlQuery<DateTimeOffset?>(
            $"""
            SELECT least(
                CASE WHEN EXISTS (
                    SELECT FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
                    WHERE m.tenant_id = {tenant} AND (m.sync_state = {Stored} OR m.is_stale)
                        AND (m.sync_state = {Stored} OR (m.sync_state = {Synced} AND (m.next_attempt_at IS NULL OR m.next_attempt_at <= {now})))
                        AND (c.next_attempt_at IS NULL OR c.next_attempt_at <= {now}))
                THEN {now}
                ELSE (
                    SELECT min(c.next_attempt_at) FROM conversations c
                    WHERE c.tenant_id = {tenant} AND c.next_attempt_at > {now} AND EXISTS (
                        SELECT FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id
                            AND (m.sync_state = {Stored} OR (m.is_stale AND m.sync_state = {Synced})))) END,
                (SELECT min(m.next_attempt_at) FROM messages m
                    WHERE m.tenant_id = {tenant} AND m.is_stale AND m.sync_state = {Synced} AND m.next_attempt_at > {now}),
                (SELECT min(coalesce(c.note_asked_at + {Doubt}, {now})) FROM conversations c
                    WHERE c.tenant_id = {tenant} AND c.noted_at IS NULL AND c.crm_record_id IS NOT NULL),
                (SELECT min(coalesce(n.asked_at + {Doubt}, {now})) FROM day_notes n
                    WHERE n.tenant_id = {tenant} AND n.is_dirty AND EXISTS (
                        SELECT FROM conversations c WHERE c.tenant_id = n.tenant_id AND c.id = n.conversation_id AND c.crm_record_id IS NOT NULL)))
                AS "Value"
            """).SingleAsync(cancellationToken);
    }

    private static TimeSpan Doubled(int failures) =>
        failures > 10 ? LongestWait : ShortestWait * Math.Pow(2, failures - 1) is var wait && wait < LongestWait ? wait : LongestWait;
}

/// <summary>Messages that are next, and their conversations.</summary>
internal sealed record Batch(IReadOnlyList<MessageRow> Messages, IReadOnlyDictionary<Guid, ConversationRow> Conversations);

/// <summary>A day of a conversation.</summary>
/// <param name="Conversation">Null where it is gone.</param>
/// <param name="Messages">What its note says.</param>
/// <param name="Waiting">All that wait to be synced, also those for which the note has no room.</param>
internal sealed record ConversationDay(ConversationRow? Conversation, IReadOnlyList<DayMessage> Messages, IReadOnlyList<Guid> Waiting);

/// <summary>What a note shows of a message.</summary>
internal sealed record DayMessage(Guid Id, DateTimeOffset SentAt, MessageDirection Direction, string Source, string Text);
