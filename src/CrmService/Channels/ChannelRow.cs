using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CrmService.Channels;

/// <summary>
/// A notification channel of Zoho CRM: one of a connection, for all modules of it that are followed. Its id is in the address that Zoho calls.
/// </summary>
internal sealed class ChannelRow
{
    public required TenantId TenantId { get; init; }

    /// <summary>Random: nobody guesses the address.</summary>
    public required Guid Id { get; init; }

    public required string ConnectionId { get; init; }

    /// <summary>Zoho's number of it, which is ours to choose.</summary>
    public required string ZohoId { get; init; }

    /// <summary>Of the token that Zoho sends along; null before the first. The token itself is kept nowhere: a renewal has a new one.</summary>
    public byte[]? TokenSha256 { get; set; }

    /// <summary>Of those that renewals bring which were not answered: Zoho may have any of them.</summary>
    public required byte[][] NextTokensSha256 { get; set; }

    /// <summary>When it was last made or renewed; null before the first time.</summary>
    public DateTimeOffset? MadeAt { get; set; }

    /// <summary>Somebody calls with another token, which may be Zoho: it is made anew.</summary>
    public bool IsDoubted { get; set; }

    /// <summary>What it was last made for; none before the first time.</summary>
    public required string[] Modules { get; set; }

    /// <summary>Where Zoho was last told to tell of changes; empty before the first time.</summary>
    public string Address { get; set; } = "";

    /// <summary>As Zoho said when it was made; null while there is none.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? NotifiedAt { get; set; }

    /// <summary>Why there is none, or one that will not last; empty where all is well.</summary>
    public string Code { get; set; } = "";

    /// <summary>The same in a sentence.</summary>
    public string Message { get; set; } = "";
}

/// <summary>When which channel is looked at next. It says whose a channel is to who knows its id alone.</summary>
internal sealed class QueuedChannel : QueuedWork;
