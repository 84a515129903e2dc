using Google.Protobuf;
using StackExchange.Redis;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.CampaignsService.Results;

/// <summary>
/// Answers that were read from Zoho, kept in Redis for a while for the tenant and the connection they were read with, whole and as they
/// were given. Zoho is asked where there is none, and where Redis does not answer; for a fresh one instead of one that is kept once a
/// minute at most, by one who asks at a time. There are never more than Zoho's call limits let in within the time that an answer is kept.
/// </summary>
internal sealed partial class ResultsCache(RedisServer redis, ILogger<ResultsCache> logger)
{
    // a longer answer is read again each time, so that no tenant fills Redis
    private const int MaxBytes = 1024 * 1024;

    // calls of Zoho's that syncs need, too: an answer says when it was read
    private static readonly TimeSpan RefreshedEvery = TimeSpan.FromMinutes(1);

    /// <summary>The kept answer, or that of <paramref name="read"/>, which is kept then; a failure never is.</summary>
    /// <param name="call">Whose answer it is.</param>
    /// <param name="question">What was asked, with everything that the answer depends on.</param>
    /// <param name="keptFor">How old a kept answer may be.</param>
    /// <param name="refresh">Asks Zoho where what is kept is a minute old, and nobody else is asking for another.</param>
    /// <param name="parser">Reads the kept form.</param>
    /// <param name="read">Asks Zoho.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<Result<T>> GetAsync<T>(
        ProviderCall call, string question, TimeSpan keptFor, bool refresh, MessageParser<T> parser, Func<Task<Result<T>>> read,
        CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        var key = KeyOf(call, question);
        var (kept, left) = await FindAsync(key, parser, cancellationToken);
        if (kept is not null && (!refresh || keptFor - left < RefreshedEvery || !await TakeTurnAsync(key, cancellationToken)))
        {
            return kept;
        }

        var answer = await read();
        var succeeded = answer.Succeeded(out var fresh, out _);
        if (succeeded && fresh!.CalculateSize() <= MaxBytes)
        {
            await TryAsync(database => database.StringSetAsync(key, fresh.ToByteArray(), keptFor), cancellationToken);
        }
        else if (!succeeded && kept is not null)
        {
            // nothing was read: who asks next need not wait
            await TryAsync(database => database.KeyDeleteAsync(TurnOf(key)), cancellationToken);
        }

        return answer;
    }

    /// <summary>Makes the next one who asks ask Zoho.</summary>
    public Task ForgetAsync(ProviderCall call, string question, CancellationToken cancellationToken) =>
        TryAsync(database => database.KeyDeleteAsync(KeyOf(call, question)), cancellationToken);

    private Task<bool> TakeTurnAsync(RedisKey key, CancellationToken cancellationToken) =>
        TryAsync(database => database.StringSetAsync(TurnOf(key), "taken", RefreshedEvery, When.NotExists), cancellationToken);

    private async Task<(T? Kept, TimeSpan Left)> FindAsync<T>(RedisKey key, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        var found = await TryAsync(database => database.StringGetWithExpiryAsync(key), cancellationToken);
        try
        {
            return found.Value.IsNull ? default : (parser.ParseFrom((byte[])found.Value!), found.Expiry ?? TimeSpan.Zero);
        }
        catch (InvalidProtocolBufferException e)
        {
            LogUnreadable(e);
            return default;
        }
    }

    private async Task<TAnswer?> TryAsync<TAnswer>(Func<IDatabase, Task<TAnswer>> command, CancellationToken cancellationToken)
    {
        try
        {
            return await redis.AskAsync(command, cancellationToken);
        }
        catch (RedisUnavailableException e)
        {
            LogAway(e);
            return default;
        }
    }

    // another connection may be another Zoho account
    private static RedisKey KeyOf(ProviderCall call, string question) => $"campaign-results:{call.Tenant}:{call.ConnectionId}:{question}";

    private static RedisKey TurnOf(RedisKey key) => key.Append(":turn");

    [LoggerMessage(Level = LogLevel.Warning, Message = "Results of Campaigns cannot be kept: Redis does not answer")]
    private partial void LogAway(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A kept result of Campaigns cannot be read and is read from Zoho again")]
    private partial void LogUnreadable(Exception exception);
}
