using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Settings;

/// <summary>What is known of a tenant's Zoho CRM, and why nothing can be synced to it at the moment.</summary>
internal sealed class CrmStateRow
{
    public required TenantId TenantId { get; init; }

    /// <summary>Through which it was asked; what is known of another one is not known of this.</summary>
    public string ConnectionId { get; set; } = "";

    /// <summary>As Zoho names it: eu.</summary>
    public string DataCentre { get; set; } = "";

    /// <summary>The organisation's number in addresses, digits; empty while it is not known.</summary>
    public string Zgid { get; set; } = "";

    /// <summary>How messages are written, JSON; null while it is not known.</summary>
    public string? Shape { get; set; }

    public DateTimeOffset? ShapeReadAt { get; set; }

    /// <summary>Why nothing is synced, for all of the tenant; empty while it is.</summary>
    public string Code { get; set; } = "";

    public string Message { get; set; } = "";

    public int Failures { get; set; }

    public DateTimeOffset? Until { get; set; }
}
