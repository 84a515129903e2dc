using System.Globalization;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using Role = ZohoPlatform.ServiceDefaults.Identity.Role;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>
/// What an API key may have of the hand-outs: tokens of connections that it names as its permission, and so many refreshes. Services of the
/// platform are asked for none of this.
/// </summary>
internal sealed class KeyAccess(TenantDb<TokensDbContext> db, SharedRedis redis)
{
    /// <summary>Tokens of one connection that one key can have replaced within <see cref="Window"/>; the budget of Zoho's ten is everybody's.</summary>
    public const int MostReplaced = 3;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    // a counter that would live for ever (its expiry was lost) is given one
    private const string CountScript =
        """
        local count = redis.call('INCR', KEYS[1])
        if redis.call('PTTL', KEYS[1]) < 0 then
            redis.call('PEXPIRE', KEYS[1], ARGV[1])
        end
        return count
        """;

    /// <summary>Null where <paramref name="caller"/> may have this connection's tokens; else why not.</summary>
    public async ValueTask<Failure?> RefusalAsync(Caller caller, Guid connection, CancellationToken cancellationToken)
    {
        if (caller.Role is Role.Service)
        {
            return null;
        }

        if (!caller.May(Permissions.TokensRead, connection.ToString()))
        {
            return PermissionMissing(caller);
        }

        // without an owner the tenant decides, which the hand-out itself asks for, from memory where it can
        if (caller.Owner is null)
        {
            return null;
        }

        await using var context = db.For(caller);
        return await context.Connections.AnyAsync(row => row.Id == connection, cancellationToken) ? null : ConnectionFailures.NotFound;
    }

    /// <summary>
    /// Null where the caller may report another token of this connection; else when it may again. While Redis is away nothing is counted,
    /// and the connection's refresh budget alone bounds what a key can do.
    /// </summary>
    public async Task<Failure?> TooManyReplacedAsync(Caller caller, ConnectionKey connection)
    {
        if (caller.Role is Role.Service)
        {
            return null;
        }

        var name = NameOf(caller, connection);
        var replaced = await redis.AskAsync(database => database.StringGetAsync(name), RedisValue.Null);
        if (!replaced.TryParse(out long count) || count < MostReplaced)
        {
            return null;
        }

        var left = await redis.AskAsync(database => database.KeyTimeToLiveAsync(name), whenAway: null);
        return new Failure(
            FailureKind.RateLimited,
            "too_many_rejected_tokens",
            string.Create(
                CultureInfo.InvariantCulture,
                $"This key had {MostReplaced} tokens of this connection replaced in {Window.TotalMinutes:0} minutes, and no more are: find out why they are rejected."))
        {
            RetryAfter = left ?? Window,
        };
    }

    public async Task NoteReplacedAsync(Caller caller, ConnectionKey connection)
    {
        if (caller.Role is not Role.Service)
        {
            await redis.AskAsync<RedisResult?>(
                async database => await database.ScriptEvaluateAsync(
                    CountScript, [NameOf(caller, connection)], [(long)Window.TotalMilliseconds]),
                whenAway: null);
        }
    }

    private static Failure PermissionMissing(Caller caller)
    {
        var has = caller.Scope.Split(' ').Count(permission => permission.StartsWith($"{Permissions.TokensRead}:", StringComparison.Ordinal));
        return new Failure(
            FailureKind.Forbidden,
            "permission_missing",
            $"This needs the permission {Permissions.TokensRead} for this connection, and the key has "
                + $"{(has == 0 ? "it for none" : "it for others alone")}: use a key that was made with it.");
    }

    private static RedisKey NameOf(Caller caller, ConnectionKey connection) => $"tokens:{{{connection}}}:replaced:{caller.Subject}";
}
