using System.Collections.Concurrent;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Cache;

/// <summary>
/// Hears from all replicas that a connection's token is another one now: forgets the old one and wakes who waits for the new one.
/// </summary>
internal sealed class TokenChanges(RedisServer redis, TokenMemory memory, TimeProvider clock)
    : BackgroundService
{
    private readonly ConcurrentDictionary<ConnectionKey, TaskCompletionSource> _waiting = new();

    /// <summary>Returns when the connection changed, or after <paramref name="atMost"/>: a message may be lost.</summary>
    public async Task WaitAsync(ConnectionKey key, TimeSpan atMost)
    {
        var changed = _waiting.GetOrAdd(key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await Task.WhenAny(changed.Task, Task.Delay(atMost, clock));
        _waiting.TryRemove(new KeyValuePair<ConnectionKey, TaskCompletionSource>(key, changed));
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        redis.SubscribeWhenThereAsync(TokenChange.Channel, Heard, stoppingToken);

    private void Heard(string message)
    {
        if (TokenChange.TryParse(message, out var change))
        {
            var key = new ConnectionKey(change.Tenant, change.ConnectionId);
            memory.Forget(key, change.Version);
            if (_waiting.TryRemove(key, out var waiting))
            {
                waiting.TrySetResult();
            }
        }
    }
}
