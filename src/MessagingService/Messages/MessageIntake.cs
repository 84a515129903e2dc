using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Messages;

/// <summary>What was stored of a message.</summary>
/// <param name="IsNew">False where its external id was known, and nothing was done.</param>
/// <param name="Id">Of the message.</param>
/// <param name="ConversationId">Where it is.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Stored(bool IsNew, Guid Id, Guid ConversationId);

/// <summary>What came of a parcel: each message in its place, and how many statuses said something new.</summary>
internal sealed record IntakeResult(IReadOnlyList<Stored> Messages, int Statuses);

/// <summary>What came of a change of a message.</summary>
internal enum ChangeOutcome
{
    Changed = 1,

    /// <summary>The message says that already, or was deleted before.</summary>
    Known = 2,

    /// <summary>The message is not here.</summary>
    Unknown = 3,
}

/// <summary>
/// Stores messages as they come. Whoever waits for a commit is joined by those who come meanwhile: the next commit is all of theirs. A tenant has one
/// commit at a time, and all tenants have so many by turns, so that one who sends much waits for itself.
/// </summary>
internal sealed class MessageIntake(TenantDb<MessagingDbContext> db, TimeProvider clock) : IDisposable
{
    /// <summary>Most messages and statuses of one commit.</summary>
    public const int MostAtOnce = 500;

    /// <summary>Most of a tenant that wait in this process, and of all tenants together.</summary>
    public const int MostWaiting = 5_000;

    private const int MostWaitingInAll = 50_000;

    // 500 messages with the longest content, beside those that are being stored
    private const long MostCharacters = 500 * (MessageDraft.LongestContent + MessageDraft.LongestText);

    // who waits longer for the tenant's turn gives its place to others
    private const int TurnLimitMilliseconds = 2_000;
    private const int CommitsAtOnce = 4;

    private static readonly Failure Full = new(
        FailureKind.RateLimited, "messages_waiting", "More messages wait to be stored than are taken at once: send them again in a moment.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    private const string StoreSql =
        """
        SELECT place, is_new, message_id, conversation
        FROM store_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        """;

    private const string StatusSql =
        """
        SELECT apply_status($1, $2, $3, d.external_id, d.status, d.at, d.code, d.words)
        FROM unnest($4::text[], $5::integer[], $6::timestamptz[], $7::text[], $8::text[]) AS d (external_id, status, at, code, words)
        """;

    private const string IdentitySql =
        """
        SELECT change_identity($1, $2, $3, d.old_user, d.old_key, d.new_user, d.new_phone, d.new_key)
        FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) AS d (old_user, old_key, new_user, new_phone, new_key)
        """;

    private const string ChangeSql =
        """
        SELECT change_message($1, $2, $3, d.original, d.channel, d.words, d.told, d.at)
        FROM unnest($4::text[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[]) AS d (original, channel, words, told, at)
        """;

    private static readonly TenantStatement Turn = new(
        "SELECT set_config('lock_timeout', $1, true)", [TurnLimitMilliseconds.ToString(CultureInfo.InvariantCulture)]);

    private readonly ConcurrentDictionary<TenantId, Line> _lines = new();
    private readonly SemaphoreSlim _commits = new(CommitsAtOnce);
    private int _waiting;

    /// <summary>The lock that whoever gives a tenant's messages positions holds until the end of the transaction.</summary>
    public static string TurnOf(TenantId tenant) => $"messages {tenant}";

    /// <summary>
    /// Returns once all of it is committed: what is more than one commit holds in several, one behind the other. What is stored is not taken back when
    /// the caller leaves, or where a later part is refused.
    /// </summary>
    public async Task<Result<IntakeResult>> StoreAsync(
        TenantId tenant, IReadOnlyList<MessageDraft> messages, IReadOnlyList<ToldStatus> statuses, IReadOnlyList<ChangedIdentity> identities)
    {
        var (stored, told) = (new List<Stored>(messages.Count), 0);
        foreach (var parcel in PartsOf(messages, statuses, identities))
        {
            if (!(await StoreAsync(tenant, parcel)).Succeeded(out var part, out var refused))
            {
                return refused;
            }

            stored.AddRange(part.Messages);
            told += part.Statuses;
        }

        return new IntakeResult(stored, told);
    }

    /// <summary>
    /// Changes messages that people have edited or deleted: of each what came of it, in its place. <c>messages_waiting</c> where the tenant's turn does not come:
    /// what was changed before that stays.
    /// </summary>
    public async Task<Result<IReadOnlyList<ChangeOutcome>>> ChangeAsync(TenantId tenant, IReadOnlyList<ChangedMessage> changes)
    {
        var outcomes = new List<ChangeOutcome>(changes.Count);
        foreach (var part in changes.Chunk(MostAtOnce))
        {
            if (!(await ChangePartAsync(tenant, part)).Succeeded(out var some, out var refused))
            {
                return refused;
            }

            outcomes.AddRange(some);
        }

        return outcomes;
    }

    private async Task<Result<IReadOnlyList<ChangeOutcome>>> ChangePartAsync(TenantId tenant, ChangedMessage[] changes)
    {
        object?[] columns =
        [
            Texts(changes.Select(change => change.OriginalId)),
            new NpgsqlParameter { Value = changes.Select(change => change.Told.ChannelId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
            Texts(changes.Select(change => change.Text)),
            Texts(changes.Select(change => change.Told.Content)),
            new NpgsqlParameter { Value = changes.Select(change => change.Told.SentAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
        ];
        var outcomes = new List<ChangeOutcome>(changes.Length);
        TenantStatement[] steps = [Turn, new(ChangeSql, [AdvisoryLock.KeyOf(TurnOf(tenant)), tenant.Value, clock.GetUtcNow(), .. columns])];
        try
        {
            await db.Statements.RunAllAsync(
                tenant,
                steps,
                (step, row) =>
                {
                    if (step > 0)
                    {
                        outcomes.Add((ChangeOutcome)row.GetInt32(0));
                    }
                });
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return Full;
        }

        return outcomes;
    }

    // identities first: who is told under a new name is known by it then
    private static IEnumerable<Parcel> PartsOf(
        IReadOnlyList<MessageDraft> messages, IReadOnlyList<ToldStatus> statuses, IReadOnlyList<ChangedIdentity> identities) =>
        messages.Count + statuses.Count + identities.Count is > 0 and <= MostAtOnce
            ? [new Parcel(messages, statuses, identities)]
            :
            [
                .. identities.Chunk(MostAtOnce).Select(part => new Parcel([], [], part)),
                .. messages.Chunk(MostAtOnce).Select(part => new Parcel(part, [], [])),
                .. statuses.Chunk(MostAtOnce).Select(part => new Parcel([], part, [])),
            ];

    private Task<Result<IntakeResult>> StoreAsync(TenantId tenant, Parcel parcel)
    {
        if (Interlocked.Add(ref _waiting, parcel.Size) > MostWaitingInAll)
        {
            Interlocked.Add(ref _waiting, -parcel.Size);
            return Task.FromResult<Result<IntakeResult>>(Full);
        }

        while (true)
        {
            var line = _lines.GetOrAdd(tenant, static _ => new Line());
            lock (line)
            {
                if (line.HasEnded)
                {
                    continue;
                }

                if (line.Size + parcel.Size > MostWaiting || line.Characters + parcel.Characters > MostCharacters)
                {
                    Interlocked.Add(ref _waiting, -parcel.Size);
                    return Task.FromResult<Result<IntakeResult>>(Full);
                }

                line.Parcels.Enqueue(parcel);
                line.Size += parcel.Size;
                line.Characters += parcel.Characters;
                if (!line.IsServed)
                {
                    line.IsServed = true;
                    _ = ServeAsync(tenant, line);
                }
            }

            return parcel.Done.Task;
        }
    }

    public void Dispose() => _commits.Dispose();

    private async Task ServeAsync(TenantId tenant, Line line)
    {
        List<Parcel>? waiting = null;
        while (true)
        {
            // a place for one commit: then the others have theirs
            await _commits.WaitAsync();
            List<Parcel> parcels;
            try
            {
                parcels = waiting ?? Take(tenant, line);
                waiting = null;
                if (parcels.Count == 0)
                {
                    return;
                }

                try
                {
                    await CommitAsync(tenant, parcels);
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
                {
                    waiting = parcels;
                    continue;
                }
                catch (Exception e)
                {
                    parcels.ForEach(parcel => parcel.Done.TrySetException(e));
                }
            }
            finally
            {
                _commits.Release();
            }

            Interlocked.Add(ref _waiting, -parcels.Sum(parcel => parcel.Size));
        }
    }

    // none ends the line
    private List<Parcel> Take(TenantId tenant, Line line)
    {
        var (taken, size) = (new List<Parcel>(), 0);
        lock (line)
        {
            // a commit has its identities first: what came before them is in another one
            while (line.Parcels.TryPeek(out var next) && (size == 0 || (size + next.Size <= MostAtOnce && next.Identities.Count == 0)))
            {
                taken.Add(line.Parcels.Dequeue());
                size += next.Size;
            }

            line.Size -= size;
            line.Characters -= taken.Sum(parcel => parcel.Characters);
            if (taken.Count == 0)
            {
                line.HasEnded = true;
                _lines.TryRemove(tenant, out _);
            }
        }

        return taken;
    }

    private async Task CommitAsync(TenantId tenant, List<Parcel> parcels)
    {
        var now = clock.GetUtcNow();
        var steps = new List<TenantStatement> { Turn };
        var drafts = parcels.SelectMany(parcel => parcel.Messages).ToList();
        var identities = parcels.SelectMany(parcel => parcel.Identities).ToList();
        var statuses = parcels.SelectMany(parcel => parcel.Statuses).ToList();
        object?[] head = [AdvisoryLock.KeyOf(TurnOf(tenant)), tenant.Value, now];
        if (identities.Count > 0)
        {
            steps.Add(new(IdentitySql, [.. head, .. Columns(identities)]));
        }

        if (drafts.Count > 0)
        {
            steps.Add(new(StoreSql, [.. head, .. Columns(drafts, now)]));
        }

        if (statuses.Count > 0)
        {
            steps.Add(new(StatusSql, [.. head, .. Columns(statuses)]));
        }

        var stored = new Stored[drafts.Count];
        var news = new List<bool>();
        await db.Statements.RunAllAsync(tenant, steps, (step, row) =>
        {
            if (steps[step].Sql == StoreSql)
            {
                stored[row.GetInt64(0) - 1] = new Stored(row.GetBoolean(1), row.GetGuid(2), row.GetGuid(3));
            }
            else if (steps[step].Sql == StatusSql)
            {
                news.Add(row.GetInt32(0) != 2);
            }
        });
        var (message, status) = (0, 0);
        foreach (var parcel in parcels)
        {
            parcel.Done.TrySetResult(new IntakeResult(
                stored[message..(message + parcel.Messages.Count)], news.Skip(status).Take(parcel.Statuses.Count).Count(isNew => isNew)));
            message += parcel.Messages.Count;
            status += parcel.Statuses.Count;
        }
    }

    private static IEnumerable<object?> Columns(List<MessageDraft> drafts, DateTimeOffset now) =>
    [
        drafts.ConvertAll(_ => Guid.CreateVersion7(now)).ToArray(),
        drafts.ConvertAll(_ => Guid.CreateVersion7(now)).ToArray(),
        Texts(drafts.Select(draft => draft.ExternalId)),
        new NpgsqlParameter { Value = drafts.ConvertAll(draft => draft.ChannelId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
        Texts(drafts.Select(draft => draft.Source)),
        drafts.ConvertAll(draft => (int)draft.Direction).ToArray(),
        Texts(drafts.Select(draft => draft.Type)),
        Texts(drafts.Select(draft => draft.Text)),
        Texts(drafts.Select(draft => draft.Campaign)),
        Texts(drafts.Select(draft => draft.Content)),
        drafts.ConvertAll(draft => draft.SentAt.ToUniversalTime()).ToArray(),
        drafts.ConvertAll(draft => (int)draft.Status).ToArray(),
        Texts(drafts.Select(draft => draft.Phone?.E164)),
        Texts(drafts.Select(draft => draft.Phone?.Key)),
        Texts(drafts.Select(draft => draft.UserId)),
        Texts(drafts.Select(draft => draft.Name)),
    ];

    private static IEnumerable<object?> Columns(List<ToldStatus> statuses) =>
    [
        Texts(statuses.Select(status => status.ExternalId)),
        statuses.ConvertAll(status => (int)status.Status).ToArray(),
        statuses.ConvertAll(status => status.At.ToUniversalTime()).ToArray(),
        Texts(statuses.Select(status => status.ErrorCode)),
        Texts(statuses.Select(status => status.ErrorMessage)),
    ];

    private static IEnumerable<object?> Columns(List<ChangedIdentity> identities) =>
    [
        Texts(identities.Select(one => one.OldUserId)),
        Texts(identities.Select(one => one.OldPhone?.Key)),
        Texts(identities.Select(one => one.NewUserId)),
        Texts(identities.Select(one => one.NewPhone?.E164)),
        Texts(identities.Select(one => one.NewPhone?.Key)),
    ];

    private static NpgsqlParameter Texts(IEnumerable<string?> texts) =>
        new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private sealed class Line
    {
        public Queue<Parcel> Parcels { get; } = new();

        public int Size { get; set; }

        public long Characters { get; set; }

        public bool IsServed { get; set; }

        public bool HasEnded { get; set; }
    }

    private sealed record Parcel(
        IReadOnlyList<MessageDraft> Messages, IReadOnlyList<ToldStatus> Statuses, IReadOnlyList<ChangedIdentity> Identities)
    {
        public TaskCompletionSource<Result<IntakeResult>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Size => Messages.Count + Statuses.Count + Identities.Count;

        public long Characters => Messages.Sum(message => (long)message.Text.Length + (message.Content?.Length ?? 0));
    }
}
