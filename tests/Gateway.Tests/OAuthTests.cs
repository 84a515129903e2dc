using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.OAuth;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Authorization = ZohoPlatform.Contracts.Tokens.V1.Authorization;

namespace ZohoPlatform.Gateway.Tests;

public sealed class OAuthTests : IClassFixture<OAuthTests.PublicGateway>
{
    private const string Begin = "/api/v1/crm/zoho/oauth";
    private const string Callback = "/api/v1/crm/zoho/callback";
    private const string Consent = "https://accounts.zoho.eu/oauth/v2/auth?state=sealed";

    private readonly GatewayHost _gateway;
    private readonly ConcurrentDictionary<string, bool> _opened = new(StringComparer.Ordinal);
    private (StartAuthorizationRequest Request, Caller Caller)? _started;
    private (OpenAuthorizationRequest Request, Caller Caller)? _sentOn;
    private (CompleteAuthorizationRequest Request, Caller Caller)? _completed;

    public OAuthTests(PublicGateway shared)
    {
        _gateway = shared.Host;
        _gateway.Services.StartAuthorization = (request, caller) =>
        {
            if (request.Features.Contains("mail"))
            {
                throw Failure.InvalidField("features", "features of Zoho are campaigns, crm.").ToRpcException();
            }

            _started = (request, caller);
            return new()
            {
                Id = Guid.NewGuid().ToString(),
                AuthorizeUrl = request.BrowserSha256.Length > 0 ? Consent : "",
                ExpiresAt = Timestamp.FromDateTimeOffset(_gateway.Clock.GetUtcNow().AddMinutes(10)),
            };
        };
        _gateway.Services.GetAuthorization = (id, _) => Waiting(id);
        _gateway.Services.OpenAuthorization = (request, caller) =>
        {
            if (!_opened.TryAdd(request.Id, true))
            {
                throw new Failure(FailureKind.Precondition, "link_used", "This link was opened already.").ToRpcException();
            }

            _sentOn = (request, caller);
            return new() { AuthorizeUrl = Consent };
        };
        _gateway.Services.CompleteAuthorization = (request, caller) =>
        {
            _completed = (request, caller);
            return new()
            {
                Connection = new()
                {
                    Id = "c1",
                    Provider = "zoho",
                    ProviderTitle = "Zoho",
                    Owner = "<script>alert('owner')</script>",
                    DataCentre = "eu",
                    AccountName = "owner@example.com",
                    OrganizationIds = { "20064321" },
                    Features = { "campaigns" },
                    GrantedScopes = { "ZohoCampaigns.contact.ALL" },
                    MissingScopes = { "ZohoCRM.modules.ALL" },
                },
            };
        };
    }

    [Fact]
    public async Task An_admin_with_a_browser_is_sent_to_the_provider_with_a_cookie()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.GetAsync($"{Begin}?features=campaigns,%20crm&data_centre=eu&owner=ada");

        Assert.Equal((HttpStatusCode.Found, Consent), (answer.Status, answer.Header("Location")));
        var cookie = answer.Header("Set-Cookie")!;
        Assert.Contains("path=/api/v1/crm/zoho;", cookie, StringComparison.Ordinal);
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Equal(
            new StartAuthorizationRequest
            {
                Provider = "zoho",
                Features = { "campaigns", "crm" },
                DataCentre = "eu",
                Owner = "ada",
                RedirectUri = "https://zoho.example.com/api/v1/crm/zoho/callback",
                BrowserSha256 = Sha256(CookieValue(cookie)),
            },
            _started!.Value.Request);
        Assert.Equal(Role.Admin, _started.Value.Caller.Role);
    }

    [Fact]
    public async Task Another_provider_is_begun_with_its_own_callback_and_cookie()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.GetAsync("/api/v1/crm/hubspot/oauth");

        var cookie = answer.Header("Set-Cookie")!;
        Assert.Contains("path=/api/v1/crm/hubspot;", cookie, StringComparison.Ordinal);
        Assert.Equal(
            new StartAuthorizationRequest
            {
                Provider = "hubspot",
                RedirectUri = "https://zoho.example.com/api/v1/crm/hubspot/callback",
                BrowserSha256 = Sha256(CookieValue(cookie)),
            },
            _started!.Value.Request);
    }

    [Fact]
    public async Task The_page_names_the_account_and_no_data_centre_where_there_is_none()
    {
        _gateway.Services.CompleteAuthorization = (_, _) => new()
        {
            Connection = new() { Provider = "hubspot", ProviderTitle = "HubSpot", Owner = "ada", Features = { "hubspot_contacts" }, OrganizationIds = { "24000001" } },
        };
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync("/api/v1/crm/hubspot/callback?code=fake&state=sealed", await CookieAsync());

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("HubSpot is connected", answer.Text, StringComparison.Ordinal);
        Assert.Contains("24000001", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Data centre", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_links_page_says_who_asks_for_what_and_uses_nothing_up()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var whoAmI = (await admin.GetAsync("/api/v1/whoami")).Json;
        var (tenant, name) = (whoAmI.GetProperty("tenant_id").GetString(), whoAmI.GetProperty("tenant").GetString());
        var link = await LinkAsync(admin, "?features=crm&owner=ada");
        using var browser = _gateway.CreateClient(key: null);

        var page = await browser.GetAsync(link.PathAndQuery);
        var again = await browser.GetAsync(link.PathAndQuery);

        Assert.Equal("zoho.example.com", link.Host);
        Assert.Equal((HttpStatusCode.OK, "text/html; charset=utf-8"), (page.Status, page.Header("Content-Type")));
        foreach (var told in (string[])[$"Connect Zoho to {name}", "ada@example.com", "campaigns", "ZohoCampaigns.contact.READ", "Go on to Zoho"])
        {
            Assert.Contains(told, page.Text, StringComparison.Ordinal);
        }

        Assert.Contains($"href=\"{link.PathAndQuery}/provider\"", page.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal((tenant, "", "crm"), (_started!.Value.Caller.Tenant.ToString(), _started.Value.Request.BrowserSha256, Assert.Single(_started.Value.Request.Features)));
        // nothing but that it was shown, which another site's link does not bring along
        Assert.Contains("samesite=strict", page.Header("Set-Cookie"), StringComparison.Ordinal);
        Assert.Empty(_opened);
    }

    [Fact]
    public async Task Its_button_sends_a_browser_without_a_key_on_for_the_same_tenant_at_any_replica()
    {
        await using var replica = _gateway.Replica();
        var (tenant, key) = await _gateway.CreateTenantAsync();
        using var admin = _gateway.CreateClient(key);
        var link = await LinkAsync(admin);
        using var browser = replica.CreateClient(key: null);

        var answer = await GoOnAsync(browser, link.PathAndQuery);

        Assert.Equal((HttpStatusCode.Found, Consent), (answer.Status, answer.Header("Location")));
        Assert.Contains("path=/api/v1/crm/zoho;", answer.Header("Set-Cookie"), StringComparison.Ordinal);
        Assert.Equal(tenant, _sentOn!.Value.Caller.Tenant.ToString());
        Assert.Equal(Sha256(CookieValue(answer.Header("Set-Cookie")!)), _sentOn.Value.Request.BrowserSha256);
    }

    [Fact]
    public async Task A_link_opens_once_and_who_comes_later_is_told_so()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        using var browser = _gateway.CreateClient(key: null);
        var link = (await LinkAsync(admin)).PathAndQuery;

        Assert.Equal(HttpStatusCode.Found, (await GoOnAsync(browser, link)).Status);
        var refused = await GoOnAsync(browser, link);

        Assert.Equal((HttpStatusCode.Conflict, "text/html; charset=utf-8"), (refused.Status, refused.Header("Content-Type")));
        Assert.Contains("link_used", refused.Text, StringComparison.Ordinal);
        // the browser that was sent on must come back with the cookie that it was given then
        Assert.Null(refused.Header("Set-Cookie"));
    }

    [Fact]
    public async Task Who_was_not_shown_the_page_is_sent_to_it_and_uses_nothing_up()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        using var browser = _gateway.CreateClient(key: null);
        var link = (await LinkAsync(admin)).PathAndQuery;

        var skipped = await browser.GetAsync($"{link}/provider");
        var head = await browser.SendAsync(HttpMethod.Head, $"{link}/provider", content: null, await SeenAsync(browser, link));

        Assert.Equal((HttpStatusCode.Found, link), (skipped.Status, skipped.Header("Location")));
        Assert.Null(skipped.Header("Set-Cookie"));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET"), (head.Status, head.Header("Allow")));
        Assert.Empty(_opened);
    }

    [Theory]
    [InlineData(AuthorizationState.Opened)]
    [InlineData(AuthorizationState.Expired)]
    [InlineData(AuthorizationState.Failed)]
    public async Task The_page_of_a_link_that_is_over_says_so(AuthorizationState state)
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var link = (await LinkAsync(admin)).PathAndQuery;
        _gateway.Services.GetAuthorization = (id, _) =>
        {
            var over = Waiting(id);
            (over.State, over.FailureCode, over.FailureMessage) = (state, "access_denied", "You declined: begin again.");
            return over;
        };
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync(link);

        Assert.Equal((HttpStatusCode.Conflict, "text/html; charset=utf-8"), (answer.Status, answer.Header("Content-Type")));
        Assert.Contains("access_denied", answer.Text, StringComparison.Ordinal);
        Assert.Contains("You declined: begin again.", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/provider", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_has_done_its_work_says_so()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var tenant = (await admin.GetAsync("/api/v1/whoami")).Json.GetProperty("tenant").GetString();
        var link = (await LinkAsync(admin)).PathAndQuery;
        _gateway.Services.GetAuthorization = (id, _) =>
        {
            var done = Waiting(id);
            (done.State, done.ConnectionId) = (AuthorizationState.Connected, "c1");
            return done;
        };
        _gateway.Services.GetConnection = (_, _) => new()
        {
            Id = "c1",
            ProviderTitle = "Zoho",
            Owner = "ada@example.com",
            DataCentre = "eu",
            AccountName = "owner@example.com",
            Features = { "campaigns" },
        };
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync(link);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.All(
            [$"Zoho is connected to {tenant}", "<dd>eu</dd>"],
            told => Assert.Contains(told, answer.Text, StringComparison.Ordinal));
        // whoever has the link is not told whose account it is by now
        Assert.DoesNotContain("owner@example.com", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asked_for_a_link_sees_how_far_the_person_has_come()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");
        var id = (await admin.GetAsync(Begin, ("Accept", "application/json"))).Json.GetProperty("id").GetString()!;
        _gateway.Services.GetAuthorization = (asked, _) =>
        {
            var failed = Waiting(asked);
            (failed.State, failed.FailureCode, failed.FailureMessage) = (AuthorizationState.Failed, "access_denied", "You declined: begin again.");
            return failed;
        };

        var answer = await admin.GetAsync($"{Begin}/{id}");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal((id, "failed"), (answer.Json.GetProperty("id").GetString(), answer.Json.GetProperty("state").GetString()));
        Assert.Equal("access_denied", answer.Json.GetProperty("failure").GetProperty("code").GetString());
        Assert.False(answer.Json.TryGetProperty("connection_id", out _));
        (await admin.GetAsync($"/api/v1/crm/hubspot/oauth/{id}")).AssertProblem(HttpStatusCode.NotFound, "authorization_not_found");
        // one that waits, and whose key is gone, is over: whoever opens it is refused
        var began = (await admin.PostAsync("/api/v1/admin/keys", new { name = "second", role = "admin" })).Json.GetProperty("id").GetString();
        _gateway.Services.GetAuthorization = (asked, _) =>
        {
            var waiting = Waiting(asked);
            waiting.BeganBy = $"key:{began}";
            return waiting;
        };
        Assert.Equal("waiting", (await admin.GetAsync($"{Begin}/{id}")).Json.GetProperty("state").GetString());
        await admin.DeleteAsync($"/api/v1/admin/keys/{began}");
        var over = (await admin.GetAsync($"{Begin}/{id}")).Json;
        Assert.Equal(("failed", "key_gone"), (over.GetProperty("state").GetString(), over.GetProperty("failure").GetProperty("code").GetString()));
        (await viewer.GetAsync($"{Begin}/{id}")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
    }

    [Fact]
    public async Task A_link_ends_with_the_secret_that_made_it()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var made = (await admin.PostAsync("/api/v1/admin/keys", new { name = "second", role = "admin" })).Json;
        using var second = _gateway.CreateClient(made.GetProperty("key").GetString());
        var link = (await LinkAsync(second)).PathAndQuery;
        using var browser = _gateway.CreateClient(key: null);
        var rotate = $"/api/v1/admin/keys/{made.GetProperty("id").GetString()}/rotate-secret";

        // while the old one opens, its link does
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync(rotate, new { overlap_seconds = 600 })).Status);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(link)).Status);
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync(rotate, new { overlap_seconds = 0 })).Status);

        var answer = await browser.GetAsync(link);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("link_invalid", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_ends_with_the_key_that_made_it()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var made = (await admin.PostAsync("/api/v1/admin/keys", new { name = "second", role = "admin" })).Json;
        using var second = _gateway.CreateClient(made.GetProperty("key").GetString());
        var link = await LinkAsync(second);
        using var browser = _gateway.CreateClient(key: null);
        await admin.DeleteAsync($"/api/v1/admin/keys/{made.GetProperty("id").GetString()}");

        foreach (var path in (string[])[link.PathAndQuery, $"{link.PathAndQuery}/provider"])
        {
            var answer = await browser.GetAsync(path);

            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains("link_invalid", answer.Text, StringComparison.Ordinal);
        }

        Assert.Empty(_opened);
    }

    [Fact]
    public async Task A_link_that_met_a_service_which_was_away_opens_afterwards()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var link = (await LinkAsync(admin)).PathAndQuery;
        using var browser = _gateway.CreateClient(key: null);
        var open = _gateway.Services.OpenAuthorization;
        _gateway.Services.OpenAuthorization = (_, _) => throw StorageOutage.Failure.ToRpcException();

        var away = await GoOnAsync(browser, link);
        _gateway.Services.OpenAuthorization = open;

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "text/html; charset=utf-8"), (away.Status, away.Header("Content-Type")));
        Assert.NotNull(away.Header("Retry-After"));
        Assert.Equal(HttpStatusCode.Found, (await GoOnAsync(browser, link)).Status);
    }

    [Fact]
    public async Task A_changed_link_opens_nothing()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var path = (await LinkAsync(admin)).PathAndQuery;
        var changed = path[..^10] + (path[^10] == 'A' ? 'B' : 'A') + path[^9..];
        using var browser = _gateway.CreateClient(key: null);

        foreach (var wrong in (string[])[changed, $"{changed}/provider", "/connect/***", "/connect/a/provider"])
        {
            var answer = await browser.GetAsync(wrong);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains("link_invalid", answer.Text, StringComparison.Ordinal);
        }

        Assert.Empty(_opened);
    }

    [Fact]
    public async Task A_link_is_in_no_log_and_no_trace()
    {
        await using var gateway = _gateway.Replica(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));
        using var admin = await gateway.CreateClientOfNewTenantAsync();
        var link = (await LinkAsync(admin)).PathAndQuery;
        using var browser = gateway.CreateClient(key: null);
        _gateway.Services.OpenAuthorization = (_, _) => throw new RpcException(new Status(StatusCode.Internal, "a bug"));
        using var traced = ExportedSpans.StartTrace();

        await browser.GetAsync(link);
        Assert.Equal(HttpStatusCode.InternalServerError, (await GoOnAsync(browser, link)).Status);

        var secret = link.Split('/')[2];
        Assert.DoesNotContain(gateway.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal));
        Assert.Contains(gateway.Logs.Lines, line => line.Contains("/connect/{link}/provider failed", StringComparison.Ordinal));
        // a span ends after its answer is read; all but the browser's own
        var told = await Eventually.GetAsync(
            () => Task.FromResult(gateway.Spans.Ended.Where(span => span.Kind is not ActivityKind.Client).SelectMany(Texts).ToList()),
            texts => texts.Contains("/connect/{link}/provider"));
        Assert.DoesNotContain(told, value => value.Contains(secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/connect", HttpStatusCode.NotFound, null)]
    [InlineData("GET", "/connect/", HttpStatusCode.NotFound, null)]
    [InlineData("GET", "/connect/x/y", HttpStatusCode.NotFound, null)]
    [InlineData("POST", "/connect/x/provider/z", HttpStatusCode.NotFound, null)]
    [InlineData("POST", "/connect/x", HttpStatusCode.MethodNotAllowed, "GET, HEAD, OPTIONS")]
    [InlineData("OPTIONS", "/connect/x", HttpStatusCode.NoContent, "GET, HEAD, OPTIONS")]
    [InlineData("OPTIONS", "/connect/x/provider", HttpStatusCode.NoContent, "GET, HEAD, OPTIONS")]
    public async Task What_a_browser_meets_under_connect_is_a_page(string method, string path, HttpStatusCode status, string? allow)
    {
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.SendAsync(new HttpMethod(method), path, content: null);

        Assert.Equal((status, allow), (answer.Status, answer.Header("Allow")));
        Assert.Equal(status is HttpStatusCode.NoContent ? null : "text/html; charset=utf-8", answer.Header("Content-Type"));
    }

    [Fact]
    public async Task Who_may_not_connect_is_refused()
    {
        using var nobody = _gateway.CreateClient(key: null);
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        (await nobody.GetAsync(Begin)).AssertProblem(HttpStatusCode.Unauthorized, "key_missing");
        (await viewer.GetAsync(Begin)).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        (await admin.GetAsync($"{Begin}?features=mail")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "features");
    }

    [Fact]
    public async Task A_person_who_opens_the_api_in_a_browser_gets_a_page()
    {
        using var nobody = _gateway.CreateClient(key: null);

        var answer = await nobody.GetAsync(Begin, ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"));

        Assert.Equal((HttpStatusCode.Unauthorized, "text/html; charset=utf-8"), (answer.Status, answer.Header("Content-Type")));
        Assert.Contains("Ask an admin for a link", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_is_given_only_for_what_can_be_begun()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var refused = await admin.GetAsync($"{Begin}?features=mail", ("Accept", "application/json"));

        refused.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "features");
        Assert.Null(_started);
    }

    [Fact]
    public async Task The_callback_hands_everything_to_the_token_service_in_nobodys_name()
    {
        using var browser = _gateway.CreateClient(key: null);
        var cookie = await CookieAsync();

        var answer = await browser.GetAsync(
            $"{Callback}?code=1000.fake&state=sealed&location=eu&accounts-server=https%3A%2F%2Faccounts.zoho.eu", cookie);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            new CompleteAuthorizationRequest
            {
                Code = "1000.fake",
                State = "sealed",
                Location = "eu",
                AccountsServer = "https://accounts.zoho.eu",
                BrowserSha256 = Sha256(cookie.Value.Split('=', 2)[1]),
            },
            _completed!.Value.Request);
        Assert.Equal((TenantId.None, "service:gateway"), (_completed.Value.Caller.Tenant, _completed.Value.Caller.Subject));
        // the state is good once; a page that is loaded again is told so, and not of another browser
        Assert.Null(answer.Header("Set-Cookie"));
    }

    [Fact]
    public async Task The_page_says_what_was_connected_and_encodes_it()
    {
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync($"{Callback}?code=1000.fake&state=sealed", await CookieAsync());

        Assert.Equal("text/html; charset=utf-8", answer.Header("Content-Type"));
        foreach (var told in new[] { "Zoho is connected", "owner@example.com", "20064321", "<dd>eu</dd>", "campaigns", "ZohoCampaigns.contact.ALL", "ZohoCRM.modules.ALL", "&lt;script&gt;" })
        {
            Assert.Contains(told, answer.Text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("<script", answer.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("unsafe-inline", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("1000.fake", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FailureKind.Precondition, HttpStatusCode.Conflict)]
    [InlineData(FailureKind.Invalid, HttpStatusCode.BadRequest)]
    [InlineData(FailureKind.Unavailable, HttpStatusCode.ServiceUnavailable)]
    public async Task The_page_says_what_failed_and_what_to_do(FailureKind kind, HttpStatusCode status)
    {
        _gateway.Services.CompleteAuthorization = (_, _) => throw new Failure(kind, "access_denied", "You <declined>: begin again.").ToRpcException();
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync($"{Callback}?error=access_denied&state=sealed", await CookieAsync());

        Assert.Equal(status, answer.Status);
        Assert.Contains("You &lt;declined&gt;: begin again.", answer.Text, StringComparison.Ordinal);
        Assert.Contains("access_denied", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bug_shows_a_page_with_a_trace_id_and_no_details()
    {
        _gateway.Services.CompleteAuthorization = (_, _) => throw new RpcException(new Status(StatusCode.Internal, "stack trace"));
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync($"{Callback}?code=1000.fake&state=sealed", await CookieAsync());

        Assert.Equal(HttpStatusCode.InternalServerError, answer.Status);
        Assert.Contains("Trace id", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("stack trace", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_ends_with_the_key_that_began_it()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var made = (await admin.PostAsync("/api/v1/admin/keys", new { name = "second", role = "admin" })).Json;
        using var second = _gateway.CreateClient(made.GetProperty("key").GetString());
        var cookie = (await second.GetAsync(Begin)).Header("Set-Cookie")!.Split(';')[0];
        await admin.DeleteAsync($"/api/v1/admin/keys/{made.GetProperty("id").GetString()}");
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync($"{Callback}?code=1000.fake&state=sealed", ("Cookie", cookie));

        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Contains("key_gone", answer.Text, StringComparison.Ordinal);
        Assert.Null(_completed);
    }

    [Fact]
    public async Task Two_flows_of_one_browser_do_not_know_each_other()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var states = new Queue<string>(["one", "two"]);
        _gateway.Services.StartAuthorization = (_, _) => new() { AuthorizeUrl = $"https://accounts.zoho.eu/oauth/v2/auth?state={states.Dequeue()}" };
        string[] jar = [(await admin.GetAsync(Begin)).Header("Set-Cookie")!.Split(';')[0], (await admin.GetAsync(Begin)).Header("Set-Cookie")!.Split(';')[0]];
        using var browser = _gateway.CreateClient(key: null);

        foreach (var (state, cookie) in (IEnumerable<(string, string)>)[("one", jar[0]), ("two", jar[1])])
        {
            var answer = await browser.GetAsync($"{Callback}?code=1000.fake&state={state}", ("Cookie", string.Join("; ", jar)));

            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal(Sha256(cookie.Split('=', 2)[1]), _completed!.Value.Request.BrowserSha256);
        }
    }

    [Fact]
    public async Task A_callback_in_a_browser_that_did_not_begin_connects_nothing()
    {
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync($"{Callback}?code=1000.fake&state=sealed");

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Contains("another browser", answer.Text, StringComparison.Ordinal);
        Assert.Null(_completed);
    }

    private static async Task<Uri> LinkAsync(RestClient admin, string query = "")
    {
        var answer = await admin.GetAsync(Begin + query, ("Accept", "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Null(answer.Header("Set-Cookie"));
        return new Uri(answer.Json.GetProperty("url").GetString()!);
    }

    /// <summary>A gateway that browsers reach under a name.</summary>
    public sealed class PublicGateway : IAsyncLifetime
    {
        internal GatewayHost Host { get; private set; } = null!;

        public async Task InitializeAsync() => Host = await GatewayHost.StartAsync(("Gateway:PublicUrl", "https://zoho.example.com"));

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }

    private static Authorization Waiting(string id) => new()
    {
        Id = id,
        Provider = "zoho",
        ProviderTitle = "Zoho",
        State = AuthorizationState.Waiting,
        Features = { "campaigns" },
        Scopes = { "ZohoCampaigns.contact.READ" },
        DataCentre = "eu",
        Owner = "ada@example.com",
        ExpiresAt = Timestamp.FromDateTimeOffset(new DateTimeOffset(2039, 1, 1, 10, 0, 0, TimeSpan.Zero)),
    };

    private static string CookieValue(string setCookie) => setCookie.Split(';')[0].Split('=', 2)[1];

    /// <summary>As a browser has it in which the platform key began the flow with the state <c>sealed</c>.</summary>
    private async Task<(string Name, string Value)> CookieAsync()
    {
        var tenant = await _gateway.Provider.GetRequiredService<KeyDirectory>().FindAsync(ApiKeyStore.PlatformKeyId, CancellationToken.None);
        Assert.True(ApiKeyText.TryParse(GatewayHost.PlatformKey, out var shown));
        var beginner = new Beginner(new Caller(tenant!.Value, Role.Admin, ApiKeyVerifier.Subject(ApiKeyStore.PlatformKeyId)), shown.SecretSha256);
        var (value, _) = BrowserCookie.New(_gateway.Provider.GetRequiredService<ConnectLinks>().SealBeginner(beginner));
        return ("Cookie", $"{BrowserCookie.NameOf("sealed")}={value}");
    }

    // what a click on the button of the page does
    private static async Task<Answer> GoOnAsync(RestClient browser, string link) =>
        await browser.GetAsync($"{link}/provider", await SeenAsync(browser, link));

    private static async Task<(string, string)> SeenAsync(RestClient browser, string link) =>
        ("Cookie", (await browser.GetAsync(link)).Header("Set-Cookie")?.Split(';')[0] ?? "none=1");

    private static IEnumerable<string> Texts(Activity span) =>
        span.TagObjects.Concat(span.Events.SelectMany(happened => happened.Tags)).Select(tag => $"{tag.Value}").Append(span.DisplayName);

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
