using System.Globalization;
using System.Net;
using Grpc.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.ServiceDefaults.Tests;

public sealed class ServiceClientsTests : IAsyncLifetime
{
    private readonly List<GrpcReplica> _replicas = [];
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // its tickets are looked at by replicas with a clock that runs
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private IHost? _caller;

    [Fact]
    public async Task Every_replica_has_its_share_of_the_calls()
    {
        var client = await StartAsync(2);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ => await CreateAsync(client, 20)));

        Assert.Equal(200, _replicas.Sum(replica => replica.Calls));
        Assert.All(_replicas, replica => Assert.InRange(replica.Calls, 60, 140));
    }

    [Fact]
    public async Task A_replica_that_refuses_costs_no_call()
    {
        var client = await StartAsync(3);
        await _replicas[1].KillAsync();

        await CreateAsync(client, 20);

        Assert.Equal(0, _replicas[1].Calls);
        Assert.Equal(20, _replicas[0].Calls + _replicas[2].Calls);
    }

    [Fact]
    public async Task A_replica_that_dies_between_calls_is_passed_over_and_used_again_when_it_is_back()
    {
        var client = await StartAsync(2);
        await EveryReplicaAsync(client);

        await _replicas[1].KillAsync();
        // reads go on at the other one where a connection turns out to be dead; how soon a client hears of its end is the network's to say
        await client.GetSyncAsync(new(), Options);
        await client.GetSyncAsync(new(), Options);
        var before = _replicas[1].Calls;
        await CreateAsync(client, 20);
        Assert.Equal(before, _replicas[1].Calls);

        await _replicas[1].ListenAsync();
        // how soon is Grpc.Net.Client's backoff, which takes no clock: only what never comes back fails
        await Eventually.GetAsync(
            async () =>
            {
                await CreateAsync(client, 2);
                return _replicas[1].Calls;
            },
            calls => calls > before);
    }

    [Fact]
    public async Task A_replica_that_stops_ends_the_calls_it_has_and_every_other_call_goes_elsewhere_whatever_its_method()
    {
        var client = await StartAsync(2);
        var (held, running) = await HoldAsync(client);
        var other = _replicas.Single(replica => replica != held);

        var stopped = held.StopAsync();
        await RefusesAsync(held);
        // a call that crosses the stop's own word is still done there; every replica's turn has come when four in a row went elsewhere
        await Eventually.GetAsync(
            async () =>
            {
                var there = held.Calls;
                await CreateAsync(client, 4);
                return held.Calls - there;
            },
            calls => calls == 0);
        var before = other.Calls;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await CreateAsync(client, 5)));
        using var upload = client.UploadSource(Options);
        await upload.RequestStream.WriteAsync(new() { Header = new() });
        await upload.RequestStream.CompleteAsync();
        await upload.ResponseAsync.WaitAsync(GrpcReplica.Limit);

        Assert.Equal(before + 101, other.Calls);
        Assert.False(stopped.IsCompleted);
        _release.SetResult();
        await running.WaitAsync(GrpcReplica.Limit);
        await stopped.WaitAsync(GrpcReplica.Limit);
    }

    [Fact]
    public async Task A_replica_killed_in_the_middle_costs_no_call_that_is_safe_to_repeat()
    {
        var client = await StartAsync(2);
        var calls = await CutInTheMiddleAsync(client, read: true);

        await Task.WhenAll(calls).WaitAsync(GrpcReplica.Limit);

        Assert.Equal(20 + _replicas[0].Calls, _replicas.Sum(replica => replica.Calls));
    }

    [Fact]
    public async Task A_call_that_is_not_safe_to_repeat_is_done_at_most_once_though_its_replica_is_killed()
    {
        var client = await StartAsync(2);
        var calls = await CutInTheMiddleAsync(client, read: false);

        var failures = 0;
        foreach (var call in calls)
        {
            try
            {
                await call.WaitAsync(GrpcReplica.Limit);
            }
            catch (RpcException e)
            {
                Assert.Equal(StatusCode.Unavailable, e.StatusCode);
                failures++;
            }
        }

        Assert.Equal(_replicas[0].Calls, failures);
        Assert.Equal(20, _replicas.Sum(replica => replica.Calls));
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    public async Task A_call_that_is_cut_off_every_time_is_given_up(bool read, int executions)
    {
        var client = await StartAsync(1);
        _replicas[0].Work = (_, call) => GrpcReplica.CutAsync(call);

        var failure = await Assert.ThrowsAsync<RpcException>(() => CallAsync(client, read).WaitAsync(GrpcReplica.Limit));

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Equal(executions, _replicas[0].Calls);
    }

    [Fact]
    public async Task A_replica_that_answers_no_ping_is_given_up_and_what_is_safe_to_repeat_goes_to_the_next()
    {
        await using var silent = new SilentServer();
        _replicas.Add(await GrpcReplica.StartAsync());
        var client = Client(silent.Address, _replicas[0].Address.OriginalString);
        var (reads, writes) = (new List<Task<Sync>>(), new List<Task<Sync>>());
        await Eventually.GetAsync(
            () =>
            {
                // an odd number: both kinds come to both replicas
                reads.Add(CallAsync(client, read: true));
                writes.Add(CallAsync(client, read: false));
                reads.Add(CallAsync(client, read: true));
                writes.Add(CallAsync(client, read: false));
                writes.Add(CallAsync(client, read: false));
                return Task.FromResult(silent.Connections);
            },
            connections => connections > 0);
        _clock.Advance(TimeSpan.FromSeconds(8));

        await Task.WhenAll(reads).WaitAsync(GrpcReplica.Limit);
        await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(GrpcReplica.Limit);

        var lost = writes.Where(write => write.IsFaulted).Select(write => Assert.IsType<RpcException>(write.Exception!.InnerException)).ToList();
        Assert.NotEmpty(lost);
        Assert.All(lost, failure => Assert.Equal(StatusCode.Unavailable, failure.StatusCode));
        Assert.Equal(reads.Count + writes.Count - lost.Count, _replicas[0].Calls);
        await CreateAsync(client, 20);
    }

    [Fact]
    public async Task A_replica_on_which_a_deadline_ran_out_in_silence_is_passed_over_and_tried_again_by_one_call()
    {
        var client = await StartAsync(2);
        var hung = await HangAsync(client);
        var other = _replicas.Single(replica => replica != hung);
        _replicas.ForEach(replica => replica.Forget());

        await CreateAsync(client, 20);
        Assert.Equal([0, 20], [hung.Calls, other.Calls]);

        // one call finds that nothing has changed, and no second one
        _clock.Advance(TimeSpan.FromSeconds(15));
        var tries = Enumerable.Range(0, 6).Select(_ => CallAsync(client, read: false)).ToList();
        await Eventually.GetAsync(() => Task.FromResult(hung.Calls + other.Calls), calls => calls == 26);
        Assert.Equal(1, hung.Calls);

        _release.SetResult();
        await Task.WhenAll(tries).WaitAsync(GrpcReplica.Limit);
        await CreateAsync(client, 20);
        Assert.Equal(11, hung.Calls);
    }

    [Fact]
    public void A_slow_call_does_not_make_a_replica_that_answers_others_a_silent_one()
    {
        var state = new ReplicaState(_clock);
        var sent = state.Now;
        _clock.Advance(TimeSpan.FromSeconds(5));
        state.Answered();
        _clock.Advance(TimeSpan.FromSeconds(5));

        state.Ended(sent);

        Assert.True(state.MayBeCalled());
    }

    [Fact]
    public void A_caller_that_leaves_at_once_says_nothing_about_a_replica()
    {
        var state = new ReplicaState(_clock);

        state.Ended(state.Now);

        Assert.True(state.MayBeCalled());
    }

    [Fact]
    public void A_stream_whose_connection_is_given_up_is_unavailable()
    {
        HttpProtocolException noPing = new(1, "The HTTP/2 server didn't respond to a ping.", null);

        Assert.Equal("service_unavailable", new RpcException(new Status(StatusCode.Internal, "", noPing)).ToFailure()?.Code);
        Assert.Null(new RpcException(new Status(StatusCode.Internal, "", new InvalidOperationException())).ToFailure());
    }

    [Fact]
    public async Task A_deadline_is_kept_however_often_a_call_is_repeated()
    {
        var client = await StartAsync(1);
        // Grpc.Net.Client takes no clock: two attempts together are longer than the limit, and a renewed one would leave time for all three
        var limit = TimeSpan.FromSeconds(2);
        _replicas[0].Work = async (_, call) =>
        {
            await Task.Delay(limit * 0.6, CancellationToken.None);
            await GrpcReplica.CutAsync(call);
        };

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => client.GetSyncAsync(new(), Options.WithDeadline(CallDeadline.In(limit))).ResponseAsync.WaitAsync(GrpcReplica.Limit));

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.InRange(_replicas[0].Calls, 0, 2);
    }

    [Fact]
    public async Task What_a_service_itself_answers_is_not_asked_again()
    {
        var client = await StartAsync(1);
        _replicas[0].Work = (_, _) => throw new Failure(FailureKind.Unavailable, "zoho_down", "Zoho does not answer.").ToRpcException();

        var failure = await Assert.ThrowsAsync<RpcException>(() => CallAsync(client, read: true));

        Assert.Equal("zoho_down", failure.ToFailure()?.Code);
        Assert.Equal(1, _replicas[0].Calls);
    }

    [Fact]
    public async Task A_stream_begins_again_elsewhere_until_it_has_said_something()
    {
        var client = await StartAsync(1);
        _replicas[0].Work = (_, call) => _replicas[0].Calls < 2 ? GrpcReplica.CutAsync(call) : Task.CompletedTask;
        using var stream = client.WatchSync(new() { AfterEvent = GrpcReplica.Endless }, Options);

        Assert.True(await stream.ResponseStream.MoveNext().WaitAsync(GrpcReplica.Limit));
        Assert.Equal(2, _replicas[0].Calls);

        await _replicas[0].KillAsync();
        await _replicas[0].ListenAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext().WaitAsync(GrpcReplica.Limit));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Equal(2, _replicas[0].Calls);
    }

    [Fact]
    public async Task In_a_rollout_the_last_replica_may_go_before_the_first_one_is_found_again()
    {
        var client = await StartAsync(2);
        await EveryReplicaAsync(client);
        await _replicas[0].StopAsync();
        await CreateAsync(client, 10);

        await _replicas[1].StopAsync();
        var calls = Enumerable.Range(0, 10).Select(_ => CreateAsync(client, 1)).ToList();
        await _replicas[0].ListenAsync();

        await Task.WhenAll(calls).WaitAsync(GrpcReplica.Limit);
    }

    [Fact]
    public async Task When_no_replica_can_be_reached_a_call_is_unavailable_and_waits_for_none_for_ever()
    {
        var client = await StartAsync(2);
        await Task.WhenAll(_replicas.Select(replica => replica.KillAsync()));

        // without a deadline: a call that waited for a replica would wait for ever
        var failure = await Assert.ThrowsAsync<RpcException>(
            () => client.CreateSyncAsync(new(), Options.WithDeadline(DateTime.MaxValue)).ResponseAsync.WaitAsync(GrpcReplica.Limit));

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Equal("service_unavailable", failure.ToFailure()?.Code);
    }

    [Fact]
    public async Task A_name_in_dns_stands_for_all_replicas_behind_it()
    {
        _replicas.Add(await GrpcReplica.StartAsync());
        var client = Client($"dns:///localhost:{_replicas[0].Address.Port}");

        await CreateAsync(client, 4);

        Assert.Equal(4, _replicas[0].Calls);
    }

    [Fact]
    public async Task A_proxy_of_the_environment_is_not_asked()
    {
        await using var proxy = new SilentServer();
        _replicas.Add(await GrpcReplica.StartAsync());
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new ProxyOf(_replicas[0].Address, new Uri(proxy.Address));
        try
        {
            await CreateAsync(Client(_replicas[0].Address.OriginalString), 2);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }

        Assert.Equal(2, _replicas[0].Calls);
        Assert.Equal(0, proxy.Connections);
    }

    [Fact]
    public async Task A_replica_that_the_configuration_gains_is_called_and_one_that_it_loses_is_not()
    {
        _replicas.Add(await GrpcReplica.StartAsync());
        _replicas.Add(await GrpcReplica.StartAsync());
        var client = Client(_replicas[0].Address.OriginalString);
        await CreateAsync(client, 2);

        var configuration = _caller!.Services.GetRequiredService<IConfiguration>();
        configuration["services:campaigns:grpc:0"] = _replicas[1].Address.OriginalString;
        ((IConfigurationRoot)configuration).Reload();
        await CreateAsync(client, 2);

        Assert.Equal([2, 2], _replicas.Select(replica => replica.Calls));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(0, "campaigns")]
    [InlineData(0, "dns://campaigns:8080")]
    [InlineData(0, "dns:///campaigns")]
    [InlineData(0, "dns:///")]
    [InlineData(1, "ftp://campaigns")]
    [InlineData(1, "dns:///campaigns:8080")]
    public void A_missing_or_wrong_address_stops_the_start(int number, string? value)
    {
        var addresses = number == 0 ? new[] { value } : ["http://127.0.0.1:1", value];

        var failure = Assert.Throws<InvalidOperationException>(() => Client(addresses));

        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"services:campaigns:grpc:{number} is "), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_that_the_service_does_not_have_stops_the_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["services:campaigns:grpc:0"] = "http://127.0.0.1:1";

        var failure = Assert.Throws<InvalidOperationException>(
            () => builder.AddServiceClient<Syncs.SyncsClient>("campaigns", repeatable: ["GetSync", "GetSink"]));

        Assert.Equal("AddServiceClient<SyncsClient>: zohoplatform.campaigns.v1.Syncs has no method GetSink.", failure.Message);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _release.TrySetResult();
        _caller?.Dispose();
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }
    }

    private static CallOptions Options => new(
        deadline: CallDeadline.In(GrpcReplica.Limit),
        credentials: new CallerCredentials(new Caller(new TenantId(Guid.NewGuid()), Role.Admin, "key:1")));

    private async Task<Syncs.SyncsClient> StartAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _replicas.Add(await GrpcReplica.StartAsync());
        }

        return Client([.. _replicas.Select(replica => replica.Address.OriginalString)]);
    }

    private Syncs.SyncsClient Client(params string?[] addresses)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var (n, address) in addresses.Index())
        {
            builder.Configuration[$"services:campaigns:grpc:{n}"] = address;
        }

        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Configuration.AddInMemoryCollection(TestTickets.SettingsOf("gateway"));
        builder.AddTickets("gateway");
        builder.AddServiceClient<Syncs.SyncsClient>("campaigns", repeatable: ["GetSync", "WatchSync"]);
        _caller = builder.Build();
        return _caller.Services.GetRequiredService<Syncs.SyncsClient>();
    }

    private static Task<Sync> CallAsync(Syncs.SyncsClient client, bool read) =>
        read ? client.GetSyncAsync(new(), Options).ResponseAsync : client.CreateSyncAsync(new(), Options).ResponseAsync;

    private static async Task CreateAsync(Syncs.SyncsClient client, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            await CallAsync(client, read: false);
        }
    }

    /// <summary>Calls until every replica was, so that there is a connection to each.</summary>
    private Task<int> EveryReplicaAsync(Syncs.SyncsClient client) =>
        Eventually.GetAsync(
            async () =>
            {
                await CreateAsync(client, 1);
                return _replicas.Min(replica => replica.Calls);
            },
            least => least > 0);

    /// <summary>A call that runs on one of the replicas until it is released.</summary>
    private async Task<(GrpcReplica Replica, Task Call)> HoldAsync(Syncs.SyncsClient client)
    {
        await EveryReplicaAsync(client);
        var running = new TaskCompletionSource<GrpcReplica>(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var replica in _replicas)
        {
            replica.Work = (_, _) => running.TrySetResult(replica) ? _release.Task : Task.CompletedTask;
        }

        var call = CallAsync(client, read: false);
        return (await running.Task.WaitAsync(GrpcReplica.Limit), call);
    }

    /// <summary>A replica that answers nothing until it is released, and let a deadline run out.</summary>
    private async Task<GrpcReplica> HangAsync(Syncs.SyncsClient client)
    {
        await EveryReplicaAsync(client);
        var hung = _replicas[0];
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        hung.Work = (_, _) =>
        {
            begun.TrySetResult();
            return _release.Task;
        };
        var soon = Options.WithDeadline(CallDeadline.In(TimeSpan.FromSeconds(2)));
        var calls = Enumerable.Range(0, 2).Select(_ => client.CreateSyncAsync(new(), soon).ResponseAsync).ToList();
        await begun.Task.WaitAsync(GrpcReplica.Limit);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var failure = await Assert.ThrowsAsync<RpcException>(() => Task.WhenAll(calls).WaitAsync(GrpcReplica.Limit));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        return hung;
    }

    /// <summary>Twenty calls, of which the first replica is killed with all that it has; nothing that is waiting there will end.</summary>
    private async Task<Task[]> CutInTheMiddleAsync(Syncs.SyncsClient client, bool read)
    {
        const int Calls = 20;
        await EveryReplicaAsync(client);
        _replicas.ForEach(replica => replica.Forget());
        using var begun = new SemaphoreSlim(0);
        foreach (var (i, replica) in _replicas.Index())
        {
            replica.Work = async (_, call) =>
            {
                begun.Release();
                await (i == 0 ? Task.Delay(Timeout.Infinite, call.CancellationToken) : _release.Task);
            };
        }

        var calls = Enumerable.Range(0, Calls).Select(_ => CallAsync(client, read)).ToArray();
        for (var i = 0; i < Calls; i++)
        {
            Assert.True(await begun.WaitAsync(GrpcReplica.Limit));
        }

        Assert.Equal(Calls, _replicas.Sum(replica => replica.Calls));
        Assert.All(_replicas, replica => Assert.InRange(replica.Calls, 1, Calls - 1));
        foreach (var replica in _replicas)
        {
            replica.Work = (_, _) => Task.CompletedTask;
        }

        await _replicas[0].KillAsync();
        _release.SetResult();
        return calls;
    }

    private static async Task RefusesAsync(GrpcReplica replica) =>
        await Eventually.GetAsync(
            async () =>
            {
                using var channel = global::Grpc.Net.Client.GrpcChannel.ForAddress(replica.Address);
                try
                {
                    await new Syncs.SyncsClient(channel).ListSyncsAsync(new(), deadline: CallDeadline.In(GrpcReplica.Limit));
                    return StatusCode.OK;
                }
                catch (RpcException e)
                {
                    return e.StatusCode;
                }
            },
            status => status == StatusCode.Unavailable);

    /// <summary>The process's own, as of HTTP_PROXY, for <paramref name="host"/> alone: other tests run at the same time.</summary>
    private sealed class ProxyOf(Uri host, Uri proxy) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri GetProxy(Uri destination) => proxy;

        public bool IsBypassed(Uri destination) => destination.Authority != host.Authority;
    }
}
