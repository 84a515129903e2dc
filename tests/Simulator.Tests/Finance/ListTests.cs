using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Finance;

public sealed class ListTests(FinanceWorld world) : IClassFixture<FinanceWorld>
{
    [Fact]
    public async Task A_page_has_two_hundred_rows_at_most_and_tells_whether_there_are_more()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("invoices", 450);

        var first = await finance.GetAsync("books/v3/invoices?per_page=500");
        Assert.Equal((200, true, 200), (first.Rows("invoices").Count, first.Page.GetProperty("has_more_page").GetBoolean(), first.Page.GetProperty("per_page").GetInt32()));
        var last = await finance.GetAsync("books/v3/invoices?page=3");
        Assert.Equal((50, false), (last.Rows("invoices").Count, last.Page.GetProperty("has_more_page").GetBoolean()));
        var beyond = await finance.GetAsync("books/v3/invoices?page=9");
        Assert.Equal((200, 0, false), (beyond.Status, beyond.Rows("invoices").Count, beyond.Page.GetProperty("has_more_page").GetBoolean()));
        Assert.Equal((400, 2), (await finance.GetAsync("books/v3/invoices?page=none")).Both);
    }

    [Theory]
    [InlineData("contacts", "contact_name", "A")]
    [InlineData("items", "name", "A")]
    [InlineData("invoices", "created_time", "D")]
    [InlineData("customerpayments", "date", "D")]
    [InlineData("salesorders", "created_time", "D")]
    public async Task An_entity_has_an_order_of_its_own_and_says_so(string entity, string column, string order)
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync(entity, 30);

        var reply = await finance.GetAsync($"books/v3/{entity}");

        Assert.Equal((column, order), (reply.Page.GetProperty("sort_column").GetString(), reply.Page.GetProperty("sort_order").GetString()));
        var values = reply.Rows(entity).Select(row => row.GetProperty(column).GetString()!).ToList();
        Assert.Equal(order is "A" ? values.Order(StringComparer.Ordinal) : values.OrderDescending(StringComparer.Ordinal), values);
        // a column that is not documented is not looked at
        var ignored = await finance.GetAsync($"books/v3/{entity}?sort_column=is_emailed&sort_order=A");
        Assert.Equal(column, ignored.Page.GetProperty("sort_column").GetString());
    }

    [Fact]
    public async Task Rows_are_sorted_by_any_documented_column()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("invoices", 300, lines: 3);
        await finance.ControlAsync(HttpMethod.Post, "/invoices/edited-rows", new { count = 40 });

        foreach (var column in (string[])["total", "balance"])
        {
            var first = await finance.GetAsync($"books/v3/invoices?sort_column={column}&sort_order=D");
            var second = await finance.GetAsync($"books/v3/invoices?sort_column={column}&sort_order=D&page=2");
            var values = first.Rows("invoices").Concat(second.Rows("invoices")).Select(row => row.GetProperty(column).GetDecimal()).ToList();

            Assert.Equal(300, values.Count);
            Assert.Equal(values.OrderDescending(), values);
        }
    }

    [Fact]
    public async Task Lists_have_no_lines_and_details_have()
    {
        var finance = await world.FreshAsync();
        foreach (var (entity, single, id) in ((string, string, string)[])[
            ("invoices", "invoice", "invoice_id"), ("estimates", "estimate", "estimate_id"), ("creditnotes", "creditnote", "creditnote_id"),
            ("bills", "bill", "bill_id"), ("purchaseorders", "purchaseorder", "purchaseorder_id"), ("salesorders", "salesorder", "salesorder_id")])
        {
            await finance.GenerateAsync(entity, 3, lines: 3);
            var row = (await finance.GetAsync($"books/v3/{entity}")).Rows(entity)[0];
            var detail = (await finance.GetAsync($"books/v3/{entity}/{row.GetProperty(id)}"))[single];

            Assert.False(row.TryGetProperty("line_items", out _));
            var lines = detail.GetProperty("line_items").EnumerateArray().ToList();
            Assert.Equal(3, lines.Count);
            Assert.Equal(detail.GetProperty("total").GetDecimal(), lines.Sum(line => line.GetProperty("item_total").GetDecimal()));
            Assert.Equal(row.GetProperty("total").GetDecimal(), detail.GetProperty("total").GetDecimal());
        }
    }

    [Fact]
    public async Task Only_documented_filters_count_and_the_page_says_which()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("contacts", 20);
        await finance.GenerateAsync("invoices", 100);
        var customer = (await finance.GetAsync("books/v3/invoices")).Rows("invoices")[0].GetProperty("customer_id").GetString();

        var known = await finance.GetAsync($"books/v3/invoices?customer_id={customer}&total_greater_than=0&filter_by=Status.Paid");
        Assert.All(known.Rows("invoices"), row => Assert.Equal((customer, "paid"), (row.GetProperty("customer_id").GetString(), row.GetProperty("status").GetString())));
        Assert.Equal("Status.Paid", known.Page.GetProperty("applied_filter").GetString());
        Assert.Equal(
            ["customer_id", "total"],
            known.Page.GetProperty("search_criteria").EnumerateArray().Select(one => one.GetProperty("column_name").GetString()).Order(StringComparer.Ordinal));

        var unknown = await finance.GetAsync("books/v3/invoices?salesperson_name=Nobody&customer_city=Oslo");
        Assert.Equal((200, 100), (unknown.Status, unknown.Rows("invoices").Count));
        Assert.Empty(unknown.Page.GetProperty("search_criteria").EnumerateArray());
        // documented in one product, not in the other
        Assert.Empty((await finance.GetAsync("books/v3/invoices?invoice_number=INV-none")).Rows("invoices"));
        Assert.Equal(100, (await finance.GetAsync("invoice/v3/invoices?invoice_number=INV-none")).Rows("invoices").Count);
        await finance.GenerateAsync("bills", 50);
        Assert.Empty((await finance.GetAsync("books/v3/bills?search_text=none")).Rows("bills"));
        Assert.Equal(50, (await finance.GetAsync("inventory/v1/bills?search_text=none&filter_by=Status.Paid&status=paid")).Rows("bills").Count);
        Assert.Equal(15, (await finance.GetAsync("books/v3/contacts?contact_type=customer")).Rows("contacts").Count);
        Assert.Equal(20, (await finance.GetAsync("inventory/v1/contacts?contact_type=customer")).Rows("contacts").Count);
        Assert.Equal(20, (await finance.GetAsync("invoice/v3/contacts?contact_type=customer")).Rows("contacts").Count);
    }

    [Fact]
    public async Task Texts_numbers_and_dates_have_their_variants()
    {
        var finance = await world.FreshAsync();
        var customer = await finance.AddCustomerAsync();
        foreach (var (reference, date, rate) in ((string, string, int)[])[("A-1", "2026-03-01", 10), ("A-2", "2026-03-02", 20), ("B-1", "2026-03-03", 30)])
        {
            await finance.AddAsync("books/v3/invoices", new { customer_id = customer, reference_number = reference, date, line_items = new[] { new { name = "Bolt", rate, quantity = 1 } } });
        }

        foreach (var (query, found) in ((string, string)[])[
            ("reference_number=A-1", "A-1"), ("reference_number_startswith=a", "A-1 A-2"), ("reference_number_contains=-1", "A-1 B-1"),
            ("total=20", "A-2"), ("total_less_than=20", "A-1"), ("total_less_equals=20", "A-1 A-2"), ("total_greater_than=20", "B-1"),
            ("total_greater_equals=20", "A-2 B-1"), ("date=2026-03-02", "A-2"), ("date_start=2026-03-02", "A-2 B-1"), ("date_end=2026-03-02", "A-1 A-2"),
            ("date_before=2026-03-02", "A-1"), ("date_after=2026-03-02", "B-1"), ("search_text=b-1", "B-1"), ("status=draft", "A-1 A-2 B-1"), ("status=paid", ""),
            ("item_name=bolt", "A-1 A-2 B-1"), ("item_name=nut", "")])
        {
            var rows = (await finance.GetAsync($"books/v3/invoices?sort_column=date&sort_order=A&{query}")).Rows("invoices");
            Assert.Equal(found, string.Join(' ', rows.Select(row => row.GetProperty("reference_number").GetString())));
        }

        Assert.Equal((400, 2), (await finance.GetAsync("books/v3/invoices?date_start=yesterday")).Both);
    }

    [Theory]
    [InlineData("books/v3", "invoices", true)]
    [InlineData("books/v3", "salesorders", true)]
    [InlineData("books/v3", "bills", true)]
    [InlineData("books/v3", "purchaseorders", true)]
    [InlineData("inventory/v1", "items", true)]
    [InlineData("books/v3", "items", false)]
    [InlineData("books/v3", "contacts", false)]
    [InlineData("books/v3", "creditnotes", false)]
    [InlineData("books/v3", "estimates", false)]
    [InlineData("books/v3", "expenses", false)]
    [InlineData("books/v3", "customerpayments", false)]
    [InlineData("inventory/v1", "invoices", false)]
    [InlineData("inventory/v1", "salesorders", false)]
    public async Task What_changed_since_is_told_where_it_is_documented_and_all_elsewhere(string product, string entity, bool isKnown)
    {
        var finance = await world.FreshAsync();
        await finance.Zoho.FreezeAsync();
        await finance.GenerateAsync(entity, 40, perSecond: 4);
        await finance.Zoho.AdvanceAsync(TimeSpan.FromMinutes(1));
        var edited = await finance.ControlAsync(HttpMethod.Post, $"/{entity}/edited-rows", new { count = 5, seed = 3 });

        var rows = await ListAsync("");
        var since = rows.Select(row => row.GetProperty("last_modified_time").GetString()!).Max(StringComparer.Ordinal)!;
        var changed = await ListAsync(since);

        // at or after that second
        Assert.Equal(isKnown ? 5 : 40, changed.Count);
        if (isKnown)
        {
            Assert.Equal(
                edited.GetProperty("ids").EnumerateArray().Select(id => id.GetString()).Order(StringComparer.Ordinal),
                changed.Select(row => row.EnumerateObject().First().Value.GetString()).Order(StringComparer.Ordinal));
            Assert.Empty(await ListAsync(since.Replace("2026-", "2999-", StringComparison.Ordinal)));
            Assert.Equal(40, (await ListAsync(since.Replace("2026-", "2000-", StringComparison.Ordinal))).Count);
        }

        async Task<IReadOnlyList<JsonElement>> ListAsync(string at) =>
            (await finance.GetAsync($"{product}/{entity}{(at.Length > 0 ? $"?last_modified_time={Uri.EscapeDataString(at)}" : "")}")).Rows(entity);
    }

    [Fact]
    public async Task Times_are_whole_seconds_in_the_organisations_zone_without_a_colon()
    {
        var finance = await world.FreshAsync();
        await finance.ControlAsync(HttpMethod.Patch, "", new { time_zone = "Asia/Kolkata" });
        await finance.GenerateAsync("invoices", 1);

        var at = (await finance.GetAsync("books/v3/invoices")).Rows("invoices")[0].GetProperty("last_modified_time").GetString()!;

        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0530$", at);
        Assert.Equal(200, (await finance.GetAsync($"books/v3/invoices?last_modified_time={Uri.EscapeDataString(at)}")).Status);
        // a plus that is not escaped is a space; a colon is another format
        Assert.Equal((400, 2), (await finance.GetAsync($"books/v3/invoices?last_modified_time={at}")).Both);
        Assert.Equal((400, 2), (await finance.GetAsync($"books/v3/invoices?last_modified_time={Uri.EscapeDataString(at[..^2] + ":30")}")).Both);
    }

    [Theory]
    [InlineData("0", true, false, false)]
    [InlineData("1", true, true, true)]
    [InlineData("2", false, true, false)]
    [InlineData("3", false, true, true)]
    [InlineData("4", true, false, true)]
    public async Task Invoices_are_counted_and_summed_on_demand(string option, bool rows, bool count, bool sums)
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("invoices", 210);

        var reply = await finance.GetAsync($"books/v3/invoices?response_option={option}");

        Assert.Equal(
            (rows, count, sums),
            (reply.Body.TryGetProperty("invoices", out _), reply.Page.TryGetProperty("total", out var total), reply.Page.TryGetProperty("sum_columns", out _)));
        Assert.True(!count || total.GetInt32() == 210);
    }

    [Fact]
    public async Task Several_items_are_told_in_detail_by_one_call()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("items", 120);
        var ids = (await finance.GetAsync("books/v3/items")).Rows("items").Select(row => row.GetProperty("item_id").GetString()).ToList();

        Assert.Equal(100, (await finance.GetAsync($"books/v3/itemdetails?item_ids={string.Join(',', ids.Take(100))}")).Rows("items").Count);
        Assert.Equal(400, (await finance.GetAsync($"books/v3/itemdetails?item_ids={string.Join(',', ids)}")).Status);
        Assert.True((await finance.GetAsync($"inventory/v1/itemdetails?item_ids={ids[0]}")).Rows("items")[0].TryGetProperty("stock_on_hand", out _));
    }

    [Fact]
    public async Task The_products_are_views_of_one_store()
    {
        var finance = await world.FreshAsync();
        var customer = await finance.AddAsync("inventory/v1/contacts", new { contact_name = "Shared" });
        await finance.AddAsync("books/v3/salesorders", new { customer_id = customer });

        foreach (var product in (string[])["books/v3", "inventory/v1", "invoice/v3"])
        {
            Assert.Equal("Shared", (await finance.GetAsync($"{product}/contacts/{customer}")).Text("contact", "contact_name"));
        }

        var (books, inventory) = (await finance.GetAsync("books/v3/salesorders"), await finance.GetAsync("inventory/v1/salesorders"));
        Assert.False(books.Rows("salesorders")[0].TryGetProperty("quantity_packed", out _));
        Assert.True(inventory.Rows("salesorders")[0].TryGetProperty("quantity_packed", out _));
        // another organisation has its own
        var other = await finance.ControlAsync(HttpMethod.Post, "/organisations", new { name = "Branch" });
        Assert.Empty((await finance.Of(other.GetProperty("organisation_id").ToString()).GetAsync("books/v3/contacts")).Rows("contacts"));
    }
}
