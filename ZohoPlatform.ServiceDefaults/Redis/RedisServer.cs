using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ZohoPlatform.ServiceDefaults.Redis;

/// <summary>
/// Redis could not be asked: it is down, starting, did not answer in time, or refuses in its present state. Nothing is known about what it
/// holds.
/// </summary>
public sealed class RedisUnavailableException(Exception cause) : Exception(
    cause is RedisServerException { Kind: var kind } ? $"Redis refuses what it is asked ({kind})." : "Redis does not answer.", cause);

/// <summary>
/// The shared Redis. How long it may take to answer is the client's own setting (<see cref="RedisHosting.OptionsFor"/>); what the client
/// throws when Redis cannot be asked becomes one exception here.
/// </summary>
public sealed partial class RedisServer(Task<IConnectionMultiplexer> connection, ILogger<RedisServer> logger)
{
    private static readonly TimeSpan SubscribeAgainAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstAgainAfter = TimeSpan.FromMilliseconds(50);
    private const int FirstTries = 20;

    private bool _toldRefusal;

    /// <summary>On a connection that is there already.</summary>
    public RedisServer(IConnectionMultiplexer connection, ILogger<RedisServer> logger)
        : this(Task.FromResult(connection), logger)
    {
    }

    /// <summary>Runs one command or script.</summary>
    /// <exception cref="RedisUnavailableException">Redis is down, did not answer in time, or refuses.</exception>
    public Task<T> AskAsync<T>(Func<IDatabase, Task<T>> command, CancellationToken cancellationToken) =>
        ReachAsync(async () => await command((await connection).GetDatabase()), cancellationToken);

    /// <summary>Tells all subscribers of <paramref name="channel"/>; one that is away misses it.</summary>
    /// <exception cref="RedisUnavailableException">Redis is down, did not answer in time, or refuses.</exception>
    public Task PublishAsync(string channel, string message, CancellationToken cancellationToken) =>
        ReachAsync(
            async () => await (await connection).GetSubscriber().PublishAsync(RedisChannel.Literal(channel), message), cancellationToken);

    /// <summary>
    /// Calls <paramref name="handler"/> for every message until the process ends; the client subscribes again after a reconnect.
    /// </summary>
    /// <exception cref="RedisUnavailableException">Redis is down, did not answer in time, or refuses.</exception>
    public async Task SubscribeAsync(string channel, Action<string> handler, CancellationToken cancellationToken)
    {
        var messages = await ReachAsync(
            async () => await (await connection).GetSubscriber().SubscribeAsync(RedisChannel.Literal(channel)), cancellationToken);
        messages.OnMessage(message => handler(message.Message!));
    }

    /// <summary>As <see cref="SubscribeAsync"/>; while Redis is away it is asked again every five seconds.</summary>
    public async Task SubscribeWhenThereAsync(string channel, Action<string> handler, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await SubscribeAsync(channel, handler, cancellationToken);
                return;
            }
            catch (RedisUnavailableException e)
            {
                // a process that has just started may not be connected yet: nothing to tell, and what is said meanwhile is missed
                var isFirst = tries <= FirstTries;
                if (!isFirst)
                {
                    LogNotSubscribed(channel, e.Message);
                }

                // a network's time, not the service's
                await Task.Delay(isFirst ? FirstAgainAfter : SubscribeAgainAfter, TimeProvider.System, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not told of {Channel} yet: {Reason}")]
    private partial void LogNotSubscribed(string channel, string reason);

    private async Task<T> ReachAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask().WaitAsync(cancellationToken);
        }
        catch (Exception e) when (IsOutage(e))
        {
            // no outage that ends by itself: somebody has to mend what this login may do
            if (e is RedisServerException { Kind: RedisErrorKind.NoPermission } && !Interlocked.Exchange(ref _toldRefusal, true))
            {
                LogRefused(e.Message);
            }

            throw new RedisUnavailableException(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Redis does not let this service do what it needs; further refusals are not logged: {Reason}")]
    private partial void LogRefused(string reason);

    private static bool IsOutage(Exception e) =>
        e is RedisConnectionException or TimeoutException or ObjectDisposedException || (e is RedisServerException error && !IsOurs(error));

    // named are the errors of a command itself: a server has many states in which it refuses, and later versions have more
    private static bool IsOurs(RedisServerException e) => e.Kind switch
    {
        RedisErrorKind.WrongType or RedisErrorKind.NoScript or RedisErrorKind.ExecAbort or RedisErrorKind.CrossSlot => true,
        RedisErrorKind.UnknownError or RedisErrorKind.UnknownCommand => !IsScriptRefused(e.Message),
        _ => false,
    };

    // what would be NOPERM of a command is a plain ERR of a script that has the command; the words are of Redis 7.0 and of later ones
    private static bool IsScriptRefused(string message) =>
        message.Contains("The user executing the script can't", StringComparison.Ordinal)
            || message.Contains("ACL failure in script", StringComparison.Ordinal);
}
