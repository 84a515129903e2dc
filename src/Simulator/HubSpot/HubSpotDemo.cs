using Microsoft.Extensions.Options;

namespace ZohoPlatform.Simulator.HubSpot;

/// <summary>An app made in a HubSpot developer account.</summary>
internal sealed record HubSpotApp(
    long AppId, string ClientId, string ClientSecret, string Name, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> Scopes);

/// <summary>A HubSpot account and the person in it who can install apps.</summary>
internal sealed record HubSpotPortal(
    long HubId, string Domain, string UiDomain, string DataHostingLocation, string TimeZone, string UtcOffset, long UserId, string Email);

/// <summary>The demo app and its portals, one in each of two of HubSpot's data centres. Configured, not kept.</summary>
internal sealed class HubSpotDemo(IOptions<SimulatorOptions> options)
{
    private const long DemoAppId = 3_000_001;

    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["oauth"] = "know which account it is connected to",
        ["crm.objects.contacts.read"] = "see contacts",
        ["crm.objects.contacts.write"] = "add, change and delete contacts",
        ["crm.objects.owners.read"] = "see the owners of records",
        ["crm.schemas.contacts.read"] = "see the properties of contacts",
        ["crm.schemas.contacts.write"] = "change the properties of contacts",
    };

    private readonly HubSpotDemoOptions _demo = options.Value.Demo.HubSpot;

    public HubSpotApp App => new(
        DemoAppId, _demo.ClientId, _demo.ClientSecret, _demo.Name, _demo.RedirectUrisOrDefault, [.. Words.Keys]);

    public string RefreshToken => _demo.RefreshToken;

    public static IReadOnlyList<HubSpotPortal> Portals { get; } =
    [
        new(24_000_001, "demo-company.example", HubSpotHosts.App, "na1", "US/Eastern", "-05:00", 70_000_001, "ada.na1@demo.example"),
        new(147_000_001, "demo-company-eu.example", HubSpotHosts.EuApp, "eu1", "Europe/Berlin", "+01:00", 70_000_002, "ada.eu1@demo.example"),
    ];

    public static IReadOnlyList<string> DemoScopes { get; } = ["crm.objects.contacts.read", "crm.objects.contacts.write", "oauth"];

    public static HubSpotPortal? FindPortal(long hubId) => Portals.FirstOrDefault(portal => portal.HubId == hubId);

    /// <summary>What a scope lets its holder do, in words.</summary>
    public static string Describe(string scope) => Words[scope];
}
