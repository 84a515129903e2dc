using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;
using ZohoPlatform.TokenService.AccessTokens;

namespace ZohoPlatform.TokenService.Tests.AccessTokens;

/// <summary>
/// Who may ask the provider, and for how long. The clock of the lease's row is PostgreSQL's, that of its quick half is Redis'.
/// </summary>
public sealed class LeaseTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _answer = new();

    private TokenWorld _world = null!;
    private Connection _connection = null!;

    public async Task InitializeAsync()
    {
        _world = await TokenWorld.StartAsync();
        _connection = await _world.ConnectAsync();
        _world.ExpireTokens();
        _world.Zoho.Gate = _answer.Task;
    }

    public async Task DisposeAsync()
    {
        _answer.TrySetResult();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_provider_that_takes_its_time_loses_no_lease()
    {
        var asking = await AskAsync();
        await _world.SqlAsync("UPDATE connections SET lease_until = now() + interval '15 seconds'");
        await RedisAsync(database => database.KeyExpireAsync(Key, TimeSpan.FromSeconds(15)));

        await RenewedAsync();
        var other = _world.TokenAsync(_connection.Id, await _world.StartHostAsync());
        _answer.SetResult();

        var token = await asking;
        // it may have begun to listen after the word of the first one: then it looks again by the clock, for 12 s of it
        for (var look = 0; look < 40 && !other.IsCompleted; look++)
        {
            await Task.WhenAny(other, Task.Delay(TimeSpan.FromMilliseconds(500)));
            _world.Clock.Advance(TimeSpan.FromMilliseconds(250));
        }

        Assert.Equal(token.AccessToken, (await other).AccessToken);
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
        // and both halves are given back
        Assert.Equal(0L, await _world.SqlAsync("SELECT count(*) FROM connections WHERE lease_owner IS NOT NULL"));
        Assert.False(await RedisAsync(database => database.KeyExistsAsync(Key)));
    }

    [Fact]
    public async Task A_lease_that_another_one_has_is_neither_renewed_nor_given_back()
    {
        var asking = await AskAsync();
        await _world.SqlAsync(
            "UPDATE connections SET lease_owner = '0199a000-0000-7000-8000-000000000001', lease_until = now() + interval '20 seconds'");
        await RedisAsync(database => database.StringSetAsync(Key, "another", TimeSpan.FromSeconds(20)));
        _world.Clock.Advance(RefreshLease.RenewEvery * 3);
        _answer.SetResult();

        // the answer came to one who had lost the lease: it is not kept
        await Eventually.GetAsync(
            () => _world.SqlAsync("SELECT count(*) FROM refresh_attempts WHERE verdict = 'granted'"), granted => granted is 2L);

        Assert.Equal("another", (string?)await RedisAsync(database => database.StringGetAsync(Key)));
        Assert.True(await RedisAsync(database => database.KeyTimeToLiveAsync(Key)) <= TimeSpan.FromSeconds(20));
        Assert.Equal(
            1L,
            await _world.SqlAsync(
                "SELECT count(*) FROM connections WHERE lease_owner = '0199a000-0000-7000-8000-000000000001' "
                    + "AND lease_until <= now() + interval '20 seconds'"));
        await TokenWorld.RefusedAsync("refresh_in_progress", () => asking);
    }

    [Fact]
    public async Task A_lease_without_a_living_owner_ends()
    {
        _answer.SetResult();
        await _world.SqlAsync("UPDATE connections SET lease_owner = gen_random_uuid(), lease_until = now() + interval '1 second'");
        await RedisAsync(database => database.StringSetAsync(Key, "of a dead process", TimeSpan.FromSeconds(1)));

        var asking = _world.TokenAsync(_connection.Id);
        await Eventually.GetAsync(
            () =>
            {
                _world.Clock.Advance(TimeSpan.FromMilliseconds(100));
                return Task.FromResult(asking.IsCompleted);
            },
            isCompleted => isCompleted);

        Assert.Contains((await asking).AccessToken, _world.Zoho.Given);
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
    }

    private RedisKey Key => $"tokens:{{{_world.Tenant}:{_connection.Id}}}:lease";

    /// <summary>A caller whose request Zoho has, and does not answer.</summary>
    private async Task<Task<GetAccessTokenResponse>> AskAsync()
    {
        var asking = _world.TokenAsync(_connection.Id);
        await Eventually.GetAsync(() => Task.FromResult(_world.Zoho.Refreshes.Count), refreshes => refreshes == 2);
        return asking;
    }

    private async Task RenewedAsync()
    {
        // once only: what waits for another replica's refresh goes by this clock too
        _world.Clock.Advance(RefreshLease.RenewEvery);
        await Eventually.GetAsync(
            () => _world.SqlAsync("SELECT lease_until > now() + interval '16 seconds' FROM connections"), renewed => renewed is true);
        await Eventually.GetAsync(
            () => RedisAsync(database => database.KeyTimeToLiveAsync(Key)), left => left > TimeSpan.FromSeconds(16));
    }

    private async Task<T> RedisAsync<T>(Func<IDatabase, Task<T>> command) =>
        await _world.Host.Services.GetRequiredService<RedisServer>().AskAsync(command, CancellationToken.None);
}
