using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Settings;

/// <summary>The tenant's OAuth clients and mailing list. Secrets come out masked.</summary>
public sealed class SettingsClient
{
    private const string Zoho = "api/settings/integrations/zoho";
    private const string HubSpot = "api/settings/integrations/hubspot";

    private readonly GatewayCalls _calls;

    internal SettingsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Role needed: viewer.</summary>
    public Task<ZohoSettings> GetZohoAsync(CancellationToken cancellationToken = default) =>
        _calls.GetAsync(Zoho, PlatformJson.Default.ZohoSettings, cancellationToken);

    /// <summary>What is null stays as it is, and a mask sent back keeps its secret. Role needed: admin.</summary>
    public Task<ZohoSettings> UpdateZohoAsync(ZohoSettings settings, CancellationToken cancellationToken = default) => _calls.PostAsync(
        Zoho, settings, PlatformJson.Default.ZohoSettings, PlatformJson.Default.ZohoSettings, idempotencyKey: null, cancellationToken);

    /// <summary>Calls Zoho with the tenant's connection and reads the mailing list. Role needed: operator.</summary>
    public Task<SettingsTest> TestZohoAsync(CancellationToken cancellationToken = default) =>
        _calls.PostAsync($"{Zoho}/test", PlatformJson.Default.SettingsTest, idempotencyKey: null, cancellationToken);

    /// <summary>Role needed: viewer.</summary>
    public Task<HubSpotSettings> GetHubSpotAsync(CancellationToken cancellationToken = default) =>
        _calls.GetAsync(HubSpot, PlatformJson.Default.HubSpotSettings, cancellationToken);

    /// <summary>What is null stays as it is, and a mask sent back keeps its secret. Role needed: admin.</summary>
    public Task<HubSpotSettings> UpdateHubSpotAsync(
        HubSpotSettings settings, CancellationToken cancellationToken = default) => _calls.PostAsync(
        HubSpot,
        settings,
        PlatformJson.Default.HubSpotSettings,
        PlatformJson.Default.HubSpotSettings,
        idempotencyKey: null,
        cancellationToken);

    /// <summary>Calls HubSpot with the tenant's connection. Role needed: operator.</summary>
    public Task<SettingsTest> TestHubSpotAsync(CancellationToken cancellationToken = default) =>
        _calls.PostAsync($"{HubSpot}/test", PlatformJson.Default.SettingsTest, idempotencyKey: null, cancellationToken);
}

/// <summary>Zoho's side. In an answer, null is what is not set; in a change, what stays.</summary>
public sealed record ZohoSettings
{
    /// <summary>Of the client made in Zoho's API console.</summary>
    public string? ClientId { get; init; }

    /// <summary>One secret for all data centres.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>One secret per data centre, by its name; an empty one removes it.</summary>
    public IReadOnlyDictionary<string, string?>? ClientSecrets { get; init; }

    /// <summary>Where the client is registered: us, eu, in, au, jp, cn, ca, sa or uk.</summary>
    public string? Region { get; init; }

    /// <summary>Whether conversations go to Zoho CRM.</summary>
    public bool? CrmEnabled { get; init; }

    /// <summary>The organisation in Books and Inventory.</summary>
    public string? OrgId { get; init; }

    /// <summary>Overrides the data centre's API domain.</summary>
    public string? ApiDomain { get; init; }

    /// <summary>The mailing list that registrations go to.</summary>
    public string? CampaignsListKey { get; init; }

    // a record prints its members: some hold secrets
    public override string ToString() => nameof(ZohoSettings);
}

/// <summary>HubSpot's side. In an answer, null is what is not set; in a change, what stays.</summary>
public sealed record HubSpotSettings
{
    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public override string ToString() => nameof(HubSpotSettings);
}

/// <param name="Ok">Whether every check is.</param>
/// <param name="Checks">One by one.</param>
public sealed record SettingsTest(bool Ok, IReadOnlyList<SettingsCheck> Checks)
{
    public IReadOnlyList<SettingsCheck> Checks { get; init; } = Checks ?? [];
}

/// <param name="Name">connection or campaigns_list.</param>
/// <param name="Ok">Whether it works.</param>
/// <param name="Code">What is wrong, machine-read; null when ok.</param>
/// <param name="Message">What was found, and what to do.</param>
public sealed record SettingsCheck(string Name, bool Ok, string? Code, string Message);
