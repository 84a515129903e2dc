using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Redis;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Http;

public sealed class ConcurrencyGovernorTests : IAsyncLifetime
{
    private static readonly ConcurrencyLimit Calls = new("calls", 3);
    private static readonly ConcurrencyLimit Heavy = new("heavy", 1);

    private readonly string _scope = $"test:{Guid.NewGuid()}";

    private ProviderHost _one = null!;
    private ProviderHost _other = null!;

    public async Task InitializeAsync()
    {
        _one = await ProviderHost.CreateAsync();
        _other = await ProviderHost.CreateAsync();
    }

    public Task DisposeAsync()
    {
        _one.Dispose();
        _other.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Replicas_share_the_places()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? _one : _other).Get<ConcurrencyGovernor>()
            .EnterAsync(_scope, [Calls], default)));

        Assert.Equal(3, answers.Count(answer => answer.Succeeded(out _, out _)));
        Assert.All(answers.Where(answer => !answer.Succeeded(out _, out _)), answer => Assert.Equal(
            (FailureKind.RateLimited, "concurrency_reached"), (Refusal(answer).Kind, Refusal(answer).Code)));
        Value(await _other.Get<ConcurrencyGovernor>().EnterAsync($"{_scope}:other", [Calls], default));
    }

    [Fact]
    public async Task A_call_needs_a_place_of_each_of_its_kinds_and_gives_all_back()
    {
        var governor = _one.Get<ConcurrencyGovernor>();

        var place = Value(await governor.EnterAsync(_scope, [Calls, Heavy], default));
        var refused = governor.EnterAsync(_scope, [Calls, Heavy], default);
        // who waits holds none of the others
        Value(await governor.EnterAsync(_scope, [Calls], default));
        Value(await governor.EnterAsync(_scope, [Calls], default));
        Refusal(await refused);

        await governor.LeaveAsync(place);
        Value(await governor.EnterAsync(_scope, [Calls, Heavy], default));
    }

    [Fact]
    public async Task Who_waits_comes_in_once_a_place_is_free()
    {
        var governor = _one.Get<ConcurrencyGovernor>();
        var place = Value(await governor.EnterAsync(_scope, [Heavy], default));

        var waiting = _other.Get<ConcurrencyGovernor>().EnterAsync(_scope, [Heavy], default);
        await governor.LeaveAsync(place);

        Value(await waiting);
    }

    [Fact]
    public async Task A_closed_scope_lets_nobody_in_until_it_opens()
    {
        var governor = _one.Get<ConcurrencyGovernor>();
        await governor.CloseAsync(_scope, TimeSpan.FromMinutes(1), default);

        Assert.Equal("concurrency_reached", Refusal(await _other.Get<ConcurrencyGovernor>().EnterAsync(_scope, [Calls], default)).Code);
    }

    [Fact]
    public async Task Without_redis_nobody_calls_and_what_is_to_be_told_is_let_go()
    {
        using var nowhere = await ConnectionMultiplexer.ConnectAsync(RedisHosting.OptionsFor("127.0.0.1:1"));
        var governor = new ConcurrencyGovernor(
            new RedisServer(nowhere, NullLogger<RedisServer>.Instance), NullLogger<ConcurrencyGovernor>.Instance);
        var place = Value(await _one.Get<ConcurrencyGovernor>().EnterAsync(_scope, [Calls], default));

        var refused = Refusal(await governor.EnterAsync(_scope, [Calls], default));
        await governor.LeaveAsync(place);
        await governor.CloseAsync(_scope, TimeSpan.FromMinutes(1), default);

        Assert.Equal((FailureKind.Unavailable, "quota_unknown", TimeSpan.FromSeconds(5)), (refused.Kind, refused.Code, refused.RetryAfter));
        Value(await _other.Get<ConcurrencyGovernor>().EnterAsync(_scope, [Calls], default));
    }
}
