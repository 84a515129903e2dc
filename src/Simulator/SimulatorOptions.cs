using Microsoft.Extensions.Options;
using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Hosts;

namespace ZohoPlatform.Simulator;

/// <summary>What the simulator holds at its start. Bound from <c>Simulator</c>; a wrong value stops the start.</summary>
internal sealed class SimulatorOptions
{
    public const string Section = "Simulator";

    /// <summary>Where the world is kept over restarts (JSON). Nothing is kept when it is not set.</summary>
    public string? StateFile { get; set; }

    /// <summary>The demo client, organisations and list that every fresh world has.</summary>
    public DemoOptions Demo { get; set; } = new();
}

/// <summary>The demo world's names and credentials. All of them are fake, and the defaults look it.</summary>
internal sealed class DemoOptions
{
    public string ClientId { get; set; } = "1000.fake-demo-client";

    public string ClientName { get; set; } = "Zoho platform (demo)";

    /// <summary>Client secret by data centre code; others have <c>fake-demo-secret-{code}</c>.</summary>
    public Dictionary<string, string> Secrets { get; set; } = [];

    /// <summary>Ready refresh token by data centre code; others have <c>1000.fake-demo-refresh-{code}</c>.</summary>
    public Dictionary<string, string> RefreshTokens { get; set; } = [];

    /// <summary>Where the consent page may send people back to; the gateway's callback when none is given.</summary>
    public List<string> RedirectUris { get; set; } = [];

    /// <summary>
    /// What the ready refresh token may do, comma separated: what the consent page is asked for with the features campaigns and crm and no
    /// more, so that the demo hides nothing that is missing.
    /// </summary>
    public string Scopes { get; set; } =
        "AaaServer.profile.READ,ZohoCampaigns.contact.UPDATE,ZohoCampaigns.contact.CREATE,ZohoCampaigns.contact.READ,ZohoCampaigns.campaign.READ,"
        + "ZohoCRM.modules.leads.ALL,ZohoCRM.modules.contacts.ALL,ZohoCRM.modules.custom.ALL,ZohoCRM.modules.notes.ALL,"
        + "ZohoCRM.modules.calls.CREATE,ZohoCRM.settings.modules.READ,ZohoCRM.settings.fields.READ,ZohoCRM.settings.layouts.READ,"
        + "ZohoCRM.settings.tags.ALL,ZohoCRM.users.READ,ZohoCRM.org.READ,ZohoSearch.securesearch.READ,ZohoCRM.coql.READ,ZohoCRM.bulk.READ,"
        + "ZohoCRM.notifications.ALL";

    /// <summary>Whether the organisations' CRM has a module for messages and some people; it is empty without.</summary>
    public bool CrmData { get; set; }

    /// <summary>Whether the organisations' Books, Inventory and Invoice have some contacts, items, invoices and sales orders.</summary>
    public bool FinanceData { get; set; }

    public string ListName { get; set; } = "Registered users";

    public string ListKey { get; set; } = "3zfade00000000000000000000000000000000000000000000000000000000de70";

    /// <summary>The app that HubSpot knows.</summary>
    public HubSpotDemoOptions HubSpot { get; set; } = new();

    public string SecretFor(DataCentre dataCentre) =>
        Secrets.TryGetValue(dataCentre.Code, out var secret) ? secret : $"fake-demo-secret-{dataCentre.Code}";

    public string RefreshTokenFor(DataCentre dataCentre) =>
        RefreshTokens.TryGetValue(dataCentre.Code, out var token)
            ? token
            : $"1000.fake-demo-refresh-{dataCentre.Code}";

    public IReadOnlyList<string> RedirectUrisOrDefault => RedirectUris.Count > 0
        ? RedirectUris
        : ["http://127.0.0.1:8080/api/v1/crm/zoho/callback", "http://localhost:8080/api/v1/crm/zoho/callback"];
}

/// <summary>The demo app of HubSpot, which has one secret everywhere.</summary>
internal sealed class HubSpotDemoOptions
{
    public string ClientId { get; set; } = "fake-hubspot-client";

    public string ClientSecret { get; set; } = "fake-hubspot-secret";

    public string Name { get; set; } = "Zoho platform (demo)";

    /// <summary>Ready refresh token for the first portal.</summary>
    public string RefreshToken { get; set; } = "fake-hubspot-refresh";

    /// <summary>Where the consent page may send people back to; the gateway's callback when none is given.</summary>
    public List<string> RedirectUris { get; set; } = [];

    public IReadOnlyList<string> RedirectUrisOrDefault => RedirectUris.Count > 0
        ? RedirectUris
        : ["http://127.0.0.1:8080/api/v1/crm/hubspot/callback", "http://localhost:8080/api/v1/crm/hubspot/callback"];
}

internal sealed class SimulatorOptionsValidator : IValidateOptions<SimulatorOptions>
{
    public ValidateOptionsResult Validate(string? name, SimulatorOptions options)
    {
        var demo = options.Demo;
        var problems = new List<string>();

        if (!demo.ClientId.StartsWith("1000.", StringComparison.Ordinal))
        {
            problems.Add("Simulator:Demo:ClientId must begin with \"1000.\", as Zoho's do.");
        }

        foreach (var (setting, text) in new[]
            {
                ("ClientName", demo.ClientName), ("ListName", demo.ListName), ("ListKey", demo.ListKey),
                ("HubSpot:ClientId", demo.HubSpot.ClientId), ("HubSpot:ClientSecret", demo.HubSpot.ClientSecret),
                ("HubSpot:Name", demo.HubSpot.Name), ("HubSpot:RefreshToken", demo.HubSpot.RefreshToken),
            })
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                problems.Add($"Simulator:Demo:{setting} must not be empty.");
            }
        }

        foreach (var (setting, values) in new[] { ("Secrets", demo.Secrets), ("RefreshTokens", demo.RefreshTokens) })
        {
            foreach (var (code, value) in values)
            {
                if (DataCentre.Find(code) is null)
                {
                    problems.Add($"Simulator:Demo:{setting}:{code}: there is no such data centre.");
                }
                else if (string.IsNullOrWhiteSpace(value))
                {
                    problems.Add($"Simulator:Demo:{setting}:{code} must not be empty.");
                }
            }
        }

        foreach (var uri in demo.RedirectUris.Concat(demo.HubSpot.RedirectUris)
            .Where(uri => !Uri.IsWellFormedUriString(uri, UriKind.Absolute)))
        {
            problems.Add($"Simulator:Demo:RedirectUris: \"{uri}\" is not an absolute address.");
        }

        var scopes = Scopes.Parse(demo.Scopes);
        if (scopes.Count == 0)
        {
            problems.Add("Simulator:Demo:Scopes must not be empty.");
        }
        else if (Scopes.FirstUnknown(scopes) is { } unknown)
        {
            problems.Add($"Simulator:Demo:Scopes: \"{unknown}\" is not a scope the simulator knows.");
        }

        return problems.Count > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }
}
