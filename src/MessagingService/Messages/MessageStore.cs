using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Messages;

/// <summary>Which messages a caller looks for.</summary>
/// <param name="ConversationId">Of this conversation; null for all.</param>
/// <param name="State">In this state; unspecified for any.</param>
/// <param name="Query">Whose text has it, in any case; empty for any.</param>
/// <param name="ExternalId">The one with this id; empty for any.</param>
/// <param name="OldestFirst">Else the newest is.</param>
internal sealed record MessageFilter(Guid? ConversationId, SyncState State, string Query, string ExternalId, bool OldestFirst);

/// <summary>Reads messages, and takes people's word on those that are not in Zoho CRM.</summary>
internal sealed class MessageStore(TenantDb<MessagingDbContext> db, TimeProvider clock)
{
    /// <summary>Messages that one call retries or discards.</summary>
    public const int MostAtOnce = 1_000;

    private const int LongestCode = 100;

    /// <summary>Code of what a person gave up.</summary>
    public const string Discarded = "discarded";

    public static readonly Failure NotFound = new(FailureKind.NotFound, "message_not_found", "There is no message with this id.");

    // what was skipped for a cause that may be gone; what somebody gave up is none of it
    /// <summary>The code of a message that has no record of its own, for want of a module.</summary>
    public const string KeptInNote = "kept_in_note";

    private static readonly string[] Recoverable = ["crm_disabled", "before_enabled", "no_phone"];

    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private const string DiscardedMessage = "Somebody gave it up: it stays here and is not synced. Resend it to have it synced after all.";

    private static readonly Failure NotFailed = new(
        FailureKind.Conflict, "message_not_failed", "The message has not failed: what waits is synced by itself, and the rest is done.");

    private static readonly Failure Busy = new(
        FailureKind.Unavailable, "messages_busy", "Messages of this tenant are being changed by others: try again in a moment.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    private static readonly Failure WithoutPhone = new(
        FailureKind.Precondition,
        "message_without_phone",
        "The person's phone is not known, by which leads of Zoho CRM are found: resend it once a message has told the phone.");

    /// <summary>Also for whoever reads what it holds: a name that is wrong is not a person who has said nothing.</summary>
    public static readonly Failure NoConversation = new(FailureKind.NotFound, "conversation_not_found", "There is no such conversation.");

    public async Task<Result<Message>> GetAsync(TenantId tenant, string id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        if (!Guid.TryParse(id, out var messageId)
            || await context.Messages.AsNoTracking().SingleOrDefaultAsync(row => row.Id == messageId, cancellationToken) is not { } found)
        {
            return NotFound;
        }

        await ExplainAsync(context, [found], cancellationToken);
        return ToWire(found);
    }

    /// <summary>Those that are looked for, behind a place in the order.</summary>
    public async Task<Result<IReadOnlyList<MessageRow>>> ListAsync(
        TenantId tenant, MessageFilter filter, (DateTimeOffset At, long Sequence)? after, int count, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var rows = context.Messages.AsNoTracking();
        if (filter.ConversationId is { } asked)
        {
            if (await ConversationAsync(context, asked, cancellationToken) is not { } conversation)
            {
                return NoConversation;
            }

            rows = rows.Where(row => row.ConversationId == conversation);
        }

        if (filter.State is not SyncState.Unspecified)
        {
            rows = rows.Where(row => row.SyncState == filter.State);
        }

        if (filter.ExternalId.Length > 0)
        {
            rows = rows.Where(row => row.ExternalId == filter.ExternalId);
        }

        if (filter.Query.Length > 0)
        {
            var pattern = LikePattern.Of(filter.Query);
            rows = rows.Where(row => EF.Functions.ILike(row.Text, pattern, LikePattern.Escape));
        }

        if (after is { } last)
        {
            rows = filter.OldestFirst
                ? rows.Where(row => row.SentAt > last.At || (row.SentAt == last.At && row.Sequence > last.Sequence))
                : rows.Where(row => row.SentAt < last.At || (row.SentAt == last.At && row.Sequence < last.Sequence));
        }

        rows = filter.OldestFirst
            ? rows.OrderBy(row => row.SentAt).ThenBy(row => row.Sequence)
            : rows.OrderByDescending(row => row.SentAt).ThenByDescending(row => row.Sequence);
        var found = await rows.Take(count).ToListAsync(cancellationToken);
        await ExplainAsync(context, found, cancellationToken);
        return found;
    }

    /// <summary>What was stored or changed behind a position, in that order.</summary>
    public async Task<Result<IReadOnlyList<MessageRow>>> ChangedAsync(
        TenantId tenant, string conversationId, long after, int count, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var rows = context.Messages.AsNoTracking().Where(row => row.Position > after);
        if (conversationId.Length > 0)
        {
            if (!Guid.TryParse(conversationId, out var asked) || await ConversationAsync(context, asked, cancellationToken) is not { } conversation)
            {
                return NoConversation;
            }

            rows = rows.Where(row => row.ConversationId == conversation);
        }

        return await rows.OrderBy(row => row.Position).Take(count).ToListAsync(cancellationToken);
    }

    /// <summary>Of the last change so far.</summary>
    public async Task<long> PositionAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await context.Messages.MaxAsync(row => (long?)row.Position, cancellationToken) ?? 0;
    }

    /// <summary>Has one synced again, whatever became of it.</summary>
    public async Task<Result<Message>> ResendAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var messageId))
        {
            return NotFound;
        }

        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (!await context.TryLockAsync(MessageIntake.TurnOf(caller.Tenant), cancellationToken))
        {
            return Busy;
        }

        if (await context.Messages.SingleOrDefaultAsync(row => row.Id == messageId, cancellationToken) is not { } message)
        {
            return NotFound;
        }

        if (!await context.Conversations.AnyAsync(row => row.Id == message.ConversationId && row.PhoneKey != null, cancellationToken))
        {
            return WithoutPhone;
        }

        if (message.SyncState is not SyncState.Stored)
        {
            context.Audit(AuditEntry.Of(
                caller, clock.GetUtcNow(), AuditActions.MessageResent, $"message:{message.Id}", new { was = message.SyncState.ToString() }));
            (message.SyncState, message.SyncCode, message.SyncMessage) = (SyncState.Stored, "", "");
            (message.Attempts, message.NextAttemptAt, message.IsAskedFor) = (0, null, true);
            await QueueAsync(context, [message], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return ToWire(message);
    }

    /// <summary>
    /// Has those that failed synced again, the oldest first, or those that were skipped with this code and have a phone now, or that are kept in notes: how many.
    /// </summary>
    public Task<Result<int>> RetryAsync(Caller caller, string code, CancellationToken cancellationToken) => AnswerAllAsync(
        caller,
        code,
        code == KeptInNote ? InNotes : Recoverable.Contains(code, StringComparer.Ordinal) ? Skipped : Failed,
        AuditActions.MessagesRetried,
        message =>
        {
            (message.SyncState, message.SyncCode, message.SyncMessage) = (SyncState.Stored, "", "");
            (message.Attempts, message.NextAttemptAt, message.IsAskedFor) = (0, null, true);
        },
        cancellationToken);

    /// <summary>Gives those up that failed: how many.</summary>
    public Task<Result<int>> DiscardAsync(Caller caller, string code, CancellationToken cancellationToken) =>
        AnswerAllAsync(caller, code, Failed, AuditActions.MessagesDiscarded, Discard, cancellationToken);

    /// <summary>Gives one up that failed.</summary>
    public async Task<Result<Message>> DiscardOneAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var messageId))
        {
            return NotFound;
        }

        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (!await context.TryLockAsync(MessageIntake.TurnOf(caller.Tenant), cancellationToken))
        {
            return Busy;
        }

        if (await context.Messages.SingleOrDefaultAsync(row => row.Id == messageId, cancellationToken) is not { } message)
        {
            return NotFound;
        }

        // what is done already
        if (message is { SyncState: SyncState.Skipped, SyncCode: Discarded })
        {
            return ToWire(message);
        }

        if (message.SyncState is not SyncState.Failed)
        {
            return NotFailed;
        }

        context.Audit(AuditEntry.Of(
            caller, clock.GetUtcNow(), AuditActions.MessageDiscarded, $"message:{message.Id}", new { code = message.SyncCode }));
        Discard(message);
        await PlaceAsync(context, [message], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ToWire(message);
    }

    /// <summary>Gives each its new place, says it to who watches, and saves; under the tenant's turn.</summary>
    public static async Task PlaceAsync(
        MessagingDbContext context, IReadOnlyList<MessageRow> changed, CancellationToken cancellationToken)
    {
        var places = await context.Database
            .SqlQuery<long>($"SELECT nextval('message_positions') AS \"Value\" FROM generate_series(1, {changed.Count})")
            .ToListAsync(cancellationToken);
        foreach (var (message, place) in changed.Zip(places.Order()))
        {
            message.Position = place;
        }

        await context.SaveChangesAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"SELECT pg_notify({MessageChanges.Channel}, {context.Tenant.Value.ToString()})", cancellationToken);
    }

    public static Message ToWire(MessageRow row) => new()
    {
        Id = row.Id.ToString(),
        ExternalId = row.ExternalId,
        ConversationId = row.ConversationId.ToString(),
        ChannelId = row.ChannelId?.ToString() ?? "",
        Source = row.Source,
        Direction = row.Direction,
        Type = row.Type,
        Text = row.Text,
        Campaign = row.Campaign ?? "",
        SentAt = row.SentAt.ToTimestamp(),
        ReceivedAt = row.ReceivedAt.ToTimestamp(),
        Status = row.Status,
        StatusAt = row.StatusAt?.ToTimestamp(),
        ErrorCode = row.ErrorCode ?? "",
        ErrorMessage = row.ErrorMessage ?? "",
        SyncState = row.SyncState,
        Code = row.SyncCode,
        Message_ = row.SyncMessage,
        Attempts = row.Attempts,
        NextAttemptAt = row.SyncState is SyncState.Stored ? row.NextAttemptAt?.ToTimestamp() : null,
        CrmModule = row.CrmModule ?? "",
        CrmRecordId = row.CrmRecordId ?? "",
        SyncedAt = row.SyncedAt?.ToTimestamp(),
        Position = row.Position,
    };

    // the one into which it was joined answers for it
    private static Task<Guid?> ConversationAsync(MessagingDbContext context, Guid id, CancellationToken cancellationToken) =>
        context.Conversations.Where(row => row.Id == id).Select(row => (Guid?)(row.JoinedInto ?? row.Id)).SingleOrDefaultAsync(cancellationToken);

    // where the way to Zoho CRM fails for all of the tenant, each that waits says so
    private static async Task ExplainAsync(MessagingDbContext context, IReadOnlyList<MessageRow> rows, CancellationToken cancellationToken)
    {
        var waiting = rows.Where(row => row is { SyncState: SyncState.Stored, SyncCode: "" }).ToList();
        if (waiting.Count > 0
            && await context.CrmStates.AsNoTracking().SingleOrDefaultAsync(state => state.Code != "", cancellationToken) is { } blocked)
        {
            waiting.ForEach(row => (row.SyncCode, row.SyncMessage, row.NextAttemptAt) = (blocked.Code, blocked.Message, blocked.Until));
        }
    }

    private static void Discard(MessageRow message) =>
        (message.SyncState, message.SyncCode, message.SyncMessage) = (SyncState.Skipped, Discarded, DiscardedMessage);

    private static IQueryable<MessageRow> Failed(MessagingDbContext context, string code) =>
        context.Messages.Where(row => row.SyncState == SyncState.Failed && (code.Length == 0 || row.SyncCode == code));

    // not one that has just come there: who asks until none is left has an end where there is no module still
    private IQueryable<MessageRow> InNotes(MessagingDbContext context, string code)
    {
        var before = clock.GetUtcNow() - KeptFor;
        return context.Messages.Where(row => row.SyncState == SyncState.Synced && row.SyncCode == code && row.SyncedAt < before);
    }

    // leads are found by the phone
    private static IQueryable<MessageRow> Skipped(MessagingDbContext context, string code) => context.Messages.Where(
        row => row.SyncState == SyncState.Skipped && row.SyncCode == code
            && context.Conversations.Any(one => one.Id == row.ConversationId && one.PhoneKey != null));

    private async Task<Result<int>> AnswerAllAsync(
        Caller caller,
        string code,
        Func<MessagingDbContext, string, IQueryable<MessageRow>> which,
        string action,
        Action<MessageRow> answer,
        CancellationToken cancellationToken)
    {
        if (code.Length > LongestCode || code.Any(char.IsControl))
        {
            return Failure.InvalidField("code", "code must be one that a message has as its code, such as invalid_value; without one all are meant.");
        }

        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (!await context.TryLockAsync(MessageIntake.TurnOf(caller.Tenant), cancellationToken))
        {
            return Busy;
        }

        var found = await which(context, code).OrderBy(row => row.Sequence).Take(MostAtOnce).ToListAsync(cancellationToken);
        if (found.Count > 0)
        {
            found.ForEach(answer);
            context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), action, "messages", new { messages = found.Count, code }));
            await QueueAsync(context, found, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return found.Count;
    }

    private async Task QueueAsync(MessagingDbContext context, IReadOnlyList<MessageRow> changed, CancellationToken cancellationToken)
    {
        await PlaceAsync(context, changed, cancellationToken);
        await context.Database.ExecuteSqlAsync($"SELECT queue_delivery({context.Tenant.Value}, {clock.GetUtcNow()})", cancellationToken);
    }
}
