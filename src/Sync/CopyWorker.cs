using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sync;

/// <summary>
/// Works on copies a page at a time: whoever has read one writes it, moves the copy on and gives it back in one transaction, so that who is killed
/// has lost a page, and a copy that is slow or broken has one place while it is asked.
/// </summary>
internal sealed partial class CopyWorker<TContext>(
    [FromKeyedServices(CopyTables.Queue)] WorkQueue queue,
    TenantDb<TContext> db,
    IEnumerable<CopyKind<TContext>> kinds,
    TimeProvider clock,
    ILogger<CopyWorker<TContext>> logger) : BackgroundService
    where TContext : TenantDbContext
{
    private const int AtOnce = 8;
    private const int AtOnceOfATenant = 2;
    private const int MostRestarts = 5;
    private const int RunsKept = 100;

    // no source's position: what is left of the sweep gets less with each page
    private const string AgainFromHere = "\0";

    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TellOutageAfter = TimeSpan.FromMinutes(15);

    private static readonly Failure CursorStuck = new(
        FailureKind.Precondition,
        "cursor_stuck",
        "The source goes on giving the same page, so that reading does not come forward. It is tried again in ten minutes; tell the source's support.");

    private static readonly Failure AlwaysExpired = new(
        FailureKind.Precondition,
        "position_keeps_expiring",
        "The source forgot five times where reading had got to. It is tried again in ten minutes.");

    private static readonly Failure WriteFailed = new(
        FailureKind.Precondition,
        "copy_write_failed",
        "What the source gave could not be written here. It is tried again in ten minutes; the service's log says what went wrong.");

    private static readonly Failure FilterIgnored = new(
        FailureKind.Precondition,
        "filter_ignored",
        "The source gave records that were not changed when it was asked for changes: it is read as a whole from now on, once a day.");

    private readonly Dictionary<string, CopyKind<TContext>> _kinds = kinds.ToDictionary(kind => kind.Name, StringComparer.Ordinal);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(queue, clock, logger)
    {
        AtOnce = AtOnce,
        AtOnceOfATenant = AtOnceOfATenant,
        Run = GoOnAsync,
        RetryAfter = RetryAfter,
    }.RunAsync(stoppingToken);

    private static TimeSpan RetryAfter(WorkItem item)
    {
        const int Doublings = 9;
        var wait = FirstRetry * Math.Pow(2, Math.Min(Math.Max(0, item.Attempts - 1), Doublings));
        return wait < LongestRetry ? wait : LongestRetry;
    }

    private async Task GoOnAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost);
        var token = either.Token;
        if (await FindAsync(item, token) is not var (copy, hints) || copy.State is not CopyState.Active)
        {
            await queue.CompleteAsync(item, token);
            return;
        }

        var kind = _kinds.GetValueOrDefault(copy.Kind)
            ?? throw new InvalidOperationException($"This service has no kind of copies that is called {copy.Kind}.");
        if (copy.NotBefore is { } notBefore && notBefore > clock.GetUtcNow())
        {
            await queue.DeferAsync(item, notBefore, token);
            return;
        }

        try
        {
            // by turns: who is told of changes without end looks for them all the same
            var follows = hints.Count > 0 && (!copy.FollowedLast || IsIdle(copy, kind));
            await (follows ? FollowAsync(item, kind, copy, hints, token) : StepAsync(item, kind, copy, token));
        }
        catch (Exception e) when (!token.IsCancellationRequested && !StorageOutage.Is(e))
        {
            // a record that the service cannot write is a cause like any other, not a copy that stands still and says nothing
            LogThrew(e, copy.Id, item.Tenant.Value);
            await FailAsync(item, kind, copy.Id, WriteFailed, token);
        }
    }

    private bool IsIdle(CopyRow copy, CopyKind<TContext> kind) =>
        copy.Step is CopyStep.Begin && CopyPlan.Next(copy, kind, clock.GetUtcNow()).Run is CopyRunKind.None;

    private async Task StepAsync(WorkItem item, CopyKind<TContext> kind, CopyRow copy, CancellationToken token)
    {
        var now = clock.GetUtcNow();
        if (copy.Step is CopyStep.Begin)
        {
            var (run, dueAt) = CopyPlan.Next(copy, kind, now);
            if (run is CopyRunKind.None)
            {
                await queue.DeferAsync(item, dueAt, token);
                return;
            }

            CopyPlan.Begin(copy, kind, run, now);
            if (run is not CopyRunKind.Changes || !kind.Source.TellsTimes)
            {
                if (!(await kind.Source.CountAsync(copy.Target, token)).Succeeded(out var count, out var unknown))
                {
                    await FailAsync(item, kind, copy.Id, unknown, token);
                    return;
                }

                if (run is CopyRunKind.Changes && copy.IsStill(count.Records))
                {
                    copy.RunCalls = count.Calls;
                    await KeepLookAsync(item, kind, copy, token);
                    return;
                }

                if (run is CopyRunKind.Changes)
                {
                    CopyPlan.Begin(copy, kind, CopyRunKind.Full, now);
                }

                (copy.RunExpected, copy.RunCalls) = (count.Records, copy.RunCalls + count.Calls);
            }
        }

        await (copy.Step switch
        {
            CopyStep.Records => ReadRecordsAsync(item, kind, copy, token),
            CopyStep.Keys => CompareAsync(item, kind, copy, token),
            CopyStep.Vanished => SweepAsync(item, kind, copy, token),
            CopyStep.Changes => ReadChangesAsync(item, kind, copy, token),
            CopyStep.Deletions => ReadDeletionsAsync(item, kind, copy, token),
            _ => throw new InvalidOperationException($"A copy in step {copy.Step} has no page."),
        });
    }

    // a source that tells no times counts as many as it did when it was read
    private Task KeepLookAsync(WorkItem item, CopyKind<TContext> kind, CopyRow copy, CancellationToken token) => KeepAsync(
        item,
        kind,
        copy,
        async context =>
        {
            CameForward(copy);
            copy.ChangesUntil = copy.RunStartedAt;
            await EndAsync(context, kind, copy, clock.GetUtcNow(), token);
        },
        token);

    private async Task ReadRecordsAsync(WorkItem item, CopyKind<TContext> kind, CopyRow copy, CancellationToken token)
    {
        var askedAt = clock.GetUtcNow();
        var read = await kind.Source.ReadAllAsync(copy.Target, copy.Position, token);
        if (!read.Succeeded(out var page, out var failure))
        {
            await FailOrRestartAsync(item, kind, copy, failure, token);
            return;
        }

        await KeepPageAsync(
            item,
            kind,
            copy,
            page,
            page.Items,
            gone: [],
            token,
            context => kind.SeenAsync(context, copy.Target, [.. page.Items.Select(record => record.Id)], askedAt, token));
    }

    // what differs is read by its id, before anything is written: the page is one step, however many calls it takes
    private async Task CompareAsync(WorkItem item, CopyKind<TContext> kind, CopyRow copy, CancellationToken token)
    {
        var read = await kind.Source.ReadKeysAsync(copy.Target, copy.Position, token);
        if (!read.Succeeded(out var page, out var failure))
        {
            await FailOrRestartAsync(item, kind, copy, failure, token);
            return;
        }

        IReadOnlyList<string> differing;
        await using (var context = db.For(item.Tenant))
        {
            differing = await RecordWriter.DifferingAsync(context, copy, page.Items, token);
        }

        var records = new List<SourceRecord>();
        foreach (var ids in differing.Chunk(kind.Source.MostById))
        {
            if (!(await kind.Source.ReadByIdAsync(copy.Target, ids, token)).Succeeded(out var found, out failure))
            {
                await FailOrRestartAsync(item, kind, copy, failure, token);
                return;
            }

            records.AddRange(found.Records);
            copy.RunCalls += found.Calls;
        }

        var same = page.Items.Select(key => key.Id).Except(differing, StringComparer.Ordinal).ToList();
        await KeepPageAsync(
            item, kind, copy, page, records, gone: [], token, context => RecordWriter.SeenAsync(context, copy, same, token));
    }

    // a source whose pages move while it is read leaves some out: nothing is gone because it was not seen
    private async Task SweepAsync(WorkItem item, CopyKind<TContext> kind, CopyRow copy, CancellationToken token)
    {
        // where none can be asked for by its id, the reading before must have missed it, too
        var seenSince = kind.Source.TellsTimes ? copy.Generation : copy.ReadGeneration;
        List<string> unseen;
        await using (var context = db.For(item.Tenant))
        {
            var vanished = context.Set<CopyRecordRow>().Where(row => row.CopyId == copy.Id && row.DeletedAt == null && row.Generation < seenSince);
            unseen = await vanished.OrderBy(row => row.RecordId).Select(row => row.RecordId).Take(kind.Source.MostById).ToListAsync(token);
        }

        FoundRecords? found = null;
        if (unseen.Count > 0 && kind.Source.TellsTimes && !(await kind.Source.ReadByIdAsync(copy.Target, unseen, token)).Succeeded(out found, out var failure))
        {
            await FailOrRestartAsync(item, kind, copy, failure, token);
            return;
        }

        IReadOnlyList<SourceRecord> there = found?.Records ?? [];
        var gone = unseen.Except(there.Select(record => record.Id), StringComparer.Ordinal).ToList();
        if (gone.Count > 0 && AsksFor(kind, copy, gone.Count) is { } question)
        {
            await AskAsync(item, kind, copy.Id, question, gone.Count, token);
            return;
        }

        // behind the last one nothing is unseen any more
        var page = new SourcePage<SourceRecord>(
            there, unseen.Count == 0 ? null : AgainFromHere, copy.RunSourceTime ?? clock.GetUtcNow(), found?.Calls ?? 0);
        await KeepPageAsync(item, kind, copy, page, there, gone, token, kind.Source.TellsTimes ? null : NoteMissedAsync);

        // what is kept although this reading did not show it, and what it may not have shown at all
        async Task NoteMissedAsync(TContext context) => copy.ReadsAgain = !copy.IsSecondReading
            && (copy.RunExpected != copy.Rows || await context.Set<CopyRecordRow>().AnyAsync(
                row => row.CopyId == copy.Id && row.DeletedAt == null && row.Generation < copy.Generation, token));
    }

    private async Task ReadChangesAsync(WorkItem item, CopyKind<TContext> kind, CopyRow copy, CancellationToken token)
    {
        var from = copy.StepFrom!.Value;
        var read = await kind.Source.ReadChangesAsync(copy.Target, from, copy.Position, token);
        if (!read.Succeeded(out var page, out var failure))
        {
            await FailOrRestartAsync(item, kind, copy, failure, token);
            return;
        }

        // a source that knows whole seconds may round the time that it is asked with
        if (page.Items.Any(record => record.ModifiedAt < from - TimeSpan.FromSeconds(1)))
        {
            await NoteIgnoredFilterAsync(item, kind, copy.Id, token);
            return;
        }

        await KeepPageAsync(item, kind, copy, page, page.Items, gone: [], token);
    }

    private async Task ReadDeletionsAsync(WorkItem item, CopyKind<TContext> kind, CopyRow copy, CancellationToken token)
    {
        var read = await kind.Source.ReadDeletionsAsync(copy.Target, copy.StepFrom!.Value, copy.Position, token);
        if (!read.Succeeded(out var page, out var failure))
        {
            await FailOrRestartAsync(item, kind, copy, failure, token);
            return;
        }

        List<string> there;
        var ids = page.Items.Select(deletion => deletion.Id).Distinct(StringComparer.Ordinal).ToList();
        await using (var context = db.For(item.Tenant))
        {
            there = await context.Set<CopyRecordRow>()
                .Where(row => row.CopyId == copy.Id && row.DeletedAt == null && ids.Contains(row.RecordId))
                .Select(row => row.RecordId)
                .ToListAsync(token);
        }

        // one that was taken back stays: the list may be older than that
        var back = new List<SourceRecord>();
        foreach (var some in there.Chunk(kind.Source.MostById))
        {
            if (!(await kind.Source.ReadByIdAsync(copy.Target, some, token)).Succeeded(out var found, out failure))
            {
                await FailOrRestartAsync(item, kind, copy, failure, token);
                return;
            }

            back.AddRange(found.Records);
            copy.RunCalls += found.Calls;
        }

        var gone = there.Except(back.Select(record => record.Id), StringComparer.Ordinal).ToList();
        if (AsksFor(kind, copy, gone.Count) is { } question)
        {
            await AskAsync(item, kind, copy.Id, question, gone.Count, token);
            return;
        }

        await KeepPageAsync(item, kind, copy, page, back, gone, token);
    }

    // records of which somebody said that they were changed
    private async Task FollowAsync(
        WorkItem item, CopyKind<TContext> kind, CopyRow copy, IReadOnlyList<CopyHintRow> hints, CancellationToken token)
    {
        var ids = hints.Select(hint => hint.RecordId).ToList();
        if (!(await ReadHintedAsync(kind, copy, ids, token)).Succeeded(out var found, out var failure))
        {
            await FailAsync(item, kind, copy.Id, failure, token);
            return;
        }

        copy.FollowedLast = true;
        var gone = ids.Except(found.Records.Select(record => record.Id), StringComparer.Ordinal).ToList();
        copy.RunCalls += found.Calls;
        if (AsksFor(kind, copy, gone.Count) is not null)
        {
            // comparing everything asks a person
            (gone, copy.Wanted) = ([], copy.Wanted is CopyRunKind.Full ? CopyRunKind.Full : CopyRunKind.Check);
        }

        await KeepAsync(
            item,
            kind,
            copy,
            async context =>
            {
                await RecordWriter.WriteAsync(context, kind, copy, found.Records, gone, isSeen: false, clock.GetUtcNow(), token);
                // one that was said again meanwhile is another hint
                var followed = hints.Select(hint => hint.Id).ToList();
                await context.Set<CopyHintRow>().Where(hint => hint.CopyId == copy.Id && followed.Contains(hint.Id)).ExecuteDeleteAsync(token);
            },
            token);
    }

    // one id that the source does not take spoils no other: it is left out, and its record comes with the next look for changes
    private static async Task<Result<FoundRecords>> ReadHintedAsync(CopyKind<TContext> kind, CopyRow copy, List<string> ids, CancellationToken token)
    {
        var all = await kind.Source.ReadByIdAsync(copy.Target, ids, token);
        if (all.Succeeded(out _, out var failure) || failure.Kind is not (FailureKind.Invalid or FailureKind.NotFound))
        {
            return all;
        }

        var (records, calls) = (new List<SourceRecord>(), 1);
        foreach (var id in ids.ToList())
        {
            if ((await kind.Source.ReadByIdAsync(copy.Target, [id], token)).Succeeded(out var one, out failure))
            {
                records.AddRange(one.Records);
                calls += one.Calls;
            }
            else if (failure.Kind is FailureKind.Invalid or FailureKind.NotFound)
            {
                ids.Remove(id);
                calls++;
            }
            else
            {
                return failure;
            }
        }

        return new FoundRecords(records, calls);
    }

    private async Task KeepPageAsync<T>(
        WorkItem item,
        CopyKind<TContext> kind,
        CopyRow copy,
        SourcePage<T> page,
        IReadOnlyList<SourceRecord> records,
        IReadOnlyCollection<string> gone,
        CancellationToken token,
        Func<TContext, Task>? also = null)
    {
        if (page.Next is not AgainFromHere && (page.Next is "" || (page.Next is not null && page.Next == copy.Position)))
        {
            await FailAsync(item, kind, copy.Id, CursorStuck, token, CopyPlan.GiveUp);
            return;
        }

        // a source whose clock is wrong by years would hide all changes until then
        var latest = clock.GetUtcNow() + ClocksDiffer;
        var answeredAt = page.AnsweredAt.ToUniversalTime() < latest ? page.AnsweredAt.ToUniversalTime() : latest;
        copy.RunSourceTime ??= answeredAt;
        copy.StepSourceTime ??= answeredAt;
        copy.RunCalls += page.Calls;
        copy.RunRead += page.Items.Count;
        // they are told at the end of a run: they do not end it. One that has compared everything has what they leave out
        copy.Wanted = page.IsIncomplete && copy is { RunKind: CopyRunKind.Changes, Wanted: < CopyRunKind.Check } ? CopyRunKind.Check : copy.Wanted;
        var isStuck = !await TryKeepAsync(
            item,
            kind,
            copy,
            async context =>
            {
                var now = clock.GetUtcNow();
                CameForward(copy);
                var isRepeated = await RecordWriter.WriteAsync(context, kind, copy, records, gone, isSeen: true, now, token);
                // the same page under another position is noticed by its records
                if (isRepeated && copy is { Step: CopyStep.Records, RunRestarts: 0 })
                {
                    return false;
                }

                if (also is not null)
                {
                    await also(context);
                }

                if (page.Next is { } next)
                {
                    copy.Position = next is AgainFromHere ? "" : next;
                }
                else if (!CopyPlan.GoOn(copy, kind, now))
                {
                    await EndAsync(context, kind, copy, now, token);
                }

                return true;
            },
            token);
        if (isStuck)
        {
            await FailAsync(item, kind, copy.Id, CursorStuck, token, CopyPlan.GiveUp);
        }
    }

    private static void CameForward(CopyRow copy) =>
        (copy.Code, copy.Message, copy.FailureKind, copy.FailedSince, copy.ToldCode, copy.FollowedLast) = ("", "", null, null, "", false);

    /// <summary>Writes what a page came to and gives the copy back, due when its next page is; nothing of it where the claim was lost.</summary>
    private async Task KeepAsync(WorkItem item, CopyKind<TContext> kind, CopyRow copy, Func<TContext, Task> write, CancellationToken token) =>
        await TryKeepAsync(
            item,
            kind,
            copy,
            async context =>
            {
                await write(context);
                return true;
            },
            token);

    /// <summary>The same; false where <paramref name="write"/> says that nothing is to be written, and then the copy is not given back.</summary>
    private async Task<bool> TryKeepAsync(
        WorkItem item, CopyKind<TContext> kind, CopyRow copy, Func<TContext, Task<bool>> write, CancellationToken token)
    {
        await using var context = db.For(item.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(token);
        // holds the queue's row from here on: who has something to say about the copy says it behind this
        if (!await queue.ContinueAsync(context, item, clock.GetUtcNow(), token))
        {
            LogLost(copy.Id, item.Tenant.Value);
            return true;
        }

        if (!await write(context))
        {
            return false;
        }

        context.Update(copy);
        await context.SaveChangesAsync(token);
        if (copy.Step is CopyStep.Begin && !await context.Set<CopyHintRow>().AnyAsync(hint => hint.CopyId == copy.Id, token))
        {
            var (_, dueAt) = CopyPlan.Next(copy, kind, clock.GetUtcNow());
            await context.Set<QueuedCopy>().Where(row => row.TenantId == item.Tenant && row.Id == item.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, dueAt), token);
        }

        await transaction.CommitAsync(token);
        return true;
    }

    // a look that found nothing is no news: a hundred of them would leave no report of the night
    private static async Task EndAsync(TContext context, CopyKind<TContext> kind, CopyRow copy, DateTimeOffset now, CancellationToken token)
    {
        var ended = CopyPlan.End(copy, kind, now);
        if (ended is { Kind: CopyRunKind.Changes, Written: 0, Deleted: 0 })
        {
            return;
        }

        context.Add(ended);
        var runs = context.Set<CopyRunRow>().Where(run => run.CopyId == copy.Id && run.Kind == ended.Kind);
        var kept = runs.OrderByDescending(run => run.Id).Take(RunsKept - 1).Select(run => run.Id);
        await runs.Where(run => !kept.Contains(run.Id)).ExecuteDeleteAsync(token);
    }

    private Task FailOrRestartAsync(WorkItem item, CopyKind<TContext> kind, CopyRow copy, Failure failure, CancellationToken token)
    {
        if (failure.Code != SourceFailures.PositionExpired.Code)
        {
            return FailAsync(item, kind, copy.Id, failure, token);
        }

        if (copy.RunRestarts >= MostRestarts)
        {
            return FailAsync(item, kind, copy.Id, AlwaysExpired, token, row => row.RunRestarts = 0);
        }

        return KeepAsync(
            item,
            kind,
            copy,
            _ =>
            {
                CopyPlan.Restart(copy);
                return Task.CompletedTask;
            },
            token);
    }

    private static Failure? AsksFor(CopyKind<TContext> kind, CopyRow copy, long more) =>
        copy.DeletionsAllowed || copy.DeletedUnasked + more <= kind.MostDeletions(copy.Rows + copy.DeletedUnasked)
            ? null
            : new Failure(
                FailureKind.Precondition,
                "deletions_to_confirm",
                $"{copy.DeletedUnasked + more} of {copy.Rows + copy.DeletedUnasked} records are gone at the source, more than are deleted without a person's word: "
                    + "confirm that they may be deleted, or refuse it and look at the source.");

    private Task AskAsync(WorkItem item, CopyKind<TContext> kind, Guid id, Failure question, long vanishing, CancellationToken token) => FailAsync(
        item,
        kind,
        id,
        question,
        token,
        row => (row.State, row.Vanishing) = (CopyState.Asking, vanishing));

    private Task NoteIgnoredFilterAsync(WorkItem item, CopyKind<TContext> kind, Guid id, CancellationToken token) => FailAsync(
        item,
        kind,
        id,
        FilterIgnored,
        token,
        row =>
        {
            (row.IgnoresFilter, row.Wanted) = (true, CopyRunKind.None);
            CopyPlan.Abandon(row);
        });

    // of the copy as it stands in the database: what was read in memory is not written
    private async Task FailAsync(
        WorkItem item, CopyKind<TContext> kind, Guid id, Failure failure, CancellationToken token, Action<CopyRow>? change = null)
    {
        await using var context = db.For(item.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(token);
        if (failure.Code == SourceFailures.NotWanted.Code)
        {
            await DeleteAsync(context, item, kind, id, token);
            await transaction.CommitAsync(token);
            return;
        }

        var now = clock.GetUtcNow();
        var passes = failure.Kind is FailureKind.Unavailable or FailureKind.RateLimited;
        var wait = passes ? failure.RetryAfter ?? RetryAfter(item) : LookAgainAfter;
        if (!await queue.DeferAsync(context, item, now + wait, token))
        {
            LogLost(id, item.Tenant.Value);
            return;
        }

        var copy = await context.Set<CopyRow>().SingleAsync(row => row.Id == id, token);
        copy.FailedSince ??= now;
        (copy.Code, copy.Message, copy.FailureKind, copy.NotBefore) = (failure.Code, failure.Message, failure.Kind, now + wait);
        change?.Invoke(copy);
        if (copy.ToldCode != failure.Code && (!passes || now - copy.FailedSince >= TellOutageAfter))
        {
            copy.ToldCode = failure.Code;
            await kind.TellAsync(context, copy.Target, failure, token);
        }

        await context.SaveChangesAsync(token);
        await transaction.CommitAsync(token);
        LogFailed(passes ? LogLevel.Information : LogLevel.Warning, id, item.Tenant.Value, failure.Code, wait);
    }

    private async Task DeleteAsync(TContext context, WorkItem item, CopyKind<TContext> kind, Guid id, CancellationToken token)
    {
        if (!await queue.CompleteAsync(context, item, token))
        {
            LogLost(id, item.Tenant.Value);
            return;
        }

        var copy = await context.Set<CopyRow>().AsNoTracking().SingleAsync(row => row.Id == id, token);
        await kind.ForgetAsync(context, copy.Target, token);
        await context.DeleteCopyAsync(id, token);
        LogNotWanted(id, item.Tenant.Value);
    }

    private async Task<(CopyRow Copy, IReadOnlyList<CopyHintRow> Hints)?> FindAsync(WorkItem item, CancellationToken token)
    {
        await using var context = db.For(item.Tenant);
        if (await context.Set<CopyRow>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == item.Id, token) is not { } copy)
        {
            return null;
        }

        var most = _kinds.TryGetValue(copy.Kind, out var kind) ? kind.Source.MostById : 1;
        return (copy, await context.Set<CopyHintRow>().AsNoTracking().Where(hint => hint.CopyId == item.Id).Take(most).ToListAsync(token));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Copy {CopyId} of tenant {TenantId}: what was read could not be written")]
    private partial void LogThrew(Exception exception, Guid copyId, Guid tenantId);

    [LoggerMessage(Message = "Copy {CopyId} of tenant {TenantId}: {Code}; it is tried again in {Wait}")]
    private partial void LogFailed(LogLevel level, Guid copyId, Guid tenantId, string code, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Information, Message = "Copy {CopyId} of tenant {TenantId}: nobody asks for it any more, deleted")]
    private partial void LogNotWanted(Guid copyId, Guid tenantId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Copy {CopyId} of tenant {TenantId}: the claim was lost, another replica goes on")]
    private partial void LogLost(Guid copyId, Guid tenantId);
}
