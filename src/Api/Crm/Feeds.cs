using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Crm;

/// <summary>How a feed stands.</summary>
[JsonConverter(typeof(ApiNameConverter<FeedState>))]
public enum FeedState
{
    Unknown,
    Active,

    /// <summary>A person stopped it.</summary>
    Paused,

    /// <summary>More records vanished than are deleted without a person's word, for which it waits.</summary>
    Asking,
}

/// <summary>What a feed reads.</summary>
[JsonConverter(typeof(ApiNameConverter<FeedRunKind>))]
public enum FeedRunKind
{
    Unknown,

    /// <summary>What was changed and deleted since the last.</summary>
    Changes,

    /// <summary>All ids and times are compared; what differs is read.</summary>
    Check,

    /// <summary>Everything is read.</summary>
    Full,
}

/// <summary>A module of Zoho CRM that is followed, because a service of the platform wants it, and how that goes.</summary>
/// <param name="Id">Of the feed.</param>
/// <param name="ConnectionId">Through which it is read.</param>
/// <param name="Module">By its API name, such as Leads or CustomModule5.</param>
/// <param name="State">active, paused or asking.</param>
/// <param name="Records">That exist at present.</param>
/// <param name="Fields">API names of the fields that are read.</param>
/// <param name="MissingFields">Those that somebody wants and that the organization does not have, or does not show to the connection's user.</param>
/// <param name="Subscribers">Services that want it.</param>
public sealed record Feed(
    string Id,
    string ConnectionId,
    string Module,
    FeedState State,
    long Records,
    IReadOnlyList<string> Fields,
    IReadOnlyList<string> MissingFields,
    IReadOnlyList<string> Subscribers)
{
    /// <summary>Up to when the changes are known, by Zoho's clock; absent until all records were read once.</summary>
    public DateTimeOffset? KnownUntilAt { get; init; }

    /// <summary>When all records were last read or compared.</summary>
    public DateTimeOffset? ComparedAt { get; init; }

    /// <summary>When Zoho last told of a change in it by itself; absent where it never did.</summary>
    public DateTimeOffset? NotifiedAt { get; init; }

    /// <summary>What it does now; absent while it waits for its turn.</summary>
    public FeedProgress? Progress { get; init; }

    /// <summary>Why it does not come forward, machine-read; absent while it does.</summary>
    public string? Code { get; init; }

    /// <summary>The same in a sentence, with what to do.</summary>
    public string? Message { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? FailedSinceAt { get; init; }

    /// <summary>How many records at least are deleted once a person allows it; absent where nobody is asked.</summary>
    public long? Vanishing { get; init; }

    public IReadOnlyList<string> Fields { get; init; } = Fields ?? [];

    public IReadOnlyList<string> MissingFields { get; init; } = MissingFields ?? [];

    public IReadOnlyList<string> Subscribers { get; init; } = Subscribers ?? [];
}

/// <summary>How far a feed is with what it does now.</summary>
/// <param name="Kind">changes, check or full.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Read">Records and ids that Zoho gave.</param>
/// <param name="Written">Records that were another one, new ones among them.</param>
/// <param name="Deleted">Records that are gone.</param>
/// <param name="Calls">Requests to Zoho.</param>
/// <param name="PerSecond">Records and ids a second, so far.</param>
public sealed record FeedProgress(
    FeedRunKind Kind, DateTimeOffset StartedAt, long Read, long Written, long Deleted, long Calls, double PerSecond)
{
    /// <summary>How many records will be read; absent where nobody knows.</summary>
    public long? Expected { get; init; }

    /// <summary>When it will have read all, as fast as it was so far; absent where nobody knows.</summary>
    public DateTimeOffset? EtaAt { get; init; }
}

/// <summary>A run of a feed that has ended.</summary>
/// <param name="Id">Of the run.</param>
/// <param name="Kind">changes, check or full.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Read">Records and ids that Zoho gave.</param>
/// <param name="Written">Records that were another one; of a run that compared everything what had been wrong.</param>
/// <param name="Deleted">Records that were gone.</param>
/// <param name="Calls">Requests to Zoho.</param>
/// <param name="Records">That existed at its end.</param>
public sealed record FeedRun(
    string Id, FeedRunKind Kind, DateTimeOffset StartedAt, DateTimeOffset EndedAt, long Read, long Written, long Deleted, long Calls, long Records);

/// <summary>A page of the tenant's feeds.</summary>
/// <param name="Feeds">Oldest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="Total">On all pages together.</param>
public sealed record FeedList(IReadOnlyList<Feed> Feeds, string? NextPageToken, int Total)
{
    public IReadOnlyList<Feed> Feeds { get; init; } = Feeds ?? [];
}

/// <summary>A page of a feed's runs.</summary>
/// <param name="Runs">Newest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="Total">On all pages together.</param>
public sealed record FeedRunList(IReadOnlyList<FeedRun> Runs, string? NextPageToken, int Total)
{
    public IReadOnlyList<FeedRun> Runs { get; init; } = Runs ?? [];
}

/// <summary>What a feed shall read at once.</summary>
public sealed record FeedRefresh
{
    /// <summary>changes, check or full; changes when absent.</summary>
    public FeedRunKind? Kind { get; init; }
}

/// <summary>A person's word on records that are gone from Zoho CRM, more than are deleted without it.</summary>
/// <param name="Delete">True: they are deleted here, too. False: they are not, and the feed rests until it is resumed.</param>
public sealed record DeletionsAnswer(bool Delete);
