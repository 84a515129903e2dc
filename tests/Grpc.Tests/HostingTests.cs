using System.Net;
using System.Runtime.CompilerServices;
using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Features;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace ZohoPlatform.Grpc.Tests;

public sealed class HostingTests
{
    [Fact]
    public async Task A_service_answers_without_a_port_through_the_test_server()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<Handlers>();
        builder.Services.AddGrpc();
        await using var app = builder.Build();
        app.MapGrpcService<TestServiceOverHandlers>();
        await app.StartAsync();

        using var channel = GrpcChannel.ForAddress("http://localhost", new() { HttpHandler = app.GetTestServer().CreateHandler() });
        var client = new TestService.TestServiceClient(channel);

        Assert.Equal(5, (await client.UnaryCallAsync(new() { ResponseSize = 5 }).ResponseAsync.Soon()).Payload.Body.Length);
        using var duplex = client.FullDuplexCall();
        await duplex.RequestStream.WriteAsync(new() { ResponseParameters = { new ResponseParameters { Size = 6 } } }).Soon();
        Assert.True(await duplex.ResponseStream.MoveNext().Soon());
        await duplex.RequestStream.CompleteAsync().Soon();
        Assert.False(await duplex.ResponseStream.MoveNext().Soon());
        Assert.Equal(
            StatusCode.Unimplemented,
            (await client.UnimplementedCallAsync(new()).ResponseAsync.FailsAsync()).StatusCode);
        var late = client.UnaryCallAsync(new(), deadline: Clock.In(TimeSpan.FromSeconds(-1)));
        Assert.Equal(StatusCode.DeadlineExceeded, (await late.ResponseAsync.FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task Conventions_and_attributes_reach_every_endpoint()
    {
        await using var host = await TestHost.StartAsync(
            builder =>
            {
                builder.Services.AddGrpc();
                builder.Services.AddAuthorization();
            },
            app =>
            {
                app.MapGrpcService<Attributed>().RequireAuthorization("only-some");

                var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints)
                    .Where(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is not null).ToList();
                Assert.Equal(6, endpoints.Count);
                Assert.All(endpoints, endpoint =>
                    Assert.Contains(endpoint.Metadata.OfType<IAuthorizeData>(), data => data.Policy == "only-some"));
                Assert.All(endpoints, endpoint =>
                    Assert.Contains(endpoint.Metadata.OfType<IAuthorizeData>(), data => data.Policy == "on-class"));
                Assert.Equal(
                    "EmptyCall",
                    Assert.Single(endpoints, endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
                        .Metadata.GetRequiredMetadata<GrpcMethodMetadata>().Method.Name);
            },
            null);
    }

    [Fact]
    public async Task A_service_is_made_for_its_call_and_disposed_after_it_unless_it_is_registered()
    {
        var made = 0;
        var disposed = new StrongBox<int>();
        await using (var host = await TestHost.StartAsync(
            builder =>
            {
                builder.Services.AddGrpc();
                builder.Services.AddSingleton(disposed);
            },
            app => app.MapGrpcService<Counted>(),
            null))
        {
            await host.Client.EmptyCallAsync(new()).ResponseAsync.Soon();
            await host.Client.EmptyCallAsync(new()).ResponseAsync.Soon();
        }

        Assert.Equal(2, disposed.Value);

        await using (var host = await TestHost.StartAsync(
            builder =>
            {
                builder.Services.AddGrpc();
                builder.Services.AddSingleton(_ =>
                {
                    made++;
                    return new Counted(disposed);
                });
            },
            app => app.MapGrpcService<Counted>(),
            null))
        {
            await host.Client.EmptyCallAsync(new()).ResponseAsync.Soon();
            await host.Client.EmptyCallAsync(new()).ResponseAsync.Soon();
            Assert.Equal((1, 2), (made, disposed.Value));
        }
    }

    [Fact]
    public async Task Wrong_use_is_told_when_the_host_is_built()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            TestHost.StartAsync(_ => { }, app => app.MapGrpcService<TestServiceOverHandlers>(), null));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestHost.StartAsync(builder => builder.Services.AddGrpc(), app => app.MapGrpcService<Handlers>(), null));
        Assert.Throws<ArgumentException>(() => new InterceptorCollection().Add(typeof(Handlers)));
    }

    [Fact]
    public async Task Http_1_is_told_to_upgrade()
    {
        await using var host = await TestHost.StartAsync(
            listen: listen => listen.Protocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1);
        using var http = new HttpClient();
        using var content = new ByteArrayContent([]);
        content.Headers.TryAddWithoutValidation("content-type", "application/grpc");

        using var response = await http.PostAsync(new Uri(host.Address, "/grpc.testing.TestService/EmptyCall"), content).Soon();

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
    }

    [Fact]
    public async Task Unknown_services_can_be_left_to_the_application()
    {
        await using var host = await TestHost.StartAsync(
            builder => builder.Services.AddGrpc(grpc => grpc.IgnoreUnknownServices = true),
            app =>
            {
                app.MapGrpcService<TestServiceOverHandlers>();
                app.MapFallback(context =>
                {
                    context.Response.StatusCode = 418;
                    return Task.CompletedTask;
                });
            },
            null);

        using var unknownService = new RawCall(new Uri(host.Address, "/some.Service/Call"));
        using var unknownMethod = new RawCall(host, "NoSuchCall");

        Assert.Equal(418, (int)(await unknownService.SendAsync([]).Soon()).Http);
        Assert.Equal("12", (await unknownMethod.SendAsync([]).Soon()).Status);
    }

    [Fact]
    public async Task A_context_that_is_not_http_says_so_unless_a_test_gave_it_one()
    {
        await using var host = await TestHost.StartAsync();
        ServerCallContext? context = null;
        host.Handlers.Unary = (_, c) =>
        {
            context = c;
            Assert.Same(c.GetHttpContext().Features.Get<IServerCallContextFeature>()!.ServerCallContext, c);
            return Task.FromResult(new SimpleResponse());
        };

        await host.Client.UnaryCallAsync(new()).ResponseAsync.Soon();

        Assert.NotNull(context);
    }

    [Authorize("on-class")]
    private sealed class Attributed : TestService.TestServiceBase
    {
        [AllowAnonymous]
        public override Task<Empty> EmptyCall(Empty request, ServerCallContext context) => Task.FromResult(request);
    }

    private sealed class Counted(StrongBox<int> disposed) : TestService.TestServiceBase, IDisposable
    {
        public void Dispose() => disposed.Value++;

        public override Task<Empty> EmptyCall(Empty request, ServerCallContext context) => Task.FromResult(request);
    }
}
