using System.Net;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>Conversations, and the way from them into Zoho CRM.</summary>
public sealed class ConversationTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Conversations = "/api/v1/conversations";
    private const string Phone = "+442079460000";

    private static readonly Timestamp Then = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 27, 9, 30, 0, TimeSpan.Zero));

    private static readonly Conversation Bare = new() { Id = "c1", CrmState = Conversation.Types.CrmState.None, CreatedAt = Then, UpdatedAt = Then };

    private const string BareJson =
        """
        {"id":"c1","messages":0,"unread":0,"waiting":0,"failed":0,"crm_state":"none","created_at":"2026-11-27T09:30:00Z","updated_at":"2026-11-27T09:30:00Z"}
        """;

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task A_conversation_is_told_with_all_that_is_known_and_without_what_is_not()
    {
        ListConversationsRequest? asked = null;
        _gateway.Services.Messaging.ListConversations = (request, _) =>
        {
            asked = request;
            return new()
            {
                Conversations =
                {
                    Bare,
                    new Conversation(Bare)
                    {
                        Phone = Phone,
                        UserId = "BR.7",
                        Name = "Ada",
                        Messages = 14,
                        Unread = 2,
                        LastMessageAt = Then,
                        LastText = "Hello",
                        CrmState = Conversation.Types.CrmState.Failed,
                        CrmModule = "Leads",
                        CrmRecordId = "77",
                        Code = "lead_refused",
                        Message = "Mend it.",
                        Waiting = 3,
                        Failed = 1,
                    },
                },
                NextPageToken = "next",
            };
        };
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await viewer.GetAsync($"{Conversations}?query=ada&unread=true&crm_state=failed&page_size=2&page_token=this");

        Assert.Equal(
            new ListConversationsRequest
            {
                Query = "ada",
                UnreadOnly = true,
                CrmState = Conversation.Types.CrmState.Failed,
                PageSize = 2,
                PageToken = "this",
            },
            asked);
        AssertJson(
            $$"""
            {
                "conversations": [
                    {{BareJson}},
                    {
                        "id": "c1",
                        "phone": "+442079460000",
                        "user_id": "BR.7",
                        "name": "Ada",
                        "messages": 14,
                        "unread": 2,
                        "waiting": 3,
                        "failed": 1,
                        "last_message_at": "2026-11-27T09:30:00Z",
                        "last_text": "Hello",
                        "crm_state": "failed",
                        "crm_module": "Leads",
                        "crm_record_id": "77",
                        "code": "lead_refused",
                        "message": "Mend it.",
                        "created_at": "2026-11-27T09:30:00Z",
                        "updated_at": "2026-11-27T09:30:00Z"
                    }
                ],
                "next_page_token": "next"
            }
            """,
            answer);
        (await viewer.GetAsync($"{Conversations}?unread=yes")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "unread");
        (await viewer.GetAsync($"{Conversations}?crm_state=lost")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "crm_state");
        (await viewer.GetAsync($"{Conversations}?page_size=0")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "page_size");
    }

    [Fact]
    public async Task One_is_looked_at_read_and_listed_with_its_messages()
    {
        var asked = new List<object>();
        _gateway.Services.Messaging.OneConversation = (request, _) =>
        {
            asked.Add(request);
            return Bare;
        };
        _gateway.Services.Messaging.ListMessages = (request, _) =>
        {
            asked.Add(request);
            return new();
        };
        using var people = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        AssertJson(BareJson, await people.GetAsync($"{Conversations}/c1"));
        AssertJson(BareJson, await people.PostAsync($"{Conversations}/c1/read"));
        AssertJson("""{"messages":[]}""", await people.GetAsync($"{Conversations}/c1/messages?order_by=sent_at%20asc&sync_state=synced&query=hel&page_size=7&page_token=x"));

        Assert.Equal(
            [
                new GetConversationRequest { Id = "c1" },
                new MarkReadRequest { Id = "c1" },
                new ListMessagesRequest
                {
                    ConversationId = "c1", OrderBy = "sent_at asc", SyncState = SyncState.Synced, Query = "hel", PageSize = 7, PageToken = "x",
                },
            ],
            asked);
        (await viewer.PostAsync($"{Conversations}/c1/read")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        _gateway.Services.Messaging.OneConversation = (_, _) =>
            throw new Failure(FailureKind.NotFound, "conversation_not_found", "There is none.").ToRpcException();
        (await viewer.GetAsync($"{Conversations}/c9")).AssertProblem(HttpStatusCode.NotFound, "conversation_not_found");
    }

    [Fact]
    public async Task A_link_leads_by_conversation_or_by_phone_and_no_phone_is_in_the_log()
    {
        var asked = new List<GetLinkRequest>();
        _gateway.Services.Messaging.GetLink = (request, _) =>
        {
            asked.Add(request);
            return new()
            {
                ConversationId = "c1",
                Url = "https://crm.zoho.eu/crm/tab/Leads/77",
                LeadMessagesUrl = "https://crm.zoho.eu/lead",
                Token = "to ken/7",
                CrmModule = "Leads",
                CrmRecordId = "77",
            };
        };
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var byId = await viewer.GetAsync($"{Conversations}/c1/link");
        var byPhone = await viewer.GetAsync($"{Conversations}/link?phone={Uri.EscapeDataString(Phone)}");

        AssertJson(
            """
            {
                "conversation_id": "c1",
                "url": "https://crm.zoho.eu/crm/tab/Leads/77",
                "lead_messages_url": "https://crm.zoho.eu/lead",
                "open_url": "http://127.0.0.1:8080/open/to%20ken%2F7",
                "crm_module": "Leads",
                "crm_record_id": "77"
            }
            """,
            byId);
        Assert.Equal(byId.Text, byPhone.Text);
        Assert.Equal([new GetLinkRequest { Id = "c1" }, new GetLinkRequest { Phone = Phone }], asked);
        (await viewer.GetAsync($"{Conversations}/link")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "phone");
        _gateway.Services.Messaging.GetLink = (_, _) => throw new Failure(FailureKind.Precondition, "crm_disabled", "It is off.").ToRpcException();
        (await viewer.GetAsync($"{Conversations}/c1/link")).AssertProblem(HttpStatusCode.Conflict, "crm_disabled");
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.Contains("442079460000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_open_link_sends_the_browser_on_and_says_nothing_of_itself()
    {
        (OpenLinkRequest Request, Caller Caller)? asked = null;
        _gateway.Services.Messaging.OpenLink = (request, caller) =>
        {
            asked = (request, caller);
            return new() { Url = "https://crm.zoho.com.au/crm/tab/Leads/77?x=1" };
        };
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync("/open/fake-secret-token?utm=1");

        Assert.Equal((HttpStatusCode.Found, "https://crm.zoho.com.au/crm/tab/Leads/77?x=1"), (answer.Status, answer.Header("Location")));
        Assert.Equal(("no-store", "no-referrer"), (answer.Header("Cache-Control"), answer.Header("Referrer-Policy")));
        Assert.Equal(("fake-secret-token", TenantId.None, Role.Service), (asked!.Value.Request.Token, asked.Value.Caller.Tenant, asked.Value.Caller.Role));
        Assert.Equal(HttpStatusCode.Found, (await browser.SendAsync(HttpMethod.Head, "/open/fake-secret-token", content: null)).Status);
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.Contains("fake-secret-token", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://crm.zoho.eu/crm", true)]
    [InlineData("https://crm.zohocloud.ca/crm", true)]
    [InlineData("https://CRM.zoho.in/crm", true)]
    [InlineData("http://crm.zoho.eu/crm", false)]
    [InlineData("https://crm.zoho.eu:8443/crm", false)]
    [InlineData("https://crm.zoho.eu@evil.example/crm", false)]
    [InlineData("https://me@crm.zoho.eu/crm", false)]
    [InlineData("https://crm.zoho.eu.evil.example/crm", false)]
    [InlineData("https://crm.zohoevil.com/crm", false)]
    [InlineData("https://crm.zoho.example/crm", false)]
    [InlineData("https://evil.example/crm.zoho.eu", false)]
    [InlineData("//crm.zoho.eu/crm", false)]
    [InlineData("javascript:alert(1)", false)]
    public async Task An_open_link_leads_nowhere_but_to_zoho_crm(string url, bool follows)
    {
        _gateway.Services.Messaging.OpenLink = (_, _) => new() { Url = url };
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync("/open/x");

        Assert.Equal(follows ? HttpStatusCode.Found : HttpStatusCode.InternalServerError, answer.Status);
        Assert.Equal(follows, answer.Header("Location") is not null);
        Assert.DoesNotContain("evil", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_link_leads_to_the_CRM_of_every_data_centre()
    {
        using var browser = _gateway.CreateClient(key: null);
        foreach (var host in DataCentres.All.Select(one => one.CrmUiHost))
        {
            _gateway.Services.Messaging.OpenLink = (_, _) => new() { Url = $"https://{host}/crm" };
            Assert.Equal($"https://{host}/crm", (await browser.GetAsync("/open/x")).Header("Location"));
        }
    }

    [Fact]
    public async Task People_are_told_what_there_is_to_do_while_there_is_no_lead_and_where_there_is_no_link()
    {
        _gateway.Services.Messaging.OpenLink = (_, _) => new() { Message = "The lead is <being> made." };
        using var browser = _gateway.CreateClient(key: null);

        var notYet = await browser.GetAsync("/open/to%20ken");
        _gateway.Services.Messaging.OpenLink = (_, _) => throw new Failure(FailureKind.NotFound, "link_not_found", "There is no such link.").ToRpcException();
        var unknown = await browser.GetAsync("/open/other");

        Assert.Equal((HttpStatusCode.OK, "text/html; charset=utf-8", "no-store"), (notYet.Status, notYet.Header("Content-Type"), notYet.Header("Cache-Control")));
        Assert.Contains("The lead is &lt;being&gt; made.", notYet.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"/open/to%20ken\">Try again</a>", notYet.Text, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NotFound, "text/html; charset=utf-8"), (unknown.Status, unknown.Header("Content-Type")));
        Assert.Contains("There is no such link.", unknown.Text, StringComparison.Ordinal);
        await using var tight = _gateway.Replica(("RateLimits:AnonymousPerMinute", "1"), ("RateLimits:AnonymousBurst", "1"));
        using var other = tight.CreateClient(key: null);
        await other.GetAsync("/open/x");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await other.GetAsync("/open/x")).Status);
    }

    [Fact]
    public async Task The_button_is_a_script_that_any_page_may_load_and_keep()
    {
        await using var gateway = _gateway.Replica(("Gateway:Cors:Origins:0", "https://app.example.com"));
        using var browser = gateway.CreateClient(key: null);

        var script = await browser.GetAsync("/open-in-zoho.js?v=1", ("Origin", "https://anybody.example"));
        var known = await browser.GetAsync("/open-in-zoho.js", ("If-None-Match", script.Header("ETag")!));

        Assert.Equal((HttpStatusCode.OK, "text/javascript; charset=utf-8"), (script.Status, script.Header("Content-Type")));
        Assert.Equal(
            ("public, max-age=3600", "*", "nosniff"),
            (script.Header("Cache-Control"), script.Header("Access-Control-Allow-Origin"), script.Header("X-Content-Type-Options")));
        Assert.Contains("customElements.define(\"open-in-zoho\"", script.Text, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NotModified, ""), (known.Status, known.Text));
        Assert.Equal(HttpStatusCode.OK, (await browser.SendAsync(HttpMethod.Head, "/open-in-zoho.js", content: null)).Status);
    }

    // whatever the order of its fields
    private static void AssertJson(string expected, Answer answer) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(answer.Text)), answer.Text);
}
