using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.People;

/// <summary>A lead or contact of Zoho CRM as it was last told: the phones under which it can be found.</summary>
internal sealed class PersonRow
{
    public required TenantId TenantId { get; init; }

    /// <summary>API name.</summary>
    public required string Module { get; init; }

    public required string RecordId { get; init; }

    /// <summary>One for each phone of it.</summary>
    public required string[] PhoneKeys { get; set; }

    public required string Name { get; set; }

    /// <summary>The contact that a lead became; null while it is a lead.</summary>
    public string? ContactId { get; set; }
}

/// <summary>How far a module of a connection is followed.</summary>
internal sealed class FollowedModuleRow
{
    public required TenantId TenantId { get; init; }

    public required string Module { get; init; }

    /// <summary>In the queue.</summary>
    public required Guid Id { get; init; }

    /// <summary>API names of its phone fields.</summary>
    public required string[] Phones { get; set; }

    /// <summary>Of numbers without a country, by which the phones were read; empty where none was set.</summary>
    public string Region { get; set; } = "";

    /// <summary>Empty before the first subscription.</summary>
    public string ConnectionId { get; set; } = "";

    public string SubscriptionId { get; set; } = "";

    /// <summary>Of the last page that was stored.</summary>
    public long Position { get; set; }

    /// <summary>Up to when all is known, by Zoho's clock; null until everything was told once.</summary>
    public DateTimeOffset? KnownUntil { get; set; }
}
