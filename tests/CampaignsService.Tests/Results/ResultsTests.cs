using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;
using Role = ZohoPlatform.ServiceDefaults.Identity.Role;

namespace ZohoPlatform.CampaignsService.Tests.Results;

/// <summary>What the CampaignResults contract answers, with Zoho played by the simulator.</summary>
public sealed class ResultsTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private readonly HttpClient _simulator = new();
    private Campaigns _campaigns = null!;

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho, pushes: false);
        _simulator.BaseAddress = zoho.Url;
    }

    public async Task DisposeAsync()
    {
        _simulator.Dispose();
        await _campaigns.DisposeAsync();
    }

    [Fact]
    public async Task Lists_are_read_once_for_a_tenant_and_again_when_asked_to()
    {
        var (tenant, other) = (await _campaigns.TenantAsync(), await _campaigns.TenantAsync());

        var first = await ListsAsync(tenant);
        var kept = await ListsAsync(tenant);

        var list = Assert.Single(first.Lists);
        Assert.Equal((zoho.ListKey, "Registered users", 0, 0), (list.Key, list.Name, list.Contacts, list.Unsubscribed));
        Assert.Equal(first, kept);
        Assert.Equal(2, await CallsAsync("getmailinglists"));   // the page, and the empty one behind it

        Assert.Equal(first, await ListsAsync(tenant, refresh: true));   // not yet a minute old
        await AgeAsync(tenant);
        var fresh = await ListsAsync(tenant, refresh: true);
        Assert.True(fresh.ReadAt.ToDateTimeOffset() > first.ReadAt.ToDateTimeOffset());
        Assert.Equal(fresh, await ListsAsync(tenant));
        Assert.Equal(4, await CallsAsync("getmailinglists"));

        await ListsAsync(other);
        Assert.Equal(6, await CallsAsync("getmailinglists"));   // another tenant is never shown what this one read
    }

    [Fact]
    public async Task Subscribers_come_in_pages_by_status()
    {
        var tenant = await _campaigns.TenantAsync();
        await GenerateAsync(new { count = 120 });
        await GenerateAsync(new { count = 2, first = 201, status = "unsub" });
        await GenerateAsync(new { count = 1, first = 301, status = "bounce" });

        var first = await SubscribersAsync(tenant, new() { PageSize = 100 });
        var second = await SubscribersAsync(tenant, new() { PageSize = 100, PageToken = first.NextPageToken });
        var left = await SubscribersAsync(tenant, new() { ListKey = zoho.ListKey, Status = SubscriberStatus.Unsubscribed });
        var bounced = await SubscribersAsync(tenant, new() { Status = SubscriberStatus.Bounced });

        Assert.Equal((100, 20, ""), (first.Subscribers.Count, second.Subscribers.Count, second.NextPageToken));
        Assert.Equal("user101@example.com", second.Subscribers[0].Email);
        Assert.NotNull(second.Subscribers[0].AddedAt);
        Assert.Equal("user201@example.com user202@example.com", string.Join(' ', left.Subscribers.Select(subscriber => subscriber.Email)));
        Assert.Equal("user301@example.com", Assert.Single(bounced.Subscribers).Email);
    }

    [Fact]
    public async Task A_page_is_filled_where_zoho_gives_fewer_than_were_asked_for()
    {
        var tenant = await _campaigns.TenantAsync();
        await GenerateAsync(new { count = 5 });
        await zoho.DisturbAsync(
            "status", times: 1, status: 200, path: "*getlistsubscribers",
            body: """
                {"status":"success","code":"0",
                 "list_of_details":[{"contact_email":"user1@example.com"},{"contact_email":"user2@example.com"}]}
                """);

        var first = await SubscribersAsync(tenant, new() { PageSize = 4 });
        var second = await SubscribersAsync(tenant, new() { PageSize = 4, PageToken = first.NextPageToken });

        Assert.Equal(
            ["user1@example.com", "user2@example.com", "user3@example.com", "user4@example.com"],
            first.Subscribers.Select(subscriber => subscriber.Email));
        Assert.Equal(("user5@example.com", ""), (Assert.Single(second.Subscribers).Email, second.NextPageToken));
    }

    [Fact]
    public async Task What_came_is_shown_with_a_way_on_where_the_rest_of_a_page_cannot_be_read()
    {
        var tenant = await _campaigns.TenantAsync();
        await GenerateAsync(new { count = 5 });
        await zoho.DisturbAsync(
            "status", times: 1, status: 200, path: "*getlistsubscribers",
            body: """{"status":"success","code":"0","list_of_details":[{"contact_email":"user1@example.com"}]}""");
        await zoho.DisturbAsync(
            "status", times: 1, status: 200, path: "*getlistsubscribers", body: """{"status":"error","code":"1005","message":"?"}""");

        var first = await SubscribersAsync(tenant, new() { PageSize = 4 });
        var rest = await SubscribersAsync(tenant, new() { PageSize = 4, PageToken = first.NextPageToken });

        Assert.Equal("user1@example.com", Assert.Single(first.Subscribers).Email);
        Assert.Equal(("user2@example.com", 4), (rest.Subscribers[0].Email, rest.Subscribers.Count));
    }

    [Fact]
    public async Task Campaigns_reports_and_recipients_are_shown_with_rates_made_from_the_counts()
    {
        var tenant = await _campaigns.TenantAsync();
        await GenerateAsync(new { count = 100 });
        Assert.Empty((await CampaignsOfAsync(tenant, new())).Campaigns);

        var key = await CampaignAsync(new
        {
            name = "News",
            subject = "Hello",
            figures = new { hard_bounces = 4, soft_bounces = 1, opened = 38, clicked = 19, unsubscribed = 2, spam = 1 },
        });
        await CampaignAsync(new { name = "Next", status = "draft" });
        Assert.Empty((await CampaignsOfAsync(tenant, new())).Campaigns);    // still kept
        await AgeAsync(tenant);
        var campaigns = await CampaignsOfAsync(tenant, new() { PageSize = 1, Freshness = new() { Refresh = true } });
        var rest = await CampaignsOfAsync(tenant, new() { PageSize = 1, PageToken = campaigns.NextPageToken });
        var report = await _campaigns.Host.Results.GetCampaignReportAsync(new() { CampaignKey = key }, Ticket(tenant));
        var clicked = await RecipientsAsync(tenant, new() { CampaignKey = key, Action = RecipientAction.Clicked });
        var unsent = await RecipientsAsync(tenant, new() { CampaignKey = key, Action = RecipientAction.Unsent });

        Assert.Equal(("Next", "Draft"), (campaigns.Campaigns[0].Name, campaigns.Campaigns[0].Status));
        Assert.Null(campaigns.Campaigns[0].SentAt);
        Assert.Equal((key, "Sent", "Hello"), (rest.Campaigns[0].Key, rest.Campaigns[0].Status, rest.Campaigns[0].Subject));
        Assert.NotNull(rest.Campaigns[0].SentAt);
        Assert.Equal(
            (key, "News", 100, 95, 38, 19, 4, 1, 2, 1),
            (report.CampaignKey, report.CampaignName, report.Sent, report.Delivered, report.Opened, report.Clicked, report.HardBounces,
             report.SoftBounces, report.Unsubscribed, report.SpamReports));
        Assert.Equal(
            (0.95, 0.4, 0.2, 0.5, 0.05),
            (report.DeliveryRate, report.OpenRate, report.ClickRate, report.ClickToOpenRate, report.BounceRate));
        Assert.Equal(38, report.ByLocation["in"]);
        Assert.Equal(19, clicked.Recipients.Count);
        Assert.Empty(unsent.Recipients);
        Assert.Equal(report, await _campaigns.Host.Results.GetCampaignReportAsync(new() { CampaignKey = key }, Ticket(tenant)));
        Assert.Equal(1, await CallsAsync("campaignreports"));
    }

    [Fact]
    public async Task A_campaign_without_recipients_has_no_rates()
    {
        var tenant = await _campaigns.TenantAsync();
        var key = await CampaignAsync(new { name = "To nobody" });

        var report = await _campaigns.Host.Results.GetCampaignReportAsync(new() { CampaignKey = key }, Ticket(tenant));

        Assert.False(report.HasDeliveryRate || report.HasOpenRate || report.HasClickRate || report.HasClickToOpenRate);
        Assert.False(report.HasBounceRate || report.HasUnsubscribeRate);
    }

    [Fact]
    public async Task A_count_that_zoho_does_not_give_or_that_cannot_be_read_is_absent()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.DisturbAsync(
            "status", times: 1, status: 200, path: "*campaignreports",
            body: """{"status":"success","code":"0","campaign-reports":[{"emails_sent_count":"0","delivered_count":"many","opens_count":"-1"}]}""");

        var report = await _campaigns.Host.Results.GetCampaignReportAsync(new() { CampaignKey = "3zfakenews" }, Ticket(tenant));

        Assert.True(report.HasSent);
        Assert.Equal(0, report.Sent);
        Assert.False(report.HasDelivered || report.HasOpened || report.HasClicked || report.HasHardBounces || report.HasSoftBounces);
        Assert.False(report.HasUnsubscribed || report.HasSpamReports || report.HasComplaints || report.HasForwarded || report.HasUnsent);
    }

    [Fact]
    public async Task A_failure_is_not_kept()
    {
        var tenant = await _campaigns.TenantAsync();

        var unknown = await Refused.ByAsync(async () =>
            await _campaigns.Host.Results.GetCampaignReportAsync(new() { CampaignKey = "3zfakenews" }, Ticket(tenant)));
        await CampaignAsync(new { name = "News", key = "3zfakenews" });
        var report = await _campaigns.Host.Results.GetCampaignReportAsync(new() { CampaignKey = "3zfakenews" }, Ticket(tenant));

        Assert.Equal("campaign_not_found", unknown.Code);
        Assert.Equal("News", report.CampaignName);
    }

    [Fact]
    public async Task A_contact_is_taken_off_the_list_or_off_all_mail_once_or_twice()
    {
        var tenant = await _campaigns.TenantAsync();
        await GenerateAsync(new { count = 3 });
        var results = _campaigns.Host.Results;

        foreach (var _ in new[] { "once", "twice" })
        {
            Assert.Equal(
                new UnsubscribeResponse { AtZoho = OptOutTold.Done },
                await results.UnsubscribeAsync(new() { Email = "User1@example.com" }, Ticket(tenant, Role.Operator)));
            Assert.Equal(
                new MarkDoNotMailResponse { AtZoho = OptOutTold.Done },
                await results.MarkDoNotMailAsync(new() { Email = " user2@example.com " }, Ticket(tenant, Role.Operator)));
        }

        // the wish holds where Zoho does not know who says so, and where it does not answer
        Assert.Equal(
            OptOutTold.UnknownContact,
            (await results.UnsubscribeAsync(
                new() { ListKey = zoho.ListKey, Email = "nobody@example.com" }, Ticket(tenant, Role.Operator))).AtZoho);
        await zoho.BeAsync("unavailable");
        var untold = await results.MarkDoNotMailAsync(new() { Email = "somebody@example.com" }, Ticket(tenant, Role.Operator));
        await zoho.BeAsync("up");
        Assert.Equal((OptOutTold.ToBeTold, "zoho_unavailable"), (untold.AtZoho, untold.Code));
        foreach (var email in (string[])["nobody@example.com", "somebody@example.com"])
        {
            var kept = await tenant.EventuallyAsync(await tenant.SubmitAsync(email), RegistrationStatus.Suppressed);
            Assert.Equal("kept_off", kept.Code);
        }

        var contacts = await _simulator.GetFromJsonAsync<JsonElement>($"_simulator/lists/us/{zoho.ListKey}/contacts");
        Assert.Equal(
            "user1@example.com unsub False, user2@example.com unsub True, user3@example.com active False",
            string.Join(", ", contacts.EnumerateArray().Select(contact =>
                $"{contact.GetProperty("email")} {contact.GetProperty("status")} {contact.GetProperty("do_not_mail")}")));
    }

    [Fact]
    public async Task A_list_is_made_and_shown_at_once_and_its_name_is_taken_then()
    {
        var tenant = await _campaigns.TenantAsync();
        Assert.Single((await ListsAsync(tenant)).Lists);
        var order = new CreateMailingListRequest
        {
            Name = "Autumn",
            Description = "For the autumn",
            Emails = { "ada@example.com", "bob+list@example.com" },
        };

        var made = await _campaigns.Host.Results.CreateMailingListAsync(order, Ticket(tenant, Role.Operator));
        var again = await Refused.ByAsync(async () =>
            await _campaigns.Host.Results.CreateMailingListAsync(order, Ticket(tenant, Role.Operator)));

        Assert.Equal("name_taken", again.Code);
        Assert.Contains((await ListsAsync(tenant)).Lists, list => list.Key == made.Key && list.Name == "Autumn" && list.Contacts == 2);
        var subscribers = await SubscribersAsync(tenant, new() { ListKey = made.Key });
        Assert.Equal(
            "ada@example.com bob+list@example.com", string.Join(' ', subscribers.Subscribers.Select(subscriber => subscriber.Email)));
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused_with_the_field_and_zoho_is_not_called()
    {
        var tenant = await _campaigns.TenantAsync();
        var results = _campaigns.Host.Results;
        var ticket = Ticket(tenant, Role.Operator);

        foreach (var (field, ask) in new (string, Func<Task>)[]
        {
            ("page_size", () => SubscribersAsync(tenant, new() { PageSize = 201 })),
            ("page_token", () => SubscribersAsync(tenant, new() { PageToken = "next" })),
            ("page_token", () => CampaignsOfAsync(tenant, new() { PageToken = "0" })),
            ("status", () => SubscribersAsync(tenant, new() { Status = (SubscriberStatus)9 })),
            ("list_key", () => SubscribersAsync(tenant, new() { ListKey = "3z/../x" })),
            ("campaign_key", async () => await results.GetCampaignReportAsync(new(), ticket)),
            ("campaign_key", () => RecipientsAsync(tenant, new() { CampaignKey = "a b", Action = RecipientAction.Sent })),
            ("action", () => RecipientsAsync(tenant, new() { CampaignKey = "3zfake" })),
            ("email", async () => await results.UnsubscribeAsync(new() { Email = "nobody" }, ticket)),
            ("email", async () => await results.MarkDoNotMailAsync(new(), ticket)),
            ("name", async () => await results.CreateMailingListAsync(new() { Name = " ", Emails = { "a@example.com" } }, ticket)),
            ("description", async () => await results.CreateMailingListAsync(
                new() { Name = "A", Description = new string('x', 501), Emails = { "a@example.com" } }, ticket)),
            ("emails", async () => await results.CreateMailingListAsync(new() { Name = "A" }, ticket)),
            ("emails", async () => await results.CreateMailingListAsync(new() { Name = "A", Emails = { "a@example.com", "b" } }, ticket)),
        })
        {
            Assert.Equal(field, (await Refused.ByAsync(ask)).Field);
        }

        foreach (var operation in new[]
        {
            "getlistsubscribers", "recentcampaigns", "campaignreports", "listunsubscribe", "contactdonotmail", "addlistandcontacts",
        })
        {
            Assert.Equal(0, await CallsAsync(operation));
        }
    }

    [Fact]
    public async Task A_viewer_reads_and_an_operator_changes()
    {
        var tenant = await _campaigns.TenantAsync();
        var results = _campaigns.Host.Results;

        Assert.NotEmpty((await ListsAsync(tenant)).Lists);
        foreach (var change in new Func<Task>[]
        {
            async () => await results.UnsubscribeAsync(new() { Email = "a@example.com" }, Ticket(tenant)),
            async () => await results.MarkDoNotMailAsync(new() { Email = "a@example.com" }, Ticket(tenant)),
            async () => await results.CreateMailingListAsync(new() { Name = "A", Emails = { "a@example.com" } }, Ticket(tenant)),
        })
        {
            Assert.Equal("role_missing", (await Refused.ByAsync(change)).Code);
        }
    }

    [Fact]
    public async Task Without_a_list_or_a_connection_it_is_said_what_to_do()
    {
        var withoutList = await _campaigns.TenantAsync(listSet: false);
        var withoutConnection = await _campaigns.TenantAsync(connected: false);

        Assert.Equal("list_key_missing", (await Refused.ByAsync(() => SubscribersAsync(withoutList, new()))).Code);
        Assert.Equal("not_connected", (await Refused.ByAsync(() => ListsAsync(withoutConnection))).Code);
    }

    [Fact]
    public async Task The_quota_shows_what_was_used_and_which_method_is_locked()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.LimitAsync("getmailinglists", 2, 300);
        await ListsAsync(tenant);
        await AgeAsync(tenant);
        var locked = await Refused.ByAsync(() => ListsAsync(tenant, refresh: true));

        var quota = await _campaigns.Host.Settings.GetQuotaAsync(new GetCampaignsQuotaRequest(), Ticket(tenant));

        Assert.Equal("quota_locked", locked.Code);
        var lists = quota.Methods.Single(method => method.Method == "getmailinglists");
        Assert.Equal(
            (TimeSpan.FromMinutes(5), 500, 400, 3),
            (lists.Limits[0].Window.ToTimeSpan(), lists.Limits[0].Calls, lists.Limits[0].Usable, lists.Limits[0].Used));
        Assert.InRange(
            lists.UnlocksAt.ToDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(30));
        var subscribe = quota.Methods.Single(method => method.Method == "listsubscribe");
        Assert.Equal("500 12500 75000", string.Join(' ', subscribe.Limits.Select(limit => limit.Calls)));
        Assert.Null(subscribe.UnlocksAt);
    }

    [Fact]
    public async Task Tenants_of_one_account_share_its_quota_and_what_is_read_is_known_as_such()
    {
        _campaigns.Tokens.AccountId = Guid.NewGuid().ToString();
        var (tenant, other) = (await _campaigns.TenantAsync(), await _campaigns.TenantAsync());

        await ListsAsync(tenant);
        await ListsAsync(other);

        var quota = await _campaigns.Host.Settings.GetQuotaAsync(new GetCampaignsQuotaRequest(), Ticket(other));
        Assert.Equal(4, quota.Methods.Single(method => method.Method == "getmailinglists").Limits[0].Used);
        Assert.True(await _campaigns.Host.Services.GetRequiredService<RedisServer>().AskAsync(
            database => database.KeyExistsAsync(
                $"quota:{{zoho-campaigns:us:{_campaigns.Tokens.AccountId}:getmailinglists}}:300000:{tenant.Id}:reads"),
            default));
    }

    private Metadata Ticket(Tenant tenant, Role role = Role.Viewer) => _campaigns.Host.TicketOf(tenant.Id, role);

    // as it is two minutes later
    private static async Task AgeAsync(Tenant tenant)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await TestServers.Shared).Redis);
        await foreach (var key in redis.GetServers()[0].KeysAsync(pattern: $"campaign-results:{tenant.Id}:*"))
        {
            var left = await redis.GetDatabase().KeyTimeToLiveAsync(key);
            await redis.GetDatabase().KeyExpireAsync(key, left - TimeSpan.FromMinutes(2));
        }
    }

    private async Task<ListMailingListsResponse> ListsAsync(Tenant tenant, bool refresh = false) =>
        await _campaigns.Host.Results.ListMailingListsAsync(new() { Freshness = new() { Refresh = refresh } }, Ticket(tenant));

    private async Task<ListSubscribersResponse> SubscribersAsync(Tenant tenant, ListSubscribersRequest request) =>
        await _campaigns.Host.Results.ListSubscribersAsync(request, Ticket(tenant));

    private async Task<ListCampaignsResponse> CampaignsOfAsync(Tenant tenant, ListCampaignsRequest request) =>
        await _campaigns.Host.Results.ListCampaignsAsync(request, Ticket(tenant));

    private async Task<ListCampaignRecipientsResponse> RecipientsAsync(Tenant tenant, ListCampaignRecipientsRequest request) =>
        await _campaigns.Host.Results.ListCampaignRecipientsAsync(request, Ticket(tenant));

    private async Task<long> CallsAsync(string operation) =>
        (await _simulator.GetFromJsonAsync<JsonElement>($"_simulator/calls?operation={operation}")).GetProperty("total").GetInt64();

    private async Task GenerateAsync(object order) =>
        (await _simulator.PostAsJsonAsync($"_simulator/lists/us/{zoho.ListKey}/generated-contacts", order)).EnsureSuccessStatusCode();

    private async Task<string> CampaignAsync(object order)
    {
        using var response = await _simulator.PostAsJsonAsync($"_simulator/lists/us/{zoho.ListKey}/campaigns", order);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString()!;
    }
}
