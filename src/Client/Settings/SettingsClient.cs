using ZohoPlatform.Api.Settings;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Settings;

/// <summary>The tenant's OAuth clients and mailing list. Secrets come out masked.</summary>
public sealed class SettingsClient
{
    private const string Zoho = "api/settings/integrations/zoho";
    private const string HubSpot = "api/settings/integrations/hubspot";

    private readonly GatewayCalls _calls;

    internal SettingsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Role needed: admin.</summary>
    public Task<ZohoSettings> GetZohoAsync(CancellationToken cancellationToken = default) =>
        _calls.GetAsync(Zoho, PlatformJson.Default.ZohoSettings, cancellationToken);

    /// <summary>What is null stays as it is, and a mask sent back keeps its secret. Role needed: admin.</summary>
    public Task<ZohoSettings> UpdateZohoAsync(ZohoSettings settings, CancellationToken cancellationToken = default) => _calls.PostAsync(
        Zoho, settings, PlatformJson.Default.ZohoSettings, PlatformJson.Default.ZohoSettings, idempotencyKey: null, cancellationToken);

    /// <summary>Calls Zoho with the tenant's connection and reads the mailing list. Role needed: operator.</summary>
    public Task<SettingsTest> TestZohoAsync(CancellationToken cancellationToken = default) =>
        _calls.PostAsync($"{Zoho}/test", PlatformJson.Default.SettingsTest, idempotencyKey: null, cancellationToken);

    /// <summary>Role needed: admin.</summary>
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
