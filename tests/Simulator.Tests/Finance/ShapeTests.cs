using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Finance;

public sealed class ShapeTests(FinanceWorld world) : IClassFixture<FinanceWorld>
{
    [Theory]
    [InlineData("books/v3", "contacts")]
    [InlineData("books/v3", "items")]
    [InlineData("books/v3", "invoices")]
    [InlineData("books/v3", "estimates")]
    [InlineData("books/v3", "creditnotes")]
    [InlineData("books/v3", "customerpayments")]
    [InlineData("books/v3", "expenses")]
    [InlineData("books/v3", "bills")]
    [InlineData("books/v3", "purchaseorders")]
    [InlineData("books/v3", "salesorders")]
    [InlineData("inventory/v1", "packages")]
    public async Task Nothing_is_null_ids_are_texts_and_what_a_row_says_its_detail_says_too(string product, string entity)
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("contacts", 30);
        if (entity is not "contacts")
        {
            await finance.GenerateAsync(entity, 30, lines: 2);
        }

        foreach (var row in (await finance.GetAsync($"{product}/{entity}")).Rows(entity))
        {
            AssertNoNull(row);
            var id = row.EnumerateObject().First();
            Assert.Equal(JsonValueKind.String, id.Value.ValueKind);
            Assert.InRange(id.Value.GetString()!.Length, 17, 19);
            var reply = await finance.GetAsync($"{product}/{entity}/{id.Value}");
            Assert.Equal(200, reply.Status);
            var detail = reply.Body.EnumerateObject().Last().Value;
            AssertNoNull(detail);
            Assert.All(
                row.EnumerateObject().Where(one => one.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String && detail.TryGetProperty(one.Name, out _)),
                one => Assert.Equal(one.Value.ToString(), detail.GetProperty(one.Name).ToString()));
        }
    }

    [Fact]
    public async Task The_same_key_is_a_number_in_one_row_a_text_in_the_next_and_nothing_in_a_third()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("items", 60);

        var rates = (await finance.GetAsync("books/v3/items")).Rows("items").Select(row => row.GetProperty("purchase_rate")).ToList();

        Assert.Contains(rates, rate => rate.ValueKind is JsonValueKind.Number);
        Assert.Contains(rates, rate => rate.ValueKind is JsonValueKind.String && rate.GetString() is { Length: > 0 });
        Assert.Contains(rates, rate => rate.ValueKind is JsonValueKind.String && rate.GetString() is "");
    }

    [Fact]
    public async Task A_void_invoice_keeps_its_balance()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("invoices", 60);

        Assert.All(
            (await finance.GetAsync("books/v3/invoices?status=void")).Rows("invoices"),
            row => Assert.Equal(row.GetProperty("total").GetDecimal(), row.GetProperty("balance").GetDecimal()));
        Assert.All((await finance.GetAsync("books/v3/invoices?status=paid")).Rows("invoices"), row => Assert.Equal(0, row.GetProperty("balance").GetDecimal()));
    }

    [Fact]
    public async Task Custom_fields_are_flat_in_lists_and_an_array_in_details()
    {
        var finance = await world.FreshAsync();
        var customer = await finance.AddCustomerAsync();
        foreach (var entity in (string[])["bills", "invoices"])
        {
            await finance.ControlAsync(HttpMethod.Post, $"/{entity}/custom-fields", new { label = "Plant" });
            await finance.ControlAsync(HttpMethod.Post, $"/{entity}/custom-fields", new { label = "Ready", data_type = "date" });
            await finance.ControlAsync(HttpMethod.Post, $"/{entity}/custom-fields", new { label = "Empty" });
        }

        var values = new[] { new { label = "Plant", value = "N1" }, new { label = "Ready", value = "2026-09-17" }, new { label = "Nobody", value = "1" } };
        var bill = await finance.AddAsync("books/v3/bills", new { vendor_id = customer, bill_number = "B1", custom_fields = values });
        await finance.AddAsync("books/v3/invoices", new { customer_id = customer, line_items = new[] { new { name = "Bolt", rate = 1 } }, custom_fields = values });

        var row = (await finance.GetAsync("books/v3/bills")).Rows("bills")[0];
        Assert.Equal(("N1", "17/09/2026", "2026-09-17"), (Of(row, "cf_plant"), Of(row, "cf_ready"), Of(row, "cf_ready_unformatted")));
        Assert.False(row.TryGetProperty("cf_empty", out _));
        Assert.False(row.TryGetProperty("custom_fields", out _));
        var detail = (await finance.GetAsync($"books/v3/bills/{bill}"))["bill"];
        Assert.False(detail.TryGetProperty("cf_plant", out _));
        var fields = detail.GetProperty("custom_fields").EnumerateArray().ToList();
        Assert.Equal([("cf_plant", "N1", "N1"), ("cf_ready", "2026-09-17", "17/09/2026")], fields.Select(field => (Of(field, "api_name"), Of(field, "value"), Of(field, "value_formatted"))));
        Assert.Equal("N1", Of(detail.GetProperty("custom_field_hash"), "cf_plant"));
        // rows of invoices and contacts have both shapes
        var invoice = (await finance.GetAsync("books/v3/invoices")).Rows("invoices")[0];
        Assert.Equal(("N1", 2), (Of(invoice, "cf_plant"), invoice.GetProperty("custom_fields").GetArrayLength()));
    }

    private static string Of(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static void AssertNoNull(JsonElement json)
    {
        Assert.NotEqual(JsonValueKind.Null, json.ValueKind);
        if (json.ValueKind is JsonValueKind.Object)
        {
            Assert.All(json.EnumerateObject(), one => AssertNoNull(one.Value));
        }
        else if (json.ValueKind is JsonValueKind.Array)
        {
            Assert.All(json.EnumerateArray(), AssertNoNull);
        }
    }
}
