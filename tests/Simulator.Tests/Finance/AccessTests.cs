using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Finance;

public sealed class AccessTests(FinanceWorld world) : IClassFixture<FinanceWorld>
{
    [Fact]
    public async Task Without_a_token_it_is_14_and_with_a_wrong_one_57()
    {
        var finance = await world.FreshAsync();
        foreach (var product in (string[])["books/v3", "inventory/v1", "invoice/v3"])
        {
            Assert.Equal((401, 14), (await finance.With(null).GetAsync($"{product}/contacts")).Both);
            Assert.Equal((401, 57), (await finance.With("1000.fake-gone").GetAsync($"{product}/contacts")).Both);
            Assert.Equal((200, 0), (await finance.GetAsync($"{product}/contacts")).Both);
        }
    }

    [Theory]
    [InlineData("GET", "books/v3/contacts", "ZohoBooks.contacts.READ")]
    [InlineData("POST", "books/v3/contacts", "ZohoBooks.contacts.CREATE")]
    [InlineData("PUT", "books/v3/invoices/1", "ZohoBooks.invoices.UPDATE")]
    [InlineData("GET", "books/v3/invoices/1", "ZohoBooks.invoices.READ")]
    [InlineData("DELETE", "inventory/v1/salesorders/1", "ZohoInventory.salesorders.DELETE")]
    [InlineData("GET", "books/v3/items", "ZohoBooks.settings.READ")]
    [InlineData("GET", "invoice/v3/items", "ZohoInvoice.settings.READ")]
    [InlineData("GET", "invoice/v3/itemdetails?item_ids=1", "ZohoInvoice.items.READ")]
    [InlineData("GET", "inventory/v1/items", "ZohoInventory.items.READ")]
    [InlineData("GET", "inventory/v1/items", "ZohoInventory.settings.READ")]
    [InlineData("GET", "inventory/v1/packages", "ZohoInventory.packages.READ")]
    [InlineData("GET", "books/v3/organizations", "ZohoBooks.settings.READ")]
    public async Task A_product_and_an_operation_have_a_scope_of_their_own(string verb, string path, string scope)
    {
        var allowed = await world.FreshAsync(scope);
        Assert.NotEqual(57, (await allowed.SendAsync(new(verb), path, null)).Code);

        // the verb of another operation, and the same in another product
        var otherVerb = scope[..(scope.LastIndexOf('.') + 1)] + (verb is "GET" ? "DELETE" : "READ");
        var otherProduct = scope.StartsWith("ZohoBooks", StringComparison.Ordinal) ? "ZohoInvoice" : "ZohoBooks";
        foreach (var wrong in new[] { otherVerb, otherProduct + scope[scope.IndexOf('.', StringComparison.Ordinal)..] })
        {
            var refused = await FinanceCaller.OfAsync(world.Zoho, wrong);
            Assert.Equal((401, 57), (await refused.SendAsync(new(verb), path, null)).Both);
        }
    }

    [Fact]
    public async Task Items_of_Books_have_no_scope_of_that_name()
    {
        var finance = await world.FreshAsync("ZohoBooks.items.READ");

        Assert.Equal((401, 57), (await finance.GetAsync("books/v3/items")).Both);
    }

    [Fact]
    public async Task An_organisation_must_be_named_and_be_the_users_own()
    {
        var finance = await world.FreshAsync();

        Assert.Equal(400, (await finance.Of(null).GetAsync("books/v3/contacts")).Status);
        var foreign = await finance.Of("60000000002").GetAsync("books/v3/contacts");
        Assert.Equal((400, 6041), foreign.Both);
        Assert.Contains("60000000002", foreign["message"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoice_takes_the_organisation_from_its_header_and_from_the_query_and_the_others_from_the_query_only()
    {
        var finance = (await world.FreshAsync()).Of(null);
        var header = ("X-com-zoho-invoice-organizationid", FinanceCaller.FirstOrganisation);

        Assert.Equal(200, (await finance.GetAsync("invoice/v3/contacts", header)).Status);
        Assert.Equal(200, (await finance.GetAsync($"invoice/v3/contacts?organization_id={FinanceCaller.FirstOrganisation}")).Status);
        Assert.Equal(400, (await finance.GetAsync("books/v3/contacts", header)).Status);
        Assert.Equal(400, (await finance.GetAsync("inventory/v1/contacts", header)).Status);
    }

    [Theory]
    [InlineData("books/v3/nothing", 404, 5)]
    [InlineData("books/v3/packages", 404, 5)]
    [InlineData("inventory/v1/estimates", 404, 5)]
    [InlineData("inventory/v1/expenses", 404, 5)]
    [InlineData("invoice/v3/bills", 404, 5)]
    [InlineData("invoice/v3/salesorders", 404, 5)]
    [InlineData("invoice/v3/purchaseorders", 404, 5)]
    [InlineData("books/v3/bills", 200, 0)]
    [InlineData("inventory/v1/packages", 200, 0)]
    [InlineData("invoice/v3/expenses", 200, 0)]
    public async Task Each_product_has_its_entities_and_no_other(string path, int status, int code)
    {
        var finance = await world.FreshAsync();

        Assert.Equal((status, code), (await finance.GetAsync(path)).Both);
    }

    [Fact]
    public async Task Organisations_are_the_users_in_every_product_and_tell_no_budget()
    {
        var finance = await world.FreshAsync(dataCentre: "eu");
        var added = await finance.ControlAsync(HttpMethod.Post, "/organisations", new { name = "Branch Ltd", time_zone = "America/Bogota", currency_code = "COP", plan = "standard" });
        foreach (var product in (string[])["books/v3", "inventory/v1", "invoice/v3"])
        {
            var reply = await finance.GetAsync($"{product}/organizations");

            Assert.Null(reply.Header("X-Rate-Limit-Limit"));
            var rows = reply.Rows("organizations");
            Assert.Equal(["Demo Company", "Branch Ltd"], rows.Select(row => row.GetProperty("name").GetString()));
            Assert.Equal([true, false], rows.Select(row => row.GetProperty("is_default_org").GetBoolean()));
            Assert.Equal(["Europe/Berlin", "America/Bogota"], rows.Select(row => row.GetProperty("time_zone").GetString()));
            Assert.Equal(["EUR", "COP"], rows.Select(row => row.GetProperty("currency_code").GetString()));
            Assert.Equal(["Professional", "Standard"], rows.Select(row => row.GetProperty("plan_name").GetString()));
            Assert.Equal(JsonValueKind.String, rows[0].GetProperty("fiscal_year_start_month").ValueKind);
        }

        var branch = finance.Of(added.GetProperty("organisation_id").ToString());
        Assert.Equal("2000", (await branch.GetAsync("books/v3/contacts")).Header("X-Rate-Limit-Limit"));
        var one = await finance.GetAsync($"books/v3/organizations/{added.GetProperty("organisation_id")}");
        Assert.False(one["organization"].TryGetProperty("plan_name", out _));
        Assert.Equal(JsonValueKind.Number, one["organization"].GetProperty("fiscal_year_start_month").ValueKind);
    }

    [Fact]
    public async Task The_counters_have_a_name_for_each_operation()
    {
        var finance = await world.FreshAsync();
        var customer = await finance.AddCustomerAsync();
        await finance.GetAsync("books/v3/contacts");
        await finance.GetAsync("inventory/v1/contacts");
        await finance.GetAsync($"invoice/v3/contacts/{customer}");
        await finance.DeleteAsync($"books/v3/contacts/{customer}");
        await finance.GetAsync($"books/v3/contacts/{customer}");

        foreach (var (operation, outcome) in ((string, string)[])[
            ("books.contacts.create", "success"), ("books.contacts.list", "success"), ("inventory.contacts.list", "success"),
            ("invoice.contacts.get", "success"), ("books.contacts.delete", "success"), ("books.contacts.get", "1002")])
        {
            Assert.Equal(1, await finance.Zoho.CallsAsync(operation, outcome));
        }
    }
}
