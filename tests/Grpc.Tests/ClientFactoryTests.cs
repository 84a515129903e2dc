using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.ClientFactory;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ZohoPlatform.Grpc.Tests;

public sealed class ClientFactoryTests
{
    [Fact]
    public async Task A_client_comes_from_the_services_and_shares_its_channel()
    {
        await using var host = await TestHost.StartAsync();
        var handlers = 0;
        await using var services = Services(clients => clients
            .AddGrpcClient<TestService.TestServiceClient>((_, options) => options.Address = host.Address)
            .ConfigurePrimaryHttpMessageHandler(() =>
            {
                handlers++;
                return new SocketsHttpHandler();
            }));

        var first = services.GetRequiredService<TestService.TestServiceClient>();
        var second = services.GetRequiredService<TestService.TestServiceClient>();
        await first.UnaryCallAsync(new()).ResponseAsync.Soon();
        await second.UnaryCallAsync(new()).ResponseAsync.Soon();

        Assert.NotSame(first, second);
        Assert.Equal(1, handlers);
    }

    [Fact]
    public async Task Handlers_added_to_the_http_client_see_the_calls()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = (_, context) =>
            Task.FromResult(new SimpleResponse { Username = context.RequestHeaders.GetValue("x-handler") });
        await using var services = Services(clients => clients
            .AddGrpcClient<TestService.TestServiceClient>(options => options.Address = host.Address)
            .AddHttpMessageHandler(() => new Stamp()));

        var client = services.GetRequiredService<TestService.TestServiceClient>();
        Assert.Equal("stamped", (await client.UnaryCallAsync(new()).ResponseAsync.Soon()).Username);
    }

    [Fact]
    public async Task Named_clients_have_their_own_settings()
    {
        await using var one = await TestHost.StartAsync();
        await using var two = await TestHost.StartAsync();
        one.Handlers.Unary = (_, _) => Task.FromResult(new SimpleResponse { Username = "one" });
        two.Handlers.Unary = (_, _) => Task.FromResult(new SimpleResponse { Username = "two" });
        await using var services = Services(clients =>
        {
            clients.AddGrpcClient<TestService.TestServiceClient>("one", options => options.Address = one.Address);
            clients.AddGrpcClient<TestService.TestServiceClient>("two", options => options.Address = two.Address)
                .ConfigureChannel(channel => channel.MaxSendMessageSize = 10);
        });
        var factory = services.GetRequiredService<GrpcClientFactory>();

        foreach (var name in new[] { "one", "two" })
        {
            var client = factory.CreateClient<TestService.TestServiceClient>(name);
            Assert.Equal(name, (await client.UnaryCallAsync(new()).ResponseAsync.Soon()).Username);
        }

        await factory.CreateClient<TestService.TestServiceClient>("two")
            .UnaryCallAsync(new() { Payload = Handlers.Zeros(11) }).ResponseAsync.FailsAsync();
        Assert.Throws<InvalidOperationException>(() => factory.CreateClient<TestService.TestServiceClient>("three"));
    }

    [Fact]
    public async Task Interceptors_live_as_long_as_their_scope_says_and_run_in_order()
    {
        await using var host = await TestHost.StartAsync();
        var (channelWide, perClient) = (0, 0);
        host.Handlers.Unary = (_, context) =>
            Task.FromResult(new SimpleResponse { Username = context.RequestHeaders.GetValue("seen") });
        await using var services = Services(clients => clients
            .AddGrpcClient<TestService.TestServiceClient>(options => options.Address = host.Address)
            .AddInterceptor(() => new Tag($"channel{++channelWide}"))
            .AddInterceptor(InterceptorScope.Client, _ => new Tag($"client{++perClient}")));

        var first = await services.GetRequiredService<TestService.TestServiceClient>().UnaryCallAsync(new()).ResponseAsync.Soon();
        var second = await services.GetRequiredService<TestService.TestServiceClient>().UnaryCallAsync(new()).ResponseAsync.Soon();

        Assert.Equal("client1, channel1", first.Username);
        Assert.Equal("client2, channel1", second.Username);
    }

    [Fact]
    public async Task Call_credentials_see_the_services_that_the_client_came_from()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = (_, context) =>
            Task.FromResult(new SimpleResponse { Username = context.RequestHeaders.GetValue("authorization") });
        await using var services = Services(clients =>
        {
            clients.AddScoped<Tenant>();
            clients.AddGrpcClient<TestService.TestServiceClient>(options => options.Address = host.Address)
                .ConfigureChannel(channel => channel.UnsafeUseInsecureChannelCallCredentials = true)
                .AddCallCredentials((_, metadata, scope) =>
                {
                    metadata.Add("authorization", scope.GetRequiredService<Tenant>().Name);
                    return Task.CompletedTask;
                });
        });

        foreach (var tenant in new[] { "a", "b" })
        {
            await using var scope = services.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<Tenant>().Name = tenant;

            var client = scope.ServiceProvider.GetRequiredService<TestService.TestServiceClient>();
            var response = await client.UnaryCallAsync(new()).ResponseAsync.Soon();

            Assert.Equal(tenant, response.Username);
        }
    }

    [Fact]
    public async Task Call_credentials_without_tls_are_refused_unless_told_otherwise()
    {
        await using var services = Services(clients => clients
            .AddGrpcClient<TestService.TestServiceClient>(options => options.Address = new Uri("http://localhost:1"))
            .AddCallCredentials((_, _) => Task.CompletedTask));

        Assert.Throws<InvalidOperationException>(services.GetRequiredService<TestService.TestServiceClient>);
    }

    [Fact]
    public async Task A_client_without_an_address_is_told_by_name()
    {
        await using var services = Services(clients => clients.AddGrpcClient<TestService.TestServiceClient>("nowhere"));

        var error = Assert.Throws<InvalidOperationException>(services.GetRequiredService<TestService.TestServiceClient>);

        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_made_for_another_takes_over_its_deadline()
    {
        await using var inner = await TestHost.StartAsync();
        await using var outer = await FrontAsync(inner);
        DateTime? seen = null;
        inner.Handlers.Unary = (_, context) =>
        {
            seen = context.Deadline;
            return Task.FromResult(new SimpleResponse());
        };
        var deadline = Clock.In(TimeSpan.FromSeconds(20));

        await outer.Client.UnaryCallAsync(new(), deadline: deadline).ResponseAsync.Soon();

        Assert.Equal(deadline, seen!.Value, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_call_made_for_another_is_cancelled_with_it()
    {
        await using var inner = await TestHost.StartAsync();
        await using var outer = await FrontAsync(inner);
        var (begun, canceled) = (new TaskCompletionSource(), new TaskCompletionSource());
        inner.Handlers.Unary = async (_, context) =>
        {
            context.CancellationToken.Register(canceled.SetResult);
            begun.SetResult();
            await canceled.Task;
            return new();
        };

        var call = outer.Client.UnaryCallAsync(new());
        await begun.Task.Soon();
        call.Dispose();

        await canceled.Task.Soon();
    }

    [Fact]
    public async Task Outside_of_a_call_there_is_nothing_to_take_over()
    {
        await using var host = await TestHost.StartAsync();
        await using var strict = Services(clients => clients
            .AddGrpcClient<TestService.TestServiceClient>(options => options.Address = host.Address).EnableCallContextPropagation());
        await using var lenient = Services(clients => clients
            .AddGrpcClient<TestService.TestServiceClient>(options => options.Address = host.Address)
            .EnableCallContextPropagation(propagation => propagation.SuppressContextNotFoundErrors = true));

        Assert.Throws<InvalidOperationException>(() => strict.GetRequiredService<TestService.TestServiceClient>().UnaryCallAsync(new()));
        await lenient.GetRequiredService<TestService.TestServiceClient>().UnaryCallAsync(new()).ResponseAsync.Soon();
    }

    private static ServiceProvider Services(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        add(services);
        return services.BuildServiceProvider(validateScopes: true);
    }

    /// <summary>A service whose unary call calls the other host's.</summary>
    private static Task<TestHost> FrontAsync(TestHost inner) => TestHost.StartAsync(
        builder =>
        {
            builder.Services.AddGrpc();
            builder.Services.AddGrpcClient<TestService.TestServiceClient>(options => options.Address = inner.Address)
                .EnableCallContextPropagation();
        },
        app => app.MapGrpcService<Front>(),
        null);

    private sealed class Front(TestService.TestServiceClient inner) : TestService.TestServiceBase
    {
        public override Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context) =>
            inner.UnaryCallAsync(request).ResponseAsync;
    }

    private sealed class Tenant
    {
        public string Name { get; set; } = "";
    }

    private sealed class Stamp : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("x-handler", "stamped");
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Tag(string name) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            var headers = new Metadata();

            foreach (var entry in context.Options.Headers ?? [])
            {
                headers.Add(entry);
            }

            headers.Add("seen", name);
            return continuation(request, new(context.Method, context.Host, context.Options.WithHeaders(headers)));
        }
    }
}
