using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Sync;

/// <summary>How a copy is.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">The name of its kind.</param>
/// <param name="ConnectionId">Through which connection it is read.</param>
/// <param name="Subject">Of what it is.</param>
/// <param name="State">Whether it goes by itself.</param>
/// <param name="Rows">Live records.</param>
/// <param name="ChangesUntil">Up to when its source's changes are known, by the source's clock; null until everything was read once.</param>
/// <param name="ComparedAt">When everything was last read or compared.</param>
/// <param name="LastRunEndedAt">When it was last up to date.</param>
/// <param name="Run">What it does now; null while it waits for its turn.</param>
/// <param name="Wanted">The run that somebody asked for, or that has to follow, until it begins; else none.</param>
/// <param name="Code">Why it does not come forward; null while it does.</param>
/// <param name="Message">The same in a sentence.</param>
/// <param name="FailedSince">Since when.</param>
/// <param name="Vanishing">How many records at least are deleted once a person allows it.</param>
/// <param name="IgnoresFilter">Its source gave what was asked not to be given: it is compared as a whole each time, once a day.</param>
/// <param name="Failure">What stands in its way until it tries again, with the time until then; null while it tries.</param>
public sealed record CopyStatus(
    Guid Id,
    string Kind,
    string ConnectionId,
    string Subject,
    CopyState State,
    long Rows,
    DateTimeOffset? ChangesUntil,
    DateTimeOffset? ComparedAt,
    DateTimeOffset? LastRunEndedAt,
    CopyProgress? Run,
    CopyRunKind Wanted,
    string? Code,
    string? Message,
    DateTimeOffset? FailedSince,
    long Vanishing,
    bool IgnoresFilter,
    Failure? Failure);

/// <summary>How far a run is.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Read">Records and ids that the source gave.</param>
/// <param name="Written">Records that were another one, new ones among them.</param>
/// <param name="Deleted">Records that were gone.</param>
/// <param name="Calls">Requests to the source.</param>
/// <param name="Expected">How many will be read; null where nobody knows.</param>
/// <param name="PerSecond">Read in a second so far.</param>
/// <param name="EndsAt">When it will have read all, as fast as it was so far; null where nobody knows.</param>
public sealed record CopyProgress(
    CopyRunKind Kind,
    DateTimeOffset StartedAt,
    long Read,
    long Written,
    long Deleted,
    long Calls,
    long? Expected,
    double PerSecond,
    DateTimeOffset? EndsAt);

/// <summary>A run that has ended. One that compared everything is a report: what it wrote and deleted had been wrong.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What it was for.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Read">Records and ids that the source gave.</param>
/// <param name="Written">Records that were another one.</param>
/// <param name="Deleted">Records that were gone.</param>
/// <param name="Calls">Requests to the source.</param>
/// <param name="Rows">Live records at its end.</param>
public sealed record CopyRun(
    Guid Id,
    CopyRunKind Kind,
    DateTimeOffset StartedAt,
    DateTimeOffset EndedAt,
    long Read,
    long Written,
    long Deleted,
    long Calls,
    long Rows);
