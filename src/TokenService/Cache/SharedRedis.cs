using StackExchange.Redis;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.TokenService.Cache;

/// <summary>
/// Redis as this service uses it: a help, never a need. One that does not answer is left alone for a moment, so that a hand-out does not
/// wait for it at every step.
/// </summary>
internal sealed partial class SharedRedis(RedisServer redis, TimeProvider clock, ILogger<SharedRedis> logger)
{
    private static readonly TimeSpan LeftAloneFor = TimeSpan.FromSeconds(2);

    // when it last failed to answer; zero while it answers
    private long _awaySince;

    /// <summary>The command's answer, or <paramref name="whenAway"/>.</summary>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> command, T whenAway)
    {
        var awaySince = Interlocked.Read(ref _awaySince);
        if (awaySince != 0 && clock.GetElapsedTime(awaySince) < LeftAloneFor)
        {
            return whenAway;
        }

        try
        {
            var answer = await redis.AskAsync(command, CancellationToken.None);
            if (awaySince != 0 && Interlocked.Exchange(ref _awaySince, 0) != 0)
            {
                LogBack();
            }

            return answer;
        }
        catch (RedisUnavailableException e)
        {
            if (Interlocked.Exchange(ref _awaySince, clock.GetTimestamp()) == 0)
            {
                LogAway(e);
            }

            return whenAway;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not answer: tokens and leases are kept by PostgreSQL alone")]
    private partial void LogAway(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis answers again")]
    private partial void LogBack();
}
