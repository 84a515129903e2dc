using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Campaigns;

public sealed class ListTests : IDisposable
{
    private readonly SimulatorHost _zoho = new();

    [Fact]
    public async Task Lists_are_described_in_strings()
    {
        await _zoho.SeedAsync(new { email = "ann@example.com" }, new { email = "bob@example.com", status = "bounce" });

        var answer = await GetAsync("getmailinglists");

        Assert.Equal("success", answer.GetProperty("status").GetString());
        Assert.Equal("{range=20, sort=asc, fromindex=1}", answer.GetProperty("requestdetails").GetString());
        var list = Assert.Single(answer.GetProperty("list_of_details").EnumerateArray());
        Assert.Equal(SimulatorHost.ListKey, list.GetProperty("listkey").GetString());
        Assert.Equal("Registered users", list.GetProperty("listname").GetString());
        Assert.Equal("1", list.GetProperty("noofcontacts").GetString());
        Assert.Equal("1", list.GetProperty("noofbouncecnt").GetString());
        Assert.All(list.EnumerateObject().Where(field => field.Name != "segments"), field => Assert.Equal(JsonValueKind.String, field.Value.ValueKind));
    }

    [Fact]
    public async Task An_organisation_without_lists_is_2401()
    {
        var organisation = await _zoho.ControlAsync(HttpMethod.Post, "organisations", new { data_centre = "us", name = "Empty" });
        var user = await _zoho.ControlAsync(
            HttpMethod.Post, "users", new { organisation_id = organisation.GetProperty("id").GetInt64(), email = "eve@demo.example" });
        var minted = await _zoho.ControlAsync(HttpMethod.Post, "refresh-tokens", new { zuid = user.GetProperty("zuid").GetInt64() });

        using var response = await _zoho.CampaignsAsync(
            HttpMethod.Get, "getmailinglists", await _zoho.AccessTokenAsync(minted.GetProperty("refresh_token").GetString()), [("resfmt", "JSON")]);

        Assert.Equal(
            """{"message":"No mailing list has been created","status":"error","code":"2401","uri":"/api/v1.1/getmailinglists","version":"1.1"}""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Contacts_come_in_pages_that_begin_at_one_and_end_with_2502()
    {
        await _zoho.SeedAsync([.. Enumerable.Range(1, 45).Select(i => new { email = $"p{i}@example.com", fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["First Name"] = $"P{i}" } })]);

        var first = await GetAsync("getlistsubscribers", ("listkey", SimulatorHost.ListKey));
        var third = await GetAsync("getlistsubscribers", ("listkey", SimulatorHost.ListKey), ("fromindex", "41"), ("range", "20"));
        var end = await GetAsync("getlistsubscribers", ("listkey", SimulatorHost.ListKey), ("fromindex", "46"));

        Assert.Equal(20, first.GetProperty("list_of_details").GetArrayLength());
        Assert.Equal("p41@example.com p42@example.com p43@example.com p44@example.com p45@example.com", Emails(third));
        var contact = first.GetProperty("list_of_details")[0];
        Assert.Equal("P1", contact.GetProperty("firstname").GetString());
        Assert.Equal("null", contact.GetProperty("lastname").GetString());
        Assert.Equal("2502", end.GetProperty("code").GetString());
        Assert.Equal("Yet,There are no contacts in this list.", end.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Contacts_can_be_asked_for_by_status_and_newest_first()
    {
        await _zoho.SeedAsync(
            new { email = "a@example.com" }, new { email = "u@example.com", status = "unsub" }, new { email = "b@example.com" });

        Assert.Equal("u@example.com", Emails(await GetAsync("getlistsubscribers", ("listkey", SimulatorHost.ListKey), ("status", "unsub"))));
        Assert.Equal(
            "b@example.com a@example.com", Emails(await GetAsync("getlistsubscribers", ("listkey", SimulatorHost.ListKey), ("status", "mostrecent"))));
        Assert.Equal("1001", (await GetAsync("getlistsubscribers", ("listkey", SimulatorHost.ListKey), ("status", "all"))).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("fromindex", "0", "1005")]
    [InlineData("range", "ten", "1005")]
    [InlineData("range", "501", "6502")]
    [InlineData("listkey", "3z00", "2501")]
    public async Task A_wrong_page_or_list_has_its_code(string parameter, string value, string code)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal) { ["listkey"] = SimulatorHost.ListKey, [parameter] = value };

        var answer = await GetAsync("getlistsubscribers", [.. parameters.Select(row => (row.Key, (string?)row.Value))]);

        Assert.Equal(code, answer.GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_count_answers_with_capitals()
    {
        await _zoho.SeedAsync(new { email = "a@example.com" }, new { email = "u@example.com", status = "unsub" });
        var token = await _zoho.AccessTokenAsync();

        using var response = await _zoho.CampaignsAsync(
            HttpMethod.Get, "listsubscriberscount", token, [("resfmt", "JSON"), ("listkey", SimulatorHost.ListKey), ("status", "active")]);

        Assert.Equal(
            """{"status":"success","no_of_contacts":1,"URI":"/api/v1.1/listsubscriberscount","Code":"0","version":"1.1"}""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Fields_are_wrapped_have_bare_numbers_as_ids_and_ask_for_json_by_type()
    {
        var token = await _zoho.AccessTokenAsync();
        using var json = await _zoho.CampaignsAsync(HttpMethod.Get, "contact/allfields", token, [("type", "json")]);
        using var xml = await _zoho.CampaignsAsync(HttpMethod.Get, "contact/allfields", token, [("type", "xml"), ("resfmt", "JSON")]);
        using var missing = await _zoho.CampaignsAsync(HttpMethod.Get, "contact/allfields", token, [("resfmt", "JSON")]);

        var text = await json.Content.ReadAsStringAsync();
        Assert.StartsWith(
            """{"response":{"fieldnames":{"fieldname":[{"DISPLAY_NAME":"Contact Email","FIELD_NAME":"contact_email","IS_MANDATORY":true,"FIELD_ID":1127772000000000021,""",
            text, StringComparison.Ordinal);
        var names = JsonDocument.Parse(text).RootElement.GetProperty("response").GetProperty("fieldnames").GetProperty("fieldname")
            .EnumerateArray().Select(field => field.GetProperty("DISPLAY_NAME").GetString()!);
        Assert.Equal(
            "Contact Email, First Name, Last Name, Phone, Company, Country, Language, Production Type, Category", string.Join(", ", names));
        Assert.StartsWith("<?xml", await xml.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("903", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_custom_field_counts_once_it_is_made_and_cannot_be_made_twice()
    {
        var token = await _zoho.AccessTokenAsync();
        const string Info = """{"Contact Email":"ann@example.com","Shoe Size":"39"}""";
        (string, string?)[] field = [("type", "json"), ("fieldname", "Shoe Size"), ("fieldtype", "integer")];

        using var before = await _zoho.SubscribeAsync(token, Info);
        Assert.False((await _zoho.ContactsAsync())[0].GetProperty("fields").TryGetProperty("Shoe Size", out _));
        using var made = await _zoho.CampaignsAsync(HttpMethod.Post, "custom/add", token, field);
        using var again = await _zoho.CampaignsAsync(HttpMethod.Post, "custom/add", token, field);
        using var after = await _zoho.SubscribeAsync(token, Info);

        Assert.Equal(
            """{"response":{"uri":"/api/v1.1/custom/add","code":"0","version":"1.1","message":"Custom field successfully added.","status":"success"}}""",
            await made.Content.ReadAsStringAsync());
        Assert.Equal("916", (await SimulatorHost.JsonAsync(again)).GetProperty("response").GetProperty("code").GetString());
        Assert.Equal("39", (await _zoho.ContactsAsync())[0].GetProperty("fields").GetProperty("Shoe Size").GetString());
    }

    public void Dispose() => _zoho.Dispose();

    private static string Emails(JsonElement answer) =>
        string.Join(' ', answer.GetProperty("list_of_details").EnumerateArray().Select(contact => contact.GetProperty("contact_email")));

    private async Task<JsonElement> GetAsync(string method, params (string Name, string? Value)[] parameters)
    {
        using var response = await _zoho.CampaignsAsync(HttpMethod.Get, method, await _zoho.AccessTokenAsync(), [("resfmt", "JSON"), .. parameters]);
        return await SimulatorHost.JsonAsync(response);
    }
}
