using StackExchange.Redis;

namespace ZohoPlatform.ServiceDefaults.Redis;

/// <summary>Redis could not be asked: it is down, starting, or did not answer in time. Nothing is known about what it holds.</summary>
public sealed class RedisUnavailableException(Exception cause) : Exception("Redis does not answer.", cause);

/// <summary>
/// The shared Redis. Every await on it is bounded, because the client's own async calls are not: against a stopped server they never return.
/// </summary>
public sealed class RedisServer(IConnectionMultiplexer connection)
{
    /// <summary>Far above any healthy answer, far below what a caller would wait.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Runs one command or script.</summary>
    /// <exception cref="RedisUnavailableException">Redis is down or did not answer within <see cref="AnswerTimeout"/>.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> command, CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                return await AskOnceAsync(command, cancellationToken);
            }
            catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                // a Redis that was flushed or failed over no longer knows the script, so nothing was run; the client sends it whole now
                return await AskOnceAsync(command, cancellationToken);
            }
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw new RedisUnavailableException(e);
        }
    }

    /// <summary>Tells all subscribers of <paramref name="channel"/>; fire and forget by nature: a subscriber that is away misses it.</summary>
    /// <exception cref="RedisUnavailableException">Redis is down or did not answer within <see cref="AnswerTimeout"/>.</exception>
    public async Task PublishAsync(string channel, string message, CancellationToken cancellationToken)
    {
        try
        {
            await connection.GetSubscriber().PublishAsync(RedisChannel.Literal(channel), message).WaitAsync(AnswerTimeout, cancellationToken);
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw new RedisUnavailableException(e);
        }
    }

    /// <summary>Calls <paramref name="handler"/> for every message until the process ends; the client subscribes again after a reconnect.</summary>
    /// <exception cref="RedisUnavailableException">Redis is down or did not answer within <see cref="AnswerTimeout"/>.</exception>
    public async Task SubscribeAsync(string channel, Action<string> handler, CancellationToken cancellationToken)
    {
        try
        {
            await connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal(channel), (_, message) => handler(message!)).WaitAsync(AnswerTimeout, cancellationToken);
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw new RedisUnavailableException(e);
        }
    }

    private Task<T> AskOnceAsync<T>(Func<IDatabase, Task<T>> command, CancellationToken cancellationToken) =>
        command(connection.GetDatabase()).WaitAsync(AnswerTimeout, cancellationToken);

    // a replica that is loading its data or was made read-only answers with a server error, and is as good as away
    private static bool IsOutage(Exception e) =>
        e is RedisConnectionException or TimeoutException or ObjectDisposedException
        || (e is RedisServerException && (e.Message.StartsWith("LOADING", StringComparison.Ordinal)
            || e.Message.StartsWith("READONLY", StringComparison.Ordinal)
            || e.Message.StartsWith("MASTERDOWN", StringComparison.Ordinal)));
}
