using System.Net;
using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Zoho.Finance;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Finance;

/// <summary>How the finance products are asked, and what their answers mean.</summary>
public sealed class FinanceClientTests
{
    private const string Organization = "900000001";

    private const string Page =
        """
        {"code":0,"message":"success","invoices":[
            {"invoice_id":"46001","total":21.5,"last_modified_time":"2026-06-09T13:14:55-0400"},
            {"invoice_id":46002,"total":"","last_modified_time":""},
            {"number":"without an id"}],
         "page_context":{"page":2,"per_page":200,"has_more_page":true,"sort_column":"created_time","sort_order":"A"}}
        """;

    [Fact]
    public async Task A_page_of_a_list_is_asked_for_and_read()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.Answers(Page);

        var page = Value(await host.Finance.ListAsync(
            host.Call, FinanceProduct.Books, Organization, FinanceEntity.Invoices,
            new FinanceListing(2) { SortColumn = "created_time", ModifiedSince = new(2026, 6, 1, 2, 0, 0, TimeSpan.FromHours(2)), Filters = [("customer_id", "7")] },
            default));

        var asked = Assert.Single(host.Provider.Requests);
        Assert.Equal(
            "https://www.zohoapis.eu/books/v3/invoices?organization_id=900000001&page=2&per_page=200&sort_column=created_time&sort_order=A"
                + "&last_modified_time=2026-06-01T00%3A00%3A00%2B0000&customer_id=7",
            asked.Address);
        Assert.StartsWith("Zoho-oauthtoken ", asked.Authorization, StringComparison.Ordinal);
        Assert.Equal(["46001", "46002"], page.Records.Select(record => record.Id));
        Assert.Equal(new DateTimeOffset(2026, 6, 9, 13, 14, 55, TimeSpan.FromHours(-4)), page.Records[0].ModifiedAt);
        Assert.Null(page.Records[1].ModifiedAt);
        Assert.Equal((true, "created_time", true), (page.HasMore, page.SortColumn, page.Ascending));
    }

    [Fact]
    public async Task Each_product_has_its_address_and_Invoice_its_header()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.Answers("""{"code":0,"message":"success","items":[],"page_context":{"has_more_page":false}}""");
        foreach (var product in FinanceProduct.All)
        {
            var page = Value(await host.Finance.ListAsync(host.Call, product, Organization, FinanceEntity.Items, new FinanceListing(1), default));
            Assert.Equal((0, false), (page.Records.Count, page.HasMore));
        }

        Assert.Equal(["/books/v3/items", "/inventory/v1/items", "/invoice/v3/items"], host.Provider.Requests.Select(request => request.Path));
        Assert.All(host.Provider.Requests, request => Assert.Equal(Organization, request.Query["organization_id"]));
        Assert.Equal(
            [null, null, Organization],
            host.Provider.Requests.Select(request => request.Headers.GetValueOrDefault("X-com-zoho-invoice-organizationid")));
    }

    [Theory]
    [InlineData("salesorder")]
    [InlineData("sales_order")]
    public async Task A_record_is_found_whatever_its_answer_calls_it(string key)
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.Answers($$$"""{"code":0,"message":"success","{{{key}}}":{"salesorder_id":"46001","line_items":[{"line_item_id":"1"}]}}""");

        var record = Value(await host.Finance.GetAsync(host.Call, FinanceProduct.Inventory, Organization, FinanceEntity.SalesOrders, "46001", default));

        Assert.Equal("46001", record.Id);
        Assert.Equal("/inventory/v1/salesorders/46001", Assert.Single(host.Provider.Requests).Path);
    }

    [Fact]
    public async Task Organisations_are_read_in_both_their_forms()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.Answers(
            """
            {"code":0,"message":"success","organizations":[
                {"organization_id":"900000001","name":"Demo Ltd","is_default_org":true,"time_zone":"Europe/Berlin","currency_code":"EUR","plan_name":"Professional",
                 "org_settings":{"is_org_active":true}},
                {"organization_id":900000002,"name":"Old Ltd","is_default_org":false,"is_org_active":false},
                {"name":"nobody"}]}
            """);

        var organizations = Value(await host.Finance.ListOrganizationsAsync(host.Call, FinanceProduct.Books, default));

        Assert.Equal(
            [
                new FinanceOrganization("900000001", "Demo Ltd", true, true, "Europe/Berlin", "EUR", "Professional"),
                new FinanceOrganization("900000002", "Old Ltd", false, false, "", "", ""),
            ],
            organizations);
        Assert.Equal("https://www.zohoapis.eu/books/v3/organizations", Assert.Single(host.Provider.Requests).Address);
    }

    [Fact]
    public async Task A_creation_is_sent_once_and_an_answer_that_is_lost_says_nothing_of_it()
    {
        foreach (var lost in (Action<PlayedProvider>[])
        [
            provider => provider.BreaksTheConnection(),
            provider => provider.Answers("""{"code":1000,"message":"Internal error"}""", HttpStatusCode.InternalServerError),
            provider => provider.Answers("<html>Bad gateway</html>", HttpStatusCode.BadGateway),
            provider => provider.Answers("""{"code":0,"message":"success"}""", HttpStatusCode.Created),
        ])
        {
            using var host = await ProviderHost.CreateAsync();
            lost(host.Provider);

            var refused = Refusal(await host.Finance.CreateAsync(
                host.Call, FinanceProduct.Books, Organization, FinanceEntity.Contacts, new JsonObject { ["contact_name"] = "Ada" }, [], default));

            Assert.Equal((FailureKind.Unavailable, "zoho_outcome_unknown"), (refused.Kind, refused.Code));
            Assert.Equal(FinanceCodeClass.Unclear, refused.FinanceClass);
            Assert.Single(host.Provider.Requests);
        }
    }

    [Fact]
    public async Task What_may_be_sent_twice_is_after_a_lost_answer()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.BreaksTheConnection().Answers("""{"code":0,"message":"success","contact":{"contact_id":"46001"}}""");

        var upserted = Value(await host.Finance.UpsertAsync(
            host.Call, FinanceProduct.Books, Organization, FinanceEntity.Contacts, ("cf_ext_id", "A-77"), new JsonObject { ["contact_name"] = "Ada" }, default));

        Assert.Equal("46001", upserted.Id);
        Assert.Equal(2, host.Provider.Requests.Count);
        Assert.All(host.Provider.Requests, request => Assert.Equal(
            ("PUT", "/books/v3/contacts", "cf_ext_id", "A-77", "true"),
            (request.Method.Method, request.Path, request.Headers["X-Unique-Identifier-Key"], request.Headers["X-Unique-Identifier-Value"], request.Headers["X-Upsert"])));
    }

    [Fact]
    public async Task A_change_names_the_record_and_its_fields()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.Answers("""{"code":0,"message":"changed","invoice":{"invoice_id":"46001"}}""");

        Value(await host.Finance.UpdateAsync(
            host.Call, FinanceProduct.Books, Organization, FinanceEntity.Invoices, "46001", new JsonObject { ["notes"] = "Grüße" }, default));

        var asked = Assert.Single(host.Provider.Requests);
        Assert.Equal(("PUT", "/books/v3/invoices/46001", """{"notes":"Grüße"}"""), (asked.Method.Method, asked.Path, asked.Body));
    }

    [Fact]
    public async Task Success_by_the_status_alone_is_none()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.Answers("""{"code":6041,"message":"This user is not associated with the CompanyID/CompanyName:1."}""");

        var refused = Refusal(await host.Finance.ListAsync(
            host.Call, FinanceProduct.Books, "1", FinanceEntity.Items, new FinanceListing(1), default));

        Assert.Equal((FailureKind.Precondition, "organization_not_connected"), (refused.Kind, refused.Code));
    }

    [Fact]
    public async Task A_scope_that_the_grant_lacks_is_named_before_anybody_is_asked()
    {
        using var host = await ProviderHost.CreateAsync();

        var refused = Refusal(await host.Finance.ListAsync(
            host.Call with { GrantedScopes = ["ZohoBooks.contacts.ALL"] }, FinanceProduct.Books, Organization, FinanceEntity.Invoices, new FinanceListing(1), default));

        Assert.Equal("scopes_missing", refused.Code);
        Assert.Contains("ZohoBooks.invoices.READ", refused.Message, StringComparison.Ordinal);
        Assert.Empty(host.Provider.Requests);
    }
}
