using System.Globalization;
using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Campaigns;
using ZohoPlatform.Simulator.Crm;
using ZohoPlatform.Simulator.Crm.Notifications;
using ZohoPlatform.Simulator.Hosts;
using ZohoPlatform.Simulator.HubSpot;
using ZohoPlatform.Simulator.Traffic;
using ZohoPlatform.Simulator.World;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Control;

/// <summary>What the provider holds: clients, people, lists, contacts, codes and tokens.</summary>
internal static class WorldControls
{
    private const string Notice = "A simulator's world: every credential here is fake and opens nothing else.";
    private const int LongestCodeMinutes = 60;
    private const int MostGenerated = 1_000_000;

    public static void MapWorld(this IEndpointRouteBuilder controls)
    {
        controls.MapGet("/world", Show);
        controls.MapPost("/reset", Reset);
        controls.MapPut("/clients", PutClient);
        controls.MapPost("/organisations", AddOrganisation);
        controls.MapPost("/users", AddUser);
        controls.MapPost("/lists", AddList);
        controls.MapGet("/lists/{dataCentre}/{key}", ShowList);
        controls.MapPost("/lists/{dataCentre}/{key}/generated-contacts", GenerateContacts);
        controls.MapGet("/lists/{dataCentre}/{key}/contacts", ShowContacts);
        controls.MapPost("/lists/{dataCentre}/{key}/contacts", PutContacts);
        controls.MapPost("/grant-codes", MintCode);
        controls.MapPost("/refresh-tokens", MintRefreshToken);
        controls.MapPost("/tokens/kill", KillTokens);
    }

    private static WorldState Show(DemoWorld demo, Directory directory, HubSpotDemo hubSpot)
    {
        var client = directory.FindClient(demo.Client.ClientId)!;
        return new(
            Notice,
            new(client.ClientId, client.Name, client.RedirectUris),
            demo.Scopes,
            [.. DataCentre.All.Select(dc => new WorldDataCentre(
                dc.Code, dc.AccountsHost, dc.ApiHost, dc.CampaignsHost,
                client.Secrets.GetValueOrDefault(dc.Code), demo.RefreshTokenOf(dc),
                DemoWorld.OrganisationOf(dc).Id, DemoWorld.UserOf(dc).Zuid, DemoWorld.UserOf(dc).Email,
                dc.CampaignsHost is null ? null : demo.ListName, dc.CampaignsHost is null ? null : demo.ListKey))],
            new(hubSpot.App.ClientId, hubSpot.App.ClientSecret, hubSpot.App.Name, hubSpot.App.RedirectUris, HubSpotDemo.DemoScopes,
                hubSpot.RefreshToken,
                [.. HubSpotDemo.Portals.Select(portal => new WorldPortal(portal.HubId, portal.Domain, portal.UiDomain, portal.Email))]));
    }

    private static void Reset(
        DemoWorld demo, SimulatorClock clock, SettingsStore settings, FaultPlan faults, Outage outage, CallLedger calls,
        MethodQuotas quotas, CrmLimits limits, NotificationSender callbacks)
    {
        clock.Reset();
        limits.Reset();
        callbacks.Reset();
        settings.Current = new();
        outage.Set(OutageMode.Up);
        faults.Clear();
        quotas.Reset();
        demo.Build();
        calls.Reset();
    }

    private static IResult PutClient(Body<ClientOrder> body, Directory directory)
    {
        var (clientId, name, redirectUris, secrets) = body.Value;
        if (clientId is null || !clientId.StartsWith("1000.", StringComparison.Ordinal))
        {
            return ControlProblem.Of("client_id", "Begins with 1000., as Zoho's do.");
        }

        var known = directory.FindClient(clientId);
        if (redirectUris?.FirstOrDefault(uri => !Uri.IsWellFormedUriString(uri, UriKind.Absolute)) is { } wrong)
        {
            return ControlProblem.Of("redirect_uris", $"\"{wrong}\" is not an absolute address.");
        }

        secrets ??= known?.Secrets.ToDictionary(StringComparer.Ordinal);
        if (secrets is null or { Count: 0 }
            || secrets.Any(secret => DataCentre.Find(secret.Key) is null || string.IsNullOrWhiteSpace(secret.Value)))
        {
            return ControlProblem.Of("secrets", "At least one secret, by data centre code.");
        }

        directory.Put(new(clientId, name ?? known?.Name ?? clientId, redirectUris ?? known?.RedirectUris ?? [], secrets));
        return Results.NoContent();
    }

    private static IResult AddOrganisation(Body<OrganisationOrder> body, Directory directory)
    {
        var (dataCentre, name) = body.Value;
        if (DataCentre.Find(dataCentre) is not { } known)
        {
            return NoDataCentre();
        }

        if (string.IsNullOrWhiteSpace(name))
        {
            return ControlProblem.Of("name", "Must not be empty.");
        }

        var organisation = new ZohoOrganisation(directory.NextId(), known.Code, name);
        directory.Add(organisation);
        return Results.Json(organisation, statusCode: StatusCodes.Status201Created);
    }

    private static IResult AddUser(Body<UserOrder> body, Directory directory)
    {
        var order = body.Value;
        if (order.OrganisationId is not { } id || directory.FindOrganisation(id) is not { } organisation)
        {
            return ControlProblem.Of("organisation_id", "There is no such organisation.");
        }

        if (!ContactInfo.IsAddress(order.Email))
        {
            return ControlProblem.Of("email", "Must be an address.");
        }

        var user = new ZohoUser(
            directory.NextId(), organisation.DataCentre, order.Email!, order.FirstName ?? "Test", order.LastName ?? "Person",
            organisation.Id);
        directory.Add(user);
        return Results.Json(user, statusCode: StatusCodes.Status201Created);
    }

    private static IResult AddList(
        Body<ListOrder> body, Directory directory, CampaignsAccounts accounts, StateChanges changes, TimeProvider clock)
    {
        var order = body.Value;
        if (order.OrganisationId is not { } id || directory.FindOrganisation(id) is null)
        {
            return ControlProblem.Of("organisation_id", "There is no such organisation.");
        }

        if (string.IsNullOrWhiteSpace(order.Name))
        {
            return ControlProblem.Of("name", "Must not be empty.");
        }

        var account = accounts.Of(id);
        lock (account.Gate)
        {
            if (order.Key is { } key && account.FindList(key) is not null)
            {
                return ControlProblem.Of("key", "There is a list with this key.");
            }

            var list = account.AddList(order.Name, order.HasSignupForm ?? false, clock.GetUtcNow(), order.Key);
            changes.Mark();
            return Results.Json(Describe(list), statusCode: StatusCodes.Status201Created);
        }
    }

    private static IResult ShowContacts(string dataCentre, string key, Directory directory, CampaignsAccounts accounts)
    {
        if (FindList(dataCentre, key, directory, accounts) is not var (account, list))
        {
            return NoList(key);
        }

        lock (account.Gate)
        {
            return Results.Json(list.Contacts.Select(Describe).ToList());
        }
    }

    private static IResult PutContacts(
        string dataCentre, string key, Body<ContactsOrder> body, Directory directory, CampaignsAccounts accounts, StateChanges changes,
        TimeProvider clock)
    {
        if (FindList(dataCentre, key, directory, accounts) is not var (account, list))
        {
            return NoList(key);
        }

        var contacts = body.Value.Contacts ?? [];
        for (var i = 0; i < contacts.Count; i++)
        {
            if (!ContactInfo.IsAddress(contacts[i].Email))
            {
                return ControlProblem.Of($"contacts[{i}].email", "Must be an address.");
            }
        }

        lock (account.Gate)
        {
            foreach (var (email, status, doNotMail, fields) in contacts)
            {
                var contact = account.PutContact(email!, fields ?? []);
                Put(list, contact, status, clock.GetUtcNow());
                if (doNotMail is true)
                {
                    account.MoveToDoNotMail(contact);
                }
            }

            changes.Mark();
            return Results.Json(Describe(list));
        }
    }

    private static IResult GenerateContacts(
        string dataCentre, string key, Body<GeneratedContactsOrder> body, Directory directory, CampaignsAccounts accounts,
        StateChanges changes, TimeProvider clock)
    {
        if (FindList(dataCentre, key, directory, accounts) is not var (account, list))
        {
            return NoList(key);
        }

        var (count, first, address, status, doNotMail) = body.Value;
        if (count is not (>= 1 and <= MostGenerated))
        {
            return ControlProblem.Of("count", $"Between 1 and {MostGenerated}.");
        }

        address ??= "user{n}@example.com";
        if (!address.Contains("{n}", StringComparison.Ordinal) || !ContactInfo.IsAddress(AddressOf(address, 1)))
        {
            return ControlProblem.Of("address", "Must be an address with {n} where the number goes.");
        }

        lock (account.Gate)
        {
            for (var i = 0; i < count; i++)
            {
                var contact = account.PutContact(AddressOf(address, (first ?? 1) + i), []);
                Put(list, contact, status, clock.GetUtcNow());
                if (doNotMail is true)
                {
                    account.MoveToDoNotMail(contact);
                }
            }

            changes.Mark();
            return Results.Json(Describe(list));
        }
    }

    private static IResult ShowList(string dataCentre, string key, Directory directory, CampaignsAccounts accounts)
    {
        if (FindList(dataCentre, key, directory, accounts) is not var (account, list))
        {
            return NoList(key);
        }

        lock (account.Gate)
        {
            return Results.Json(Describe(list));
        }
    }

    private static void Put(MailingList list, Contact contact, Membership? status, DateTimeOffset now)
    {
        if (list.Find(contact.Email) is { } member)
        {
            list.Move(member, status ?? member.Status);
        }
        else
        {
            list.Add(contact, now, status ?? Membership.Active);
        }
    }

    private static string AddressOf(string pattern, long number) =>
        pattern.Replace("{n}", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static ListState Describe(MailingList list) => new(
        list.Key, list.Name, list.HasSignupForm, list.Contacts.Count,
        Enum.GetValues<Membership>().ToDictionary(status => status, list.Count));

    private static IResult MintCode(Body<GrantOrder> body, Directory directory, TokenLedger ledger, DemoWorld demo, TimeProvider clock)
    {
        if (Read(body.Value, directory, demo, out var consent) is { } problem)
        {
            return problem;
        }

        var minutes = body.Value.Minutes ?? 10;
        if (minutes is < 1 or > LongestCodeMinutes)
        {
            return ControlProblem.Of("minutes", "Between 1 and 60.");
        }

        var life = TimeSpan.FromMinutes(minutes);
        return ledger.IssueCode(consent, redirectUri: null, Refreshable.Always, life) is { } code
            ? Results.Json(new MintedCode(code, clock.GetUtcNow() + life, consent.DataCentre), statusCode: StatusCodes.Status201Created)
            : Results.Json(
                new ControlProblem("client_id", "This client has had its grant codes of the last ten minutes."),
                statusCode: StatusCodes.Status409Conflict);
    }

    private static IResult MintRefreshToken(Body<GrantOrder> body, Directory directory, TokenLedger ledger, DemoWorld demo) =>
        Read(body.Value, directory, demo, out var consent)
        ?? Results.Json(new MintedToken(ledger.MintRefreshToken(consent), consent.DataCentre), statusCode: StatusCodes.Status201Created);

    private static IResult KillTokens(Body<KillOrder> body, TokenLedger ledger)
    {
        var (kind, token, dataCentre) = body.Value;
        if (kind is not { } known)
        {
            return ControlProblem.Of("kind", "One of access, refresh.");
        }

        if (dataCentre is not null && DataCentre.Find(dataCentre) is null)
        {
            return NoDataCentre();
        }

        return Results.Json(new KilledTokens(ledger.Kill(known, token, dataCentre)));
    }

    private static IResult? Read(GrantOrder order, Directory directory, DemoWorld demo, out Consent consent)
    {
        consent = null!;
        if (DataCentre.Find(order.DataCentre ?? "us") is not { } dataCentre)
        {
            return NoDataCentre();
        }

        if (directory.FindClient(order.ClientId ?? demo.Client.ClientId) is not { } client)
        {
            return ControlProblem.Of("client_id", "There is no such client.");
        }

        if (directory.FindUser(order.Zuid ?? DemoWorld.UserOf(dataCentre).Zuid) is not { } user || user.DataCentre != dataCentre.Code)
        {
            return ControlProblem.Of("zuid", "There is no such user in this data centre.");
        }

        var scopes = order.Scopes is null ? demo.Scopes : Scopes.Parse(order.Scopes);
        if (scopes.Count == 0 || Scopes.FirstUnknown(scopes) is not null)
        {
            return ControlProblem.Of("scopes", $"Comma separated scopes that exist; {Scopes.FirstUnknown(scopes) ?? "none"} does not.");
        }

        consent = new(client.ClientId, user.Zuid, dataCentre.Code, scopes);
        return null;
    }

    public static (CampaignsAccount Account, MailingList List)? FindList(
        string dataCentre, string key, Directory directory, CampaignsAccounts accounts)
    {
        foreach (var organisation in directory.Snapshot().Organisations.Where(organisation => organisation.DataCentre == dataCentre))
        {
            var account = accounts.Of(organisation.Id);
            lock (account.Gate)
            {
                if (account.FindList(key) is { } list)
                {
                    return (account, list);
                }
            }
        }

        return null;
    }

    public static ContactState Describe(ListContact member) => new(
        member.Contact.Email, member.Status, member.Contact.DoNotMail, member.AddedAt,
        new Dictionary<string, string>(member.Contact.Fields, StringComparer.Ordinal));

    private static IResult NoDataCentre() =>
        ControlProblem.Of("data_centre", $"One of {string.Join(", ", DataCentre.All.Select(dc => dc.Code))}.");

    public static IResult NoList(string key) =>
        Results.Json(new ControlProblem("key", $"There is no list {key} in this data centre."), statusCode: StatusCodes.Status404NotFound);

    private sealed record ClientOrder(
        string? ClientId, string? Name, IReadOnlyList<string>? RedirectUris, Dictionary<string, string>? Secrets);

    private sealed record OrganisationOrder(string? DataCentre, string? Name);

    private sealed record UserOrder(long? OrganisationId, string? Email, string? FirstName, string? LastName);

    private sealed record ListOrder(long? OrganisationId, string? Name, string? Key, bool? HasSignupForm);

    private sealed record ContactsOrder(IReadOnlyList<ContactOrder>? Contacts);

    private sealed record ContactOrder(string? Email, Membership? Status, bool? DoNotMail, Dictionary<string, string>? Fields);

    private sealed record GeneratedContactsOrder(int? Count, long? First, string? Address, Membership? Status, bool? DoNotMail);

    private sealed record GrantOrder(string? DataCentre, string? ClientId, long? Zuid, string? Scopes, int? Minutes);

    private sealed record KillOrder(TokenKind? Kind, string? Token, string? DataCentre);
}

internal sealed record WorldState(
    string Notice, WorldClient Client, IReadOnlyList<string> Scopes, IReadOnlyList<WorldDataCentre> DataCentres,
    WorldHubSpot Hubspot);

internal sealed record WorldClient(string ClientId, string Name, IReadOnlyList<string> RedirectUris);

internal sealed record WorldDataCentre(
    string Code, string AccountsHost, string? ApiHost, string? CampaignsHost, string? ClientSecret, string RefreshToken,
    long OrganisationId, long Zuid, string Email, string? ListName, string? ListKey);

internal sealed record WorldHubSpot(
    string ClientId, string ClientSecret, string Name, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> Scopes,
    string RefreshToken, IReadOnlyList<WorldPortal> Portals);

internal sealed record WorldPortal(long HubId, string Domain, string UiDomain, string Email);

internal sealed record ListState(
    string Key, string Name, bool HasSignupForm, int Contacts, IReadOnlyDictionary<Membership, int> ByStatus);

internal sealed record ContactState(
    string Email, Membership Status, bool DoNotMail, DateTimeOffset AddedAt, IReadOnlyDictionary<string, string> Fields);

internal sealed record MintedCode(string Code, DateTimeOffset ExpiresAt, string DataCentre);

internal sealed record MintedToken(string RefreshToken, string DataCentre);

internal sealed record KilledTokens(int Killed);
