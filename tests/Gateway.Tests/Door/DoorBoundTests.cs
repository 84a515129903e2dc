using Google.Rpc;
using Grpc.Core;
using Grpc.Reflection.V1Alpha;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Testing;
using HealthClient = Grpc.Health.V1.Health.HealthClient;
using HealthStream = Grpc.Core.AsyncServerStreamingCall<ZohoPlatform.Contracts.Tokens.V1.HealthChange>;

namespace ZohoPlatform.Gateway.Tests.Door;

/// <summary>How much and how long one caller may have of the gRPC port.</summary>
public sealed class DoorBoundTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly DoorHost _door = new();

    [Fact]
    public async Task Reflection_pays_for_each_message()
    {
        await StartAsync(6, ("RateLimits:AnonymousPerMinute", "2"));
        using var call = new ServerReflection.ServerReflectionClient(_door.Channel()).ServerReflectionInfo();
        for (var i = 0; i < 2; i++)
        {
            await AskAsync(call);
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon));
        }

        await AskAsync(call);
        var third = call.ResponseStream.MoveNext(CancellationToken.None);
        _door.Gateway.Clock.Skip(TimeSpan.FromMinutes(5));

        // it waits until the address has something left, and a stream without a key has its end before
        AssertRefused(StatusCode.Unavailable, "STREAM_OVER", await Assert.ThrowsAsync<RpcException>(() => third.WaitAsync(Soon)));
    }

    [Fact]
    public async Task A_probe_of_health_takes_nothing_from_consents_and_reflection()
    {
        await StartAsync(12, ("RateLimits:AnonymousPerMinute", "2"));
        var health = new HealthClient(_door.Channel());
        await health.CheckAsync(new());
        await health.CheckAsync(new());
        AssertRefused(
            StatusCode.ResourceExhausted, "TOO_MANY_REQUESTS",
            await Assert.ThrowsAsync<RpcException>(() => health.CheckAsync(new()).ResponseAsync.WaitAsync(Soon)));

        using var browser = _door.Gateway.CreateClient(key: null);
        Assert.NotEqual(System.Net.HttpStatusCode.TooManyRequests, (await browser.GetAsync("/api/v1/crm/zoho/callback")).Status);
        using var call = new ServerReflection.ServerReflectionClient(_door.Channel()).ServerReflectionInfo();
        await AskAsync(call);
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon));
    }

    [Fact]
    public async Task Open_streams_are_bounded_per_key_per_owner_and_per_tenant_and_none_keeps_others_out()
    {
        await StartAsync(
            7, ("RateLimits:StreamsPerKey", "2"), ("RateLimits:StreamsPerOwner", "3"), ("RateLimits:StreamsPerTenant", "5"));
        using var admin = await _door.Gateway.CreateClientOfNewTenantAsync();
        var (first, second, third) = (await KeyAsync(admin, "ada"), await KeyAsync(admin, "ada"), await KeyAsync(admin, owner: null));
        var open = new List<HealthStream>();

        open.Add(await OpenAsync(first));
        open.Add(await OpenAsync(first));
        await AssertFullAsync(first);
        open.Add(await OpenAsync(second));
        await AssertFullAsync(second);
        open.Add(await OpenAsync(third));
        open.Add(await OpenAsync(third));
        await AssertFullAsync(await KeyAsync(admin, "grace"));
        open.Add(await OpenAsync((await _door.Gateway.CreateTenantAsync("viewer")).Key));

        // calls are not streams
        _door.Gateway.Services.ListConnections = (_, _) => new();
        await _door.ConnectionsClient.ListConnectionsAsync(new(), DoorHost.With(first));

        open[0].Dispose();
        open.Add((await Eventually.GetAsync(() => TryOpenAsync(first), stream => stream is not null))!);
        open.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task Uploads_on_their_way_are_bounded_per_key_per_tenant_and_for_all_by_rest_and_by_grpc_together()
    {
        var (arrived, release) = (new SemaphoreSlim(0), NewSignal());
        await StartAsync(
            13, ("RateLimits:UploadsPerKey", "1"), ("RateLimits:UploadsPerTenant", "2"), ("RateLimits:UploadsAtOnce", "3"));
        _door.Gateway.Services.Campaigns.UploadSource = async (_, context) =>
        {
            arrived.Release();
            await release.Task.WaitAsync(context.CancellationToken);
            return new() { Id = "1" };
        };
        var (_, admin) = await _door.Gateway.CreateTenantAsync();
        using var client = _door.Gateway.CreateClient(admin);
        var (second, third) = (await KeyAsync(client, owner: null, "operator"), await KeyAsync(client, owner: null, "operator"));
        var (_, stranger) = await _door.Gateway.CreateTenantAsync();
        var (_, other) = await _door.Gateway.CreateTenantAsync();

        var byRest = RestAsync(admin);
        await arrived.WaitAsync(Soon);
        await GrpcFullAsync(admin, "This key");
        using var byGrpc = new Syncs.SyncsClient(_door.Channel()).UploadSource(DoorHost.With(second));
        await byGrpc.RequestStream.WriteAsync(new UploadSourceRequest { Header = new UploadHeader() });
        await arrived.WaitAsync(Soon);
        await RestFullAsync(second, "This key");
        await RestFullAsync(third, "This tenant");
        await GrpcFullAsync(third, "This tenant");
        var strangers = RestAsync(stranger);
        await arrived.WaitAsync(Soon);
        await RestFullAsync(other, "all tenants");

        release.SetResult();
        Assert.Equal(System.Net.HttpStatusCode.Created, (await byRest.WaitAsync(Soon)).Status);
        Assert.Equal("1", (await byGrpc.ResponseAsync.WaitAsync(Soon)).Id);
        Assert.Equal(System.Net.HttpStatusCode.Created, (await strangers.WaitAsync(Soon)).Status);
        await Eventually.GetAsync(() => RestAsync(admin), answer => answer.Status is System.Net.HttpStatusCode.Created);
    }

    [Fact]
    public async Task Streams_of_events_count_with_those_of_this_port()
    {
        await StartAsync(11, ("RateLimits:StreamsPerKey", "1"));
        var (_, key) = await _door.Gateway.CreateTenantAsync("viewer");
        using var client = _door.Gateway.CreateClient(key);
        using (await client.Http.GetAsync("/api/v1/connections/events", HttpCompletionOption.ResponseHeadersRead).WaitAsync(Soon))
        {
            await AssertFullAsync(key);
        }

        using var stream = await Eventually.GetAsync(() => TryOpenAsync(key), stream => stream is not null);
        (await client.GetAsync("/api/v1/connections/events")).AssertProblem(System.Net.HttpStatusCode.TooManyRequests, "too_many_streams");
    }

    [Fact]
    public async Task Streams_without_a_key_are_bounded_per_address_and_end_in_time()
    {
        await StartAsync(8, ("RateLimits:StreamsPerAddress", "2"));
        using var one = new HealthClient(_door.Channel()).Watch(new());
        using var two = new HealthClient(_door.Channel()).Watch(new());
        Assert.True(await one.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon));
        Assert.True(await two.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon));

        using var three = new HealthClient(_door.Channel()).Watch(new());
        AssertRefused(
            StatusCode.ResourceExhausted, "TOO_MANY_STREAMS",
            await Assert.ThrowsAsync<RpcException>(() => three.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon)));
        await new HealthClient(_door.Channel()).CheckAsync(new());
        using var withKey = await OpenAsync((await _door.Gateway.CreateTenantAsync("viewer")).Key);

        _door.Gateway.Clock.Skip(TimeSpan.FromMinutes(5));
        foreach (var stream in new[] { one, two })
        {
            var ended = await Assert.ThrowsAsync<RpcException>(async () =>
            {
                while (await stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon))
                {
                }
            });
            AssertRefused(StatusCode.Unavailable, "STREAM_OVER", ended);
        }
    }

    [Fact]
    public async Task A_stream_ends_when_it_has_had_its_time()
    {
        await StartAsync(9);
        using var stream = await OpenAsync((await _door.Gateway.CreateTenantAsync("viewer")).Key);

        _door.Gateway.Clock.Skip(TimeSpan.FromMinutes(30));

        AssertRefused(
            StatusCode.Unavailable, "STREAM_OVER",
            await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon)));
    }

    [Theory]
    [InlineData("zohoplatform.campaigns.v1.Registrations", "SubmitRegistration")]
    [InlineData("zohoplatform.campaigns.v1.Syncs", "UploadSource")]
    [InlineData("zohoplatform.campaigns.v1.Syncs", "WatchSync")]
    public async Task A_callers_deadline_and_a_callers_end_are_no_lost_replica(string service, string method)
    {
        await StartAsync(14);
        var arrived = new SemaphoreSlim(0);
        async Task HangAsync(CancellationToken cancellationToken)
        {
            arrived.Release();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        _door.Gateway.Services.Submit = async (_, _) =>
        {
            await HangAsync(_door.Gateway.Provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            return new();
        };
        _door.Gateway.Services.Campaigns.UploadSource = async (_, context) =>
        {
            await HangAsync(context.CancellationToken);
            return new();
        };
        _door.Gateway.Services.Campaigns.WatchSync = async (_, events, context) =>
        {
            await events.WriteAsync(new() { Number = 1 });
            await HangAsync(context.CancellationToken);
        };
        var (_, key) = await _door.Gateway.CreateTenantAsync("operator");
        var raw = Marshallers.Create(static bytes => bytes, static (byte[] bytes) => bytes);
        var invoker = _door.Channel().CreateCallInvoker();

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("4", await RawStatusAsync(key, service, method, ("grpc-timeout", "300m")));

            using var left = new CancellationTokenSource();
            using var call = invoker.AsyncDuplexStreamingCall(
                new Method<byte[], byte[]>(MethodType.DuplexStreaming, service, method, raw, raw), host: null,
                new CallOptions(DoorHost.With(key), cancellationToken: left.Token));
            await call.RequestStream.WriteAsync([]);
            if (method != "UploadSource")
            {
                await call.RequestStream.CompleteAsync();
            }

            await arrived.WaitAsync(Soon);
            await arrived.WaitAsync(Soon);
            await left.CancelAsync();
        }

        AssertNoneIsLost();
    }

    [Fact]
    public async Task An_upload_that_is_refused_on_its_way_is_no_lost_replica_and_no_service_sees_a_long_user_agent()
    {
        await StartAsync(14);
        var agent = "";
        _door.Gateway.Services.Campaigns.UploadSource = (_, context) =>
        {
            agent = context.RequestHeaders.GetValue("user-agent") ?? agent;
            throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, "No."));
        };
        var (_, key) = await _door.Gateway.CreateTenantAsync("operator");

        for (var i = 0; i < 3; i++)
        {
            using var upload = new Syncs.SyncsClient(_door.Channel()).UploadSource(DoorHost.With(key));
            var chunk = Google.Protobuf.ByteString.CopyFrom(new byte[200_000]);
            // the answer says why; a write that is under way then may fail, or never end
            while (!upload.ResponseAsync.IsCompleted)
            {
                await Task.WhenAny(upload.RequestStream.WriteAsync(new UploadSourceRequest { Chunk = chunk }), upload.ResponseAsync).WaitAsync(Soon);
            }

            var refused = await Assert.ThrowsAsync<RpcException>(() => upload.ResponseAsync.WaitAsync(Soon));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        }

        AssertNoneIsLost();
        Assert.Equal("3", await RawStatusAsync(key, "zohoplatform.campaigns.v1.Syncs", "UploadSource", ("user-agent", new string('x', 1_000))));
        Assert.Equal(200, agent.Length);
    }

    [Fact]
    public async Task A_service_that_says_nothing_is_not_waited_for_beyond_the_callers_deadline()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await StartAsync(14, ("services:campaigns:grpc:0", $"http://{silent.LocalEndpoint}"));
        var (_, key) = await _door.Gateway.CreateTenantAsync();

        Assert.Equal("4", await RawStatusAsync(key, "zohoplatform.campaigns.v1.Syncs", "ListSyncs", ("grpc-timeout", "100m")));
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_ended_without_a_deadline_of_its_own()
    {
        await StartAsync(10);
        var (asked, never) = (NewSignal(), NewSignal());
        _door.Gateway.Services.Submit = async (_, _) =>
        {
            asked.TrySetResult();
            await never.Task;
            return new();
        };
        var (_, key) = await _door.Gateway.CreateTenantAsync("operator");

        var call = new Registrations.RegistrationsClient(_door.Channel()).SubmitRegistrationAsync(new(), DoorHost.With(key)).ResponseAsync;
        await asked.Task.WaitAsync(Soon);
        _door.Gateway.Clock.Skip(TimeSpan.FromSeconds(100));

        AssertRefused(StatusCode.DeadlineExceeded, "CALL_TOO_LONG", await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(Soon)));
        never.SetResult();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _door.DisposeAsync();

    private static Task AskAsync(AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call) =>
        call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = "zohoplatform.tokens.v1.Connections" });

    private void AssertNoneIsLost()
    {
        Assert.True(_door.Gateway.Provider.GetRequiredService<IProxyStateLookup>().TryGetCluster("campaigns", out var cluster));
        Assert.All(cluster.Destinations.Values, destination => Assert.NotEqual(DestinationHealth.Unhealthy, destination.Health.Passive));
    }

    // a client that holds nothing against a deadline of its own
    private async Task<string> RawStatusAsync(string key, string service, string method, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_door.Address}/{service}/{method}")
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { { "content-type", "application/grpc" } } },
        };
        request.Headers.Add("authorization", $"Bearer {key}");
        request.Headers.Add("te", "trailers");
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var answer = await http.SendAsync(request).WaitAsync(Soon);
        return (answer.TrailingHeaders.TryGetValues("grpc-status", out var status) ? status : answer.Headers.GetValues("grpc-status")).Single();
    }

    private async Task<Hosting.Answer> RestAsync(string key)
    {
        using var client = _door.Gateway.CreateClient(key);
        using var file = new StringContent("mail\n", System.Text.Encoding.UTF8, "text/csv");
        return await client.SendAsync(HttpMethod.Post, "/api/v1/campaigns/sync-sources", file);
    }

    private async Task RestFullAsync(string key, string who)
    {
        var refused = await RestAsync(key).WaitAsync(Soon);
        refused.AssertProblem(System.Net.HttpStatusCode.TooManyRequests, "too_many_uploads");
        Assert.Contains(who, refused.Json.GetProperty("detail").GetString()!, StringComparison.Ordinal);
        Assert.Equal("15", refused.Header("Retry-After"));
    }

    private async Task GrpcFullAsync(string key, string who)
    {
        using var upload = new Syncs.SyncsClient(_door.Channel()).UploadSource(DoorHost.With(key));
        var refused = await Assert.ThrowsAsync<RpcException>(() => upload.ResponseAsync.WaitAsync(Soon));
        AssertRefused(StatusCode.ResourceExhausted, "TOO_MANY_UPLOADS", refused);
        Assert.Contains(who, refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(15, refused.GetRpcStatus()!.GetDetail<RetryInfo>().RetryDelay.Seconds);
    }

    private static async Task<string> KeyAsync(Hosting.RestClient admin, string? owner, string role = "viewer") =>
        (await admin.PostAsync("/api/v1/admin/keys", new { name = "reader", role, owner })).Json.GetProperty("key").GetString()!;

    private static void AssertRefused(StatusCode code, string reason, RpcException refused)
    {
        Assert.Equal((code, reason), (refused.StatusCode, refused.GetRpcStatus()?.GetDetail<ErrorInfo>().Reason));
        Assert.Equal((int)code, refused.GetRpcStatus()!.Code);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async IAsyncEnumerable<HealthChange> ForEverAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new HealthChange();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    // buckets of an address are shared by all who use the same Redis
    private async Task StartAsync(int database, params (string Name, string? Value)[] settings)
    {
        var redis = FormattableString.Invariant($"{(await TestServers.Shared).Redis},defaultDatabase={database}");
        await _door.StartAsync([.. settings, ("ConnectionStrings:redis", redis)]);
        _door.Gateway.Services.WatchHealth = (_, cancellationToken) => ForEverAsync(cancellationToken);
    }

    private async Task<HealthStream> OpenAsync(string key)
    {
        var stream = new ConnectionHealth.ConnectionHealthClient(_door.Channel()).WatchHealth(new(), DoorHost.With(key));
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon));
        return stream;
    }

    private async Task<HealthStream?> TryOpenAsync(string key)
    {
        try
        {
            return await OpenAsync(key);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.ResourceExhausted)
        {
            return null;
        }
    }

    private async Task AssertFullAsync(string key)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => OpenAsync(key));
        AssertRefused(StatusCode.ResourceExhausted, "TOO_MANY_STREAMS", refused);
        Assert.InRange(refused.GetRpcStatus()!.GetDetail<RetryInfo>().RetryDelay.Seconds, 1, 60);
    }
}
