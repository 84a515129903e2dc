using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Campaigns;

public sealed class BulkTests : IDisposable
{
    private readonly SimulatorHost _zoho = new();

    [Fact]
    public async Task Ten_addresses_are_added_and_those_that_cannot_be_are_named()
    {
        await _zoho.SeedAsync(new { email = "old@example.com" }, new { email = "never@example.com", do_not_mail = true });

        using var response = await AddAsync("a@example.com,b@example.com, old@example.com,info@example.com,broken,never@example.com");

        Assert.Equal(
            $$"""{"code":"0","status":"success","listkey":"{{SimulatorHost.ListKey}}","listname":"Registered users","ignored_contacts":["info@example.com","broken","never@example.com"],"existing_contacts":["old@example.com"],"uri":"/api/v1.1/addlistsubscribersinbulk","version":"1.1"}""",
            await response.Content.ReadAsStringAsync());
        Assert.Equal(4, (await _zoho.ContactsAsync()).GetArrayLength());
    }

    [Fact]
    public async Task Eleven_addresses_are_too_many_and_none_is_added()
    {
        using var response = await AddAsync(string.Join(',', Enumerable.Range(1, 11).Select(i => $"a{i}@example.com")));

        Assert.Equal("6502", (await SimulatorHost.JsonAsync(response)).GetProperty("code").GetString());
        Assert.Equal(0, (await _zoho.ContactsAsync()).GetArrayLength());
    }

    [Fact]
    public async Task An_address_that_left_the_list_is_existing_and_stays_away()
    {
        await _zoho.SeedAsync(new { email = "left@example.com", status = "unsub" });

        using var response = await AddAsync("left@example.com");

        Assert.Equal("left@example.com", (await SimulatorHost.JsonAsync(response)).GetProperty("existing_contacts")[0].GetString());
        Assert.Equal("unsub", (await _zoho.ContactsAsync())[0].GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(2007)]
    public async Task One_contact_whose_data_are_refused_has_the_whole_call_refused(int code)
    {
        await _zoho.SetAsync(new { refused_contact = "odd@example.com", refused_contact_code = code });

        using var refused = await AddAsync("a@example.com,Odd@example.com");
        using var alone = await _zoho.SubscribeAsync(await _zoho.AccessTokenAsync(), """{"Contact Email":"odd@example.com"}""");
        var nobody = (await _zoho.ContactsAsync()).GetArrayLength();
        using var taken = await AddAsync("a@example.com");

        Assert.Equal($"{code}", (await SimulatorHost.JsonAsync(refused)).GetProperty("code").GetString());
        Assert.Equal($"{code}", (await SimulatorHost.JsonAsync(alone)).GetProperty("code").GetString());
        Assert.Equal((0, 1), (nobody, (await _zoho.ContactsAsync()).GetArrayLength()));
    }

    [Fact]
    public async Task A_new_list_is_made_with_its_contacts_and_its_name_only_once()
    {
        var made = await AddListAsync("Spring", "newlist");
        var again = await AddListAsync("spring", "newlist");
        var wrongMode = await AddListAsync("Summer", "oldlist");

        var contacts = await _zoho.ContactsAsync(listKey: made.GetProperty("listkey").GetString()!);
        Assert.Equal("a@example.com b@example.com", string.Join(' ', contacts.EnumerateArray().Select(contact => contact.GetProperty("email"))));
        Assert.Equal("2205", again.GetProperty("code").GetString());
        Assert.Equal("1001", wrongMode.GetProperty("code").GetString());
    }

    public void Dispose() => _zoho.Dispose();

    private async Task<HttpResponseMessage> AddAsync(string addresses) => await _zoho.CampaignsAsync(
        HttpMethod.Post, "addlistsubscribersinbulk", await _zoho.AccessTokenAsync(),
        [("resfmt", "JSON"), ("listkey", SimulatorHost.ListKey), ("emailids", addresses)]);

    private async Task<JsonElement> AddListAsync(string name, string mode)
    {
        using var response = await _zoho.CampaignsAsync(
            HttpMethod.Post, "addlistandcontacts", await _zoho.AccessTokenAsync(),
            [("resfmt", "JSON"), ("listname", name), ("signupform", "private"), ("mode", mode), ("emailids", "a@example.com,b@example.com")]);
        return await SimulatorHost.JsonAsync(response);
    }
}
