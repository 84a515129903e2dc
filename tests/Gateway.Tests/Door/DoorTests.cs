using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.LocalServers;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests.Door;

public sealed class DoorTests(DoorHost shared) : IClassFixture<DoorHost>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly GatewayHost _gateway = shared.Gateway;

    public static TheoryData<string, bool> Methods
    {
        get
        {
            var methods = new TheoryData<string, bool>();
            foreach (var method in MethodsOfAllContracts())
            {
                methods.Add(method.FullName, method.GetOptions()?.GetExtension(PublicExtensions.Public) == true);
            }

            return methods;
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_method_is_answered_where_its_contract_says_that_it_is_public(string name, bool isPublic)
    {
        var method = MethodsOfAllContracts().Single(one => one.FullName == name);
        var raw = Marshallers.Create(static bytes => bytes, static (byte[] bytes) => bytes);
        var (_, key) = await _gateway.CreateTenantAsync();

        // one message and no more: on the wire the same for methods of every kind
        var refused = await Assert.ThrowsAsync<RpcException>(() => shared.Channel().CreateCallInvoker().AsyncUnaryCall(
            new Method<byte[], byte[]>(MethodType.Unary, method.Service.FullName, method.Name, raw, raw),
            host: null,
            new CallOptions(DoorHost.With(key), (TimeProvider.System.GetUtcNow() + Soon).UtcDateTime),
            []).ResponseAsync);

        // a service behind it has nothing to say in this test either, in other words
        Assert.True(refused.StatusCode is StatusCode.Unimplemented, refused.ToString());
        Assert.Equal(isPublic, refused.Status.Detail == ScriptedServices.NotSaid().Status.Detail);
    }

    [Fact]
    public void What_is_for_the_platforms_own_services_is_not_public()
    {
        foreach (var hidden in new[]
        {
            "sealing.v1.KeyRing.GetStatus", "sealing.v1.KeyRing.StartRotation", "tokens.v1.Connections.StartAuthorization",
            "tokens.v1.Connections.OpenAuthorization", "tokens.v1.Connections.GetAuthorization", "tokens.v1.Connections.CompleteAuthorization",
        })
        {
            Assert.Contains(Methods, row => (string)row[0] == $"zohoplatform.{hidden}" && !(bool)row[1]);
        }
    }

    [Fact]
    public async Task A_call_goes_on_with_a_ticket_in_place_of_the_key_and_nothing_else_that_was_sent()
    {
        Caller? asked = null;
        _gateway.Services.GetConnection = (id, caller) =>
        {
            asked = caller;
            return new Connection { Id = id };
        };
        var (tenant, key) = await _gateway.CreateTenantAsync("operator");
        var forged = DoorHost.With(key);
        foreach (var name in (string[])["x-ticket", "baggage", "traceparent", "tracestate", "x-forwarded-for", "forwarded", "x-tenant", "ticket-bin", "cookie"])
        {
            if (name.EndsWith("-bin", StringComparison.Ordinal))
            {
                forged.Add(name, [1, 2, 3]);
            }
            else
            {
                forged.Add(name, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            }
        }

        var answer = await shared.ConnectionsClient.GetConnectionAsync(new() { Id = "7" }, forged);

        Assert.Equal("7", answer.Id);
        Assert.Equal(tenant, asked!.Tenant.ToString());
        Assert.Equal(Role.Operator, asked.Role);
        Assert.Equal($"key:{key.Split('_')[1]}", asked.Subject);
        string[] own = ["authorization", "content-type", "te", "user-agent", "grpc-accept-encoding", "host", "traceparent", "grpc-timeout"];
        Assert.Empty(_gateway.Services.LastHeaders.Select(name => name.ToLowerInvariant()).Except(own));
    }

    [Theory]
    [InlineData(null, "KEY_MISSING")]
    [InlineData("zp_0000000000000000_nosuchsecret", "KEY_INVALID")]
    public async Task Without_a_key_that_is_right_a_call_is_refused_as_grpc_does(string? key, string reason)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => shared.ConnectionsClient.ListConnectionsAsync(new(), key is null ? [] : DoorHost.With(key)).ResponseAsync);

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Equal(reason, refused.GetRpcStatus()!.GetDetail<ErrorInfo>().Reason);
    }

    [Fact]
    public async Task A_refusal_is_http_200_with_the_status_in_its_headers()
    {
        using var http = new HttpClient();
        using var request = Http2(HttpMethod.Post, "/zohoplatform.sealing.v1.KeyRing/GetStatus");

        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/grpc", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("12", Assert.Single(answer.Headers.GetValues("grpc-status")));
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task What_a_service_refuses_comes_with_the_details_that_other_clients_know()
    {
        _gateway.Services.CreateConnection = (_, _) => throw new Failure(FailureKind.RateLimited, "some_code", "Wait, and mend it.")
        {
            Field = "grant_code",
            RetryAfter = TimeSpan.FromSeconds(90),
        }.ToRpcException();
        var (_, key) = await _gateway.CreateTenantAsync();

        var refused = await Assert.ThrowsAsync<RpcException>(
            () => shared.ConnectionsClient.CreateConnectionAsync(new(), DoorHost.With(key)).ResponseAsync);

        var status = refused.GetRpcStatus()!;
        Assert.Equal((int)StatusCode.ResourceExhausted, status.Code);
        Assert.Equal("Wait, and mend it.", status.Message);
        Assert.Equal(("SOME_CODE", GrpcFailures.Domain), (status.GetDetail<ErrorInfo>().Reason, status.GetDetail<ErrorInfo>().Domain));
        Assert.Equal("grant_code", Assert.Single(status.GetDetail<BadRequest>().FieldViolations).Field);
        Assert.Equal(90, status.GetDetail<RetryInfo>().RetryDelay.Seconds);
        Assert.Null(refused.Trailers.GetValue("grpc-retry-pushback-ms"));
    }

    [Fact]
    public async Task A_key_that_is_deleted_ends_its_stream_with_the_reason()
    {
        var watched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _gateway.Services.WatchHealth = (_, cancellationToken) => ForEverAsync(watched, cancellationToken);
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var created = (await admin.PostAsync("/api/v1/admin/keys", new { name = "reader", role = "viewer" })).Json;
        var key = created.GetProperty("key").GetString()!;
        using var stream = new ConnectionHealth.ConnectionHealthClient(shared.Channel()).WatchHealth(new(), DoorHost.With(key));
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon));
        await watched.Task.WaitAsync(Soon);

        await admin.DeleteAsync($"/api/v1/admin/keys/{created.GetProperty("id").GetString()}");

        var ended = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon));
        Assert.Equal(StatusCode.Unauthenticated, ended.StatusCode);
        Assert.Equal("KEY_INVALID", ended.GetRpcStatus()!.GetDetail<ErrorInfo>().Reason);
    }

    [Fact]
    public async Task Reflection_shows_what_is_public_and_nothing_else()
    {
        using var call = new ServerReflection.ServerReflectionClient(shared.Channel()).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon));
        var services = call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ToList();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = "zohoplatform.tokens.v1.Connections" });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon));
        var file = FileDescriptorProto.Parser.ParseFrom(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto[0]);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = "zohoplatform.sealing.v1.KeyRing" });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon));

        Assert.Contains("zohoplatform.campaigns.v1.Syncs", services);
        Assert.DoesNotContain("zohoplatform.sealing.v1.KeyRing", services);
        var methods = Assert.Single(file.Service).Method.Select(method => method.Name).ToList();
        Assert.Contains("ListConnections", methods);
        Assert.DoesNotContain("CompleteAuthorization", methods);
        Assert.Equal((int)StatusCode.NotFound, call.ResponseStream.Current.ErrorResponse.ErrorCode);
    }

    [Fact]
    public async Task Health_is_the_gateways_own_and_open()
    {
        var answer = await Eventually(
            async () => await new Grpc.Health.V1.Health.HealthClient(shared.Channel()).CheckAsync(new()),
            answer => answer.Status is HealthCheckResponse.Types.ServingStatus.Serving);

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, answer.Status);
    }

    [Fact]
    public async Task Neither_port_answers_what_is_the_others()
    {
        var (_, key) = await _gateway.CreateTenantAsync();
        using var rest = _gateway.CreateClient(key);
        using var http = new HttpClient();
        using var request = Http2(HttpMethod.Get, "/api/v1/whoami");
        request.Content = null;
        request.Headers.Add("authorization", $"Bearer {key}");

        Assert.Equal(HttpStatusCode.NotFound, (await rest.PostAsync("/zohoplatform.tokens.v1.Connections/ListConnections", new { })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await rest.PostAsync("/grpc.health.v1.Health/Check", new { })).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_key_that_has_nothing_left_is_told_when_it_may_again_and_an_upload_pays_for_each_thousand_messages()
    {
        var door = new DoorHost();
        await door.StartAsync(("RateLimits:PerMinute", "1"), ("RateLimits:Burst", "20"));
        try
        {
            door.Gateway.Services.ListConnections = (_, _) => new();
            door.Gateway.Services.Campaigns.UploadSource = async (messages, _) =>
            {
                while (await messages.MoveNext(CancellationToken.None))
                {
                }

                return new UploadedSource { Id = "1" };
            };
            var (_, key) = await door.Gateway.CreateTenantAsync();
            using var upload = new Syncs.SyncsClient(door.Channel()).UploadSource(DoorHost.With(key));
            for (var i = 0; i < 4_000; i++)
            {
                await upload.RequestStream.WriteAsync(new UploadSourceRequest { Row = new SourceRow() });
            }

            await upload.RequestStream.CompleteAsync();
            Assert.Equal("1", (await upload.ResponseAsync.WaitAsync(Soon)).Id);

            for (var i = 0; i < 16; i++)
            {
                await door.ConnectionsClient.ListConnectionsAsync(new(), DoorHost.With(key));
            }

            var refused = await Assert.ThrowsAsync<RpcException>(
                () => door.ConnectionsClient.ListConnectionsAsync(new(), DoorHost.With(key)).ResponseAsync);
            Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
            Assert.Equal("TOO_MANY_REQUESTS", refused.GetRpcStatus()!.GetDetail<ErrorInfo>().Reason);
            Assert.InRange(refused.GetRpcStatus()!.GetDetail<RetryInfo>().RetryDelay.Seconds, 1, 60);
        }
        finally
        {
            await door.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_replica_that_is_down_costs_nothing_and_a_service_that_is_down_is_unavailable()
    {
        var nobody = $"http://127.0.0.1:{Ports.TakeFree()}";
        var door = new DoorHost();
        await door.StartAsync(
            ("services:tokens:grpc:1", nobody), ("services:tokens:grpc:2", nobody.Replace("127.0.0.1", "127.0.0.2", StringComparison.Ordinal)),
            ("services:campaigns:grpc:0", nobody));
        try
        {
            door.Gateway.Services.ListConnections = (_, _) => new();
            var (_, key) = await door.Gateway.CreateTenantAsync();
            for (var i = 0; i < 20; i++)
            {
                await door.ConnectionsClient.ListConnectionsAsync(new(), DoorHost.With(key));
            }

            var away = await Assert.ThrowsAsync<RpcException>(
                () => new Syncs.SyncsClient(door.Channel()).ListSyncsAsync(new(), DoorHost.With(key)).ResponseAsync);
            Assert.Equal(StatusCode.Unavailable, away.StatusCode);
            Assert.Equal("SERVICE_UNAVAILABLE", away.GetRpcStatus()!.GetDetail<ErrorInfo>().Reason);
        }
        finally
        {
            await door.DisposeAsync();
        }
    }

    [Fact]
    public async Task With_a_certificate_the_port_speaks_tls()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-tests-").FullName;
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=door", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        var (path, keyPath) = (Path.Combine(folder, "door.pem"), Path.Combine(folder, "door.key"));
        await File.WriteAllTextAsync(path, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyPath, rsa.ExportPkcs8PrivateKeyPem());
        var door = new DoorHost();
        await door.StartAsync(("Gateway:GrpcCertificate:Path", path), ("Gateway:GrpcCertificate:KeyPath", keyPath));
        try
        {
            door.Gateway.Services.ListConnections = (_, _) => new();
            var (_, key) = await door.Gateway.CreateTenantAsync();
            var trusting = new SocketsHttpHandler
            {
                SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.Thumbprint },
            };
            var channel = door.Channel(trusting, door.Address.Replace("http:", "https:", StringComparison.Ordinal));

            Assert.Empty((await new Contracts.Tokens.V1.Connections.ConnectionsClient(channel).ListConnectionsAsync(new(), DoorHost.With(key))).Connections);
        }
        finally
        {
            await door.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_is_refused_with_details()
    {
        var (_, key) = await _gateway.CreateTenantAsync();
        var invoker = shared.Channel().CreateCallInvoker();

        var garbage = await Assert.ThrowsAsync<RpcException>(
            () => RawAsync(invoker, "zohoplatform.tokens.v1.Connections", "GetConnection", [0xff, 0xff], key));
        var large = await Assert.ThrowsAsync<RpcException>(
            () => RawAsync(invoker, "zohoplatform.tokens.v1.Connections", "GetConnection", new byte[5 << 20], key));
        var largeHere = await Assert.ThrowsAsync<RpcException>(
            () => RawAsync(invoker, "grpc.health.v1.Health", "Check", new byte[2 << 20], key));
        var here = await Assert.ThrowsAsync<RpcException>(() => RawAsync(invoker, "grpc.health.v1.Health", "Check", [0xff, 0xff], key));
        var nothing = await Assert.ThrowsAsync<RpcException>(() => RawAsync(invoker, "zohoplatform.tokens.v1.Nothing", "Get", [], key));

        AssertRefused(StatusCode.InvalidArgument, "MESSAGE_UNREADABLE", garbage);
        AssertRefused(StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE", large);
        AssertRefused(StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE", largeHere);
        AssertRefused(StatusCode.InvalidArgument, "MESSAGE_UNREADABLE", here);
        AssertRefused(StatusCode.Unimplemented, "METHOD_NOT_OFFERED", nothing);
    }

    private static Task<byte[]> RawAsync(CallInvoker invoker, string service, string method, byte[] message, string key)
    {
        var raw = Marshallers.Create(static bytes => bytes, static (byte[] bytes) => bytes);
        return invoker.AsyncUnaryCall(
            new Method<byte[], byte[]>(MethodType.Unary, service, method, raw, raw),
            host: null,
            new CallOptions(DoorHost.With(key), (TimeProvider.System.GetUtcNow() + Soon).UtcDateTime),
            message).ResponseAsync;
    }

    private static void AssertRefused(StatusCode code, string reason, RpcException refused)
    {
        Assert.Equal((code, reason), (refused.StatusCode, refused.GetRpcStatus()?.GetDetail<ErrorInfo>().Reason));
        Assert.Equal((int)code, refused.GetRpcStatus()!.Code);
    }

    private static async IAsyncEnumerable<HealthChange> ForEverAsync(
        TaskCompletionSource watched, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new HealthChange();
        watched.SetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    private static Task<T> Eventually<T>(Func<Task<T>> ask, Func<T, bool> holds) => Testing.Eventually.GetAsync(ask, holds);

    private static IEnumerable<MethodDescriptor> MethodsOfAllContracts() => typeof(PublicReflection).Assembly.GetTypes()
        .Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal))
        .Select(type => (FileDescriptor)type.GetProperty("Descriptor")!.GetValue(null)!)
        .SelectMany(file => file.Services)
        .SelectMany(service => service.Methods);

    private HttpRequestMessage Http2(HttpMethod method, string path) => new(method, shared.Address + path)
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { { "content-type", "application/grpc" } } },
    };
}
