using System.Net;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Tests.Campaigns;

public sealed class ListAndReportTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Prefix = "/api/v1/campaigns";
    private const string NoonJson = "2026-11-21T12:00:00Z";

    private static readonly Timestamp Noon = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero).ToTimestamp();

    private static readonly Subscriber Ada = new()
    {
        Email = "ada@example.com",
        FirstName = "Ada",
        LastName = "Lovelace",
        Company = "Engines",
        Phone = "+44",
        AddedAt = Noon,
    };

    private const string AdaJson =
        $$"""{"email":"ada@example.com","first_name":"Ada","last_name":"Lovelace","company":"Engines","phone":"+44","added_at":"{{NoonJson}}"}""";

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task Lists_come_with_their_counts_and_age()
    {
        var asked = new List<bool>();
        _gateway.Services.GetCampaignsSettings = _ => new() { CampaignsListKey = "k2" };
        _gateway.Services.Campaigns.ListMailingLists = request =>
        {
            asked.Add(request.Freshness.Refresh);
            return new()
            {
                Lists =
                {
                    new MailingList { Key = "k1", Name = "One", Contacts = 3, Unsubscribed = 2, Bounced = 0 },
                    new MailingList { Key = "k2", Name = "Two" },
                },
                ReadAt = Noon,
            };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync($"{Prefix}/lists");
        await client.GetAsync($"{Prefix}/lists?refresh=true");

        Assert.Equal(
            $$"""{"lists":[{"key":"k1","name":"One","contacts":3,"unsubscribed":2,"bounced":0},{"key":"k2","name":"Two"}],"read_at":"{{NoonJson}}","default_list_key":"k2"}""",
            answer.Text);
        Assert.Equal([false, true], asked);
    }

    [Fact]
    public async Task A_list_is_made_with_its_first_contacts()
    {
        CreateMailingListRequest? asked = null;
        _gateway.Services.Campaigns.CreateMailingList = request =>
        {
            asked = request;
            return new() { Key = "k1", Name = request.Name };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        var answer = await client.PostAsync(
            $"{Prefix}/lists",
            new { name = "One", description = "First", emails = new[] { "ada@example.com", "bob@example.com" }, public_signup = true });

        Assert.Equal((HttpStatusCode.Created, """{"key":"k1","name":"One"}"""), (answer.Status, answer.Text));
        Assert.Equal(
            new CreateMailingListRequest { Name = "One", Description = "First", Emails = { "ada@example.com", "bob@example.com" }, PublicSignup = true },
            asked);
    }

    [Fact]
    public async Task What_the_service_refuses_of_a_list_names_the_field()
    {
        _gateway.Services.Campaigns.CreateMailingList = request =>
            throw Failure.InvalidField("emails", $"emails must have 1 to 10 addresses, not {request.Emails.Count(email => email.Length > 0)}.").ToRpcException();
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        (await client.PostTextAsync($"{Prefix}/lists", """{"name":"x"}""")).AssertProblem(HttpStatusCode.BadRequest, "missing_field", "emails");
        (await client.PostTextAsync($"{Prefix}/lists", """{"name":"x","emails":[""]}""")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "emails");
    }

    [Theory]
    [InlineData("k1", "k1")]
    [InlineData("default", "")]
    public async Task Subscribers_are_listed_by_status(string list, string listKey)
    {
        ListSubscribersRequest? asked = null;
        _gateway.Services.Campaigns.ListSubscribers = request =>
        {
            asked = request;
            return new() { Subscribers = { Ada, new Subscriber { Email = "bob@example.com" } }, NextPageToken = "more", ReadAt = Noon };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync($"{Prefix}/lists/{list}/subscribers?status=unsubscribed&page_size=20&page_token=here&refresh=true");

        Assert.Equal(
            new ListSubscribersRequest
            {
                ListKey = listKey,
                Status = SubscriberStatus.Unsubscribed,
                PageSize = 20,
                PageToken = "here",
                Freshness = new() { Refresh = true },
            },
            asked);
        Assert.Equal(
            $$"""{"subscribers":[{{AdaJson}},{"email":"bob@example.com"}],"next_page_token":"more","read_at":"{{NoonJson}}"}""", answer.Text);
    }

    [Fact]
    public async Task A_contact_is_taken_off_a_list_or_off_all_of_them()
    {
        var asked = new List<object>();
        _gateway.Services.Campaigns.Unsubscribe = request =>
        {
            asked.Add(request);
            return new() { AtZoho = request.ListKey is "k1" ? OptOutTold.Done : OptOutTold.UnknownContact };
        };
        _gateway.Services.Campaigns.MarkDoNotMail = request =>
        {
            asked.Add(request);
            return new() { AtZoho = OptOutTold.ToBeTold, Code = "zoho_unavailable", Message = "Zoho Campaigns does not answer." };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        var ada = new { email = "ada@example.com" };

        Answer[] answers =
        [
            await client.PostAsync($"{Prefix}/lists/k1/unsubscribe", ada),
            await client.PostAsync($"{Prefix}/lists/default/unsubscribe", ada),
            await client.PostAsync($"{Prefix}/do-not-mail", ada),
        ];

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(
            [
                """{"at_zoho":"done"}""",
                """{"at_zoho":"unknown_contact"}""",
                """{"at_zoho":"to_be_told","code":"zoho_unavailable","message":"Zoho Campaigns does not answer."}""",
            ],
            answers.Select(answer => answer.Text));
        Assert.Equal(
            [
                new UnsubscribeRequest { ListKey = "k1", Email = "ada@example.com" },
                new UnsubscribeRequest { Email = "ada@example.com" },
                new MarkDoNotMailRequest { Email = "ada@example.com" },
            ],
            asked);
    }

    [Fact]
    public async Task Campaigns_are_listed()
    {
        ListCampaignsRequest? asked = null;
        _gateway.Services.Campaigns.ListCampaigns = request =>
        {
            asked = request;
            return new()
            {
                Campaigns =
                {
                    new Campaign
                    {
                        Key = "c1",
                        Name = "News",
                        Status = "Sent",
                        Subject = "What is new",
                        FromEmail = "news@example.com",
                        CreatedAt = Noon,
                        SentAt = Noon,
                    },
                    new Campaign { Key = "c2", Name = "Next", Status = "Draft" },
                },
                NextPageToken = "more",
                ReadAt = Noon,
            };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync($"{Prefix}/reports?page_size=2&page_token=here");

        Assert.Equal(new ListCampaignsRequest { PageSize = 2, PageToken = "here", Freshness = new() }, asked);
        Assert.Equal(
            $$"""{"campaigns":[{"key":"c1","name":"News","status":"Sent","subject":"What is """
            + $$"""new","from_email":"news@example.com","created_at":"{{NoonJson}}","sent_at":"{{NoonJson}}"},{"key":"c2","name":"Next","status":"Draft"}]"""
            + $$""","next_page_token":"more","read_at":"{{NoonJson}}"}""",
            answer.Text);
    }

    [Fact]
    public async Task A_report_has_counts_and_rates()
    {
        GetCampaignReportRequest? asked = null;
        _gateway.Services.Campaigns.GetCampaignReport = request =>
        {
            asked = request;
            return new()
            {
                CampaignKey = request.CampaignKey,
                CampaignName = "News",
                Sent = 1,
                Delivered = 2,
                Opened = 3,
                Clicked = 4,
                HardBounces = 5,
                SoftBounces = 6,
                Unsubscribed = 7,
                SpamReports = 8,
                Complaints = 9,
                Forwarded = 10,
                Unsent = 11,
                DeliveryRate = 0.5,
                OpenRate = 0.25,
                ClickRate = 0.125,
                ClickToOpenRate = 0,
                BounceRate = 0.75,
                UnsubscribeRate = 1,
                ByLocation = { ["de"] = 12 },
                ReadAt = Noon,
            };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync($"{Prefix}/reports/c1?refresh=true");

        Assert.Equal(new GetCampaignReportRequest { CampaignKey = "c1", Freshness = new() { Refresh = true } }, asked);
        Assert.Equal(
            """{"campaign_key":"c1","campaign_name":"News","sent":1,"delivered":2,"opened":3,"clicked":4,"hard_bounces":5,"soft_bounces":6"""
            + ""","unsubscribed":7,"spam_reports":8,"complaints":9,"forwarded":10,"unsent":11,"delivery_rate":0.5,"open_rate":0.25"""
            + $$""","click_rate":0.125,"click_to_open_rate":0,"bounce_rate":0.75,"unsubscribe_rate":1,"read_at":"{{NoonJson}}"""
            + "\",\"by_location\":{\"de\":12}}",
            answer.Text);
    }

    [Fact]
    public async Task A_count_that_zoho_does_not_give_and_a_rate_without_anything_to_divide_by_are_absent()
    {
        _gateway.Services.Campaigns.GetCampaignReport = _ => new() { CampaignKey = "c1", CampaignName = "News", Sent = 0, ReadAt = Noon };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        Assert.Equal(
            $$$"""{"campaign_key":"c1","campaign_name":"News","sent":0,"read_at":"{{{NoonJson}}}","by_location":{}}""",
            (await client.GetAsync($"{Prefix}/reports/c1")).Text);
    }

    [Fact]
    public async Task What_is_used_of_zohos_limits_is_told_by_method()
    {
        _gateway.Services.Campaigns.GetQuota = () => new()
        {
            Methods =
            {
                new MethodQuota
                {
                    Method = "listsubscribe",
                    Limits =
                    {
                        new QuotaLimit { Window = Duration.FromTimeSpan(TimeSpan.FromMinutes(5)), Calls = 500, Usable = 400, Used = 7 },
                        new QuotaLimit { Window = Duration.FromTimeSpan(TimeSpan.FromDays(1)), Calls = 75000, Usable = 60000, Used = 9 },
                    },
                    UnlocksAt = Noon,
                },
                new MethodQuota { Method = "getmailinglists" },
            },
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        Assert.Equal(
            $$"""{"methods":[{"method":"listsubscribe","unlocks_at":"{{NoonJson}}","limits":[{"window_seconds":300,"calls":500,"usable":400,"used":7}"""
            + """,{"window_seconds":86400,"calls":75000,"usable":60000,"used":9}]"""
            + """},{"method":"getmailinglists","limits":[]}]}""",
            (await client.GetAsync($"{Prefix}/quota")).Text);
    }

    [Fact]
    public async Task Recipients_are_listed_by_what_they_did()
    {
        ListCampaignRecipientsRequest? asked = null;
        _gateway.Services.Campaigns.ListCampaignRecipients = request =>
        {
            asked = request;
            return new() { Recipients = { Ada }, ReadAt = Noon };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync($"{Prefix}/reports/c1/recipients?action=hard_bounce&page_size=200");

        Assert.Equal(
            new ListCampaignRecipientsRequest { CampaignKey = "c1", Action = RecipientAction.HardBounce, PageSize = 200, Freshness = new() }, asked);
        Assert.Equal($$"""{"recipients":[{{AdaJson}}],"read_at":"{{NoonJson}}"}""", answer.Text);
    }

    [Theory]
    [InlineData("/lists?refresh=yes", "refresh")]
    [InlineData("/lists/k1/subscribers?status=gone", "status")]
    [InlineData("/lists/k1/subscribers?page_size=201", "page_size")]
    [InlineData("/lists/k1/subscribers?refresh=1", "refresh")]
    [InlineData("/reports?page_size=0", "page_size")]
    [InlineData("/reports/c1?refresh=", "refresh")]
    [InlineData("/reports/c1/recipients", "action")]
    [InlineData("/reports/c1/recipients?action=smiled", "action")]
    public async Task A_wrong_query_names_its_parameter(string query, string field)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        (await client.GetAsync(Prefix + query)).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
    }

    [Theory]
    [InlineData("/lists")]
    [InlineData("/lists/k1/unsubscribe")]
    [InlineData("/do-not-mail")]
    public async Task Viewers_change_nothing(string path)
    {
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        (await viewer.PostAsync(Prefix + path, new { email = "ada@example.com" })).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
    }

    [Fact]
    public async Task What_must_be_set_up_first_is_said()
    {
        _gateway.Services.GetCampaignsSettings = _ => new();
        _gateway.Services.Campaigns.ListMailingLists = _ =>
            throw new Failure(FailureKind.Precondition, "not_connected", "No Zoho connection: connect one first.").ToRpcException();
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        (await client.GetAsync($"{Prefix}/lists")).AssertProblem(HttpStatusCode.Conflict, "not_connected");
    }
}
