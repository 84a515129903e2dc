using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Settings;

/// <summary>What one tenant has set. Texts are empty where nothing was.</summary>
internal sealed class SettingsRow
{
    public static readonly SealedColumn LinkKeys = new("messaging_settings", "link_key", "'settings'", "link_key");

    public required TenantId TenantId { get; init; }

    /// <summary>ISO 3166-1 alpha-2 of phones that are written without a country.</summary>
    public string DefaultRegion { get; set; } = "";

    /// <summary>API name or plural label of the module that messages become records of; empty for "Messages".</summary>
    public string MessagesModule { get; set; } = "";

    /// <summary>Digits, the organisation in addresses of Zoho CRM.</summary>
    public string CrmOrganizationId { get; set; } = "";

    public bool DailyNotes { get; set; }

    /// <summary>With <c>{conversation_id}</c> in it.</summary>
    public string DialogUrl { get; set; } = "";

    public string LeadSource { get; set; } = "";

    /// <summary>Signs the tenant's links; sealed.</summary>
    public required byte[] LinkKey { get; set; }

    public static SecretPlace LinkKeyOf(TenantId tenant) => new(tenant, "settings", LinkKeys.Field);
}
