using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Campaigns;
using ZohoPlatform.Simulator.Control;
using ZohoPlatform.Simulator.Crm;
using ZohoPlatform.Simulator.Hosts;
using ZohoPlatform.Simulator.HubSpot;
using ZohoPlatform.Simulator.Traffic;
using ZohoPlatform.Simulator.World;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Pages;

/// <summary>The page at <c>/</c>, and the state it shows: names and counts, tokens and secrets as fingerprints only.</summary>
internal static class StatePage
{
    private const int ShownContacts = 50;

    public static void MapStatePage(this IEndpointRouteBuilder routes)
    {
        var page = EmbeddedPages.Read("index.html");
        routes.MapGet("/", () => Results.Content(page, "text/html;charset=UTF-8"));
    }

    public static void MapState(this IEndpointRouteBuilder controls) => controls.MapGet("/state", State);

    private static PageState State(
        SimulatorClock clock, Outage outage, Directory directory, TokenLedger ledger, CampaignsAccounts accounts, MethodQuotas quotas,
        CallLedger calls, FaultPlan faults, SettingsStore settings, HubSpotDemo hubSpot, HubSpotLedger hubSpotTokens,
        CrmOrganisations crm)
    {
        var held = directory.Snapshot();
        var counts = calls.Counts();
        return new(
            new(clock.GetUtcNow(), clock.Frozen),
            outage.Mode,
            [.. DataCentre.All.Select(dc => new PageDataCentre(
                dc.Code, dc.AccountsHost, dc.CampaignsHost, counts.Where(row => row.DataCentre == dc.Code).Sum(row => row.Count)))],
            [.. held.Clients.Select(client => new PageClient(
                client.ClientId, client.Name, client.RedirectUris,
                client.Secrets.ToDictionary(
                    secret => secret.Key, secret => TokenLedger.Fingerprint(secret.Value), StringComparer.Ordinal)))],
            [.. held.Users.Select(user => new PageUser(
                user.Zuid, user.DataCentre, user.Email, user.DisplayName,
                directory.FindOrganisation(user.OrganisationId)?.Name ?? "", user.OrganisationId))],
            [.. ledger.Grants().Select(grant => new PageToken(
                TokenLedger.Fingerprint(grant.Token.Value), grant.Token.Consent.DataCentre, grant.Token.Consent.ClientId,
                grant.Token.Consent.Zuid, grant.Token.Consent.Scopes, grant.Token.IssuedAt, grant.LiveAccessTokens, grant.RecentRefreshes, grant.BlockedUntil))],
            [.. held.Organisations.SelectMany(organisation => Lists(organisation, accounts.Of(organisation.Id)))],
            TrafficControls.Quotas(quotas),
            counts,
            calls.Recent(),
            [.. faults.All().Select(FaultControls.Describe)],
            settings.Current,
            new(hubSpot.App.ClientId, hubSpot.App.Name, hubSpot.App.RedirectUris, TokenLedger.Fingerprint(hubSpot.App.ClientSecret),
                [.. hubSpotTokens.Grants().Select(grant => new PageHubSpotToken(
                    TokenLedger.Fingerprint(grant.Token.Value), grant.Token.Consent.HubId,
                    HubSpotDemo.FindPortal(grant.Token.Consent.HubId)!.Domain, grant.Token.Consent.Scopes, grant.Token.IssuedAt,
                    grant.LiveAccessTokens))]),
            [.. crm.Made().SelectMany(Modules)]);
    }

    private static List<PageModule> Modules(CrmOrganisation crm)
    {
        lock (crm.Gate)
        {
            return [.. crm.Modules.Where(module => module.Records.Count + module.Deleted.Count > 0).Select(module => new PageModule(
                crm.Organisation.DataCentre, crm.Organisation.Name, module.ApiName, module.Records.Count, module.Deleted.Count))];
        }
    }

    private static List<PageList> Lists(ZohoOrganisation organisation, CampaignsAccount account)
    {
        lock (account.Gate)
        {
            return [.. account.Lists.Select(list => new PageList(
                list.Key, list.Name, organisation.DataCentre, organisation.Name, organisation.Id, list.HasSignupForm,
                list.Contacts.Count, list.Count(Membership.Active),
                [.. account.Fields.Select(field => field.DisplayName)],
                [.. list.Contacts.TakeLast(ShownContacts).Reverse().Select(WorldControls.Describe)]))];
        }
    }

    private sealed record PageState(
        ClockState Clock, OutageMode Outage, IReadOnlyList<PageDataCentre> DataCentres, IReadOnlyList<PageClient> Clients,
        IReadOnlyList<PageUser> Users, IReadOnlyList<PageToken> RefreshTokens, IReadOnlyList<PageList> Lists, QuotasState Quotas,
        IReadOnlyList<CallCount> Calls, IReadOnlyList<CallSeen> Recent, IReadOnlyList<FaultState> Faults, SimulatorSettings Settings,
        PageHubSpot Hubspot, IReadOnlyList<PageModule> Crm);

    private sealed record PageModule(string DataCentre, string Organisation, string Module, int Records, int Deleted);

    private sealed record PageDataCentre(string Code, string AccountsHost, string? CampaignsHost, long Calls);

    private sealed record PageClient(
        string ClientId, string Name, IReadOnlyList<string> RedirectUris, IReadOnlyDictionary<string, string> SecretFingerprints);

    private sealed record PageUser(long Zuid, string DataCentre, string Email, string Name, string Organisation, long OrganisationId);

    private sealed record PageToken(
        string Fingerprint, string DataCentre, string ClientId, long Zuid, IReadOnlyList<string> Scopes, DateTimeOffset IssuedAt,
        int LiveAccessTokens, int RecentRefreshes, DateTimeOffset? BlockedUntil);

    private sealed record PageHubSpot(
        string ClientId, string Name, IReadOnlyList<string> RedirectUris, string SecretFingerprint,
        IReadOnlyList<PageHubSpotToken> RefreshTokens);

    private sealed record PageHubSpotToken(
        string Fingerprint, long HubId, string Domain, IReadOnlyList<string> Scopes, DateTimeOffset IssuedAt, int LiveAccessTokens);

    private sealed record PageList(
        string Key, string Name, string DataCentre, string Organisation, long OrganisationId, bool HasSignupForm, int Contacts, int Active,
        IReadOnlyList<string> Fields, IReadOnlyList<ContactState> Newest);
}
