using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using ZohoPlatform.CampaignsService.Results;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests.Results;

/// <summary>What is kept of Zoho's answers, and what is done where nothing can be kept.</summary>
public sealed class ResultsCacheTests : IAsyncLifetime
{
    private readonly ProviderCall _call = new(new TenantId(Guid.NewGuid()), "connection-1", "eu", "campaigns.results");
    private ConnectionMultiplexer _redis = null!;
    private int _reads;

    public async Task InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync((await TestServers.Shared).Redis);

    public Task DisposeAsync()
    {
        _redis.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task An_answer_is_kept_for_its_time_and_not_for_another_connection()
    {
        var cache = Cache(_redis);

        await ReadAsync(cache, _call);
        await ReadAsync(cache, _call);
        Assert.Equal(1, _reads);
        Assert.InRange((await _redis.GetDatabase().KeyTimeToLiveAsync(Key)) ?? default, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

        await ReadAsync(cache, _call with { ConnectionId = "connection-2" });
        await ReadAsync(cache, _call with { Tenant = new TenantId(Guid.NewGuid()) });
        Assert.Equal(3, _reads);

        await cache.ForgetAsync(_call, "lists", default);
        await ReadAsync(cache, _call);
        Assert.Equal(4, _reads);
    }

    [Fact]
    public async Task Where_redis_does_not_answer_zoho_is_asked_each_time()
    {
        using var away = await ConnectionMultiplexer.ConnectAsync(RedisHosting.OptionsFor("127.0.0.1:1"));
        var cache = Cache(away);

        Assert.Equal("List 1", (await ReadAsync(cache, _call)).Lists[0].Name);
        Assert.Equal("List 2", (await ReadAsync(cache, _call)).Lists[0].Name);
        await cache.ForgetAsync(_call, "lists", default);
    }

    [Fact]
    public async Task What_is_kept_and_cannot_be_read_is_read_again()
    {
        await _redis.GetDatabase().StringSetAsync(Key, "no answer");

        Assert.Equal("List 1", (await ReadAsync(Cache(_redis), _call)).Lists[0].Name);
    }

    [Fact]
    public async Task A_very_long_answer_is_not_kept()
    {
        await ReadAsync(Cache(_redis), _call, new string('x', 1024 * 1024));
        await ReadAsync(Cache(_redis), _call, new string('x', 1024 * 1024));

        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task A_fresh_answer_is_read_once_a_minute_by_one_who_asks_and_again_where_that_failed()
    {
        var cache = Cache(_redis);
        await ReadAsync(cache, _call);

        Assert.Equal("List 1", (await ReadAsync(cache, _call, refresh: true)).Lists[0].Name);
        await AgeAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ReadAsync(cache, _call, refresh: true)));
        Assert.Equal(2, _reads);
        Assert.Contains(answers, answer => answer.Lists[0].Name == "List 2");

        // another one has its turn
        await AgeAsync();
        Assert.Equal("List 2", (await ReadAsync(cache, _call, refresh: true)).Lists[0].Name);
        await _redis.GetDatabase().KeyDeleteAsync($"{Key}:turn");
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(cache, _call, refresh: true, fails: true));
        Assert.Equal("List 4", (await ReadAsync(cache, _call, refresh: true)).Lists[0].Name);
    }

    private async Task AgeAsync() => Assert.True(await _redis.GetDatabase().KeyExpireAsync(Key, TimeSpan.FromMinutes(4) - TimeSpan.FromSeconds(1)));

    private string Key => $"campaign-results:{_call.Tenant}:connection-1:lists";

    private static ResultsCache Cache(ConnectionMultiplexer redis) =>
        new(new RedisServer(redis, NullLogger<RedisServer>.Instance), NullLogger<ResultsCache>.Instance);

    private async Task<ListMailingListsResponse> ReadAsync(ResultsCache cache, ProviderCall call, string more = "", bool refresh = false, bool fails = false)
    {
        Result<ListMailingListsResponse> result = await cache.GetAsync(
            call, "lists", TimeSpan.FromMinutes(5), refresh, ListMailingListsResponse.Parser,
            async () =>
            {
                var number = Interlocked.Increment(ref _reads);
                await Task.Yield();
                return fails
                    ? new Failure(FailureKind.Unavailable, "zoho_unavailable", "Zoho does not answer.")
                    : new ListMailingListsResponse { Lists = { new MailingList { Name = $"List {number}{more}" } } };
            },
            default);
        return result.Succeeded(out var answer, out var failure) ? answer : throw new InvalidOperationException(failure.Code);
    }
}
