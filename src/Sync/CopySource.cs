using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Sync;

/// <summary>What is copied, and for whom.</summary>
/// <param name="Tenant">Whose copy it is.</param>
/// <param name="Id">The copy's.</param>
/// <param name="ConnectionId">Through which connection its source is read.</param>
/// <param name="Subject">Which part of the source: a module, a list.</param>
public sealed record CopyTarget(TenantId Tenant, Guid Id, string ConnectionId, string Subject);

/// <summary>
/// Where the records of a kind of copies come from. It is asked a page at a time, by one process at a time for each copy, and again for a page that was
/// read and not written. No transaction is open meanwhile.
/// </summary>
/// <remarks>
/// A refusal is a <see cref="Failure"/>: with <see cref="FailureKind.Unavailable"/> and <see cref="FailureKind.RateLimited"/> the copy tries again by
/// itself, with any other a person is needed. <see cref="SourceFailures.PositionExpired"/> has it begin the step anew.
/// </remarks>
public abstract class CopySource
{
    /// <summary>
    /// Whether pages go by the records themselves (behind this id), so that none slides over a border when others are deleted meanwhile. Where they are
    /// counted, everything is compared once more behind the first reading.
    /// </summary>
    public virtual bool PagesAreStable => false;

    /// <summary>
    /// Whether records say when they were changed, and are given by that and by their ids. Of a source that knows neither, only <see cref="ReadAllAsync"/>
    /// and <see cref="CountAsync"/> are asked: everything is read once it counts another number, and once in a while all the same.
    /// </summary>
    public virtual bool TellsTimes => true;

    /// <summary>Everything, page by page. What is changed meanwhile may be there or not: it is read as a change afterwards.</summary>
    public abstract Task<Result<SourcePage<SourceRecord>>> ReadAllAsync(CopyTarget copy, string position, CancellationToken cancellationToken);

    /// <summary>
    /// What was changed at <paramref name="from"/> or later, by time and id: a position says behind which record, since one that is changed meanwhile moves to
    /// the end and must take no other along. Asked only where <see cref="TellsTimes"/>.
    /// </summary>
    public virtual Task<Result<SourcePage<SourceRecord>>> ReadChangesAsync(
        CopyTarget copy, DateTimeOffset from, string position, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} tells no times.");

    /// <summary>
    /// Records by their ids, at most <see cref="MostById"/>: those that are there. Who is not in the answer is gone. Asked only where
    /// <see cref="TellsTimes"/>.
    /// </summary>
    public virtual Task<Result<FoundRecords>> ReadByIdAsync(CopyTarget copy, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} gives no record by its id.");

    /// <summary>How many ids <see cref="ReadByIdAsync"/> takes.</summary>
    public virtual int MostById => 100;

    /// <summary>All ids with their times: by default the records themselves, where the source has nothing cheaper.</summary>
    public virtual async Task<Result<SourcePage<SourceKey>>> ReadKeysAsync(CopyTarget copy, string position, CancellationToken cancellationToken) =>
        (await ReadAllAsync(copy, position, cancellationToken)).Succeeded(out var page, out var failure)
            ? new SourcePage<SourceKey>(
                [.. page.Items.Select(record => new SourceKey(record.Id, record.ModifiedAt))], page.Next, page.AnsweredAt, page.Calls)
            : failure;

    /// <summary>Whether the source tells what was deleted; of one that does not, it shows when everything is read.</summary>
    public virtual bool TellsDeletions => false;

    /// <summary>What was deleted at <paramref name="from"/> or later, in any order; asked only where <see cref="TellsDeletions"/>.</summary>
    public virtual Task<Result<SourcePage<SourceDeletion>>> ReadDeletionsAsync(
        CopyTarget copy, DateTimeOffset from, string position, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} tells no deletions.");

    /// <summary>
    /// How many records there are, in one call; null where the source does not say. What is left of a run is reckoned with it, and of a source that
    /// tells no times it says whether anything changed.
    /// </summary>
    public virtual Task<Result<SourceCount>> CountAsync(CopyTarget copy, CancellationToken cancellationToken) =>
        Task.FromResult<Result<SourceCount>>(new SourceCount(null, 0));
}

/// <summary>Records that were asked for by their ids.</summary>
/// <param name="Records">All that are there.</param>
/// <param name="Calls">How many requests it took.</param>
public sealed record FoundRecords(IReadOnlyList<SourceRecord> Records, int Calls = 1);

/// <summary>How many records a source has.</summary>
/// <param name="Records">Null where it does not say.</param>
/// <param name="Calls">How many requests it took.</param>
public sealed record SourceCount(long? Records, int Calls);

/// <summary>Failures that mean something to a copy.</summary>
public static class SourceFailures
{
    /// <summary>What a source answers to a position that is not good any more: the step is begun anew.</summary>
    public static readonly Failure PositionExpired = new(
        FailureKind.Unavailable, "position_expired", "The source does not know any more where reading had got to; it is read again from the beginning.");

    /// <summary>What a source answers where nobody has a use for the copy any more: it is deleted, and what its kind has written with it.</summary>
    public static readonly Failure NotWanted = new(FailureKind.NotFound, "copy_not_wanted", "Nobody asks for this copy any more; it is deleted.");
}
