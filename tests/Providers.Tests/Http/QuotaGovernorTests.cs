using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Http;

public sealed class QuotaGovernorTests : IAsyncLifetime
{
    private static readonly TenantId Tenant = new(Guid.Parse("0199a000-0000-7000-8000-00000000000a"));
    private static readonly TenantId Other = new(Guid.Parse("0199a000-0000-7000-8000-00000000000b"));

    private readonly string _scope = $"test:{Guid.NewGuid()}";
    private readonly List<ConnectionMultiplexer> _connections = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.CloseAsync();
            connection.Dispose();
        }
    }

    [Fact]
    public async Task Replicas_that_ask_at_once_get_no_more_than_the_ceiling_together()
    {
        var method = Method(new QuotaLimit(100, TimeSpan.FromMinutes(1)));
        var replicas = new[] { await GovernorAsync(), await GovernorAsync(), await GovernorAsync() };

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => replicas[i % 3].TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default)));

        Assert.Equal(80, answers.Count(answer => answer is null));
        Assert.All(answers.Where(answer => answer is not null), answer =>
        {
            Assert.Equal((FailureKind.RateLimited, "quota_reached"), (answer!.Kind, answer.Code));
            Assert.InRange(answer.RetryAfter!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(61));
        });
    }

    [Fact]
    public async Task A_call_counts_as_what_it_costs()
    {
        var method = Method(new QuotaLimit(100, TimeSpan.FromMinutes(1)));
        var governor = await GovernorAsync();

        Assert.Null(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, cost: 50, default));
        Assert.Equal("quota_reached", (await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, cost: 31, default))!.Code);
        Assert.Null(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, cost: 30, default));
        Assert.Equal("quota_reached", (await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default))!.Code);
        Assert.Equal(80, Value(await governor.GetStateAsync(_scope, method, default)).Usages[0].Used);
    }

    [Fact]
    public async Task What_the_provider_says_is_left_goes_before_what_was_counted()
    {
        var method = Method(new QuotaLimit(100, TimeSpan.FromMinutes(1)));
        var governor = await GovernorAsync();
        Assert.Null(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, cost: 80, default));

        // counted here it would be full, and there is more of it: a fifth is left to others
        await governor.ReportRemainingAsync(_scope, method, 22, default);
        Assert.Null(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, cost: 2, default));
        var refused = await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default);

        Assert.Equal("quota_reached", refused!.Code);
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_call_waits_for_the_longest_of_the_limits_it_would_pass()
    {
        var method = Method(
            new QuotaLimit(10, TimeSpan.FromMinutes(1)),
            new QuotaLimit(5, TimeSpan.FromHours(1)),
            new QuotaLimit(1_000, TimeSpan.FromDays(1)));
        var governor = await GovernorAsync();

        for (var call = 0; call < 4; call++)
        {
            Assert.Null(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default));
        }

        var refused = await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default);
        Assert.InRange(refused!.RetryAfter!.Value, TimeSpan.FromMinutes(58), TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task A_refused_call_does_not_count()
    {
        var method = Method(new QuotaLimit(5, TimeSpan.FromMinutes(1)), new QuotaLimit(1_000, TimeSpan.FromHours(1)));
        var governor = await GovernorAsync();

        for (var call = 0; call < 20; call++)
        {
            await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default);
        }

        var state = Value(await governor.GetStateAsync(_scope, method, default));
        Assert.Equal([new QuotaUsage(4, 4, method.Limits[0]), new QuotaUsage(4, 800, method.Limits[1])], state.Usages);
        Assert.Null(state.LockedFor);
    }

    [Fact]
    public async Task No_stretch_as_long_as_the_window_holds_more_than_the_ceiling_wherever_it_begins()
    {
        var window = TimeSpan.FromMilliseconds(600);
        var method = Method(new QuotaLimit(10, window));
        var governor = await GovernorAsync();
        List<(TimeSpan Before, TimeSpan After)> granted = [];
        var watch = Stopwatch.StartNew();

        while (granted.Count < 33 && watch.Elapsed < TimeSpan.FromSeconds(30))
        {
            var before = watch.Elapsed;
            if (await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default) is { RetryAfter: { } wait })
            {
                Assert.InRange(wait, TimeSpan.FromTicks(1), window * 1.1);
                await Task.Delay(TimeSpan.FromMilliseconds(5));
            }
            else
            {
                granted.Add((before, watch.Elapsed));
            }
        }

        // the ninth after a call was counted a window later; the count happened between Before and After
        Assert.Equal(33, granted.Count);
        Assert.All(Enumerable.Range(0, granted.Count - 8), i => Assert.True(granted[i + 8].After - granted[i].Before >= window));
    }

    [Fact]
    public async Task The_time_to_wait_is_the_time_until_a_call_is_free()
    {
        var method = Method(new QuotaLimit(1, TimeSpan.FromMilliseconds(300)));
        var governor = await GovernorAsync();
        Assert.Null(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default));
        var refused = await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default);
        var told = Stopwatch.StartNew();

        // time is Redis' own, which no test can move
        await Eventually.GetAsync(() => governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default), failure => failure is null);

        Assert.True(told.Elapsed > refused!.RetryAfter!.Value - TimeSpan.FromMilliseconds(100), "It was free before it was told to be.");
    }

    [Fact]
    public async Task Scopes_and_methods_do_not_share_a_quota()
    {
        var method = Method(new QuotaLimit(1, TimeSpan.FromMinutes(1)));
        var governor = await GovernorAsync();
        Assert.Null(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default));

        Assert.Null(await governor.TryTakeAsync($"{_scope}:other", method, Tenant, QuotaUse.Job, default));
        Assert.Null(await governor.TryTakeAsync(_scope, method with { Name = "other" }, Tenant, QuotaUse.Job, default));
        Assert.NotNull(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default));
    }

    [Fact]
    public async Task Reads_have_half_of_the_quota_and_the_rest_is_left_to_jobs()
    {
        var method = Method(new QuotaLimit(100, TimeSpan.FromMinutes(1)), new QuotaLimit(1_000, TimeSpan.FromHours(1)));
        var governor = await GovernorAsync();

        Assert.Equal(40, await TakenOfAsync(governor, method, Tenant, QuotaUse.Read, 400));
        var refused = await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Read, default);
        Assert.Equal("quota_reached", refused!.Code);
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(61));
        Assert.Equal(40, await TakenOfAsync(governor, method, Tenant, QuotaUse.Job, 100));
        Assert.Equal(80, Value(await governor.GetStateAsync(_scope, method, default)).Usages[0].Used);
    }

    [Fact]
    public async Task What_keeps_copies_leaves_half_to_who_wants_to_see_something()
    {
        var method = Method(new QuotaLimit(100, TimeSpan.FromMinutes(1)));
        var governor = await GovernorAsync();

        Assert.Equal(40, await TakenOfAsync(governor, method, Tenant, QuotaUse.Copy, 400));
        Assert.Equal(40, await TakenOfAsync(governor, method, Tenant, QuotaUse.Read, 400));
    }

    [Fact]
    public async Task The_last_fifth_of_an_accounts_quota_is_for_the_tenant_that_has_had_less_than_its_half()
    {
        var method = Method(new QuotaLimit(100, TimeSpan.FromMinutes(1)));
        var governor = await GovernorAsync();
        Assert.Equal(10, await TakenOfAsync(governor, method, Other, QuotaUse.Job, 10));

        Assert.Equal(54, await TakenOfAsync(governor, method, Tenant, QuotaUse.Job, 200));

        Assert.Equal(10, await TakenOfAsync(governor, method, Other, QuotaUse.Read, 10));
        Assert.Equal(6, await TakenOfAsync(governor, method, Other, QuotaUse.Job, 200));
    }

    [Fact]
    public async Task Who_asks_once_keeps_nobody_from_what_is_free_for_an_hour()
    {
        var method = Method(new QuotaLimit(1_000, TimeSpan.FromSeconds(10)), new QuotaLimit(100, TimeSpan.FromHours(1)));
        var governor = await GovernorAsync();
        Assert.Equal(50, await TakenOfAsync(governor, method, Tenant, QuotaUse.Job, 50));
        Assert.Equal(1, await TakenOfAsync(governor, method, Other, QuotaUse.Job, 1));

        Assert.Equal(10, await TakenOfAsync(governor, method, Tenant, QuotaUse.Job, 10));
    }

    [Fact]
    public async Task A_tenant_that_comes_later_gets_what_becomes_free_until_it_has_its_half()
    {
        var method = Method(new QuotaLimit(10, TimeSpan.FromMilliseconds(600)));
        var governor = await GovernorAsync();
        Assert.Equal(8, await TakenOfAsync(governor, method, Tenant, QuotaUse.Job, 20));
        Assert.Equal(0, await TakenOfAsync(governor, method, Other, QuotaUse.Job, 1));

        // time is Redis' own, which no test can move
        var taken = new List<TenantId>();
        await Eventually.GetAsync(
            async () =>
            {
                foreach (var tenant in new[] { Tenant, Tenant, Tenant, Other })
                {
                    taken.AddRange(Enumerable.Repeat(tenant, await TakenOfAsync(governor, method, tenant, QuotaUse.Job, 1)));
                }

                return taken.Count;
            },
            count => count >= 8);

        Assert.InRange(taken.Take(8).Count(tenant => tenant == Other), 2, 4);
    }

    [Fact]
    public async Task A_lock_stops_every_replica_until_it_is_over()
    {
        var method = Method(new QuotaLimit(100, TimeSpan.FromMinutes(1))) with { LockPeriod = TimeSpan.FromMilliseconds(400) };
        var (one, other) = (await GovernorAsync(), await GovernorAsync());

        var reported = await one.ReportLockAsync(_scope, method, default);
        var refused = await other.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default);
        var state = Value(await other.GetStateAsync(_scope, method, default));

        Assert.Equal((FailureKind.RateLimited, "quota_locked", method.LockPeriod), (reported.Kind, reported.Code, reported.RetryAfter));
        Assert.Equal("quota_locked", refused?.Code);
        Assert.InRange(refused!.RetryAfter!.Value, TimeSpan.FromTicks(1), method.LockPeriod);
        Assert.InRange(state.LockedFor!.Value, TimeSpan.FromTicks(1), method.LockPeriod);
        Assert.Equal(0, state.Usages[0].Used);

        Assert.Null(await Eventually.GetAsync(() => other.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default), answer => answer is null));
    }

    [Fact]
    public async Task Without_redis_nobody_calls()
    {
        using var nowhere = await ConnectionMultiplexer.ConnectAsync(RedisHosting.OptionsFor("127.0.0.1:1"));
        var governor = Governor(nowhere);
        var method = Method(new QuotaLimit(100, TimeSpan.FromMinutes(1)));

        var taken = await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default);
        var state = Refusal(await governor.GetStateAsync(_scope, method, default));
        var reported = await governor.ReportLockAsync(_scope, method, default);

        Assert.Equal((FailureKind.Unavailable, "quota_unknown", TimeSpan.FromSeconds(5)), (taken!.Kind, taken.Code, taken.RetryAfter));
        Assert.Equal("quota_unknown", state.Code);
        Assert.Equal("quota_locked", reported.Code);
    }

    [Fact]
    public async Task A_redis_that_forgot_the_script_is_told_it_again()
    {
        var method = Method(new QuotaLimit(100, TimeSpan.FromMinutes(1)));
        var governor = await GovernorAsync();
        Assert.Null(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default));

        await _connections[0].GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Null(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default));
    }

    [Fact]
    public async Task Counts_leave_redis_when_their_window_has_passed()
    {
        var method = Method(new QuotaLimit(100, TimeSpan.FromMinutes(1)));
        var governor = await GovernorAsync();
        Assert.Null(await governor.TryTakeAsync(_scope, method, Tenant, QuotaUse.Job, default));

        var life = await _connections[0].GetDatabase().KeyTimeToLiveAsync($"quota:{{{_scope}:method}}:60000");

        Assert.InRange(life!.Value, TimeSpan.FromSeconds(55), TimeSpan.FromSeconds(61));
    }

    [Fact]
    public void The_limits_of_campaigns_are_the_documented_ones()
    {
        Assert.Equal(
            [
                new QuotaLimit(500, TimeSpan.FromMinutes(1)),
                new QuotaLimit(12_500, TimeSpan.FromHours(1)),
                new QuotaLimit(75_000, TimeSpan.FromDays(1)),
            ],
            CampaignsMethods.Subscribe.Quota.Limits);
        Assert.Equal([new QuotaLimit(500, TimeSpan.FromMinutes(5))], CampaignsMethods.MailingLists.Quota.Limits);
        Assert.Equal([new QuotaLimit(100, TimeSpan.FromMinutes(5))], CampaignsMethods.ContactFields.Quota.Limits);
        Assert.All(
            new[] { CampaignsMethods.Subscribe, CampaignsMethods.MailingLists, CampaignsMethods.ContactFields },
            method => Assert.Equal(TimeSpan.FromMinutes(30), method.Quota.LockPeriod));
    }

    private async Task<int> TakenOfAsync(QuotaGovernor governor, QuotaMethod method, TenantId tenant, QuotaUse use, int calls)
    {
        var taken = 0;
        for (var call = 0; call < calls; call++)
        {
            taken += await governor.TryTakeAsync(_scope, method, tenant, use, default) is null ? 1 : 0;
        }

        return taken;
    }

    private static QuotaMethod Method(params QuotaLimit[] limits) => new("method", TimeSpan.FromMinutes(30), limits);

    private static QuotaGovernor Governor(IConnectionMultiplexer connection) =>
        new(
            new RedisServer(connection, NullLogger<RedisServer>.Instance),
            Options.Create(new ProvidersOptions()),
            NullLogger<QuotaGovernor>.Instance);

    private async Task<QuotaGovernor> GovernorAsync()
    {
        var connection = await ConnectionMultiplexer.ConnectAsync((await TestServers.Shared).Redis);
        _connections.Add(connection);
        return Governor(connection);
    }
}
