using System.Net;
using System.Text;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>What Meta sends to a channel's address, on its way to the service that knows the channel. What is the same for all providers: ProviderHookTests.</summary>
public sealed class WhatsAppHookTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const int MaxBytes = 3 * 1024 * 1024;

    private readonly GatewayHost _gateway = shared.Host;
    private readonly string _path = $"/webhooks/whatsapp/{Guid.NewGuid():N}";

    [Fact]
    public async Task The_challenge_comes_back_as_it_was_sent_where_the_token_is_the_channels()
    {
        var asked = new List<(VerifyAddressRequest Request, Caller Caller)>();
        _gateway.Services.Messaging.VerifyAddress = (request, caller) =>
        {
            asked.Add((request, caller));
            return new() { Challenge = request.Challenge };
        };
        using var meta = _gateway.CreateClient(key: null);

        var answer = await meta.GetAsync($"{_path}?hub.mode=subscribe&hub.verify_token=fake-verify%26token&hub.challenge=1158%3Cb%3E201444&hub.other=1");

        Assert.Equal((HttpStatusCode.OK, "1158<b>201444", "nosniff"), (answer.Status, answer.Text, answer.Header("X-Content-Type-Options")));
        Assert.StartsWith("text/plain", answer.Header("Content-Type"), StringComparison.Ordinal);
        var (request, caller) = Assert.Single(asked);
        Assert.Equal(
            new VerifyAddressRequest { ChannelId = _path.Split('/')[^1], Mode = "subscribe", VerifyToken = "fake-verify&token", Challenge = "1158<b>201444" }, request);
        Assert.Equal((TenantId.None, Role.Service), (caller.Tenant, caller.Role));
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.Contains("fake-verify", StringComparison.Ordinal) || line.Contains(request.ChannelId, StringComparison.Ordinal));
        _gateway.Services.Messaging.VerifyAddress = (_, _) => throw new Failure(FailureKind.Forbidden, "verify_token_wrong", "It is another one.").ToRpcException();
        (await meta.GetAsync(_path)).AssertProblem(HttpStatusCode.Forbidden, "verify_token_wrong");
        _gateway.Services.Messaging.VerifyAddress = (_, _) => throw new Failure(FailureKind.NotFound, "channel_not_found", "There is none.").ToRpcException();
        (await meta.GetAsync(_path)).AssertProblem(HttpStatusCode.NotFound, "channel_not_found");
    }

    [Fact]
    public async Task A_body_is_passed_on_byte_for_byte_with_its_signature()
    {
        // escapes that a reader would resolve, bytes that are no UTF-8, spaces and a line's end: the signature is over all of it
        byte[] body = [.. Encoding.UTF8.GetBytes("""{ "text":"caf\u00e9 \/ é 👋",  "n":1.0 }"""), 0xff, 0xfe, (byte)'\r', (byte)'\n'];
        (ReceiveWebhookRequest Request, Caller Caller)? received = null;
        _gateway.Services.Messaging.ReceiveWebhook = (request, caller) =>
        {
            received = (request, caller);
            return Task.CompletedTask;
        };
        using var meta = _gateway.CreateClient(key: null);

        var answer = await PostAsync(meta, body, ("X-Hub-Signature-256", "sha256=00ff"));

        Assert.Equal((HttpStatusCode.OK, "{}"), (answer.Status, answer.Text));
        Assert.Equal(body, received!.Value.Request.Body.ToByteArray());
        Assert.Equal((_path.Split('/')[^1], "sha256=00ff"), (received.Value.Request.ChannelId, received.Value.Request.Signature));
        Assert.Equal((TenantId.None, Role.Service), (received.Value.Caller.Tenant, received.Value.Caller.Role));
        await PostAsync(meta, body);
        Assert.Equal("", received.Value.Request.Signature);
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.Contains("caf", StringComparison.Ordinal) || line.Contains("00ff", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Three_megabytes_are_taken_and_a_byte_more_is_not()
    {
        var received = new List<int>();
        _gateway.Services.Messaging.ReceiveWebhook = (request, _) =>
        {
            received.Add(request.Body.Length);
            return Task.CompletedTask;
        };
        using var meta = _gateway.CreateClient(key: null);

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(meta, new byte[MaxBytes])).Status);
        (await PostAsync(meta, new byte[MaxBytes + 1], ("Expect", "100-continue"))).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        Assert.Equal([MaxBytes], received);
    }

    [Theory]
    [InlineData(FailureKind.Unauthenticated, "signature_missing", HttpStatusCode.Unauthorized)]
    [InlineData(FailureKind.Forbidden, "signature_wrong", HttpStatusCode.Forbidden)]
    [InlineData(FailureKind.NotFound, "channel_not_found", HttpStatusCode.NotFound)]
    [InlineData(FailureKind.Invalid, "body_unreadable", HttpStatusCode.BadRequest)]
    [InlineData(FailureKind.Unavailable, "storage_unavailable", HttpStatusCode.ServiceUnavailable)]
    public async Task What_the_service_refuses_is_said(FailureKind kind, string code, HttpStatusCode status)
    {
        _gateway.Services.Messaging.ReceiveWebhook = (_, _) => throw new Failure(kind, code, "It is so.").ToRpcException();
        using var meta = _gateway.CreateClient(key: null);

        var answer = await PostAsync(meta, [1]);

        answer.AssertProblem(status, code);
        Assert.Equal(kind is FailureKind.Unavailable, answer.Header("Retry-After") is not null);
    }

    [Fact]
    public async Task A_channel_has_so_many_in_a_minute_and_no_origin_reads_an_answer()
    {
        await using var gateway = _gateway.Replica(("RateLimits:HooksPerChannel", "1"), ("Gateway:Cors:Origins:0", "https://app.example.com"));
        _gateway.Services.Messaging.ReceiveWebhook = (_, _) => Task.CompletedTask;
        using var meta = gateway.CreateClient(key: null);

        var first = await PostAsync(meta, [1], ("Origin", "https://app.example.com"));
        var answer = first;
        for (var i = 0; i < 30 && answer.Status is HttpStatusCode.OK; i++)
        {
            answer = await PostAsync(meta, [1]);
        }

        Assert.Equal((HttpStatusCode.OK, null), (first.Status, first.Header("Access-Control-Allow-Origin")));
        answer.AssertProblem(HttpStatusCode.TooManyRequests, "too_many_requests");
    }

    private Task<Answer> PostAsync(RestClient meta, byte[] body, params (string Name, string Value)[] headers)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return meta.SendAsync(HttpMethod.Post, _path, content, headers);
    }
}
