using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>
/// Lets one replica at a time to a connection's refresh. This is the quick half, in Redis, so that the others wait without asking the
/// database; the half that decides is the lease in the connection's row, which is taken with the budget and holds without Redis too.
/// </summary>
internal sealed partial class RefreshLease(
    SharedRedis redis, TenantDb<TokensDbContext> db, TimeProvider clock, ILogger<RefreshLease> logger)
{
    /// <summary>
    /// Longer than one request to the provider may take (ten seconds) with the two transactions around it. Who dies is waited for as long.
    /// </summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    /// <summary>Both halves are given their whole life again this often while the provider is asked.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);

    private const string ReleaseScript =
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then
            return redis.call('DEL', KEYS[1])
        end
        return 0
        """;

    private const string RenewScript =
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then
            return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        end
        return 0
        """;

    /// <summary>False only when another one holds it: without Redis the database decides.</summary>
    public Task<bool> TryTakeAsync(ConnectionKey key, Guid owner) =>
        redis.AskAsync(database => database.StringSetAsync(KeyOf(key), owner.ToString(), Life, When.NotExists), whenAway: true);

    /// <summary>Gives it back if <paramref name="owner"/> still has it; where Redis does not answer, it ends by itself.</summary>
    public Task ReleaseAsync(ConnectionKey key, Guid owner) =>
        redis.AskAsync<RedisResult?>(
            async database => await database.ScriptEvaluateAsync(ReleaseScript, [KeyOf(key)], [(RedisValue)owner.ToString()]),
            whenAway: null);

    /// <summary>
    /// Renews both halves, as far as <paramref name="owner"/> still has them, until it is disposed: a provider that takes its time, or a
    /// process that was stopped for a moment, loses nothing to another replica.
    /// </summary>
    public IAsyncDisposable KeepRenewing(ConnectionKey key, Guid owner)
    {
        var ending = new CancellationTokenSource();
        return new Renewal(RenewUntilAsync(key, owner, ending.Token), ending);
    }

    private async Task RenewUntilAsync(ConnectionKey key, Guid owner, CancellationToken ending)
    {
        using var timer = new PeriodicTimer(RenewEvery, clock);
        while (await timer.WaitForNextTickAsync(ending))
        {
            try
            {
                await RenewAsync(key, owner, ending);
            }
            catch (Exception e) when (!ending.IsCancellationRequested)
            {
                // what was taken lasts for a while; the version decides in the end whose token is kept
                LogNotRenewed(e, key.Id);
            }
        }
    }

    private async Task RenewAsync(ConnectionKey key, Guid owner, CancellationToken cancellationToken)
    {
        await using var context = db.For(key.Tenant);
        await context.Database.ExecuteSqlAsync(
            $"UPDATE connections SET lease_until = now() + {Life} WHERE id = {key.Id} AND lease_owner = {owner}", cancellationToken);
        RedisValue[] arguments = [owner.ToString(), (long)Life.TotalMilliseconds];
        await redis.AskAsync<RedisResult?>(
            async database => await database.ScriptEvaluateAsync(RenewScript, [KeyOf(key)], arguments), whenAway: null);
    }

    private static RedisKey KeyOf(ConnectionKey key) => $"tokens:{{{key}}}:lease";

    private sealed class Renewal(Task renewing, CancellationTokenSource ending) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await ending.CancelAsync();
            // it ends with the cancellation and with nothing else
            await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ending.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: the lease of its refresh could not be renewed")]
    private partial void LogNotRenewed(Exception exception, Guid connectionId);
}
