using StackExchange.Redis;

namespace ZohoPlatform.ServiceDefaults.Redis;

/// <summary>Redis could not be asked: it is down, starting, or did not answer in time. Nothing is known about what it holds.</summary>
public sealed class RedisUnavailableException(Exception cause) : Exception("Redis does not answer.", cause);

/// <summary>
/// The shared Redis. How long it may take to answer is the client's own setting (<see cref="RedisHosting.OptionsFor"/>); what the client
/// throws when Redis cannot be asked becomes one exception here.
/// </summary>
public sealed class RedisServer(IConnectionMultiplexer connection)
{
    /// <summary>Runs one command or script.</summary>
    /// <exception cref="RedisUnavailableException">Redis is down or did not answer in time.</exception>
    public Task<T> AskAsync<T>(Func<IDatabase, Task<T>> command, CancellationToken cancellationToken) =>
        ReachAsync(() => command(connection.GetDatabase()), cancellationToken);

    /// <summary>Tells all subscribers of <paramref name="channel"/>; one that is away misses it.</summary>
    /// <exception cref="RedisUnavailableException">Redis is down or did not answer in time.</exception>
    public Task PublishAsync(string channel, string message, CancellationToken cancellationToken) =>
        ReachAsync(() => connection.GetSubscriber().PublishAsync(RedisChannel.Literal(channel), message), cancellationToken);

    /// <summary>
    /// Calls <paramref name="handler"/> for every message until the process ends; the client subscribes again after a reconnect.
    /// </summary>
    /// <exception cref="RedisUnavailableException">Redis is down or did not answer in time.</exception>
    public async Task SubscribeAsync(string channel, Action<string> handler, CancellationToken cancellationToken)
    {
        var messages = await ReachAsync(() => connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal(channel)), cancellationToken);
        messages.OnMessage(message => handler(message.Message!));
    }

    private static async Task<T> ReachAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask().WaitAsync(cancellationToken);
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw new RedisUnavailableException(e);
        }
    }

    // one that is loading its data, was made read-only or cannot take a write answers with an error, and is as good as away
    private static bool IsOutage(Exception e) =>
        e is RedisConnectionException or TimeoutException or ObjectDisposedException
            or RedisServerException
        {
            Kind: RedisErrorKind.Loading or RedisErrorKind.MasterDown or RedisErrorKind.ReadOnly or RedisErrorKind.Busy
                    or RedisErrorKind.Misconfigured or RedisErrorKind.OutOfMemory,
        };
}
