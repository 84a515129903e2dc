namespace ZohoPlatform.Providers.Zoho;

/// <summary>
/// Zoho's data centres. Written out by hand, because no rule makes these names: Canada's accounts and Campaigns are on <c>zohocloud.ca</c>
/// while its API is on <c>zohoapis.ca</c>, Australia and China end in <c>.com.au</c> and <c>.com.cn</c>.
/// A host that a browser or a token answer names is used only if it is in here.
/// </summary>
/// <remarks>
/// Sources: Zoho Accounts "Multi DC support", Zoho CRM "Multi DC", Zoho Books "Introduction: data centres", Zoho Campaigns "Data centres".
/// Hosts that no page of Zoho's names are marked below.
/// </remarks>
public static class DataCentres
{
    private const string ApiHostPrefix = "www.zohoapis.";

    public static IReadOnlyList<DataCentre> All { get; } =
    [
        new("us", "accounts.zoho.com", "www.zohoapis.com", "campaigns.zoho.com", "crm.zoho.com", "books.zoho.com", Verified: true),
        new("eu", "accounts.zoho.eu", "www.zohoapis.eu", "campaigns.zoho.eu", "crm.zoho.eu", "books.zoho.eu", Verified: true),
        new("in", "accounts.zoho.in", "www.zohoapis.in", "campaigns.zoho.in", "crm.zoho.in", "books.zoho.in", Verified: true),
        new("au", "accounts.zoho.com.au", "www.zohoapis.com.au", "campaigns.zoho.com.au", "crm.zoho.com.au",
            "books.zoho.com.au", Verified: true),
        new("jp", "accounts.zoho.jp", "www.zohoapis.jp", "campaigns.zoho.jp", "crm.zoho.jp", "books.zoho.jp", Verified: true),
        new("cn", "accounts.zoho.com.cn", "www.zohoapis.com.cn", "campaigns.zoho.com.cn", "crm.zoho.com.cn",
            "books.zoho.com.cn", Verified: true),
        // Campaigns answers there, though its page does not list it; the two for browsers are unverified
        new("ca", "accounts.zohocloud.ca", "www.zohoapis.ca", "campaigns.zohocloud.ca", "crm.zohocloud.ca",
            "books.zohocloud.ca", Verified: true),
        // the same as for Canada
        new("sa", "accounts.zoho.sa", "www.zohoapis.sa", "campaigns.zoho.sa", "crm.zoho.sa", "books.zoho.sa", Verified: true),
        // only the accounts host is on a page of Zoho's
        new("uk", "accounts.zoho.uk", "www.zohoapis.uk", "campaigns.zoho.uk", "crm.zoho.uk", "books.zoho.uk", Verified: true),
        // known from /oauth/serverinfo alone
        new("ae", "accounts.zoho.ae", "www.zohoapis.ae", null, "crm.zoho.ae", "books.zoho.ae", Verified: false),
        new("sg", "accounts.zoho.sg", "www.zohoapis.sg", null, "crm.zoho.sg", "books.zoho.sg", Verified: false),
    ];

    /// <summary>
    /// By what people and programs call it, in any case: its <see cref="DataCentre.Code"/>, or how its hosts end: <c>com</c>, <c>.eu</c>,
    /// <c>com.au</c>, <c>zoho.eu</c>, <c>zohocloud.ca</c>, <c>zohoapis.in</c>. Null when there is none of that name.
    /// </summary>
    public static DataCentre? Find(string? name)
    {
        var asked = (name ?? "").Trim().TrimStart('.');
        return All.FirstOrDefault(candidate => NamesOf(candidate).Contains(asked, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>
    /// By the callback's <c>accounts-server</c>, which anybody can write: only the exact origin, <c>https://accounts.zoho.eu</c>, is found.
    /// The client secret is sent there, so a host that merely looks right must not be.
    /// </summary>
    public static DataCentre? FindByAccountsServer(string? accountsServer) =>
        All.FirstOrDefault(candidate => string.Equals($"https://{candidate.AccountsHost}", accountsServer, StringComparison.Ordinal));

    /// <summary>
    /// By a token answer's <c>api_domain</c>: <c>https://www.zohoapis.eu</c>, or <c>https://api.zoho.eu</c> as Zoho's token page shows it.
    /// Only the exact origin is found.
    /// </summary>
    public static DataCentre? FindByApiDomain(string? apiDomain) =>
        All.FirstOrDefault(candidate =>
            string.Equals(candidate.ApiDomain, apiDomain, StringComparison.Ordinal)
            || string.Equals($"https://api.zoho.{EndingOf(candidate)}", apiDomain, StringComparison.Ordinal));

    private static string[] NamesOf(DataCentre dataCentre) =>
    [
        dataCentre.Code,
        EndingOf(dataCentre),
        dataCentre.ApiHost["www.".Length..],
        dataCentre.AccountsHost["accounts.".Length..],
    ];

    private static string EndingOf(DataCentre dataCentre) => dataCentre.ApiHost[ApiHostPrefix.Length..];
}
