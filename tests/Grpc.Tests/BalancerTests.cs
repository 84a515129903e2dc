using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Grpc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ZohoPlatform.Grpc.Tests;

public sealed class BalancerTests
{
    [Fact]
    public async Task Calls_go_to_all_addresses_in_turn()
    {
        await using var hosts = await Hosts.StartAsync(3);
        using var channel = hosts.Channel(new RoundRobinConfig());

        Assert.Equal([10, 10, 10], await hosts.CountAsync(channel, 30));
    }

    [Fact]
    public async Task Without_a_policy_calls_go_to_the_first_address()
    {
        await using var hosts = await Hosts.StartAsync(3);
        using var channel = hosts.Channel(null);

        Assert.Equal([6, 0, 0], await hosts.CountAsync(channel, 6));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dead_address_costs_no_call(bool roundRobin)
    {
        await using var hosts = await Hosts.StartAsync(3);
        await hosts.StopAsync(0);
        using var channel = hosts.Channel(roundRobin ? new RoundRobinConfig() : new PickFirstConfig());

        var counts = await hosts.CountAsync(channel, 30);

        Assert.Equal(30, counts.Sum());
        Assert.Equal(0, counts[0]);
        Assert.Equal(roundRobin, counts[2] > 0);
        Assert.InRange(hosts.Resolver.Refreshes, 1, 6);     // it was tried, then passed over, not tried with every call
    }

    [Fact]
    public async Task An_address_that_dies_between_calls_costs_no_call_that_may_be_repeated()
    {
        await using var hosts = await Hosts.StartAsync(2);
        using var channel = hosts.Channel(new RoundRobinConfig(), RetryTests.Policy(3));
        await hosts.CountAsync(channel, 4);

        await hosts.StopAsync(1);

        Assert.Equal(20, (await hosts.CountAsync(channel, 20))[0]);
    }

    [Fact]
    public async Task New_addresses_are_called_and_old_ones_are_not()
    {
        await using var hosts = await Hosts.StartAsync(3);
        hosts.Resolver.Result = ResolverResult.ForResult([hosts.AddressOf(0)]);
        using var channel = hosts.Channel(new RoundRobinConfig());
        Assert.Equal([4, 0, 0], await hosts.CountAsync(channel, 4));

        hosts.Resolver.Tell(ResolverResult.ForResult([hosts.AddressOf(1), hosts.AddressOf(2)]));
        Assert.Equal([0, 5, 5], await hosts.CountAsync(channel, 10));

        hosts.Resolver.Tell(ResolverResult.ForResult([hosts.AddressOf(1), hosts.AddressOf(2), hosts.AddressOf(1)]));
        hosts.Resolver.Tell(ResolverResult.ForFailure(new Status(StatusCode.Unavailable, "no answer")));
        Assert.Equal([0, 2, 2], await hosts.CountAsync(channel, 4));
    }

    [Fact]
    public async Task A_call_waits_for_the_first_addresses_until_its_deadline()
    {
        await using var hosts = await Hosts.StartAsync(1);
        var found = hosts.Resolver.Result!;
        hosts.Resolver.Result = null;
        using var channel = hosts.Channel(null);
        var client = new TestService.TestServiceClient(channel);

        var late = await client.UnaryCallAsync(new(), deadline: Clock.In(TimeSpan.FromMilliseconds(50))).ResponseAsync.FailsAsync();
        var waiting = client.UnaryCallAsync(new()).ResponseAsync;
        hosts.Resolver.Tell(found);

        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        await waiting.Soon();
    }

    [Fact]
    public async Task What_the_resolver_could_not_find_is_the_status_of_the_calls()
    {
        await using var hosts = await Hosts.StartAsync(1);
        hosts.Resolver.Result = ResolverResult.ForFailure(new Status(StatusCode.Unavailable, "no such service"));
        using var channel = hosts.Channel(null);

        var error = await new TestService.TestServiceClient(channel).UnaryCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(new Status(StatusCode.Unavailable, "no such service"), error.Status);
    }

    [Fact]
    public async Task When_every_address_is_dead_the_call_is_unavailable_and_the_first_to_come_back_is_called()
    {
        await using var hosts = await Hosts.StartAsync(2);
        using var channel = hosts.Channel(new RoundRobinConfig());
        var address = hosts.AddressOf(0).EndPoint.Port;
        await hosts.StopAsync(0);
        await hosts.StopAsync(1);

        var error = await new TestService.TestServiceClient(channel).UnaryCallAsync(new()).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);

        await hosts.RestartAsync(0, address);
        Assert.Equal([1, 0], await hosts.CountAsync(channel, 1));
    }

    [Fact]
    public async Task An_address_that_answers_nothing_at_all_costs_the_time_to_connect_once_and_no_call()
    {
        await using var hosts = await Hosts.StartAsync(2);
        var silent = hosts.AddressOf(0).EndPoint.Port;
        var connects = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(200),
            ConnectCallback = async (context, cancellationToken) =>
            {
                if (context.DnsEndPoint.Port == silent)
                {
                    connects++;
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }

                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var channel = hosts.Channel(new PickFirstConfig(), handler: handler);

        Assert.Equal([0, 4], await hosts.CountAsync(channel, 4));
        Assert.Equal(1, connects);

        using var direct = GrpcChannel.ForAddress($"http://127.0.0.1:{silent}", new() { HttpHandler = handler });
        var error = await Assert.ThrowsAsync<RpcException>(() => new TestService.TestServiceClient(direct).UnaryCallAsync(new()).ResponseAsync.Soon());
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task A_resolver_ends_with_its_channel()
    {
        await using var hosts = await Hosts.StartAsync(1);
        var channel = hosts.Channel(null);

        channel.Dispose();

        Assert.True(hosts.Resolver.Disposed);
    }

    [Fact]
    public async Task Addresses_known_beforehand_need_no_resolver_of_ones_own_and_clients_find_it_among_the_services()
    {
        await using var host = await TestHost.StartAsync();
        var services = new ServiceCollection();
        services.AddSingleton<ResolverFactory>(new StaticResolverFactory(_ => [new BalancerAddress(host.Address.Host, host.Address.Port)]));
        services.AddGrpcClient<TestService.TestServiceClient>(options => options.Address = new Uri("static:///test"))
            .ConfigureChannel(channel => channel.Credentials = ChannelCredentials.Insecure);
        await using var provider = services.BuildServiceProvider();

        var client = provider.GetRequiredService<TestService.TestServiceClient>();
        var response = await client.UnaryCallAsync(new() { ResponseSize = 2 }).ResponseAsync.Soon();

        Assert.Equal(2, response.Payload.Body.Length);
    }

    [Fact]
    public void A_scheme_of_its_own_needs_a_resolver_and_a_word_on_tls()
    {
        using var services = new ServiceCollection().BuildServiceProvider();

        Assert.Throws<InvalidOperationException>(() => GrpcChannel.ForAddress("static:///test"));
        Assert.Throws<InvalidOperationException>(() =>
            GrpcChannel.ForAddress("static:///test", new() { Credentials = ChannelCredentials.Insecure }));
        Assert.Throws<InvalidOperationException>(
            () => GrpcChannel.ForAddress(
                "static:///test", new() { Credentials = ChannelCredentials.Insecure, ServiceProvider = services }));
    }

    private sealed class Hosts : IAsyncDisposable
    {
        private readonly List<TestHost> _hosts = [];
        private readonly ServiceProvider _services;
        private readonly List<BalancerAddress> _addresses = [];

        private Hosts() =>
            _services = new ServiceCollection().AddSingleton<ResolverFactory>(new TestResolverFactory(Resolver)).BuildServiceProvider();

        public TestResolver Resolver { get; } = new();

        public static async Task<Hosts> StartAsync(int count)
        {
            var hosts = new Hosts();

            for (var i = 0; i < count; i++)
            {
                hosts.Add(await TestHost.StartAsync());
            }

            hosts._addresses.AddRange(hosts._hosts.Select(host => new BalancerAddress(host.Address.Host, host.Address.Port)));
            hosts.Resolver.Result = ResolverResult.ForResult([.. hosts._addresses]);
            return hosts;
        }

        public BalancerAddress AddressOf(int index) => _addresses[index];

        public GrpcChannel Channel(LoadBalancingConfig? config, MethodConfig? methods = null, HttpMessageHandler? handler = null)
        {
            var options = new GrpcChannelOptions
            {
                Credentials = ChannelCredentials.Insecure,
                ServiceProvider = _services,
                ServiceConfig = new ServiceConfig(),
                HttpHandler = handler,
            };

            if (config is not null)
            {
                options.ServiceConfig.LoadBalancingConfigs.Add(config);
            }

            if (methods is not null)
            {
                options.ServiceConfig.MethodConfigs.Add(methods);
            }

            return GrpcChannel.ForAddress("test:///service", options);
        }

        public Task StopAsync(int index) => _hosts[index].DisposeAsync().AsTask();

        public async Task RestartAsync(int index, int port)
        {
            _hosts[index] = await TestHost.StartAsync(port: port);
            Name(index);
        }

        /// <summary>How many of so many calls came to each host.</summary>
        public async Task<List<int>> CountAsync(GrpcChannel channel, int calls)
        {
            var client = new TestService.TestServiceClient(channel);
            var counts = new int[_hosts.Count];

            for (var i = 0; i < calls; i++)
            {
                var response = await client.UnaryCallAsync(new()).ResponseAsync.Soon();
                counts[response.Username[0] - '0']++;
            }

            return [.. counts];
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var host in _hosts)
            {
                await host.DisposeAsync();
            }

            await _services.DisposeAsync();
        }

        private void Add(TestHost host)
        {
            _hosts.Add(host);
            Name(_hosts.Count - 1);
        }

        private void Name(int index) =>
            _hosts[index].Handlers.Unary = (_, _) => Task.FromResult(new SimpleResponse { Username = $"{index}" });
    }

    private sealed class TestResolverFactory(TestResolver resolver) : ResolverFactory
    {
        public override string Name => "test";

        public override Resolver Create(ResolverOptions options)
        {
            Assert.Equal(("test:///service", 80), (options.Address.OriginalString, options.DefaultPort));
            return resolver;
        }
    }

    private sealed class TestResolver : Resolver
    {
        private Action<ResolverResult>? _listener;

        public ResolverResult? Result { get; set; }

        public int Refreshes { get; private set; }

        public bool Disposed { get; private set; }

        public void Tell(ResolverResult result) => _listener!(result);

        public override void Start(Action<ResolverResult> listener)
        {
            _listener = listener;

            if (Result is not null)
            {
                listener(Result);
            }
        }

        public override void Refresh() => Refreshes++;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            Disposed = true;
        }
    }
}
