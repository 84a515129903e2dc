using System.Security.Cryptography;
using System.Text.Json;
using StackExchange.Redis;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Sealing;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Cache;

/// <summary>
/// Tokens that all replicas share in Redis, sealed. It may lose everything at any time: PostgreSQL has the same, and a Redis that does not
/// answer is a miss.
/// </summary>
internal sealed partial class TokenCache(
    SharedRedis redis, TokenMemory memory, Seals seals, TimeProvider clock, ILogger<TokenCache> logger)
{
    // an entry of a newer version stays: a slow writer must not bring back a token that was replaced meanwhile
    private const string PutScript =
        """
        local known = tonumber(redis.call('HGET', KEYS[1], 'version') or '-1')
        if known > tonumber(ARGV[1]) then
            return 0
        end
        redis.call('HSET', KEYS[1], 'version', ARGV[1])
        redis.call('HSET', KEYS[1], 'token', ARGV[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        redis.call('PUBLISH', ARGV[4], ARGV[5])
        return 1
        """;

    // as long as a token can live, so that no older one can be put back
    private static readonly TimeSpan ForgottenFor = TimeSpan.FromHours(2);

    public async Task<HandOut?> FindAsync(ConnectionKey key)
    {
        var value = await redis.AskAsync(database => database.HashGetAsync(KeyOf(key), "token"), RedisValue.Null);
        if (value.IsNullOrEmpty)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<HandOut>(seals.Open(PlaceOf(key), value!));
        }
        catch (CryptographicException e)
        {
            // left by another installation, or put there by somebody else: the database knows better
            LogUnreadable(e, key.Id);
            return null;
        }
    }

    /// <summary>Shares a token that the database holds already, and tells the others.</summary>
    public async Task PutAsync(ConnectionKey key, HandOut token)
    {
        memory.Put(key, token);
        var isNewest = await WriteAsync(
            key, token.Version, seals.Seal(PlaceOf(key), JsonSerializer.Serialize(token)), token.ExpiresAt - clock.GetUtcNow());
        if (!isNewest)
        {
            // replaced since the database was asked, and the word of that may have come before this token was here
            memory.Forget(key, token.Version + 1);
        }
    }

    /// <summary>Makes every replica forget tokens that are older than <paramref name="version"/>.</summary>
    public async Task ForgetAsync(ConnectionKey key, long version)
    {
        memory.Forget(key, version);
        await WriteAsync(key, version, [], ForgottenFor);
    }

    // false where a newer one is there
    private async Task<bool> WriteAsync(ConnectionKey key, long version, byte[] token, TimeSpan life)
    {
        if (life <= TimeSpan.Zero)
        {
            return true;
        }

        RedisValue[] arguments =
            [version, token, (long)life.TotalMilliseconds, TokenChange.Channel, new TokenChange(key.Tenant, key.Id, version).ToString()];
        var written = await redis.AskAsync<RedisResult?>(
            async database => await database.ScriptEvaluateAsync(PutScript, [KeyOf(key)], arguments), whenAway: null);
        return written is null || (long)written == 1;
    }

    private static RedisKey KeyOf(ConnectionKey key) => $"tokens:{{{key}}}:access";

    internal static SecretPlace PlaceOf(ConnectionKey key) => new(key.Tenant, key.Id.ToString(), "cached_token");

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: the token in Redis does not open and is not used")]
    private partial void LogUnreadable(Exception exception, Guid connectionId);
}
