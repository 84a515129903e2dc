using Microsoft.Extensions.Options;
using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Campaigns;
using ZohoPlatform.Simulator.Crm;
using ZohoPlatform.Simulator.Finance;
using ZohoPlatform.Simulator.Hosts;
using ZohoPlatform.Simulator.HubSpot;

namespace ZohoPlatform.Simulator.World;

/// <summary>What a fresh simulator holds: a client, and in every data centre an organisation, a person and a ready refresh token.</summary>
internal sealed class DemoWorld(
    IOptions<SimulatorOptions> options, Directory directory, TokenLedger ledger, CampaignsAccounts accounts, HubSpotLedger hubSpot,
    CrmOrganisations crm, FinanceOrganisations finance, TimeProvider clock)
{
    private static readonly string[] CustomFields = ["Country", "Language", "Production Type", "Category"];

    private readonly DemoOptions _demo = options.Value.Demo;

    public OAuthClient Client => new(
        _demo.ClientId, _demo.ClientName, _demo.RedirectUrisOrDefault,
        DataCentre.All.ToDictionary(dc => dc.Code, _demo.SecretFor, StringComparer.Ordinal));

    public IReadOnlyList<string> Scopes => Accounts.Scopes.Parse(_demo.Scopes);

    public string ListKey => _demo.ListKey;

    public string ListName => _demo.ListName;

    public string RefreshTokenOf(DataCentre dataCentre) => _demo.RefreshTokenFor(dataCentre);

    public static ZohoOrganisation OrganisationOf(DataCentre dataCentre) =>
        new(60_000_000_001 + IndexOf(dataCentre), dataCentre.Code, "Demo Company");

    public static ZohoUser UserOf(DataCentre dataCentre) => new(
        10_000_000_001 + IndexOf(dataCentre), dataCentre.Code, $"ada.{dataCentre.Code}@demo.example", "Ada", "Example",
        OrganisationOf(dataCentre).Id);

    public void Build()
    {
        directory.Restore(new([Client], [], []));
        ledger.Restore(new([], [], []));
        accounts.Restore([]);
        crm.Clear();
        finance.Clear();
        hubSpot.Build();
        foreach (var dataCentre in DataCentre.All)
        {
            var user = UserOf(dataCentre);
            directory.Add(OrganisationOf(dataCentre));
            directory.Add(user);
            ledger.MintRefreshToken(new(_demo.ClientId, user.Zuid, dataCentre.Code, Scopes), RefreshTokenOf(dataCentre));
            if (dataCentre.CampaignsHost is not null)
            {
                FillCampaigns(accounts.Of(user.OrganisationId));
            }
        }
    }

    /// <summary>After a restart from a file: the client as it is configured now, everything else as it was left.</summary>
    public void PutClient()
    {
        var known = directory.FindClient(_demo.ClientId)?.RedirectUris ?? [];
        directory.Put(Client with { RedirectUris = [.. Client.RedirectUris.Union(known, StringComparer.Ordinal)] });
    }

    private void FillCampaigns(CampaignsAccount account)
    {
        lock (account.Gate)
        {
            for (var i = 0; i < CustomFields.Length; i++)
            {
                account.AddField(CustomFields[i], $"CUSTOM_{i + 1}", "text", isCustom: true);
            }

            account.AddList(_demo.ListName, hasSignupForm: false, clock.GetUtcNow(), _demo.ListKey);
        }
    }

    private static int IndexOf(DataCentre dataCentre) => DataCentre.All.Index().First(row => row.Item == dataCentre).Index;
}
