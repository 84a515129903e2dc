using System.Net;
using System.Text;
using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Campaigns;

public sealed class SubscribeTests : IDisposable
{
    private const string Ann = """{"Contact Email":"ann@example.com","First Name":"Ann"}""";

    private readonly SimulatorHost _zoho = new();

    [Fact]
    public async Task A_new_contact_is_subscribed_with_every_field_the_organisation_has()
    {
        var info = JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["Contact Email"] = "zoe+news@example.com",
            ["First Name"] = "Zoé",
            ["Last Name"] = "O'Neil",
            ["Country"] = "France",
            ["Company"] = "Films & Co",
            ["Phone"] = "+33 1 23",
            ["Language"] = "fr",
            ["Production Type"] = "Series",
            ["Category"] = "Producer",
            ["Shoe Size"] = 39,
        });

        using var response = await _zoho.SubscribeAsync(await _zoho.AccessTokenAsync(), info);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """{"message":"User successfully subscribed.","status":"success","code":"0","uri":"/api/v1.1/json/listsubscribe","version":"1.1"}""",
            await response.Content.ReadAsStringAsync());
        var contact = Assert.Single((await _zoho.ContactsAsync()).EnumerateArray());
        Assert.Equal("active", contact.GetProperty("status").GetString());
        Assert.Equal(
            """{"Contact Email":"zoe+news@example.com","First Name":"Zoé","Last Name":"O'Neil","Country":"France","Company":"Films & Co","Phone":"+33 1 23","Language":"fr","Production Type":"Series","Category":"Producer"}""",
            JsonSerializer.Serialize(contact.GetProperty("fields"), Plain));
    }

    [Fact]
    public async Task An_existing_contact_is_updated_and_it_is_still_a_success()
    {
        var token = await _zoho.AccessTokenAsync();
        using var first = await _zoho.SubscribeAsync(token, """{"Contact Email":"ann@example.com","First Name":"Ann","Country":"FR"}""");
        using var second = await _zoho.SubscribeAsync(token, """{"Contact Email":"ANN@example.com","First Name":"Anna"}""");

        var answer = await SimulatorHost.JsonAsync(second);
        Assert.Equal("success", answer.GetProperty("status").GetString());
        Assert.Equal("This email already exists in this list, fields updated.", answer.GetProperty("message").GetString());
        var contact = Assert.Single((await _zoho.ContactsAsync()).EnumerateArray());
        Assert.Equal("Anna", contact.GetProperty("fields").GetProperty("First Name").GetString());
        Assert.Equal("FR", contact.GetProperty("fields").GetProperty("Country").GetString());
    }

    [Theory]
    [InlineData(2003, "Contact exists in this list.")]
    [InlineData(1006, "This email already exists in this list.")]
    public async Task An_existing_contact_can_be_refused(int code, string message)
    {
        await _zoho.SetAsync(new { existing_contact_refused = true, existing_contact_code = code });
        var token = await _zoho.AccessTokenAsync();
        using var first = await _zoho.SubscribeAsync(token, Ann);
        using var second = await _zoho.SubscribeAsync(token, Ann);

        Assert.Equal(
            $$"""{"message":"{{message}}","status":"error","code":"{{code}}","uri":"/api/v1.1/json/listsubscribe","version":"1.1"}""",
            await second.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_list_with_a_sign_up_form_asks_the_contact_to_confirm()
    {
        var list = await _zoho.ControlAsync(HttpMethod.Post, "lists", new { organisation_id = 60_000_000_001, name = "Newsletter", has_signup_form = true });
        var key = list.GetProperty("key").GetString()!;

        using var response = await _zoho.SubscribeAsync(await _zoho.AccessTokenAsync(), Ann, key);

        Assert.Equal(
            "A confirmation email is sent to the user. User needs to confirm to successfully subscribe.",
            (await SimulatorHost.JsonAsync(response)).GetProperty("message").GetString());
        Assert.Equal("unconfirmed", (await _zoho.ContactsAsync(listKey: key))[0].GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("""{"Contact Email":"nobody"}""", "2004", "Invalid contact email address.")]
    [InlineData("""{"Contact Email":"a b@example.com"}""", "2004", "Invalid contact email address.")]
    [InlineData("""{"First Name":"No address"}""", "2004", "Invalid contact email address.")]
    [InlineData("""{"Contact Email":"info@example.com"}""", "2005", "Group email address cannot be added.")]
    [InlineData("{\"Contact Email\":\"ann@example.com\"", "2001", "Wrong format of contactinfo.")]
    [InlineData("""["ann@example.com"]""", "2001", "Wrong format of contactinfo.")]
    [InlineData("""{"Contact Email":{"a":1}}""", "2001", "Wrong format of contactinfo.")]
    public async Task A_bad_contact_is_http_200_with_a_code(string contactInfo, string code, string message)
    {
        using var response = await _zoho.SubscribeAsync(await _zoho.AccessTokenAsync(), contactInfo);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            $$"""{"message":"{{message}}","status":"error","code":"{{code}}","uri":"/api/v1.1/json/listsubscribe","version":"1.1"}""",
            await response.Content.ReadAsStringAsync());
        Assert.Equal(0, (await _zoho.ContactsAsync()).GetArrayLength());
    }

    [Fact]
    public async Task The_unquoted_form_of_zohos_samples_is_read_too()
    {
        using var response = await _zoho.SubscribeAsync(
            await _zoho.AccessTokenAsync(), "{First Name:mac,Last Name:Do, Jr.,Contact Email:mac@example.com}");

        Assert.Equal("0", (await SimulatorHost.JsonAsync(response)).GetProperty("code").GetString());
        var fields = (await _zoho.ContactsAsync())[0].GetProperty("fields");
        Assert.Equal("mac", fields.GetProperty("First Name").GetString());
        Assert.Equal("Do, Jr.", fields.GetProperty("Last Name").GetString());
    }

    [Fact]
    public async Task A_wrong_list_key_is_2501_and_a_missing_one_903()
    {
        var token = await _zoho.AccessTokenAsync();

        Assert.Equal("2501", await SimulatorHost.CodeAsync(_zoho.SubscribeAsync(token, Ann, "3z00")));
        Assert.Equal("903", await SimulatorHost.CodeAsync(_zoho.SubscribeAsync(token, Ann, "")));
    }

    [Fact]
    public async Task A_json_body_is_not_read_and_a_query_string_is()
    {
        var token = await _zoho.AccessTokenAsync();
        using var json = new HttpRequestMessage(HttpMethod.Post, "/campaigns.zoho.com/api/v1.1/json/listsubscribe?resfmt=JSON")
        {
            Content = new StringContent($$"""{"listkey":"{{SimulatorHost.ListKey}}","contactinfo":{{Ann}}}""", Encoding.UTF8, "application/json"),
            Headers = { { "Authorization", $"Zoho-oauthtoken {token}" } },
        };
        using var ignored = await _zoho.Http.SendAsync(json);
        using var query = new HttpRequestMessage(
            HttpMethod.Post,
            $"/campaigns.zoho.com/api/v1.1/json/listsubscribe?resfmt=JSON&listkey={SimulatorHost.ListKey}&contactinfo={Uri.EscapeDataString(Ann)}")
        {
            Headers = { { "Authorization", $"Bearer {token}" } },
        };
        using var read = await _zoho.Http.SendAsync(query);

        Assert.Equal("903", (await SimulatorHost.JsonAsync(ignored)).GetProperty("code").GetString());
        Assert.Equal("0", (await SimulatorHost.JsonAsync(read)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("unsub")]
    [InlineData("bounce")]
    [InlineData("spam")]
    public async Task Who_has_left_is_not_subscribed_again_unless_asked_for(string status)
    {
        await _zoho.SeedAsync(new { email = "ann@example.com", status });
        var token = await _zoho.AccessTokenAsync();

        using var plain = await _zoho.SubscribeAsync(token, Ann);
        var after = (await _zoho.ContactsAsync())[0].GetProperty("status").GetString();
        using var asked = await _zoho.SubscribeAsync(token, Ann, more: ("donotmail_resub", "true"));

        Assert.Equal(status, after);
        Assert.Equal("active", (await _zoho.ContactsAsync())[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Do_not_mail_is_2006_until_donotmail_resub_lifts_it()
    {
        await _zoho.SeedAsync(new { email = "ann@example.com", do_not_mail = true });
        var token = await _zoho.AccessTokenAsync();

        Assert.Equal("2006", await SimulatorHost.CodeAsync(_zoho.SubscribeAsync(token, Ann)));
        Assert.Equal("0", await SimulatorHost.CodeAsync(_zoho.SubscribeAsync(token, Ann, more: ("donotmail_resub", "true"))));
        Assert.Equal("0", await SimulatorHost.CodeAsync(_zoho.SubscribeAsync(token, Ann)));
        Assert.Equal("active", (await _zoho.ContactsAsync())[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Unsubscribing_and_do_not_mail_say_what_they_did()
    {
        var token = await _zoho.AccessTokenAsync();
        await _zoho.SeedAsync(new { email = "ann@example.com" }, new { email = "bob@example.com" });

        Assert.Equal("0", await SimulatorHost.CodeAsync(PostAsync("json/listunsubscribe", token, Ann)));
        Assert.Equal("2103", await SimulatorHost.CodeAsync(PostAsync("json/listunsubscribe", token, """{"Contact Email":"new@example.com"}""")));
        using var moved = await PostAsync("json/contactdonotmail", token, """{"Contact Email":"bob@example.com"}""");
        using var again = await PostAsync("json/contactdonotmail", token, """{"Contact Email":"bob@example.com"}""");

        Assert.Equal("User successfully moved to Do-Not-Mail.", (await SimulatorHost.JsonAsync(moved)).GetProperty("message").GetString());
        var already = await SimulatorHost.JsonAsync(again);
        Assert.Equal("0", already.GetProperty("code").GetString());
        Assert.Equal("User already in Do-Not-Mail.", already.GetProperty("message").GetString());
        Assert.All((await _zoho.ContactsAsync()).EnumerateArray(), contact => Assert.Equal("unsub", contact.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Fifty_calls_at_once_make_one_contact()
    {
        var token = await _zoho.AccessTokenAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => SimulatorHost.CodeAsync(_zoho.SubscribeAsync(token, Ann))));

        Assert.All(answers, code => Assert.Equal("0", code));
        Assert.Equal(1, (await _zoho.ContactsAsync()).GetArrayLength());
        Assert.Equal(50, await _zoho.CallsAsync("listsubscribe", "success"));
    }

    public void Dispose() => _zoho.Dispose();

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private Task<HttpResponseMessage> PostAsync(string method, string token, string contactInfo) => _zoho.CampaignsAsync(
        HttpMethod.Post, method, token, [("resfmt", "JSON"), ("listkey", SimulatorHost.ListKey), ("contactinfo", contactInfo)]);
}
