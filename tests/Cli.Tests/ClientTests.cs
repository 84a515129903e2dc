using System.Net;
using System.Net.Http.Headers;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Api.Webhooks;
using ZohoPlatform.Cli.Tests.Hosting;
using ZohoPlatform.Client;
using ZohoPlatform.Client.Campaigns;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Cli.Tests;

/// <summary>The typed client by itself, as others use it.</summary>
public sealed class ClientTests : IAsyncLifetime
{
    private const string Contacts = "/api/v1/campaigns/contacts";
    private const string Sources = "POST /api/v1/campaigns/sync-sources";

    private PlayedGateway _gateway = null!;
    private PlatformClient _client = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _client = PlatformClient.Connect(_gateway.Url, PlayedGateway.Key);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_failure_holds_all_that_the_gateway_said()
    {
        _gateway.On(
            $"POST {Contacts}", http => PlayedGateway.ProblemAsync(http, 400, "invalid_field", "email is not a mail address.", "email"));

        var failure = await Assert.ThrowsAsync<PlatformException>(() => _client.Campaigns.Contacts.AddAsync(new ContactFields("nobody")));

        Assert.Equal(HttpStatusCode.BadRequest, failure.Status);
        Assert.Equal("invalid_field", failure.Code);
        Assert.Equal("email is not a mail address.", failure.Message);
        Assert.Equal(["email is not a mail address."], failure.Errors["email"]);
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", failure.TraceId);
        Assert.Single(_gateway.Requests);
    }

    [Theory]
    [InlineData(503, "service_unavailable", "0", 4)]
    [InlineData(429, "too_many_requests", "0", 4)]
    [InlineData(409, "idempotency_in_progress", "0", 4)]
    // longer than a caller should be held
    [InlineData(429, "too_many_requests", "31", 1)]
    // a person must act
    [InlineData(409, "list_not_found", null, 1)]
    [InlineData(500, "internal_error", null, 1)]
    public async Task Only_what_passes_is_tried_again_and_not_for_ever(int status, string code, string? retryAfter, int attempts)
    {
        _gateway.On($"POST {Contacts}", http => PlayedGateway.ProblemAsync(http, status, code, "A sentence.", retryAfter: retryAfter));

        var failure = await Assert.ThrowsAsync<PlatformException>(
            () => _client.Campaigns.Contacts.AddAsync(new ContactFields("ada@example.com")));

        Assert.Equal(code, failure.Code);
        Assert.Equal(attempts, _gateway.Requests.Count);
        Assert.Single(_gateway.Requests.Select(request => request.Headers["Idempotency-Key"]).Distinct());
    }

    [Fact]
    public async Task A_key_of_the_callers_own_is_kept_and_others_differ_by_call()
    {
        _gateway.On($"POST {Contacts}", new { id = "r1", status = "pending" });

        await _client.Campaigns.Contacts.AddAsync(new ContactFields("ada@example.com"), "registration-1187");
        await _client.Campaigns.Contacts.AddAsync(new ContactFields("ada@example.com"));
        await _client.Campaigns.Contacts.AddAsync(new ContactFields("ada@example.com"));

        var keys = _gateway.Requests.Select(request => request.Headers["Idempotency-Key"]).ToArray();
        Assert.Equal("registration-1187", keys[0]);
        Assert.Equal(3, keys.Distinct().Count());
    }

    [Fact]
    public async Task An_upload_is_not_sent_twice()
    {
        _gateway.On(Sources, http => PlayedGateway.ProblemAsync(http, 503, "service_unavailable", "A sentence.", retryAfter: "0"));
        using var content = new MemoryStream("email\n"u8.ToArray());

        await Assert.ThrowsAsync<PlatformException>(
            () => _client.Campaigns.Sources.UploadAsync(content, SourceFormat.Ndjson, "a b.ndjson"));

        var request = Assert.Single(_gateway.Requests);
        Assert.Equal("?name=a%20b.ndjson", request.Query);
        Assert.Equal("application/x-ndjson", request.Headers["Content-Type"]);
        Assert.True(content.CanRead);
    }

    [Fact]
    public async Task What_is_not_the_gateways_answer_is_said()
    {
        _gateway.On("GET /api/v1/connections", http =>
        {
            http.Response.StatusCode = 302;
            http.Response.Headers.Location = "https://login.example.com/";
            return Task.CompletedTask;
        });

        var failure = await Assert.ThrowsAsync<PlatformException>(() => _client.Connections.ListAsync());

        Assert.Equal("status_302", failure.Code);
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_is_told_by_its_address()
    {
        using var nowhere = new Nowhere();
        using var client = PlatformClient.Connect(nowhere.Url, PlayedGateway.Key);

        var failure = await Assert.ThrowsAsync<PlatformException>(() => client.WhoAmIAsync());

        Assert.Null(failure.Status);
        Assert.Equal("gateway_unreachable", failure.Code);
        Assert.Contains(nowhere.Url.Authority, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_no_header_can_hold_is_refused_without_being_repeated()
    {
        var failure = Assert.Throws<ArgumentException>(() => PlatformClient.Connect(_gateway.Url, "zp_id_fake\u2013secret"));

        Assert.Contains("not ASCII", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("fake", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_callers_own_cancellation_stays_one()
    {
        using var cancelled = new CancellationTokenSource();
        _gateway.On("GET /api/v1/connections", async http =>
        {
            await cancelled.CancelAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _client.Connections.ListAsync(cancellationToken: cancelled.Token));
    }

    [Fact]
    public async Task A_gateway_under_a_path_is_called_under_it()
    {
        _gateway.On("GET /platform/api/v1/connections", new { connections = Array.Empty<object>() });
        using var client = PlatformClient.Connect(new Uri(_gateway.Url, "/platform"), PlayedGateway.Key);

        Assert.Empty(await client.Connections.ListAsync());
    }

    [Fact]
    public async Task Events_that_fall_silent_are_asked_for_again()
    {
        var clock = StandingClock.Create();
        var http = new HttpClient { BaseAddress = _gateway.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", PlayedGateway.Key);
        using var client = new PlatformClient(http, clock);
        var again = new TaskCompletionSource();
        _gateway.OnEach(
            $"GET {Played.SyncPath}/events",
            async http =>
            {
                await PlayedGateway.EventsAsync(http, (1, Played.Sync("running", 1), []));
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            },
            http =>
            {
                again.TrySetResult();
                return PlayedGateway.EventsAsync(http, (2, Played.Sync("completed", 3), []));
            });
        await using var events = client.Campaigns.Syncs.WatchAsync(Played.SyncId).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());

        var next = events.MoveNextAsync().AsTask();
        await Eventually.GetAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                return Task.FromResult(again.Task.IsCompleted);
            },
            asked => asked);

        Assert.True(await next.WaitAsync(Eventually.Limit));
        Assert.Equal(2, events.Current.Number);
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public void Nothing_that_holds_a_secret_prints_it()
    {
        const string secret = "fake-secret-value";
        object[] holders =
        [
            new NewSync(SyncSource.OfTable(new TableSource(secret))),
            new NewConnection("zoho") { RefreshToken = secret, GrantCode = secret },
            new ZohoSettings { ClientSecret = secret },
            new HubSpotSettings { ClientSecret = secret },
            new CreatedApiKey("id", "name", KeyRole.Viewer, default, null, secret, null, [], []),
            new CreatedWebhook("id", "https://hooks.example.com", [], [], default, secret),
            new RotatedSecret("id", secret, null),
        ];

        Assert.All(holders, holder => Assert.DoesNotContain(secret, holder.ToString(), StringComparison.Ordinal));
    }
}
