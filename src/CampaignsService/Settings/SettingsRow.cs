using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Settings;

/// <summary>What one tenant has set.</summary>
internal sealed class SettingsRow
{
    public required TenantId TenantId { get; init; }

    /// <summary>Zoho's key of the mailing list; null while none is set.</summary>
    public string? ListKey { get; set; }

    /// <summary>32 random bytes that turn this tenant's addresses into the queue's subjects. Never changes.</summary>
    public required byte[] SubjectKey { get; init; }
}
