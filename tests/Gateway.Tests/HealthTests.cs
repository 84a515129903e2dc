using System.Net;
using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests;

public sealed class HealthTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Prefix = "/api/v1/connections";

    private static readonly DateTimeOffset Time = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private static readonly Health Revoked = new()
    {
        ConnectionId = "c1",
        Provider = "zoho",
        Owner = "company",
        State = ConnectionState.Revoked,
        Code = "grant_revoked",
        Reason = "Connect it again.",
        BudgetLimit = 10,
        BudgetUsed = 3,
        LastRefreshedAt = Time.ToTimestamp(),
        Serves = { "campaigns" },
        Alerts = { new ConnectionAlert { Cause = "grant_revoked", Message = "Connect it again.", NeedsPerson = true, RaisedAt = Time.ToTimestamp() } },
    };

    private const string RevokedJson =
        """{"connection_id":"c1","provider":"zoho","owner":"company","state":"revoked","code":"grant_revoked","reason":"Connect it again.","budget":{"used":3,"left":7},"last_refreshed_at":"2026-11-21T09:30:00Z","serves":["campaigns"],"missing_scopes":[],"alerts":[{"cause":"grant_revoked","message":"Connect it again.","needs_person":true,"raised_at":"2026-11-21T09:30:00Z"}]}""";

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task The_health_of_one_and_of_all()
    {
        _gateway.Services.GetHealth = (request, _) => request.ConnectionId == "c1"
            ? Revoked
            : throw new Failure(FailureKind.NotFound, "connection_not_found", "There is no such connection.").ToRpcException();
        _gateway.Services.ListHealth = _ => new() { Connections = { Revoked } };
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        Assert.Equal(RevokedJson, (await viewer.GetAsync($"{Prefix}/c1/health")).Text);
        Assert.Equal($$"""{"connections":[{{RevokedJson}}]}""", (await viewer.GetAsync($"{Prefix}/health")).Text);
        (await viewer.GetAsync($"{Prefix}/c2/health")).AssertProblem(HttpStatusCode.NotFound, "connection_not_found");
    }

    [Fact]
    public async Task Changes_come_as_events_while_the_stream_is_open()
    {
        var more = new TaskCompletionSource();
        async IAsyncEnumerable<HealthChange> ChangesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new HealthChange { Changed = { Revoked } };
            await more.Task.WaitAsync(cancellationToken);
            yield return new HealthChange { RemovedConnectionIds = { "c1" } };
        }

        _gateway.Services.WatchHealth = (_, cancellationToken) => ChangesAsync(cancellationToken);
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");
        using var limit = new CancellationTokenSource(Eventually.Limit);
        using var answer = await viewer.Http.GetAsync($"{Prefix}/events", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var events = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("event: health", await events.ReadLineAsync(limit.Token));
        Assert.Equal($"data: {RevokedJson}", await events.ReadLineAsync(limit.Token));
        Assert.Equal("", await events.ReadLineAsync(limit.Token));
        more.SetResult();
        Assert.Equal("event: removed\ndata: {\"connection_id\":\"c1\"}\n\n", await events.ReadToEndAsync(limit.Token));
    }

    [Fact]
    public async Task A_stream_is_open_before_there_is_anything_to_tell()
    {
        async IAsyncEnumerable<HealthChange> NothingAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new HealthChange();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        _gateway.Services.WatchHealth = (_, cancellationToken) => NothingAsync(cancellationToken);
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");
        using var limit = new CancellationTokenSource(Eventually.Limit);
        using var answer = await viewer.Http.GetAsync($"{Prefix}/events", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var events = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));

        Assert.Equal(": no connections", await events.ReadLineAsync(limit.Token));
    }

    [Fact]
    public async Task A_stream_that_is_refused_is_a_problem_and_one_that_breaks_off_ends()
    {
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");
        _gateway.Services.WatchHealth = (_, _) =>
            throw new Failure(FailureKind.RateLimited, "too_many_streams", "There are too many streams.").ToRpcException();
        (await viewer.GetAsync($"{Prefix}/events")).AssertProblem(HttpStatusCode.TooManyRequests, "too_many_streams");

        static async IAsyncEnumerable<HealthChange> HalfAsync()
        {
            yield return new HealthChange { Changed = { Revoked } };
            await Task.Yield();
            throw new Failure(FailureKind.Unavailable, "storage_unavailable", "The database is away.").ToRpcException();
        }

        _gateway.Services.WatchHealth = (_, _) => HalfAsync();
        Assert.Equal($"event: health\ndata: {RevokedJson}\n\n", (await viewer.GetAsync($"{Prefix}/events")).Text);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/c1/health")]
    [InlineData("/events")]
    public async Task Nobody_sees_it_without_a_key(string path)
    {
        using var anyone = _gateway.CreateClient(key: null);

        Assert.Equal(HttpStatusCode.Unauthorized, (await anyone.GetAsync(Prefix + path)).Status);
    }
}
