using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Finance;

public sealed class GeneratedTests(FinanceWorld world) : IClassFixture<FinanceWorld>
{
    [Fact]
    public async Task The_same_seed_makes_the_same_rows()
    {
        var values = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var finance = await world.FreshAsync();
            await finance.GenerateAsync("contacts", 50);
            await finance.GenerateAsync("items", 50);
            await finance.GenerateAsync("invoices", 150, lines: 3);
            var rows = (await finance.GetAsync("books/v3/invoices")).Rows("invoices");
            values.Add(string.Join('\n', rows.Select(row =>
                $"{row.GetProperty("invoice_number")} {row.GetProperty("customer_name")} {row.GetProperty("status")} {row.GetProperty("total")} {row.GetProperty("reference_number")}")));
        }

        Assert.Equal(values[0], values[1]);
        Assert.Equal(150, values[0].Split('\n').Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task What_rows_point_to_is_there()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("contacts", 40);
        await finance.GenerateAsync("items", 40);
        await finance.GenerateAsync("invoices", 20, lines: 2);
        await finance.GenerateAsync("bills", 20);

        foreach (var row in (await finance.GetAsync("books/v3/invoices")).Rows("invoices"))
        {
            var contact = (await finance.GetAsync($"books/v3/contacts/{row.GetProperty("customer_id")}"))["contact"];
            Assert.Equal((row.GetProperty("customer_name").GetString(), "customer"), (contact.GetProperty("contact_name").GetString(), contact.GetProperty("contact_type").GetString()));
            var line = (await finance.GetAsync($"books/v3/invoices/{row.GetProperty("invoice_id")}"))["invoice"].GetProperty("line_items")[0];
            var item = (await finance.GetAsync($"books/v3/items/{line.GetProperty("item_id")}"))["item"];
            Assert.Equal((line.GetProperty("name").GetString(), line.GetProperty("rate").GetDecimal()), (item.GetProperty("name").GetString(), item.GetProperty("rate").GetDecimal()));
        }

        var bill = (await finance.GetAsync("books/v3/bills")).Rows("bills")[0];
        Assert.Equal("vendor", (await finance.GetAsync($"books/v3/contacts/{bill.GetProperty("vendor_id")}")).Text("contact", "contact_type"));
    }

    [Fact]
    public async Task Edited_and_deleted_rows_are_told_with_their_second()
    {
        var finance = await world.FreshAsync();
        await finance.UnlimitAsync();
        await finance.GenerateAsync("salesorders", 1000);
        await finance.Zoho.AdvanceAsync(TimeSpan.FromMinutes(5));

        var edited = await finance.ControlAsync(HttpMethod.Post, "/salesorders/edited-rows", new { count = 300, seed = 2 });
        var deleted = await finance.ControlAsync(HttpMethod.Post, "/salesorders/deleted-rows", new { count = 100, seed = 3 });

        var (editedIds, deletedIds) = (Ids(edited), Ids(deleted));
        Assert.Equal((300, 100), (editedIds.Distinct(StringComparer.Ordinal).Count(), deletedIds.Distinct(StringComparer.Ordinal).Count()));
        var rows = await AllAsync(finance, "books/v3/salesorders", "salesorders");
        Assert.Equal(900, rows.Count);
        Assert.Empty(rows.Select(row => row.GetProperty("salesorder_id").GetString()!).Intersect(deletedIds, StringComparer.Ordinal));
        var since = await AllAsync(finance, "books/v3/salesorders", "salesorders", "&last_modified_time=" + Uri.EscapeDataString(edited.GetProperty("at").GetDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) + "+0000"));
        Assert.Equal(
            editedIds.Except(deletedIds, StringComparer.Ordinal).Order(StringComparer.Ordinal), since.Select(row => row.GetProperty("salesorder_id").GetString()!).Order(StringComparer.Ordinal));
        Assert.Single(since.Select(row => row.GetProperty("last_modified_time").GetString()).Distinct(StringComparer.Ordinal));
        Assert.Equal((404, 1002), (await finance.GetAsync($"books/v3/salesorders/{deletedIds[0]}")).Both);
        var truth = await finance.ControlAsync(HttpMethod.Get, "/salesorders/rows?limit=1000");
        Assert.Equal((900, 900), (truth.GetProperty("rows").GetInt32(), truth.GetProperty("data").GetArrayLength()));
    }

    [Fact]
    public async Task Pages_of_a_moving_set_repeat_rows_and_skip_others()
    {
        var finance = await world.FreshAsync();
        await finance.UnlimitAsync();
        await finance.GenerateAsync("salesorders", 1000);
        await finance.Zoho.AdvanceAsync(TimeSpan.FromMinutes(5));
        await finance.ControlAsync(HttpMethod.Put, "/salesorders/edits-between-pages", new { count = 20, calls = 3, seed = 5 });

        // edited rows come to the front: others are pushed onto the next page
        var byChange = await AllAsync(finance, "books/v3/salesorders", "salesorders", "&sort_column=last_modified_time&sort_order=D");
        Assert.Equal(1000, byChange.Count);
        Assert.True(byChange.Select(row => row.GetProperty("salesorder_id").GetString()).Distinct(StringComparer.Ordinal).Count() < 1000);

        // by creation edits move nothing, and what is deleted lets others slip by
        await finance.ControlAsync(HttpMethod.Put, "/salesorders/edits-between-pages", new { count = 20, calls = 4, seed = 6 });
        Assert.Equal(1000, (await AllAsync(finance, "books/v3/salesorders", "salesorders")).Select(row => row.GetProperty("salesorder_id").GetString()).Distinct(StringComparer.Ordinal).Count());
        await finance.ControlAsync(HttpMethod.Put, "/salesorders/edits-between-pages", new { deleted = 10, calls = 3, seed = 7 });
        var seen = (await AllAsync(finance, "books/v3/salesorders", "salesorders")).Select(row => row.GetProperty("salesorder_id").GetString()!).ToList();
        var left = (await AllAsync(finance, "books/v3/salesorders", "salesorders")).Select(row => row.GetProperty("salesorder_id").GetString()!).ToList();
        Assert.Equal(970, left.Count);
        Assert.NotEmpty(left.Except(seen, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_million_rows_are_there_at_once()
    {
        var finance = await world.FreshAsync();
        await finance.UnlimitAsync();
        await finance.GenerateAsync("contacts", 1_000_000);
        await finance.GenerateAsync("invoices", 1_000_000, lines: 3);
        var first = await finance.GetAsync("books/v3/invoices");
        var last = await finance.GetAsync("books/v3/invoices?page=5000");
        await finance.ControlAsync(HttpMethod.Post, "/invoices/edited-rows", new { count = 50 });
        var since = await finance.GetAsync("books/v3/invoices?last_modified_time=" + Uri.EscapeDataString(first.Rows("invoices")[0].GetProperty("last_modified_time").GetString()!));

        Assert.Equal(("INV-1000000", "INV-0000001"), (first.Rows("invoices")[0].GetProperty("invoice_number").GetString(), last.Rows("invoices")[^1].GetProperty("invoice_number").GetString()));
        Assert.False(last.Page.GetProperty("has_more_page").GetBoolean());
        Assert.InRange(since.Rows("invoices").Count, 50, 100);
    }

    [Fact]
    public async Task A_second_time_generated_rows_are_refused()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("items", 5);

        using var again = await finance.Zoho.SendControlAsync(HttpMethod.Post, "finance/us/items/generated-rows", new { count = 5 });

        Assert.Equal(400, (int)again.StatusCode);
    }

    private static List<string> Ids(JsonElement picked) => [.. picked.GetProperty("ids").EnumerateArray().Select(id => id.GetString()!)];

    private static async Task<List<JsonElement>> AllAsync(FinanceCaller finance, string path, string key, string query = "")
    {
        var rows = new List<JsonElement>();
        for (var page = 1; ; page++)
        {
            var reply = await finance.GetAsync($"{path}?page={page}{query}");
            rows.AddRange(reply.Rows(key));
            if (!reply.Page.GetProperty("has_more_page").GetBoolean())
            {
                return rows;
            }
        }
    }
}
