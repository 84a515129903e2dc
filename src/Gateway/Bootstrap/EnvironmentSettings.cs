using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Bootstrap;

/// <summary>The demo tenant's settings under the names that apps use today for their own access to Zoho and HubSpot.</summary>
internal sealed record EnvironmentSettings(
    string? ClientId,
    string? ClientSecret,
    string? RefreshToken,
    string? Region,
    string? ListKey,
    bool? CrmEnabled,
    string? OrgId,
    string? ApiDomain,
    string? CrmOrganizationId,
    string? HubSpotClientId,
    string? HubSpotClientSecret)
{
    /// <summary>Reads the names that are set; says which one is wrong or contradicts another.</summary>
    public static Result<EnvironmentSettings> Read(IConfiguration configuration)
    {
        string? Value(string name) => configuration[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

        bool? crmEnabled = null;
        if (Value("ZOHO_CRM_ENABLED") is { } text)
        {
            crmEnabled = text.ToLowerInvariant() switch
            {
                "true" or "1" or "yes" => true,
                "false" or "0" or "no" => false,
                _ => null,
            };
            if (crmEnabled is null)
            {
                return Wrong("ZOHO_CRM_ENABLED", "must be true or false.");
            }
        }

        var settings = new EnvironmentSettings(
            Value("ZOHO_CLIENT_ID"),
            Value("ZOHO_CLIENT_SECRET"),
            Value("ZOHO_REFRESH_TOKEN"),
            // com is how many files say us: from zoho.com
            Value("ZOHO_REGION") is var region && "com".Equals(region, StringComparison.OrdinalIgnoreCase) ? "us" : region,
            Value("ZOHO_CAMPAIGNS_LIST_KEY"),
            crmEnabled,
            Value("ZOHO_BOOKS_ORG_ID"),
            Value("ZOHO_API_DOMAIN"),
            // the one in links into CRM: a call of Books with it would fail
            Value("ZOHO_ORG_ID"),
            Value("HUBSPOT_CLIENT_ID"),
            Value("HUBSPOT_CLIENT_SECRET"));

        return settings switch
        {
            { RefreshToken: not null, ClientId: null } => Wrong("ZOHO_CLIENT_ID", "is missing, though ZOHO_REFRESH_TOKEN is set: a refresh token works only with its client."),
            { ClientId: not null, ClientSecret: null } => Wrong("ZOHO_CLIENT_SECRET", "is missing, though ZOHO_CLIENT_ID is set."),
            { ClientId: null, ClientSecret: not null } => Wrong("ZOHO_CLIENT_ID", "is missing, though ZOHO_CLIENT_SECRET is set."),
            { HubSpotClientId: not null, HubSpotClientSecret: null } => Wrong("HUBSPOT_CLIENT_SECRET", "is missing, though HUBSPOT_CLIENT_ID is set."),
            { HubSpotClientId: null, HubSpotClientSecret: not null } => Wrong("HUBSPOT_CLIENT_ID", "is missing, though HUBSPOT_CLIENT_SECRET is set."),
            _ => settings,
        };
    }

    public bool IsEmpty => this == new EnvironmentSettings(null, null, null, null, null, null, null, null, null, null, null);

    public bool HasZohoClient => ClientId is not null || Region is not null || CrmEnabled is not null || OrgId is not null || ApiDomain is not null;

    // a record prints its members: some are secrets
    public override string ToString() => nameof(EnvironmentSettings);

    private static Failure Wrong(string name, string message) => Failure.InvalidField(name, $"{name} {message}");
}
