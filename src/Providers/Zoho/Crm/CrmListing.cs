using System.Text.Json;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>Which records of a module are listed, and how.</summary>
/// <param name="Fields">
/// API names of what is wanted beside <c>id</c> and <c>Modified_Time</c>, which always come; one at least, any number.
/// </param>
public sealed record CrmListing(IReadOnlyList<string> Fields)
{
    /// <summary>
    /// Only what was changed after it; to whole seconds. Whether at that second is not known: go back by some and leave out what is known.
    /// Deletions, conversions and merges are not told by it.
    /// </summary>
    public DateTimeOffset? ModifiedSince { get; init; }

    /// <summary>
    /// <c>id</c>, <c>Created_Time</c> or <c>Modified_Time</c>; null for Zoho's own order. A sorted call is one of ten that Zoho works on at
    /// once.
    /// </summary>
    public string? SortBy { get; init; }

    public bool Descending { get; init; }

    /// <summary>Of leads: whether converted ones are listed; null for those alone that are not.</summary>
    public CrmConverted? Converted { get; init; }
}

/// <summary>What happens to converted leads in a list.</summary>
public enum CrmConverted
{
    /// <summary>They are left out.</summary>
    Left,

    /// <summary>They alone are shown.</summary>
    Only,

    Both,
}

/// <summary>Where a list goes on. Can be kept: <see cref="Token"/> for 24 hours, by the same user and for the same listing.</summary>
/// <param name="Page">The number of the next page; 1 is the first.</param>
/// <param name="Token">Zoho's own mark, after the first 2,000 records; null before.</param>
public sealed record CrmCursor(int Page, string? Token);

/// <summary>Records that were read.</summary>
/// <param name="Records">In the order in which Zoho showed them.</param>
/// <param name="Unread">
/// Ids of those that were shown and could not be read whole, because they changed or vanished while their parts were read.
/// </param>
public sealed record CrmFoundRecords(IReadOnlyList<CrmRecord> Records, IReadOnlyList<string> Unread)
{
    internal static readonly CrmFoundRecords None = new([], []);
}

/// <summary>One page of records.</summary>
/// <param name="Found">What is on it.</param>
/// <param name="Next">Where the list goes on; null at its end.</param>
public sealed record CrmRecordPage(CrmFoundRecords Found, CrmCursor? Next);

/// <summary>Which deleted records are listed.</summary>
public enum CrmDeletion
{
    All,

    /// <summary>In the recycle bin; somebody may take them out again, and the old id lives on.</summary>
    Recycled,

    /// <summary>For good.</summary>
    Permanent,
}

/// <summary>A record that was deleted.</summary>
/// <param name="Id">Digits.</param>
/// <param name="IsPermanent">Whether it has left the recycle bin; the same record may be told twice.</param>
/// <param name="DeletedTime">When; null where Zoho does not say.</param>
/// <param name="DeletedBy">By whom; null of many permanent ones.</param>
public sealed record CrmDeleted(string Id, bool IsPermanent, DateTimeOffset? DeletedTime, CrmLookup? DeletedBy)
{
    internal static CrmDeleted? Read(JsonElement entry) => CrmRecord.Read(entry) is { } record
        ? new CrmDeleted(record.Id, entry.Text("type") == "permanent", record.Time("deleted_time"), record.Lookup("deleted_by"))
        : null;
}

/// <summary>One page of deleted records.</summary>
/// <param name="Records">Those on it.</param>
/// <param name="NextPage">The number of the next one; null at the end.</param>
/// <param name="SentAt">When Zoho sent the page, by its own clock and to the second; null where it does not say.</param>
public sealed record CrmDeletedPage(IReadOnlyList<CrmDeleted> Records, int? NextPage, DateTimeOffset? SentAt);
