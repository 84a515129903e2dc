using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho;

/// <summary>Campaigns, their reports and their recipients.</summary>
public sealed class CampaignsResultsTests : IAsyncLifetime
{
    private const string Key = "3zfakecampaign";

    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_call_whose_scope_the_grant_lacks_is_refused_before_anybody_is_asked()
    {
        var call = _host.Call with { GrantedScopes = ["AaaServer.profile.READ", "ZohoCampaigns.contact.ALL"] };
        _host.Provider.Answers("""{"message":"No campaign was sent.","status":"error","code":"6101"}""");

        var failure = Refusal(await _host.Campaigns.GetRecentCampaignsAsync(call, 1, 50, default));

        Assert.Equal(
            (FailureKind.Precondition, "scopes_missing", CampaignsCodeClass.Configuration),
            (failure.Kind, failure.Code, failure.CampaignsClass));
        Assert.Contains("ZohoCampaigns.campaign.READ", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsAnswerOfCampaigns);
        Assert.Empty(_host.Provider.Requests);
        Assert.Empty(_host.Tokens.Asked);
        Value(await _host.Campaigns.GetRecentCampaignsAsync(call with { GrantedScopes = ["ZohoCampaigns.campaign.ALL"] }, 1, 50, default));
        // Zoho did not say what it granted: only Zoho knows
        Value(await _host.Campaigns.GetRecentCampaignsAsync(call with { GrantedScopes = [] }, 1, 50, default));
    }

    [Fact]
    public void The_feature_is_made_of_its_methods_and_asks_for_what_they_need_and_no_more()
    {
        var feature = new ZohoProvider(_host.Accounts).FindFeature("campaigns")!;

        Assert.Equal(CampaignsMethods.All.Select(method => method.Scope).ToHashSet(), feature.Scopes.ToHashSet());
    }

    [Theory]
    [InlineData("ZohoCampaigns.contact.WRITE", false)]
    [InlineData("ZohoCampaigns.contact.CREATE-UPDATE", false)]
    [InlineData("ZohoCampaigns.contact.all", false)]
    [InlineData("ZohoCampaigns.contact.READ", true)]
    [InlineData("ZohoCampaigns.campaign.WRITE", true)]
    public void A_wider_verb_covers_a_narrower_one(string granted, bool lacks) =>
        Assert.Equal(lacks, ZohoProvider.Lacks([granted], "ZohoCampaigns.contact.UPDATE"));

    [Fact]
    public async Task Campaigns_are_read_page_by_page()
    {
        _host.Provider
            .Answers("""
                {"requestdetails":"{range=5, status=All, fromindex=1}","status":"success","recent_campaigns":[
                  {"campaign_key":"3zfake1","campaign_name":"News","campaign_status":"Sent","created_time":"1376920587000",
                   "sent_time":"1376920588000","subject":"Hello","from_email":"news@example.com","campaigntype":"Normal"},
                  {"campaign_key":"3zfake2","campaign_name":"null","campaign_status":"Draft","created_time":"","sent_time":"null",
                   "subject":"null"},
                  {"campaign_name":"without a key"}]}
                """)
            .Answers("""{"message":"No campaign was sent.","status":"error","code":"6101"}""");

        var first = Value(await _host.Campaigns.GetRecentCampaignsAsync(_host.Call, 1, 50, default));
        var second = Value(await _host.Campaigns.GetRecentCampaignsAsync(_host.Call, first.NextIndex!.Value, first.Range, default));

        Assert.Equal(
            [
                new Campaign(
                    "3zfake1", "News", "Sent", "Hello", "news@example.com", DateTimeOffset.FromUnixTimeMilliseconds(1376920587000),
                    DateTimeOffset.FromUnixTimeMilliseconds(1376920588000)),
                new Campaign("3zfake2", "3zfake2", "Draft", null, null, null, null),
            ],
            first.Campaigns);
        Assert.Equal((4, null), (first.NextIndex, second.NextIndex));
        Assert.Empty(second.Campaigns);
        var sent = _host.Provider.Requests[0];
        Assert.Equal("https://campaigns.zoho.eu/api/v1.1/recentcampaigns", sent.Address);
        Assert.Equal(("all", "1", "50"), (sent.Form["status"], sent.Form["fromindex"], sent.Form["range"]));
    }

    [Theory]
    [InlineData("campaign-by-location", "\"{in=2, FR=1}\"")]
    [InlineData("campaign-by-loaction", "\"{in=2,fr=1}\"")]
    [InlineData("campaign-by-loaction", """{"in":2,"fr":"1"}""")]
    public async Task A_report_has_zohos_counts_and_our_rates(string locationName, string locations)
    {
        _host.Provider.Answers($$"""
            {"status":"success","code":"0","campaign-reports":[{"campaign_name":"News","emails_sent_count":"200","delivered_count":"190",
              "delivered_percent":"95.0","opens_count":"76","open_percent":"40.0","unopened":"114",
              "unique_clicks_count":"19","unique_clicked_percent":"10.0",
              "clicksperopenrate":"25.0","bounces_count":"10","hardbounce_count":"6","softbounce_count":4,"unsub_count":"19",
              "spams_count":"1",
              "complaints_count":"null","forwards_count":"","autoreply_count":"0","unsent_count":"3"}],
             "campaign-reach":[{"total":"76"}],"{{locationName}}":{{locations}},"campaign-details":[{}]}
            """);

        var report = Value(await _host.Campaigns.GetReportAsync(_host.Call, Key, default));

        Assert.Equal(
            ("News", 200, 190, 76, 19, 6, 4, 19, 1, null, null, 3),
            (report.Name, report.Sent, report.Delivered, report.Opened, report.Clicked, report.HardBounces, report.SoftBounces,
             report.Unsubscribed, report.SpamReports, report.Complaints, report.Forwarded, report.Unsent));
        Assert.Equal(
            (0.95, 0.4, 0.1, 0.25, 0.05, 0.1),
            (report.DeliveryRate, report.OpenRate, report.ClickRate, report.ClickToOpenRate, report.BounceRate, report.UnsubscribeRate));
        Assert.Equal(
            "fr=1 in=2",
            string.Join(' ', report.ByLocation.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => $"{row.Key}={row.Value}")));
        Assert.Equal(Key, _host.Provider.Requests[0].Form["campaignkey"]);
    }

    [Fact]
    public async Task Counts_are_read_however_they_are_grouped_and_one_that_cannot_be_read_is_not_none()
    {
        _host.Provider.Answers("""
            {"status":"success","code":"0","campaign-reports":[{"emails_sent_count":"12,345","delivered_count":"12345.0",
              "opens_count":"1 234","unique_clicks_count":1234.0,"hardbounce_count":"1.234.567","softbounce_count":"1\u00a0234",
              "unsub_count":"many","spams_count":"12,34","complaints_count":true,"forwards_count":"-1","unsent_count":"null"}],
             "campaign-by-location":"{in=12,345, FR=1 234, de=many, us=7.0}"}
            """);

        var report = Value(await _host.Campaigns.GetReportAsync(_host.Call, Key, default));

        Assert.Equal(
            (12_345, 12_345, 1_234, 1_234, 1_234_567, 1_234),
            (report.Sent, report.Delivered, report.Opened, report.Clicked, report.HardBounces, report.SoftBounces));
        Assert.Equal(
            (null, null, null, null, null), (report.Unsubscribed, report.SpamReports, report.Complaints, report.Forwarded, report.Unsent));
        Assert.Equal((1, null), (report.DeliveryRate, report.UnsubscribeRate));
        Assert.Equal(
            "fr=1234 in=12345 us=7",
            string.Join(' ', report.ByLocation.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => $"{row.Key}={row.Value}")));
    }

    [Fact]
    public async Task A_rate_needs_something_to_divide_by_and_is_one_at_most()
    {
        _host.Provider
            .Answers("""{"status":"success","campaign-reports":[{"emails_sent_count":"0"}],"campaign-by-location":"{}"}""")
            .Answers("""
                {"status":"success","campaign-reports":[
                  {"emails_sent_count":"9","delivered_count":"9","opens_count":"2","unique_clicks_count":"3"}]}
                """);

        var nothing = Value(await _host.Campaigns.GetReportAsync(_host.Call, Key, default));
        var hidden = Value(await _host.Campaigns.GetReportAsync(_host.Call, Key, default));

        Assert.All(
            new[]
            {
                nothing.DeliveryRate, nothing.OpenRate, nothing.ClickRate, nothing.ClickToOpenRate, nothing.BounceRate,
                nothing.UnsubscribeRate,
            },
            Assert.Null);
        Assert.Empty(nothing.ByLocation);
        Assert.Equal(1, hidden.ClickToOpenRate);
    }

    [Theory]
    [InlineData("""{"message":"Invalid campaign key (or) campaign is not yet sent.","status":"error","code":"6002"}""", "campaign_not_found")]
    [InlineData("""{"message":"","status":"error","code":3001}""", "campaign_not_found")]
    [InlineData("""{"message":"","status":"error","code":"6306"}""", "no_report")]
    [InlineData("""{"message":"","status":"error","code":"6001"}""", "zoho_busy")]
    [InlineData("""{"status":"success","code":"0"}""", "zoho_bad_answer")]
    [InlineData("""{"status":"success","code":"0","campaign-reports":[]}""", "zoho_bad_answer")]
    [InlineData("""{"status":"success","code":"0","campaign-reports":["null"]}""", "zoho_bad_answer")]
    public async Task A_report_that_is_not_there_is_never_all_zeros(string body, string code)
    {
        _host.Provider.Answers(body);

        Assert.Equal(code, Refusal(await _host.Campaigns.GetReportAsync(_host.Call, Key, default)).Code);
    }

    [Theory]
    [InlineData(RecipientAction.Sent, "sentcontacts")]
    [InlineData(RecipientAction.Opened, "openedcontacts")]
    [InlineData(RecipientAction.Clicked, "clickedcontacts")]
    [InlineData(RecipientAction.Unopened, "unopenedcontacts")]
    [InlineData(RecipientAction.Unsubscribed, "optoutcontacts")]
    [InlineData(RecipientAction.Spam, "spamcontacts")]
    [InlineData(RecipientAction.HardBounce, "senthardbounce")]
    [InlineData(RecipientAction.SoftBounce, "sentsoftbounce")]
    [InlineData(RecipientAction.Unsent, "unsentcontacts")]
    public async Task Recipients_are_read_by_what_happened(RecipientAction action, string name)
    {
        _host.Provider
            .Answers("""
                {"requestdetails":{"range":20,"action":"sent","fromindex":1},"status":"success","code":"0","list_of_details":[
                  {"phone":"null","contactemailaddress":"a@example.com","sent_time":"1375456161000","lastname":"","firstname":"Ann",
                   "companyname":"null"},
                  {"leademailaddress":"b@example.com"}]}
                """)
            .Answers("""{"message":"There are no contacts.","status":"error","code":"6501"}""");

        var first = Value(await _host.Campaigns.GetRecipientsAsync(_host.Call, Key, action, 1, 500, default));
        var second = Value(await _host.Campaigns.GetRecipientsAsync(_host.Call, Key, action, first.NextIndex!.Value, 500, default));

        Assert.Equal(
            [
                new ListSubscriber("a@example.com", "Ann", null, null, null, null),
                new ListSubscriber("b@example.com", null, null, null, null, null),
            ],
            first.Subscribers);
        Assert.True(second.End);
        var sent = _host.Provider.Requests[0];
        Assert.Equal("https://campaigns.zoho.eu/api/v1.1/getcampaignrecipientsdata", sent.Address);
        Assert.Equal((Key, name), (sent.Form["campaignkey"], sent.Form["action"]));
    }
}
