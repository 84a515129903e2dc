using System.Collections.Concurrent;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Cache;

/// <summary>
/// Tokens in this process, the only place where they are readable. An entry is trusted for a short while only, because the message that it
/// is old may be lost with Redis.
/// </summary>
internal sealed class TokenMemory(FeatureMemory features, TimeProvider clock) : BackgroundService
{
    /// <summary>An entry is trusted for so long.</summary>
    public static readonly TimeSpan Trusted = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<ConnectionKey, Entry> _entries = new();

    public HandOut? Find(ConnectionKey key, TimeSpan minValidity)
    {
        var now = clock.GetUtcNow();
        return _entries.TryGetValue(key, out var entry) && entry.TrustedUntil > now && entry.Token.IsValidAt(now + minValidity)
            ? entry.Token
            : null;
    }

    public void Put(ConnectionKey key, HandOut token)
    {
        var entry = new Entry(token, clock.GetUtcNow() + Trusted);
        _entries.AddOrUpdate(key, entry, (_, known) => known.Token.Version > token.Version ? known : entry);
    }

    /// <summary>Forgets a token that is older than <paramref name="version"/>, and which connection serves which of the tenant's features.</summary>
    public void Forget(ConnectionKey key, long version)
    {
        features.Forget(key.Tenant);
        if (_entries.TryGetValue(key, out var entry) && entry.Token.Version < version)
        {
            _entries.TryRemove(new KeyValuePair<ConnectionKey, Entry>(key, entry));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = clock.GetUtcNow();
            foreach (var old in _entries.Where(entry => entry.Value.TrustedUntil < now))
            {
                _entries.TryRemove(old);
            }

            features.Sweep(now);
        }
    }

    private sealed record Entry(HandOut Token, DateTimeOffset TrustedUntil);
}
