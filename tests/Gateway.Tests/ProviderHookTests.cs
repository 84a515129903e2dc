using System.Net;
using System.Net.Sockets;
using System.Text;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>What Zoho tells by itself, on its way to the service that knows what it means.</summary>
public sealed class ProviderHookTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const int MaxBytes = 256 * 1024;

    private readonly GatewayHost _gateway = shared.Host;
    private readonly string _path = $"/webhooks/zoho/crm/{Guid.NewGuid():N}";

    [Fact]
    public async Task It_is_passed_on_as_it_came_on_the_gateways_own_account()
    {
        const string Body = """{ "module":"Leads",  "ids":["7"], "token":"fake-channel-token" }""";
        ReceiveRequest? received = null;
        Caller? caller = null;
        _gateway.Services.Crm.Receive = (request, from) =>
        {
            (received, caller) = (request, from);
            return Task.CompletedTask;
        };
        using var zoho = _gateway.CreateClient(key: null);

        var answer = await zoho.PostTextAsync($"{_path}?digest=1", Body);

        Assert.Equal((HttpStatusCode.OK, "{}", "application/json; charset=utf-8"), (answer.Status, answer.Text, answer.Header("Content-Type")));
        Assert.Equal((_path.Split('/')[^1], Body), (received!.ChannelId, received.Body.ToStringUtf8()));
        Assert.Equal((TenantId.None, Role.Service), (caller!.Tenant, caller.Role));
        Assert.Null(answer.Header("Set-Cookie"));
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.Contains("fake-channel-token", StringComparison.Ordinal));
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.Contains(received.ChannelId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_and_an_idempotency_key_and_an_origin_mean_nothing_there()
    {
        await using var gateway = _gateway.Replica(("Gateway:Cors:Origins:0", "https://app.example.com"));
        var received = 0;
        _gateway.Services.Crm.Receive = (_, _) =>
        {
            received++;
            return Task.CompletedTask;
        };
        using var admin = await gateway.CreateClientOfNewTenantAsync();

        for (var i = 0; i < 2; i++)
        {
            var answer = await admin.PostTextAsync(
                _path, "{}", (IdempotentRequests.HeaderName, "one"), ("Origin", "https://app.example.com"));

            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Null(answer.Header("Access-Control-Allow-Origin"));
            Assert.Null(answer.Header("RateLimit-Limit"));
        }

        Assert.Equal(2, received);
    }

    [Fact]
    public async Task What_the_service_refuses_is_said_and_one_that_is_away_is_503()
    {
        using var zoho = _gateway.CreateClient(key: null);
        Failure[] failures =
        [
            new(FailureKind.NotFound, "channel_not_found", "There is no such notification channel."),
            Failure.InvalidField("body", "body must be a notification of Zoho CRM."),
            new(FailureKind.Unavailable, "storage_unavailable", "The database does not answer."),
        ];
        var answers = new List<Answer>();
        foreach (var failure in failures)
        {
            _gateway.Services.Crm.Receive = (_, _) => throw failure.ToRpcException();
            answers.Add(await zoho.PostTextAsync(_path, "{}"));
        }

        answers[0].AssertProblem(HttpStatusCode.NotFound, "channel_not_found");
        answers[1].AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "body");
        answers[2].AssertProblem(HttpStatusCode.ServiceUnavailable, "storage_unavailable");
        Assert.NotNull(answers[2].Header("Retry-After"));
        await using var apart = _gateway.Replica(("services:crm:grpc:0", "http://127.0.0.1:9"));
        using var other = apart.CreateClient(key: null);
        var away = await other.PostTextAsync(_path, "{}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.Status);
        Assert.NotNull(away.Header("Retry-After"));
    }

    [Fact]
    public async Task A_body_of_256_KB_is_taken_and_a_byte_more_is_read_no_further()
    {
        var received = new List<int>();
        _gateway.Services.Crm.Receive = (request, _) =>
        {
            received.Add(request.Body.Length);
            return Task.CompletedTask;
        };
        using var zoho = _gateway.CreateClient(key: null);

        Assert.Equal(HttpStatusCode.OK, (await zoho.PostTextAsync(_path, new string(' ', MaxBytes))).Status);
        (await zoho.PostTextAsync(_path, new string(' ', MaxBytes + 1), ("Expect", "100-continue")))
            .AssertProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        // one that says no length is cut off where it is too long
        using var request = new HttpRequestMessage(HttpMethod.Post, _path) { Content = new StringContent(new string(' ', MaxBytes + 1)) };
        request.Headers.TransferEncodingChunked = true;
        using var chunked = await zoho.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, chunked.StatusCode);
        Assert.Equal([MaxBytes], received);
    }

    [Fact]
    public async Task A_channel_and_an_address_have_so_many_in_a_minute_and_nobody_makes_up_more()
    {
        await using var gateway = _gateway.Replica(
            ("RateLimits:HooksPerChannel", "2"), ("RateLimits:HooksPerAddress", "5"), ("Gateway:KnownProxies:0", "127.0.0.0/8"));
        _gateway.Services.Crm.Receive = (_, _) => Task.CompletedTask;
        using var zoho = gateway.CreateClient(key: null);
        var address = ("X-Forwarded-For", $"198.51.100.{Random.Shared.Next(1, 250)}");

        var ofChannel = await UntilRefusedAsync(() => zoho.PostTextAsync(_path, "{}", address));
        var others = await UntilRefusedAsync(() => zoho.PostTextAsync($"/webhooks/zoho/crm/{Guid.NewGuid():N}", "{}", address));
        var elsewhere = await zoho.PostTextAsync(_path, "{}", ("X-Forwarded-For", "203.0.113.77"));

        ofChannel.AssertProblem(HttpStatusCode.TooManyRequests, "too_many_requests");
        Assert.Contains("This channel", ofChannel.Text, StringComparison.Ordinal);
        Assert.Contains("This address", others.Text, StringComparison.Ordinal);
        Assert.NotNull(others.Header("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, elsewhere.Status);
    }

    [Fact]
    public async Task So_many_are_under_way_at_once()
    {
        await using var gateway = _gateway.Replica(
            ("RateLimits:HooksAtOncePerAddress", "2"), ("RateLimits:HooksAtOnce", "3"), ("Gateway:KnownProxies:0", "127.0.0.0/8"));
        using var arrived = new SemaphoreSlim(0);
        var noted = new TaskCompletionSource();
        _gateway.Services.Crm.Receive = (_, _) =>
        {
            arrived.Release();
            return noted.Task;
        };
        using var zoho = gateway.CreateClient(key: null);
        Task<Answer> SendAsync(string address) => zoho.PostTextAsync(_path, "{}", ("X-Forwarded-For", address));
        async Task<Task<Answer>> BegunAsync(string address)
        {
            var sending = SendAsync(address);
            Assert.True(await arrived.WaitAsync(Eventually.Limit));
            return sending;
        }

        var (one, two) = (await BegunAsync("198.51.100.1"), await BegunAsync("198.51.100.1"));
        var address = await SendAsync("198.51.100.1");
        var three = await BegunAsync("198.51.100.2");
        var all = await SendAsync("198.51.100.3");
        noted.SetResult();

        address.AssertProblem(HttpStatusCode.TooManyRequests, "too_many_notifications");
        Assert.Contains("This address", address.Text, StringComparison.Ordinal);
        Assert.Contains("This replica", all.Text, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(one, two, three), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("198.51.100.1")).Status);
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_waited_for_some_seconds_and_not_at_all_where_nobody_can_have_the_channel()
    {
        await using var gateway = _gateway.Replica(("RateLimits:HooksAtOncePerAddress", "1"), ("RateLimits:HooksAtOnce", "2"));
        var received = new List<int>();
        _gateway.Services.Crm.Receive = (request, _) =>
        {
            received.Add(request.Body.Length);
            return Task.CompletedTask;
        };
        using var zoho = gateway.CreateClient(key: null);

        var slow = BeginAsync(zoho.Http.BaseAddress!, _path);
        // beside it, as it takes no place
        Assert.Equal("HTTP/1.1 200 OK", await BeginAsync(zoho.Http.BaseAddress!, "/webhooks/zoho/crm/x"));
        Assert.Equal("HTTP/1.1 408 Request Timeout", await slow);
        Assert.Equal(HttpStatusCode.OK, (await zoho.PostTextAsync(_path, "{}")).Status);
        Assert.Equal([0, 2], received);
    }

    [Fact]
    public async Task Who_takes_his_time_to_send_keeps_no_place_from_those_who_have_sent()
    {
        await using var gateway = _gateway.Replica(
            ("RateLimits:HooksAtOncePerAddress", "3"), ("RateLimits:HooksAtOnce", "4"), ("Gateway:KnownProxies:0", "127.0.0.0/8"));
        _gateway.Services.Crm.Receive = (_, _) => Task.CompletedTask;
        using var zoho = gateway.CreateClient(key: null);
        var slow = Enumerable.Range(0, 6).Select(i => BeginAsync(zoho.Http.BaseAddress!, _path, $"198.51.100.{i / 3}")).ToList();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await zoho.PostTextAsync(_path, "{}", ("X-Forwarded-For", "203.0.113.77"))).Status);
        }

        Assert.All(await Task.WhenAll(slow), answer => Assert.Equal("HTTP/1.1 408 Request Timeout", answer));
    }

    // sends a byte of many, and waits for what it is told
    private static async Task<string?> BeginAsync(Uri gateway, string path, string address = "127.0.0.1")
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        using var connection = new TcpClient();
        await connection.ConnectAsync(gateway.Host, gateway.Port, limit.Token);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {gateway.Authority}\r\nX-Forwarded-For: {address}\r\nContent-Length: 1000\r\n\r\n{{"), limit.Token);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadLineAsync(limit.Token);
    }

    private static async Task<Answer> UntilRefusedAsync(Func<Task<Answer>> ask)
    {
        for (var i = 0; i < 30; i++)
        {
            if (await ask() is { Status: not HttpStatusCode.OK } refused)
            {
                return refused;
            }
        }

        throw new InvalidOperationException("Nothing was refused.");
    }
}
