using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class CrmControlTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task A_world_comes_from_a_seed_and_changes_within_one_second()
    {
        var crm = await world.FreshAsync();
        await crm.GenerateAsync("Leads", 1000);
        var first = await TruthAsync();
        Assert.Equal(1000, first.Count);

        var edited = await PickedAsync("edited", new { count = 100, seed = 3 });
        Assert.Equal(100, edited.Ids.Count);
        var after = await TruthAsync();
        Assert.All(edited.Ids, id => Assert.Equal(edited.At, after[id].GetProperty("Modified_Time").GetDateTimeOffset()));
        Assert.Equal(edited.Ids.Order(), after.Keys.Where(id => after[id].GetRawText() != first[id].GetRawText()).Order());

        var deleted = await PickedAsync("deleted", new { count = 20, seed = 4 });
        var merged = await PickedAsync("merged", new { count = 5, seed = 5 });
        var left = await TruthAsync();
        Assert.Equal(975, left.Count);
        Assert.Empty(left.Keys.Intersect(deleted.Ids.Concat(merged.Ids)));
        Assert.Equal(25, (await crm.GetAsync("Leads/deleted?per_page=200")).Ids.Count);
        var restored = await PickedAsync("restored", new { count = 2 });
        Assert.Equal(977, (await TruthAsync()).Count);
        var shown = Assert.Single((await crm.Zoho.ControlAsync(HttpMethod.Get, "state")).GetProperty("crm").EnumerateArray());
        Assert.Equal(("Leads", 977, 23), (shown.GetProperty("module").GetString(), shown.GetProperty("records").GetInt32(), shown.GetProperty("deleted").GetInt32()));

        await crm.ControlAsync(HttpMethod.Put, $"/Leads/records/{restored.Ids[0]}", new Dictionary<string, object> { ["City"] = "Oslo" });
        Assert.Equal("Oslo", (await crm.GetAsync($"Leads/{restored.Ids[0]}")).Data[0].GetProperty("City").GetString());

        await crm.Zoho.ControlAsync(HttpMethod.Post, "reset");
        await crm.GenerateAsync("Leads", 1000);
        var again = await TruthAsync();
        Assert.Equal(first.Values.Select(row => row.GetProperty("Last_Name").GetString()), again.Values.Select(row => row.GetProperty("Last_Name").GetString()));

        async Task<Dictionary<string, JsonElement>> TruthAsync() =>
            (await crm.ControlAsync(HttpMethod.Get, "/Leads/records")).GetProperty("data").EnumerateArray().ToDictionary(row => row.GetProperty("id").GetString()!);

        async Task<(DateTimeOffset At, IReadOnlyList<string> Ids)> PickedAsync(string what, object order)
        {
            var picked = await crm.ControlAsync(HttpMethod.Post, $"/Leads/{what}-records", order);
            return (picked.GetProperty("at").GetDateTimeOffset(), [.. picked.GetProperty("ids").EnumerateArray().Select(id => id.GetString()!)]);
        }
    }

    [Fact]
    public async Task Every_module_can_be_filled_and_read()
    {
        var crm = await world.FreshAsync();
        await crm.ControlAsync(HttpMethod.Post, "/modules", new { api_name = "Flats", singular_label = "Flat", plural_label = "Flats" });
        await crm.ControlAsync(HttpMethod.Post, "/Flats/fields", new { api_name = "Views", type = "multi_select_picklist", options = new[] { "Sea", "Park" } });
        foreach (var module in new[] { "Accounts", "Contacts", "Leads", "Deals", "Tasks", "Calls", "Flats" })
        {
            await crm.GenerateAsync(module, 30);
            var page = await crm.GetAsync($"{module}?fields=Modified_Time&sort_by=Modified_Time&sort_order=asc");
            Assert.Equal(30, page.Ids.Count);
            Assert.Equal(30, (await crm.QueryAsync($"select id from {module} where id is not null")).Ids.Count);
            Assert.Equal(3, page.Data.EnumerateArray().Select(row => row.GetProperty("Modified_Time").GetString()).Distinct().Count());
        }
    }

    [Fact]
    public async Task Times_are_written_with_the_offset_of_the_zone_on_that_day()
    {
        var crm = await world.FreshAsync();
        await crm.AddAsync(
            "Calls", new { Subject = "A", Call_Type = "Missed", Call_Start_Time = "2026-07-01T12:00:00Z" }, new { Subject = "B", Call_Type = "Missed", Call_Start_Time = "2026-01-01T12:00:00Z" });

        Assert.Equal(
            ["2026-01-01T13:00:00+01:00", "2026-07-01T14:00:00+02:00"],
            (await crm.GetAsync("Calls?fields=Call_Start_Time")).Data.EnumerateArray().Select(row => row.GetProperty("Call_Start_Time").GetString()));
    }

    [Theory]
    [InlineData("POST", "/Leads/generated-records", """{}""", "count")]
    [InlineData("POST", "/Leads/generated-records", """{"count":1,"per_second":0}""", "per_second")]
    [InlineData("POST", "/Leads/edited-records", """{"count":0}""", "count")]
    [InlineData("GET", "/Leads/records?limit=0", null, "limit")]
    [InlineData("PATCH", "", """{"time_zone":"Mars/Olympus"}""", "time_zone")]
    [InlineData("PUT", "/plan", """{"credits":-1}""", "credits")]
    [InlineData("POST", "/modules", """{"api_name":"Leads"}""", "api_name")]
    [InlineData("POST", "/modules", """{"api_name":"a b"}""", "api_name")]
    [InlineData("POST", "/Leads/fields", """{"api_name":"Email","type":"text"}""", "api_name")]
    [InlineData("POST", "/Leads/fields", """{"api_name":"X"}""", "type")]
    [InlineData("POST", "/Leads/fields", """{"api_name":"X","type":"lookup"}""", "lookup_module")]
    [InlineData("PUT", "/Leads/layouts", """{"required":["Nothing"]}""", "required")]
    public async Task Wrong_input_of_a_control_names_the_field(string verb, string path, string? body, string field)
    {
        await world.FreshAsync();
        using var reply = await world.Zoho.SendControlAsync(new(verb), $"crm/us{path}", body is null ? null : JsonDocument.Parse(body).RootElement);

        Assert.Equal(400, (int)reply.StatusCode);
        Assert.Equal(field, (await SimulatorHost.JsonAsync(reply)).GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("""{"crm":{"page_tokens":"never"}}""", "crm.page_tokens")]
    [InlineData("""{"crm":{"kindness":true}}""", "crm.kindness")]
    [InlineData("""{"crm":{"index_delay_seconds":-1}}""", "crm.index_delay_seconds")]
    [InlineData("""{"crm":{"note_content_maximum":5}}""", "crm.note_content_maximum")]
    [InlineData("""{"crm":null}""", "crm")]
    public async Task A_wrong_setting_is_named_and_changes_nothing(string settings, string field)
    {
        await world.FreshAsync();
        var before = (await world.Zoho.ControlAsync(HttpMethod.Get, "settings")).GetRawText();
        using var reply = await world.Zoho.SendControlAsync(HttpMethod.Patch, "settings", JsonDocument.Parse(settings).RootElement);

        Assert.Equal(400, (int)reply.StatusCode);
        Assert.Equal(field, (await SimulatorHost.JsonAsync(reply)).GetProperty("field").GetString());
        Assert.Equal(before, (await world.Zoho.ControlAsync(HttpMethod.Get, "settings")).GetRawText());
    }

    [Fact]
    public async Task A_data_centre_without_an_api_has_no_crm()
    {
        await world.FreshAsync();
        using var reply = await world.Zoho.SendControlAsync(HttpMethod.Get, "crm/sg");
        Assert.Equal(404, (int)reply.StatusCode);
        using var module = await world.Zoho.SendControlAsync(HttpMethod.Get, "crm/us/Nowhere/records");
        Assert.Equal(404, (int)module.StatusCode);
    }
}
