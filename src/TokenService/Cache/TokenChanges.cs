using System.Collections.Concurrent;
using System.Globalization;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Cache;

/// <summary>
/// Hears from all replicas that a connection's token is another one now: forgets the old one and wakes who waits for the new one.
/// </summary>
internal sealed partial class TokenChanges(RedisServer redis, TokenMemory memory, TimeProvider clock, ILogger<TokenChanges> logger)
    : BackgroundService
{
    /// <summary>Where <see cref="TokenCache"/> says it.</summary>
    public const string Channel = "tokens:changed";

    private static readonly TimeSpan SubscribeAgainAfter = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ConnectionKey, TaskCompletionSource> _waiting = new();

    public static string MessageOf(ConnectionKey key, long version) =>
        string.Create(CultureInfo.InvariantCulture, $"{key.Tenant} {key.Id} {version}");

    /// <summary>Returns when the connection changed, or after <paramref name="atMost"/>: a message may be lost.</summary>
    public async Task WaitAsync(ConnectionKey key, TimeSpan atMost)
    {
        var changed = _waiting.GetOrAdd(key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await Task.WhenAny(changed.Task, Task.Delay(atMost, clock));
        _waiting.TryRemove(new KeyValuePair<ConnectionKey, TaskCompletionSource>(key, changed));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                // the client subscribes again by itself after a reconnect
                await redis.SubscribeAsync(Channel, Heard, stoppingToken);
                return;
            }
            catch (RedisUnavailableException e)
            {
                LogNotSubscribed(e.Message);
                await Task.Delay(SubscribeAgainAfter, clock, stoppingToken);
            }
        }
    }

    private void Heard(string message)
    {
        var parts = message.Split(' ');
        if (parts.Length == 3
            && TenantId.TryParse(parts[0], null, out var tenant)
            && Guid.TryParse(parts[1], out var id)
            && long.TryParse(parts[2], CultureInfo.InvariantCulture, out var version))
        {
            var key = new ConnectionKey(tenant, id);
            memory.Forget(key, version);
            if (_waiting.TryRemove(key, out var waiting))
            {
                waiting.TrySetResult();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not told of changed tokens yet: {Reason}")]
    private partial void LogNotSubscribed(string reason);
}
