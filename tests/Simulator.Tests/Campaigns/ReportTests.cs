using System.Net;
using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Campaigns;

public sealed class ReportTests : IDisposable
{
    private readonly SimulatorHost _zoho = new();
    private string? _token;

    [Fact]
    public async Task An_account_without_campaigns_is_6101()
    {
        Assert.Equal("6101", Code(await AskAsync("recentcampaigns")));
        Assert.Equal("6101", Code(await AskAsync("recentsentcampaigns", ("limit", "5"))));
        Assert.Equal("6101", Code(await AskAsync("getlastcampaignreport")));
    }

    [Fact]
    public async Task Campaigns_come_newest_first_in_pages_and_by_status()
    {
        await SeedAsync(3);
        foreach (var (name, status) in new[] { ("First", "sent"), ("Second", "draft"), ("Third", "scheduled"), ("Fourth", "sent") })
        {
            await CampaignAsync(new { name, status });
        }

        Assert.Equal("Fourth Third Second First", Names(await AskAsync("recentcampaigns"), "recent_campaigns"));
        Assert.Equal("Third Second", Names(await AskAsync("recentcampaigns", ("fromindex", "2"), ("range", "2")), "recent_campaigns"));
        Assert.Equal("Third Second", Names(await AskAsync("recentcampaigns", ("status", "drafts|scheduled")), "recent_campaigns"));
        Assert.Equal("First Fourth", Names(await AskAsync("recentcampaigns", ("status", "sent"), ("sort", "asc")), "recent_campaigns"));
        Assert.Equal("Fourth", Names(await AskAsync("recentsentcampaigns", ("limit", "1")), "recent_sent_campaigns"));
        Assert.Equal("6101", Code(await AskAsync("recentcampaigns", ("fromindex", "5"))));
        Assert.Equal("1001", Code(await AskAsync("recentcampaigns", ("status", "forgotten"))));
        var first = (await AskAsync("recentcampaigns")).GetProperty("recent_campaigns")[0];
        Assert.All(first.EnumerateObject(), field => Assert.Equal(JsonValueKind.String, field.Value.ValueKind));
    }

    [Fact]
    public async Task A_report_counts_every_recipient_once_and_its_click_rate_is_per_open()
    {
        await SeedAsync(100);
        var key = await CampaignAsync(new
        {
            name = "News",
            figures = new { unsent = 1, hard_bounces = 3, soft_bounces = 2, opened = 40, clicked = 12, unsubscribed = 2, spam = 1, complaints = 1, forwards = 4 },
        });

        var answer = await AskAsync("campaignreports", ("campaignkey", key));

        var report = answer.GetProperty("campaign-reports")[0];
        Assert.Equal(
            "sent 99, delivered 94, opens 40, unopened 54, clicks 12, hard 3, soft 2, unsub 2, spam 1, complaints 1, forwards 4, unsent 1",
            $"sent {report.GetProperty("emails_sent_count")}, delivered {report.GetProperty("delivered_count")}, opens {report.GetProperty("opens_count")}, "
            + $"unopened {report.GetProperty("unopened")}, clicks {report.GetProperty("unique_clicks_count")}, hard {report.GetProperty("hardbounce_count")}, "
            + $"soft {report.GetProperty("softbounce_count")}, unsub {report.GetProperty("unsub_count")}, spam {report.GetProperty("spams_count")}, "
            + $"complaints {report.GetProperty("complaints_count")}, forwards {report.GetProperty("forwards_count")}, unsent {report.GetProperty("unsent_count")}");
        Assert.Equal("30.0", report.GetProperty("clicksperopenrate").GetString());
        Assert.Equal("{in=40}", answer.GetProperty("campaign-by-loaction").GetString());
        Assert.Equal("News", (await AskAsync("getlastcampaignreport")).GetProperty("campaign-reports")[0].GetProperty("campaign_name").GetString());

        var list = await _zoho.ControlAsync(HttpMethod.Get, $"lists/us/{SimulatorHost.ListKey}");
        Assert.Equal(
            """{"active":94,"unconfirmed":0,"unsub":2,"bounce":3,"spam":1}""", list.GetProperty("by_status").GetRawText());
    }

    [Theory]
    [InlineData("sentcontacts", 9)]
    [InlineData("openedcontacts", 4)]
    [InlineData("unopenedcontacts", 3)]
    [InlineData("clickedcontacts", 2)]
    [InlineData("optoutcontacts", 1)]
    [InlineData("spamcontacts", 1)]
    [InlineData("senthardbounce", 1)]
    [InlineData("sentsoftbounce", 1)]
    [InlineData("unsentcontacts", 1)]
    public async Task Recipients_are_listed_by_what_happened(string action, int count)
    {
        await SeedAsync(10);
        var key = await CampaignAsync(new
        {
            name = "News", figures = new { unsent = 1, hard_bounces = 1, soft_bounces = 1, opened = 4, clicked = 2, unsubscribed = 1, spam = 1 },
        });

        var answer = await AskAsync("getcampaignrecipientsdata", ("campaignkey", key), ("action", action));
        var past = await AskAsync("getcampaignrecipientsdata", ("campaignkey", key), ("action", action), ("fromindex", "11"));

        Assert.Equal(count, answer.GetProperty("list_of_details").GetArrayLength());
        Assert.EndsWith("@example.com", answer.GetProperty("list_of_details")[0].GetProperty("contactemailaddress").GetString(), StringComparison.Ordinal);
        Assert.Equal("6501", Code(past));
    }

    [Fact]
    public async Task A_campaign_that_was_not_sent_has_no_report_and_an_unknown_key_no_details()
    {
        await SeedAsync(1);
        var draft = await CampaignAsync(new { name = "Draft", status = "draft" });

        Assert.Equal("6002", Code(await AskAsync("campaignreports", ("campaignkey", draft))));
        Assert.Equal("6002", Code(await AskAsync("getcampaignrecipientsdata", ("campaignkey", "3z00"), ("action", "sentcontacts"))));
        Assert.Equal("1001", Code(await AskAsync("getcampaignrecipientsdata", ("campaignkey", draft), ("action", "sent"))));
        Assert.Equal("6301", Code(await AskAsync("getcampaigndetails", ("campaignkey", "3z00"), ("campaigntype", "normal"))));
        Assert.Equal("Draft", (await AskAsync("getcampaigndetails", ("campaignkey", draft), ("campaigntype", "normal")))
            .GetProperty("campaign-details")[0].GetProperty("campaign_status").GetString());
    }

    [Theory]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":"News","figures":{"opened":4}}""", "figures")]
    [InlineData("""{"name":"News","figures":{"opened":1,"clicked":2}}""", "figures")]
    [InlineData("""{"name":"News","figures":{"unsent":4}}""", "figures")]
    [InlineData("""{"name":"News","figures":{"spam":-1}}""", "figures")]
    [InlineData("""{"name":"News","status":"draft","figures":{}}""", "figures")]
    public async Task A_campaign_that_cannot_be_is_refused(string order, string field)
    {
        await SeedAsync(3);

        using var response = await _zoho.SendControlAsync(
            HttpMethod.Post, $"lists/us/{SimulatorHost.ListKey}/campaigns", JsonDocument.Parse(order).RootElement);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, (await SimulatorHost.JsonAsync(response)).GetProperty("field").GetString());
        Assert.Equal("6101", Code(await AskAsync("recentcampaigns")));
    }

    [Fact]
    public async Task A_hundred_thousand_contacts_are_made_by_one_call_and_read_to_the_last()
    {
        await _zoho.ControlAsync(HttpMethod.Post, $"lists/us/{SimulatorHost.ListKey}/generated-contacts", new { count = 100_000 });
        var left = await _zoho.ControlAsync(
            HttpMethod.Post, $"lists/us/{SimulatorHost.ListKey}/generated-contacts",
            new { count = 1_000, first = 99_501, address = "user{n}@example.com", status = "unsub" });

        Assert.Equal("""{"active":99500,"unconfirmed":0,"unsub":1000,"bounce":0,"spam":0}""", left.GetProperty("by_status").GetRawText());
        var end = await AskAsync("getlistsubscribers", ("listkey", SimulatorHost.ListKey), ("fromindex", "99499"), ("range", "500"));
        Assert.Equal(
            "user99499@example.com user99500@example.com",
            string.Join(' ', end.GetProperty("list_of_details").EnumerateArray().Select(contact => contact.GetProperty("contact_email"))));
        var count = await AskAsync("listsubscriberscount", ("listkey", SimulatorHost.ListKey), ("status", "unsub"));
        Assert.Equal(1_000, count.GetProperty("no_of_contacts").GetInt32());
    }

    [Theory]
    [InlineData("""{}""", "count")]
    [InlineData("""{"count":1000001}""", "count")]
    [InlineData("""{"count":1,"address":"user@example.com"}""", "address")]
    [InlineData("""{"count":1,"address":"{n} example.com"}""", "address")]
    public async Task Contacts_that_cannot_be_made_are_refused(string order, string field)
    {
        using var response = await _zoho.SendControlAsync(
            HttpMethod.Post, $"lists/us/{SimulatorHost.ListKey}/generated-contacts", JsonDocument.Parse(order).RootElement);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, (await SimulatorHost.JsonAsync(response)).GetProperty("field").GetString());
    }

    public void Dispose() => _zoho.Dispose();

    private static string Code(JsonElement answer) => answer.GetProperty("code").GetString()!;

    private static string Names(JsonElement answer, string property) =>
        string.Join(' ', answer.GetProperty(property).EnumerateArray().Select(campaign => campaign.GetProperty("campaign_name")));

    private Task<JsonElement> SeedAsync(int contacts) =>
        _zoho.ControlAsync(HttpMethod.Post, $"lists/us/{SimulatorHost.ListKey}/generated-contacts", new { count = contacts });

    private async Task<string> CampaignAsync(object order) =>
        (await _zoho.ControlAsync(HttpMethod.Post, $"lists/us/{SimulatorHost.ListKey}/campaigns", order)).GetProperty("key").GetString()!;

    private async Task<JsonElement> AskAsync(string method, params (string Name, string? Value)[] parameters)
    {
        var verb = method is "recentsentcampaigns" or "getcampaigndetails" or "listsubscriberscount" ? HttpMethod.Get : HttpMethod.Post;
        _token ??= await _zoho.AccessTokenAsync();
        using var response = await _zoho.CampaignsAsync(verb, method, _token, [("resfmt", "JSON"), .. parameters]);
        return await SimulatorHost.JsonAsync(response);
    }
}
