using ZohoPlatform.Providers.Zoho;

namespace ZohoPlatform.Providers.Tests.Zoho;

public sealed class DataCentresTests
{
    [Theory]
    [InlineData("us", "accounts.zoho.com", "www.zohoapis.com", "campaigns.zoho.com", "crm.zoho.com", "books.zoho.com", true)]
    [InlineData("eu", "accounts.zoho.eu", "www.zohoapis.eu", "campaigns.zoho.eu", "crm.zoho.eu", "books.zoho.eu", true)]
    [InlineData("in", "accounts.zoho.in", "www.zohoapis.in", "campaigns.zoho.in", "crm.zoho.in", "books.zoho.in", true)]
    [InlineData("au", "accounts.zoho.com.au", "www.zohoapis.com.au", "campaigns.zoho.com.au", "crm.zoho.com.au", "books.zoho.com.au", true)]
    [InlineData("jp", "accounts.zoho.jp", "www.zohoapis.jp", "campaigns.zoho.jp", "crm.zoho.jp", "books.zoho.jp", true)]
    [InlineData("cn", "accounts.zoho.com.cn", "www.zohoapis.com.cn", "campaigns.zoho.com.cn", "crm.zoho.com.cn", "books.zoho.com.cn", true)]
    [InlineData("ca", "accounts.zohocloud.ca", "www.zohoapis.ca", "campaigns.zohocloud.ca", "crm.zohocloud.ca", "books.zohocloud.ca", true)]
    [InlineData("sa", "accounts.zoho.sa", "www.zohoapis.sa", "campaigns.zoho.sa", "crm.zoho.sa", "books.zoho.sa", true)]
    [InlineData("uk", "accounts.zoho.uk", "www.zohoapis.uk", "campaigns.zoho.uk", "crm.zoho.uk", "books.zoho.uk", true)]
    [InlineData("ae", "accounts.zoho.ae", "www.zohoapis.ae", null, "crm.zoho.ae", "books.zoho.ae", false)]
    [InlineData("sg", "accounts.zoho.sg", "www.zohoapis.sg", null, "crm.zoho.sg", "books.zoho.sg", false)]
    public void Every_cell_of_the_table_is_as_zoho_has_it(
        string code, string accounts, string api, string? campaigns, string crm, string books, bool verified)
    {
        Assert.Equal(new DataCentre(code, accounts, api, campaigns, crm, books, verified), DataCentres.Find(code));
    }

    [Fact]
    public void There_are_eleven_and_no_host_is_in_two_of_them()
    {
        Assert.Equal(11, DataCentres.All.Count);
        var hosts = DataCentres.All.SelectMany(dc => new[] { dc.AccountsHost, dc.ApiHost, dc.CampaignsHost, dc.CrmUiHost, dc.BooksUiHost })
            .Where(host => host is not null)
            .ToList();
        Assert.Equal(hosts.Count, hosts.Distinct(StringComparer.Ordinal).Count());
        Assert.All(hosts, host => Assert.Equal(UriHostNameType.Dns, Uri.CheckHostName(host)));
    }

    [Theory]
    [InlineData("EU", "eu")]
    [InlineData("eu", "eu")]
    [InlineData("com", "us")]
    [InlineData("COM", "us")]
    [InlineData("com.au", "au")]
    [InlineData("Com.CN", "cn")]
    [InlineData("zohocloud.ca", "ca")]
    [InlineData("ca", "ca")]
    [InlineData(".eu", "eu")]
    [InlineData(" zoho.eu ", "eu")]
    [InlineData("zoho.com", "us")]
    [InlineData("zoho.com.au", "au")]
    [InlineData("zohoapis.in", "in")]
    [InlineData("zoho.ca", null)]
    [InlineData("zoho.eu.example", null)]
    [InlineData("accounts.zoho.eu", null)]
    [InlineData("co", null)]
    [InlineData(".", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_data_centre_is_found_by_its_code_and_by_how_its_hosts_end_in_any_case(string? name, string? expected) =>
        Assert.Equal(expected, DataCentres.Find(name)?.Code);

    [Fact]
    public void Every_accounts_server_of_the_table_is_found() =>
        Assert.All(DataCentres.All, dc => Assert.Same(dc, DataCentres.FindByAccountsServer($"https://{dc.AccountsHost}")));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("accounts.zoho.eu")]
    [InlineData("http://accounts.zoho.eu")]
    [InlineData("https://accounts.zoho.eu/")]
    [InlineData("https://accounts.zoho.eu:8443")]
    [InlineData("https://accounts.zoho.eu.example")]
    [InlineData("https://accounts.zoho.eu@attacker.example")]
    [InlineData("https://attacker.example/https://accounts.zoho.eu")]
    [InlineData("https://attacker.example#https://accounts.zoho.eu")]
    [InlineData("https://xaccounts.zoho.eu")]
    [InlineData("https://accounts.zoho.ca")]
    [InlineData("https://accounts.zoho.cn")]
    [InlineData("https://accounts.zoho.au")]
    [InlineData("https://accounts.zoho..jp")]
    [InlineData("https://accounts.zoho.e\u0443")]
    public void An_accounts_server_that_only_looks_right_is_not_found(string? accountsServer) =>
        Assert.Null(DataCentres.FindByAccountsServer(accountsServer));

    [Theory]
    [InlineData("https://www.zohoapis.eu", "eu")]
    [InlineData("https://www.zohoapis.com.au", "au")]
    [InlineData("https://www.zohoapis.ca", "ca")]
    [InlineData("https://api.zoho.com", "us")]
    [InlineData("https://api.zoho.com.cn", "cn")]
    [InlineData("https://www.zohoapis.zohocloud.ca", null)]
    [InlineData("https://www.zohoapis.eu/", null)]
    [InlineData("http://www.zohoapis.eu", null)]
    [InlineData("https://www.zohoapis.eu.example", null)]
    [InlineData("https://sandbox.zohoapis.eu", null)]
    [InlineData(null, null)]
    public void An_api_domain_is_found_only_when_it_is_in_the_table(string? apiDomain, string? expected) =>
        Assert.Equal(expected, DataCentres.FindByApiDomain(apiDomain)?.Code);
}
