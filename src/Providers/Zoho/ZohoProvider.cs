using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Providers.Zoho.Accounts;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho;

/// <summary>Zoho: a data centre for each account, self clients, and ten tokens in ten minutes.</summary>
internal sealed class ZohoProvider : OAuthProvider
{
    internal const string Scheme = "Zoho-oauthtoken";

    /// <summary>Lets a connection be tested without using up a refresh, and says whose it is.</summary>
    private const string Profile = "AaaServer.profile.READ";

    private readonly ZohoAccountsClient _accounts;

    public ZohoProvider(ZohoAccountsClient accounts)
    {
        _accounts = accounts;
        Places = [.. DataCentres.All.Select(dataCentre => new ProviderPlace(this, dataCentre.Code, dataCentre.ApiDomain))];
    }

    public override string Name => "zoho";

    public override string Title => "Zoho";

    public override string AuthorizationScheme => Scheme;

    /// <summary>
    /// Of Zoho Campaigns and Zoho CRM what their operations need. Of Books, Inventory and Invoice, which nothing here calls yet and the company's own services
    /// do with a token, what their pages "OAuth scopes" name for it.
    /// </summary>
    public override IReadOnlyList<ProviderFeature> Features { get; } =
    [
        new("campaigns", CampaignsMethods.Scopes, "registrations, syncs, lists and reports"),
        new(
            "crm",
            CrmMethods.Scopes,
            "what is read and written in Zoho CRM")
        {
            SwitchedOff = new(
                FailureKind.Precondition,
                "crm_disabled",
                "Zoho CRM is switched off for this tenant: set crm_enabled in the integration settings."),
        },
        // organisations and items are read with the settings' scope
        new(
            "books",
            [
                "ZohoBooks.settings.READ", "ZohoBooks.contacts.READ", "ZohoBooks.invoices.READ", "ZohoBooks.estimates.READ",
                "ZohoBooks.salesorders.READ", "ZohoBooks.purchaseorders.READ", "ZohoBooks.bills.READ", "ZohoBooks.creditnotes.READ",
                "ZohoBooks.customerpayments.READ", "ZohoBooks.expenses.READ",
            ],
            "what is read from Zoho Books"),
        new(
            "inventory",
            [
                "ZohoInventory.settings.READ", "ZohoInventory.items.READ", "ZohoInventory.contacts.READ", "ZohoInventory.salesorders.READ",
                "ZohoInventory.purchaseorders.READ", "ZohoInventory.invoices.READ",
            ],
            "what is read from Zoho Inventory"),
        new(
            "invoice",
            [
                "ZohoInvoice.settings.READ", "ZohoInvoice.contacts.READ", "ZohoInvoice.invoices.READ", "ZohoInvoice.estimates.READ",
                "ZohoInvoice.customerpayments.READ",
            ],
            "what is read from Zoho Invoice"),
    ];

    public override IReadOnlyList<ProviderPlace> Places { get; }

    /// <summary>
    /// Ten access tokens per refresh token in ten minutes, then the grant is blocked for the rest of the window; twenty refresh tokens per user
    /// and client, then the oldest goes without a word (Zoho Accounts, "Refresh access tokens"; "Kaizen 43: OAuth 2.0 limits"). A throttle ends
    /// after a time of silence, and every question makes it longer.
    /// </summary>
    public override RefreshRules Refreshes { get; } = new(InTenMinutes: 10, IsDocumented: true)
    {
        ThrottleGrows = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(30)),
        GrantsKept = 20,
    };

    public override bool GivesGrantCodes => true;

    public override bool RevokesWithoutClient => true;

    public override Failure AccessDenied => ZohoAccountsFailures.AccessDenied;

    public override Failure NoRefreshToken => base.NoRefreshToken with
    {
        Message = $"{base.NoRefreshToken.Message.TrimEnd('.')}; for a grant code, make it in the self client of the same API console.",
    };

    /// <summary>By any name that <see cref="DataCentres.Find"/> knows.</summary>
    public override ProviderPlace? FindPlace(string code) =>
        DataCentres.Find(code) is { } found ? Places.First(place => place.Code == found.Code) : null;

    public override IReadOnlyList<string> ScopesToAskFor(IEnumerable<string> features, IEnumerable<string> extraScopes) =>
        [.. base.ScopesToAskFor(features, extraScopes).Prepend(Profile).Distinct(StringComparer.Ordinal)];

    public override string? FindApiDomain(string origin) => DataCentres.FindByApiDomain(origin)?.ApiDomain;

    public override ProviderPlace? PlaceOfCallback(string location, string accountsServer, ProviderPlace begun)
    {
        var (byLocation, byServer) = (DataCentres.Find(location), DataCentres.FindByAccountsServer(accountsServer));
        var found = (location.Length > 0, accountsServer.Length > 0) switch
        {
            (false, false) => DataCentres.Find(begun.Code),
            (true, false) => byLocation,
            (false, true) => byServer,
            (true, true) => byLocation == byServer ? byServer : null,
        };
        return found is null ? null : PlaceOf(found.Code);
    }

    public override IEnumerable<ProviderPlace> PlacesToProbe(ProviderPlace asked) =>
        Places.Where(place => place.Code != asked.Code && DataCentreOf(place).Verified);

    public override string WhereTheSecretIs(ProviderPlace place) =>
        $"No client secret is set for Zoho's data centre {place.Code}: copy it from the API console (Multi DC) to the integration settings.";

    public override Uri ConsentPage(
        ProviderPlace place, string clientId, string redirectUri, IReadOnlyCollection<string> scopes, string state) => Page(
        $"https://{DataCentreOf(place).AccountsHost}/oauth/v2/auth",
        ("response_type", "code"),
        ("client_id", clientId),
        ("redirect_uri", redirectUri),
        ("scope", string.Join(',', scopes)),
        // without these two a person who consented before brings no refresh token
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("state", state));

    public override Task<Result<TokenGrant>> ExchangeCodeAsync(ProviderPlace place, OAuthClient client, string code, string? redirectUri) =>
        _accounts.ExchangeCodeAsync(DataCentreOf(place), client.Id, client.Secret, code, redirectUri, CancellationToken.None);

    public override Task<Result<TokenGrant>> RefreshAsync(ProviderPlace place, OAuthClient client, string refreshToken) =>
        _accounts.RefreshAsync(DataCentreOf(place), client.Id, client.Secret, refreshToken, CancellationToken.None);

    public override Task<Result<RevokeOutcome>> RevokeAsync(ProviderPlace place, OAuthClient? client, string refreshToken) =>
        _accounts.RevokeAsync(DataCentreOf(place), refreshToken, CancellationToken.None);

    public override async Task<Result<string>> DescribeAsync(ProviderPlace place, string accessToken) =>
        (await _accounts.GetUserAsync(DataCentreOf(place), accessToken, CancellationToken.None)).Succeeded(out var user, out var refused)
            ? $"{place} accepts the connection and knows its owner as {user.Email ?? user.Zuid}."
            : refused;

    /// <summary>
    /// Campaigns answers 401 to a bad token and to a missing scope alike, Books and its sisters do too (code 57). Zoho Accounts, which is asked
    /// here, says INVALID_OAUTHSCOPE of a token that it knows and that does not cover the profile.
    /// </summary>
    public override async Task<bool> AcceptsAsync(ProviderPlace place, string accessToken) =>
        (await _accounts.GetUserAsync(DataCentreOf(place), accessToken, CancellationToken.None)).Succeeded(out _, out var refused)
        || refused.Code == ZohoAccountsFailures.ProfileNotCovered.Code;

    /// <summary>The ZUID: Zoho counts refresh tokens by user.</summary>
    public override async Task<ProviderUser?> FindUserAsync(ProviderPlace place, TokenGrant grant)
    {
        if (Lacks(grant.Scopes, Profile))
        {
            return null;
        }

        return (await _accounts.GetUserAsync(DataCentreOf(place), grant.AccessToken, CancellationToken.None)).Succeeded(out var user, out _)
            ? new ProviderUser(user.Zuid, user.Email ?? user.Zuid)
            : null;
    }

    /// <summary>Whether a grant is known to lack a scope; it is not where Zoho did not say what it granted.</summary>
    internal static bool Lacks(IReadOnlyCollection<string> granted, string needed) =>
        granted.Count > 0 && !granted.Any(scope => IsWithin(needed, scope));

    protected override bool Covers(string granted, string needed) => IsWithin(needed, granted);

    // product.area[.module].VERB: ZohoCRM.modules.ALL covers ZohoCRM.modules.leads.READ, ZohoBooks.fullaccess.all all of Books, and WRITE, which
    // is CREATE-UPDATE in the products' pages too, CREATE and UPDATE
    private static bool IsWithin(string needed, string granted)
    {
        var (has, wants) = (granted.Split('.'), needed.Split('.'));
        if (has.Length == 3 && string.Equals($"{has[1]}.{has[2]}", "fullaccess.all", StringComparison.OrdinalIgnoreCase))
        {
            return string.Equals(has[0], wants[0], StringComparison.Ordinal);
        }

        return has.Length <= wants.Length
            && has.AsSpan(..^1).SequenceEqual(wants.AsSpan(0, has.Length - 1), StringComparer.OrdinalIgnoreCase)
            && (string.Equals(has[^1], "ALL", StringComparison.OrdinalIgnoreCase)
                || string.Equals(has[^1], wants[^1], StringComparison.OrdinalIgnoreCase)
                || (has[^1].ToUpperInvariant() is "WRITE" or "CREATE-UPDATE" && wants[^1].ToUpperInvariant() is "CREATE" or "UPDATE"));
    }

    private static DataCentre DataCentreOf(ProviderPlace place) => DataCentres.Find(place.Code)!;
}
