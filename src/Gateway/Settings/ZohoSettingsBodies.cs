using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Settings;

/// <summary>The tenant's Zoho settings. What is absent stays as it is; a secret that equals its mask is kept.</summary>
/// <param name="ClientId">Of the client made in Zoho's API console; begins with 1000.</param>
/// <param name="ClientSecret">One secret for all data centres ("use the same OAuth credentials for all data centers").</param>
/// <param name="ClientSecrets">One secret per data centre, by its name; an empty one removes it.</param>
/// <param name="Region">The data centre where the client is registered: us, eu, in, au, jp, cn, ca, sa or uk.</param>
/// <param name="CrmEnabled">Whether conversations go to Zoho CRM.</param>
/// <param name="OrgId">The organisation in Books and Inventory.</param>
/// <param name="ApiDomain">Overrides the data centre's API domain; only Zoho's own are taken.</param>
/// <param name="CampaignsListKey">The mailing list that registrations go to.</param>
internal sealed record ZohoSettings(
    string? ClientId,
    string? ClientSecret,
    IReadOnlyDictionary<string, string?>? ClientSecrets,
    string? Region,
    bool? CrmEnabled,
    string? OrgId,
    string? ApiDomain,
    string? CampaignsListKey)
{
    // in the contract's map: the secret of all data centres
    private const string AllDataCentres = "";

    public Result<UpdateSettingsRequest> ToTokens()
    {
        var request = new UpdateSettingsRequest { Provider = Provider.Zoho };
        if (ClientId is not null)
        {
            request.ClientId = ClientId;
        }

        if (Region is not null)
        {
            request.Region = Region;
        }

        if (CrmEnabled is { } crmEnabled)
        {
            request.CrmEnabled = crmEnabled;
        }

        if (OrgId is not null)
        {
            request.OrganizationId = OrgId;
        }

        if (ApiDomain is not null)
        {
            request.ApiDomain = ApiDomain;
        }

        foreach (var (dataCentre, secret) in ClientSecrets ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            if (string.IsNullOrWhiteSpace(dataCentre))
            {
                return Failure.InvalidField("client_secrets", "client_secrets goes by data centre; the secret for all of them is client_secret.");
            }

            request.ClientSecrets[dataCentre] = secret ?? "";
        }

        if (ClientSecret is not null)
        {
            request.ClientSecrets[AllDataCentres] = ClientSecret;
        }

        return request;
    }

    public static ZohoSettings Of(IntegrationSettings tokens, CampaignsSettings campaigns) => new(
        OrNull(tokens.ClientId),
        tokens.ClientSecrets.GetValueOrDefault(AllDataCentres),
        tokens.ClientSecrets.Where(entry => entry.Key != AllDataCentres).ToDictionary(e => e.Key, e => (string?)e.Value, StringComparer.Ordinal),
        OrNull(tokens.Region),
        tokens.CrmEnabled,
        OrNull(tokens.OrganizationId),
        OrNull(tokens.ApiDomain),
        OrNull(campaigns.ListKey));

    // a record prints its members: some hold secrets
    public override string ToString() => nameof(ZohoSettings);

    private static string? OrNull(string value) => value.Length == 0 ? null : value;
}

/// <summary>The tenant's HubSpot client. What is absent stays as it is; a secret that equals its mask is kept.</summary>
internal sealed record HubSpotSettings(string? ClientId, string? ClientSecret)
{
    public UpdateSettingsRequest ToTokens()
    {
        var request = new UpdateSettingsRequest { Provider = Provider.Hubspot };
        if (ClientId is not null)
        {
            request.ClientId = ClientId;
        }

        if (ClientSecret is not null)
        {
            request.ClientSecrets[""] = ClientSecret;
        }

        return request;
    }

    public static HubSpotSettings Of(IntegrationSettings tokens) =>
        new(tokens.ClientId.Length == 0 ? null : tokens.ClientId, tokens.ClientSecrets.GetValueOrDefault(""));

    public override string ToString() => nameof(HubSpotSettings);
}

/// <summary>What a trial of the settings found, check by check.</summary>
internal sealed record SettingsTest(bool Ok, IReadOnlyList<SettingsCheck> Checks);

/// <summary>One check of the settings.</summary>
/// <param name="Name">connection or campaigns_list.</param>
/// <param name="Ok">Whether it works.</param>
/// <param name="Code">What is wrong, machine-read; absent when ok.</param>
/// <param name="Message">What was found, and what to do.</param>
internal sealed record SettingsCheck(string Name, bool Ok, string? Code, string Message);
