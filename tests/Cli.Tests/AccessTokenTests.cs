using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.Cli.Tests.Hosting;
using ZohoPlatform.Client;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Cli.Tests;

/// <summary>Calls to a provider with a connection's access token, as a service makes them that uses the client.</summary>
public sealed class AccessTokenTests : IAsyncLifetime
{
    private const string ConnectionId = "0193a2b4-7a11-7c32-8d90-5e6f70819203";
    private const string TokenPath = $"/api/v1/connections/{ConnectionId}/access-token";
    private const string Asked = $"GET {TokenPath}";
    private const string Rejected = $"POST {TokenPath}/rejected";
    private const string First = "fake-first-token";
    private const string Second = "fake-second-token";

    private readonly FakeTimeProvider _clock = StandingClock.Create();
    private readonly RecordedLog _log = new();
    private PlayedGateway _gateway = null!;
    private PlayedProvider _zoho = null!;
    private ServiceProvider _services = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = await PlayedProvider.StartAsync(Zoho(First), Zoho(Second));
        (_services, _http) = CreateClient();
        HandOut(First, Second);
        _gateway.On(Rejected, new { replaced = true });
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _services.DisposeAsync();
        await _zoho.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_token_is_kept_until_shortly_before_it_ends()
    {
        await _http.GetAsync(new Uri("/crm/v8/Leads", UriKind.Relative));
        _clock.Advance(TimeSpan.FromMinutes(59));
        await _http.GetAsync(new Uri("/crm/v8/Leads", UriKind.Relative));
        Assert.Single(_gateway.Requests);

        _clock.Advance(TimeSpan.FromSeconds(30));
        await _http.GetAsync(new Uri("/crm/v8/Leads", UriKind.Relative));

        Assert.Equal([Asked, Asked], Calls);
        Assert.Equal([Zoho(First), Zoho(First), Zoho(Second)], Sent);
    }

    [Fact]
    public async Task Callers_at_once_share_one_token_and_one_that_leaves_does_not_take_it_from_the_others()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        _gateway.On(Asked, async http =>
        {
            asked.TrySetResult();
            await answer.Task.WaitAsync(Eventually.Limit);
            await http.Response.WriteAsJsonAsync(Token(First, _zoho.Url.AbsoluteUri, "eu"));
        });
        using var leaves = new CancellationTokenSource();

        var left = _http.GetAsync(new Uri("/", UriKind.Relative), leaves.Token);
        var calls = Enumerable.Range(0, 20).Select(_ => _http.GetAsync(new Uri("/", UriKind.Relative))).ToArray();
        await asked.Task.WaitAsync(Eventually.Limit);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        answer.SetResult();
        var answers = await Task.WhenAll(calls).WaitAsync(Eventually.Limit);

        Assert.All(answers, one => Assert.Equal(HttpStatusCode.OK, one.StatusCode));
        Assert.Single(_gateway.Requests);
        Assert.Equal(20, _zoho.Requests.Count);
    }

    [Fact]
    public async Task A_provider_gets_its_token_with_the_scheme_that_the_gateway_names()
    {
        _zoho.Valid["Bearer " + First] = true;
        _gateway.On(Asked, Token(First, _zoho.Url.AbsoluteUri, dataCentre: null, scheme: "Bearer"));

        await _http.GetAsync(new Uri("/crm/v3/objects/contacts", UriKind.Relative));

        Assert.Equal($"Bearer {First}", Assert.Single(Sent));
    }

    [Theory]
    [InlineData("https://www.zohoapis.eu", "https://www.zohoapis.eu/crm/v8/Leads", true)]
    [InlineData("https://www.zohoapis.eu", "https://campaigns.zoho.eu/api/v1.1/json/listsubscribe", true)]
    [InlineData("https://www.zohoapis.com.au", "https://campaigns.zoho.com.au/", true)]
    [InlineData("https://www.zohoapis.ca", "https://campaigns.zohocloud.ca/", true)]
    [InlineData("https://api.hubapi.com", "https://api.hubapi.com/crm/v3/objects/contacts", true)]
    [InlineData("https://www.zohoapis.eu", "http://www.zohoapis.eu/", false)]
    [InlineData("https://www.zohoapis.eu", "https://www.zohoapis.eu:8443/", false)]
    [InlineData("https://www.zohoapis.eu", "https://www.zohoapis.com/", false)]
    [InlineData("https://www.zohoapis.eu", "https://www.zohoapis.eu.example.com/", false)]
    [InlineData("https://www.zohoapis.eu", "https://www.zohoapis.eu@example.com/", false)]
    [InlineData("https://www.zohoapis.eu", "https://evilzoho.eu/", false)]
    [InlineData("https://www.zohoapis.ca", "https://campaigns.zoho.ca/", false)]
    [InlineData("https://www.zohoapis.com", "https://campaigns.zoho.com.au/", false)]
    [InlineData("https://api.hubapi.com", "https://evil.hubapi.com/", false)]
    [InlineData("https://www.zohoapis.eu", "http://127.0.0.1:9000/", false)]
    [InlineData("https://www.zohoapis.eu", "https://localhost/", false)]
    [InlineData("http://127.0.0.1:9000", "https://www.zohoapis.eu/", false)]
    [InlineData("not an address", "https://www.zohoapis.eu/", false)]
    public async Task A_token_goes_to_its_own_provider_and_data_centre_alone(string apiDomain, string address, bool mayGo)
    {
        _gateway.On(Asked, Token(First, apiDomain, "eu"));
        using var network = new Network();
        var (services, http) = CreateClient(network);
        await using var _ = services;

        var call = () => http.GetAsync(new Uri(address));

        if (mayGo)
        {
            await call();
        }
        else
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(call);
            Assert.Contains(new Uri(address).Authority, refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(First, refused.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(mayGo ? 1 : 0, network.Calls);
    }

    public static TheoryData<string> BodiesForTwice => ["none", "text", "json", "form", "parts"];

    [Theory]
    [MemberData(nameof(BodiesForTwice))]
    public async Task A_refused_token_is_replaced_and_the_call_made_once_more(string kind)
    {
        _zoho.Valid.Clear();
        _zoho.Valid[Zoho(Second)] = true;
        using HttpContent? body = kind switch
        {
            "text" => new StringContent("ada"),
            "json" => JsonContent.Create(new { name = "ada" }),
            "form" => new FormUrlEncodedContent([new("name", "ada")]),
            "parts" => new MultipartFormDataContent { { new StringContent("ada"), "name" } },
            _ => null,
        };

        var answer = await _http.PostAsync(new Uri("/crm/v8/Leads", UriKind.Relative), body);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([Zoho(First), Zoho(Second)], Sent);
        Assert.Single(_zoho.Requests.Select(request => request.Body).Distinct());
        Assert.Equal([Asked, Rejected, Asked], Calls);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(First))),
            _gateway.Requests[1].Json.GetProperty("token_sha256").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_may_be_spent_is_sent_once_and_the_next_call_has_the_new_token(bool inParts)
    {
        _zoho.Valid.Clear();
        _zoho.Valid[Zoho(Second)] = true;
        using var stream = new MemoryStream("ada"u8.ToArray());
        using HttpContent body = inParts ? new MultipartContent { new StreamContent(stream) } : new StreamContent(stream);

        var refused = await _http.PostAsync(new Uri("/files", UriKind.Relative), body);
        var next = await _http.GetAsync(new Uri("/files", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.Equal([Zoho(First), Zoho(Second)], Sent);
        Assert.Equal([Asked, Rejected, Asked], Calls);
    }

    [Fact]
    public async Task A_call_that_is_refused_with_the_new_token_too_ends_there()
    {
        _zoho.Valid.Clear();

        var answer = await _http.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal([Zoho(First), Zoho(Second)], Sent);
        Assert.Equal([Asked, Rejected, Asked], Calls);
    }

    [Fact]
    public async Task Callers_that_are_refused_at_once_report_once()
    {
        _zoho.Valid.Clear();
        _zoho.Valid[Zoho(Second)] = true;
        var refusedAll = new CountdownEvent(10);
        var all = new TaskCompletionSource();
        _zoho.Before = async http =>
        {
            if (http.Request.Headers.Authorization == Zoho(First))
            {
                if (refusedAll.Signal())
                {
                    all.SetResult();
                }

                await all.Task.WaitAsync(Eventually.Limit);
            }
        };

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _http.GetAsync(new Uri("/", UriKind.Relative))));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal([Asked, Rejected, Asked], Calls);
        Assert.Equal(20, _zoho.Requests.Count);
        refusedAll.Dispose();
    }

    [Fact]
    public async Task Where_the_gateway_takes_no_report_the_providers_answer_comes_back_and_the_log_says_why()
    {
        _zoho.Valid.Clear();
        _gateway.On(Rejected, http => PlayedGateway.ProblemAsync(http, 429, "too_many_rejected", "Three in ten minutes.", retryAfter: "400"));

        var answer = await _http.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal([Zoho(First)], Sent);
        Assert.Contains(_log.Lines, line =>
            line.Contains(ConnectionId, StringComparison.Ordinal) && line.Contains("too_many_rejected", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, line => line.Contains(First, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_needs_a_person_is_told_as_the_gateway_tells_it_and_asked_for_again_by_the_next_call()
    {
        _gateway.OnEach(
            Asked,
            http => PlayedGateway.ProblemAsync(http, 409, "grant_revoked", "The owner revoked this connection; connect it again."),
            http => http.Response.WriteAsJsonAsync(Token(First, _zoho.Url.AbsoluteUri, "eu")));

        var failure = await Assert.ThrowsAsync<PlatformException>(() => _http.GetAsync(new Uri("/", UriKind.Relative)));
        var next = await _http.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal("grant_revoked", failure.Code);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.Equal([Zoho(First)], Sent);
    }

    [Fact]
    public async Task A_redirect_takes_no_token_along_and_its_401_is_no_report()
    {
        await using var elsewhere = await PlayedProvider.StartAsync();
        _zoho.Before = http =>
        {
            http.Response.Redirect(elsewhere.Url.AbsoluteUri);
            return Task.CompletedTask;
        };

        var answer = await _http.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("", Assert.Single(elsewhere.Requests).Authorization);
        Assert.Equal([Asked], Calls);
    }

    [Fact]
    public void A_synchronous_call_is_refused_before_it_goes_out_without_a_token()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _zoho.Url);

        Assert.Throws<NotSupportedException>(() => _http.Send(request));
        Assert.Empty(_zoho.Requests);
    }

    private IEnumerable<string> Calls => _gateway.Requests.Select(request => request.Call);

    private IEnumerable<string> Sent => _zoho.Requests.Select(request => request.Authorization);

    private static string Zoho(string token) => $"Zoho-oauthtoken {token}";

    private void HandOut(params string[] tokens) => _gateway.OnEach(
        Asked,
        [.. tokens.Select(token => (Func<HttpContext, Task>)(http => http.Response.WriteAsJsonAsync(Token(token, _zoho.Url.AbsoluteUri, "eu"))))]);

    private object Token(string token, string apiDomain, string? dataCentre, string scheme = "Zoho-oauthtoken") => new
    {
        access_token = token,
        authorization_scheme = scheme,
        expires_at = _clock.GetUtcNow() + TimeSpan.FromHours(1),
        api_domain = apiDomain,
        data_centre = dataCentre,
        organization_ids = Array.Empty<string>(),
        granted_scopes = Array.Empty<string>(),
    };

    private (ServiceProvider Services, HttpClient Http) CreateClient(HttpMessageHandler? network = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log));
        services.AddSingleton<TimeProvider>(_clock);
        services.AddZohoPlatform(options =>
        {
            options.Url = _gateway.Url;
            options.ApiKey = PlayedGateway.Key;
        });
        var client = services
            .AddHttpClient("provider", http => (http.BaseAddress, http.Timeout) = (_zoho.Url, Eventually.Limit))
            .AddZohoAccessToken(ConnectionId);
        if (network is not null)
        {
            client.ConfigurePrimaryHttpMessageHandler(() => network);
        }

        var built = services.BuildServiceProvider(validateScopes: true);
        return (built, built.GetRequiredService<IHttpClientFactory>().CreateClient("provider"));
    }

    /// <summary>All addresses there are, none of which a test may call.</summary>
    private sealed class Network : HttpMessageHandler
    {
        public int Calls { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Calls++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
