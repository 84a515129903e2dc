using System.Collections.Frozen;

namespace ZohoPlatform.Simulator.Hosts;

/// <summary>What a provider host is for.</summary>
internal enum HostRole
{
    Accounts,
    Api,
    Campaigns,
    CrmPages,
    BooksPages,
}

/// <summary>
/// One data centre of Zoho and its hosts. The table stands here by hand, on purpose apart from the product's own, so that a slip in one is
/// seen by the other. Sources: Zoho Accounts "Multi DC support", the Zoho Campaigns and Zoho Books pages on data centres. Canada's accounts
/// and Campaigns are on zohocloud.ca, its API on zohoapis.ca. A host nobody has documented or seen is null.
/// </summary>
internal sealed record DataCentre(
    string Code, string AccountsHost, string? ApiHost, string? CampaignsHost, string? CrmHost, string? BooksHost)
{
    public static readonly IReadOnlyList<DataCentre> All =
    [
        new("us", "accounts.zoho.com", "www.zohoapis.com", "campaigns.zoho.com", "crm.zoho.com", "books.zoho.com"),
        new("eu", "accounts.zoho.eu", "www.zohoapis.eu", "campaigns.zoho.eu", "crm.zoho.eu", "books.zoho.eu"),
        new("in", "accounts.zoho.in", "www.zohoapis.in", "campaigns.zoho.in", "crm.zoho.in", "books.zoho.in"),
        new("au", "accounts.zoho.com.au", "www.zohoapis.com.au", "campaigns.zoho.com.au", "crm.zoho.com.au", "books.zoho.com.au"),
        new("jp", "accounts.zoho.jp", "www.zohoapis.jp", "campaigns.zoho.jp", "crm.zoho.jp", "books.zoho.jp"),
        new("cn", "accounts.zoho.com.cn", "www.zohoapis.com.cn", "campaigns.zoho.com.cn", "crm.zoho.com.cn", "books.zoho.com.cn"),
        new("ca", "accounts.zohocloud.ca", "www.zohoapis.ca", "campaigns.zohocloud.ca", "crm.zohocloud.ca", "books.zohocloud.ca"),
        new("sa", "accounts.zoho.sa", "www.zohoapis.sa", "campaigns.zoho.sa", "crm.zoho.sa", "books.zoho.sa"),
        new("uk", "accounts.zoho.uk", "www.zohoapis.uk", "campaigns.zoho.uk", "crm.zoho.uk", "books.zoho.uk"),
        new("ae", "accounts.zoho.ae", "www.zohoapis.ae", null, null, null),
        new("sg", "accounts.zoho.sg", null, null, null, null),
    ];

    private static readonly FrozenDictionary<string, (DataCentre DataCentre, HostRole Role)> Hosts = All
        .SelectMany(dc => new (string? Host, DataCentre DataCentre, HostRole Role)[]
        {
            (dc.AccountsHost, dc, HostRole.Accounts),
            (dc.ApiHost, dc, HostRole.Api),
            (dc.CampaignsHost, dc, HostRole.Campaigns),
            (dc.CrmHost, dc, HostRole.CrmPages),
            (dc.BooksHost, dc, HostRole.BooksPages),
        })
        .Where(row => row.Host is not null)
        .ToFrozenDictionary(row => row.Host!, row => (row.DataCentre, row.Role), StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> KnownHosts => Hosts.Keys.Order(StringComparer.Ordinal);

    public static DataCentre? Find(string? code) => All.FirstOrDefault(dc => dc.Code == code);

    public static (DataCentre DataCentre, HostRole Role)? OfHost(string host) => Hosts.TryGetValue(host, out var found) ? found : null;
}
