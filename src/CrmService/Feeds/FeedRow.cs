using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CrmService.Feeds;

/// <summary>A module of a connection that is followed. It has the id of its copy.</summary>
internal sealed class FeedRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string ConnectionId { get; init; }

    /// <summary>By its API name.</summary>
    public required string Module { get; init; }

    /// <summary>API names of what somebody wants of its records, in order.</summary>
    public required string[] Fields { get; set; }

    /// <summary>Those of them that the organisation did not have when it was last looked.</summary>
    public required string[] MissingFields { get; set; }

    /// <summary>Of the last change that is told.</summary>
    public long Position { get; set; }

    /// <summary>When Zoho last told of a change in it.</summary>
    public DateTimeOffset? NotifiedAt { get; set; }
}

/// <summary>A record as it was last seen. It has one place, that of its last change: who reads by position is told of it once, or again.</summary>
internal sealed class FeedRecordRow
{
    public required TenantId TenantId { get; init; }

    public required Guid FeedId { get; init; }

    /// <summary>Zoho's.</summary>
    public required string RecordId { get; init; }

    public required long Position { get; init; }

    /// <summary>By Zoho; of one that is gone, when that was noticed.</summary>
    public required DateTimeOffset ModifiedAt { get; init; }

    /// <summary>A JSON object of the feed's fields; null where it is gone.</summary>
    public string? Content { get; init; }
}
