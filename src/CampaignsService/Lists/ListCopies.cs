using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CampaignsService.Lists;

/// <summary>
/// What is known of a mailing list without asking Zoho: copies of it (<see cref="ListKind"/>), which are made when somebody first asks, look for changes by
/// themselves, and go when nobody asks any more.
/// </summary>
internal sealed class ListCopies(TenantDb<CampaignsDbContext> db, Copies<CampaignsDbContext> copies, TimeProvider clock)
{
    // two looks
    private static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan FirstLookLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookAfter = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestLookAfter = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How somebody has left a list, an index of <see cref="Leavers.Statuses"/>; null for who has not, where that is known. Known it is as it was some
    /// minute ago; of a list that was never read it is waited for.
    /// </summary>
    /// <param name="call">Through which connection.</param>
    /// <param name="listKey">Which list.</param>
    /// <param name="subject">Who.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<(bool IsKnown, int? How)> FindLeaverAsync(
        ProviderCall call, string listKey, byte[] subject, CancellationToken cancellationToken)
    {
        var stand = await WaitAsync(call, listKey, ListKind.OfLeavers, clock.GetUtcNow() - FreshFor, settled: false, FirstLookLimit, cancellationToken);
        await using var context = db.For(call.Tenant);
        var ids = stand.Ids.ToArray();
        var how = await context.Database.SqlQuery<int?>(
            $"""
            SELECT max(array_position({ids}, copy_id)) AS "Value" FROM list_contacts
            WHERE copy_id = ANY ({ids}) AND subject = {subject} AND returned_at IS NULL
            """).SingleAsync(cancellationToken);
        // who is known to have left has left, also where others may have since
        return (stand.IsReady || how is not null, how - 1);
    }

    /// <summary>
    /// Has a list looked at once, whatever stood in the way of that before: <see cref="WaitAsync"/> then knows it as it is from now on.
    /// </summary>
    public async Task AskAsync(ProviderCall call, string listKey, CancellationToken cancellationToken)
    {
        foreach (var copy in await FindAsync(call, listKey, ListKind.OfAll, cancellationToken))
        {
            await RequestAsync(call, copy, cancellationToken);
        }
    }

    /// <summary>Waits until the list is known as it was at a moment or later, or cannot be.</summary>
    /// <param name="call">Through which connection.</param>
    /// <param name="listKey">Which list.</param>
    /// <param name="kinds">Of whom.</param>
    /// <param name="since">The moment.</param>
    /// <param name="settled">Nothing of it is read any more either, so that who was taken from the list is not on it.</param>
    /// <param name="atMost">By the machine's time: it is waited for what another worker reads.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ListStand> WaitAsync(
        ProviderCall call,
        string listKey,
        IReadOnlyList<string> kinds,
        DateTimeOffset since,
        bool settled,
        TimeSpan atMost,
        CancellationToken cancellationToken)
    {
        var (started, pause) = (TimeProvider.System.GetTimestamp(), LookAfter);
        while (true)
        {
            var found = await FindAsync(call, listKey, kinds, cancellationToken);
            var late = found.Where(copy => !(copy.ChangesUntil >= since) || (settled && !Rests(copy))).ToList();
            var failure = late.Select(copy => copy.Failure).FirstOrDefault(failure => failure is not null);
            if (late.Count == 0 || failure is not null || TimeProvider.System.GetElapsedTime(started) >= atMost)
            {
                return new ListStand(
                    [.. found.Select(copy => copy.Id)],
                    late.Count == 0,
                    failure,
                    late.Sum(copy => copy.Run?.Read ?? 0),
                    late.All(copy => copy.Run?.Expected is not null) ? late.Sum(copy => copy.Run!.Expected) : null);
            }

            foreach (var copy in late.Where(Rests))
            {
                await RequestAsync(call, copy, cancellationToken);
            }

            await Task.Delay(pause, TimeProvider.System, cancellationToken);
            pause = pause * 2 < LongestLookAfter ? pause * 2 : LongestLookAfter;
        }
    }

    /// <summary>
    /// These were brought back to the list by our own doing, which the copies of who has left cannot know yet: they are believed again of them where
    /// Zoho shows them behind this. In the transaction of <paramref name="context"/>.
    /// </summary>
    public static async Task NoteReturnedAsync(
        CampaignsDbContext context, IReadOnlyCollection<byte[]> subjects, string listKey, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // also of whom the copies know nothing: a page with them may be on its way
        var ids = await context.Database.SqlQuery<Guid>(
            $"""
            INSERT INTO list_contacts (tenant_id, copy_id, subject, returned_at)
            SELECT c.tenant_id, c.id, s.subject, {now} FROM copies c CROSS JOIN unnest({subjects.ToArray()}) AS s (subject)
            WHERE c.subject = {listKey} AND c.kind = ANY ({ListKind.OfLeavers.ToArray()})
            ON CONFLICT (tenant_id, copy_id, subject) DO UPDATE SET returned_at = excluded.returned_at
            RETURNING copy_id
            """).ToListAsync(cancellationToken);
        // one who comes back hides one who leaves meanwhile from who only counts
        await context.DistrustCountsAsync(ids, now, cancellationToken);
    }

    private static bool Rests(CopyStatus copy) => copy is { Run: null, Wanted: CopyRunKind.None };

    // in the order of their kinds; the first who asks has them made
    private async Task<IReadOnlyList<CopyStatus>> FindAsync(
        ProviderCall call, string listKey, IReadOnlyList<string> kinds, CancellationToken cancellationToken)
    {
        await using var context = db.For(call.Tenant);
        var found = await copies.FindAsync(context, call.ConnectionId, listKey, cancellationToken);
        var missing = kinds.Except(found.Select(copy => copy.Kind), StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
        {
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            foreach (var kind in missing)
            {
                await copies.MakeAsync(context, kind, call.ConnectionId, listKey, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            found = await copies.FindAsync(context, call.ConnectionId, listKey, cancellationToken);
        }

        return [.. kinds.SelectMany(kind => found.Where(copy => copy.Kind == kind))];
    }

    // one that is read now, or for the first time in a moment, is not disturbed; one that is gone since is made anew by the next look
    private async Task RequestAsync(ProviderCall call, CopyStatus copy, CancellationToken cancellationToken)
    {
        if ((Rests(copy) && copy.ChangesUntil is not null) || copy.Failure is not null)
        {
            await copies.RequestAsync(call.Tenant, copy.Id, CopyRunKind.Changes, cancellationToken);
        }
    }
}

/// <summary>How a list's copies stand.</summary>
/// <param name="Ids">Of the copies, in the order of their kinds.</param>
/// <param name="IsReady">They are as was asked for.</param>
/// <param name="Failure">Why they cannot be; null where it is not known that they cannot.</param>
/// <param name="Read">Contacts that have been read of those that are late.</param>
/// <param name="Expected">How many will be; null where nobody knows yet.</param>
internal sealed record ListStand(IReadOnlyList<Guid> Ids, bool IsReady, Failure? Failure, long Read, long? Expected);
