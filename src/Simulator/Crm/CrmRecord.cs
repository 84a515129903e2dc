namespace ZohoPlatform.Simulator.Crm;

/// <summary>Where a lead went.</summary>
internal sealed record Conversion(DateTimeOffset At, long? Account, long? Contact, long? Deal);

/// <summary>
/// A record as the source has it. Its values are replaced as a whole, never changed in place, so that an index that lags behind can keep
/// those of before. Changed by <see cref="CrmModule"/> only.
/// </summary>
internal sealed class CrmRecord(long id, string module, long user, DateTimeOffset now, long sequence)
{
    public long Id { get; } = id;

    public string Module { get; } = module;

    /// <summary>Rises with every record of the organisation: which of two calls came first.</summary>
    public long Sequence { get; } = sequence;

    public object?[] Values { get; set; } = [];

    public long Owner { get; set; } = user;

    public long CreatedBy { get; } = user;

    public long ModifiedBy { get; set; } = user;

    /// <summary>Whole seconds.</summary>
    public DateTimeOffset CreatedAt { get; } = now;

    /// <summary>Whole seconds.</summary>
    public DateTimeOffset ModifiedAt { get; set; } = now;

    public long? Layout { get; set; }

    /// <summary>Ids of tags.</summary>
    public IReadOnlyList<long> Tags { get; set; } = [];

    public Conversion? Conversion { get; set; }

    /// <summary>Locked: a merge with it is under way.</summary>
    public bool InMerge { get; set; }

    /// <summary>What the search index held before the last change; null when the record was not there.</summary>
    public object?[]? IndexedBefore { get; set; }
}

/// <summary>A record that is no longer there.</summary>
/// <param name="Record">As it was.</param>
/// <param name="At">When.</param>
/// <param name="By">The user.</param>
/// <param name="Permanent">Not in the recycle bin, and nothing is known of it but its id.</param>
internal sealed record DeletedRecord(CrmRecord Record, DateTimeOffset At, long By, bool Permanent);
