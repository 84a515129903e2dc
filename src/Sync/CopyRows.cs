using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sync;

/// <summary>Whether a copy goes by itself.</summary>
public enum CopyState
{
    Active = 1,

    /// <summary>A person stopped it.</summary>
    Paused = 2,

    /// <summary>More records vanished than may without a person's word.</summary>
    Asking = 3,
}

/// <summary>What a run is for.</summary>
public enum CopyRunKind
{
    None = 0,

    /// <summary>What was changed and deleted since the last.</summary>
    Changes = 1,

    /// <summary>All ids and times are compared; what differs is read.</summary>
    Check = 2,

    /// <summary>Everything is read.</summary>
    Full = 3,
}

/// <summary>What a run does next. It takes them in this order and leaves out those that its kind does not need.</summary>
internal enum CopyStep
{
    Begin = 0,
    Records = 1,
    Keys = 2,

    /// <summary>Those that were not seen.</summary>
    Vanished = 3,
    Changes = 4,
    Deletions = 5,
}

/// <summary>A copy: what it is of, where it stands, and its run.</summary>
internal sealed class CopyRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string Kind { get; init; }

    public required string ConnectionId { get; init; }

    public required string Subject { get; init; }

    public required CopyState State { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Live records.</summary>
    public long Rows { get; set; }

    /// <summary>Up to and with this second of the source's, changes are known; null until everything was read once.</summary>
    public DateTimeOffset? ChangesUntil { get; set; }

    /// <summary>The same of deletions.</summary>
    public DateTimeOffset? DeletionsUntil { get; set; }

    /// <summary>When deletions were last looked for, by the service's clock.</summary>
    public DateTimeOffset? DeletionsReadAt { get; set; }

    /// <summary>When everything was last read or compared.</summary>
    public DateTimeOffset? ComparedAt { get; set; }

    public DateTimeOffset? LastRunEndedAt { get; set; }

    /// <summary>The source gave what was asked not to be given: its word that nothing changed is worth nothing.</summary>
    public bool IgnoresFilter { get; set; }

    /// <summary>What the source counted when everything was last read; null where it does not count.</summary>
    public long? Counted { get; set; }

    /// <summary>When the last run that read everything began.</summary>
    public DateTimeOffset? ReadFrom { get; set; }

    /// <summary>
    /// When the service last changed something at the source itself, so that an equal number may be another's. Written beside whoever works on the copy.
    /// </summary>
    public DateTimeOffset? CountVoidAt { get; init; }

    /// <summary>Whether a number that the source counts now says that nothing has changed.</summary>
    public bool IsStill(long? count) => count == Counted && !(CountVoidAt >= ReadFrom);

    /// <summary>The run that somebody asked for.</summary>
    public CopyRunKind Wanted { get; set; }

    /// <summary>Why it does not come forward; empty while it does.</summary>
    public string Code { get; set; } = "";

    public FailureKind? FailureKind { get; set; }

    public string Message { get; set; } = "";

    public DateTimeOffset? FailedSince { get; set; }

    /// <summary>The source is not asked before, whoever has something to say.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>The cause that was told; empty where none is.</summary>
    public string ToldCode { get; set; } = "";

    // the run
    public Guid? RunId { get; set; }

    public CopyRunKind RunKind { get; set; }

    public CopyStep Step { get; set; }

    /// <summary>Where the step's next page begins.</summary>
    public string Position { get; set; } = "";

    /// <summary>From when on this step asks.</summary>
    public DateTimeOffset? StepFrom { get; set; }

    /// <summary>When the source answered the run's first page, by its clock.</summary>
    public DateTimeOffset? RunSourceTime { get; set; }

    /// <summary>When it answered the step's.</summary>
    public DateTimeOffset? StepSourceTime { get; set; }

    /// <summary>Records that were seen in the run that reads everything have its number.</summary>
    public long Generation { get; set; }

    /// <summary>The number of the last run that read everything to its end: what that one had not seen either is gone.</summary>
    public long ReadGeneration { get; set; }

    /// <summary>The run may have missed some, and is followed by another that reads everything.</summary>
    public bool ReadsAgain { get; set; }

    /// <summary>The run follows one that may have missed some, and is not followed by another.</summary>
    public bool IsSecondReading { get; set; }

    public DateTimeOffset? RunStartedAt { get; set; }

    public long RunRead { get; set; }

    public long RunWritten { get; set; }

    public long RunDeleted { get; set; }

    public long RunCalls { get; set; }

    public int RunRestarts { get; set; }

    /// <summary>How many records the run will read; null where nobody knows.</summary>
    public long? RunExpected { get; set; }

    /// <summary>Hints were followed last: the run's page comes next.</summary>
    public bool FollowedLast { get; set; }

    /// <summary>Of all runs and hints since everything was last compared, or a person last allowed it.</summary>
    public long DeletedUnasked { get; set; }

    /// <summary>How many records at least wait for a person's word to be deleted.</summary>
    public long Vanishing { get; set; }

    /// <summary>A person said that they may.</summary>
    public bool DeletionsAllowed { get; set; }

    public CopyTarget Target => new(TenantId, Id, ConnectionId, Subject);
}

/// <summary>A record of a copy: enough to tell whether the source's is another one. Its content is where the kind has written it.</summary>
internal sealed class CopyRecordRow
{
    public required TenantId TenantId { get; init; }

    public required Guid CopyId { get; init; }

    public required string RecordId { get; init; }

    public required DateTimeOffset ModifiedAt { get; init; }

    public required byte[] ContentSha256 { get; init; }

    public required long Generation { get; init; }

    /// <summary>Null while it is there.</summary>
    public DateTimeOffset? DeletedAt { get; init; }
}

/// <summary>A run that has ended.</summary>
internal sealed class CopyRunRow
{
    public required TenantId TenantId { get; init; }

    public required Guid CopyId { get; init; }

    public required Guid Id { get; init; }

    public required CopyRunKind Kind { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    public required long Read { get; init; }

    public required long Written { get; init; }

    public required long Deleted { get; init; }

    public required long Calls { get; init; }

    /// <summary>Live records at its end.</summary>
    public required long Rows { get; init; }
}

/// <summary>A record of which somebody said that it was changed.</summary>
internal sealed class CopyHintRow
{
    public required TenantId TenantId { get; init; }

    public required Guid CopyId { get; init; }

    public required string RecordId { get; init; }

    /// <summary>Which saying it was: another one of the same record is another hint.</summary>
    public required Guid Id { get; init; }
}

/// <summary>When which copy is looked at next.</summary>
internal sealed class QueuedCopy : QueuedWork;
