using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.Providers.Access;

/// <summary>
/// What the token service answered, for a short while: <see cref="TokenChange"/> says at once that it is out of date, and may be lost with
/// Redis.
/// </summary>
internal sealed class AccessMemory(RedisServer redis, TimeProvider clock) : BackgroundService
{
    /// <summary>An answer is trusted for so long. Half of the validity that is asked for, so that no token ends in here.</summary>
    public static readonly TimeSpan Trusted = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LifeLeft = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Key, Entry> _entries = new();

    public ProviderToken? Find(Key key) =>
        _entries.TryGetValue(key, out var entry) && entry.TrustedUntil > clock.GetUtcNow() ? entry.Token : null;

    /// <summary>Keeps an answer to <paramref name="asked"/>, which answers whoever asks for its connection too.</summary>
    public void Put(Key asked, ProviderToken token)
    {
        var (trusted, left) = (clock.GetUtcNow() + Trusted, token.ExpiresAt - LifeLeft);
        var entry = new Entry(token, trusted < left ? trusted : left);
        _entries[asked] = entry;
        _entries[asked.OfConnection(token.ConnectionId)] = entry;
    }

    /// <summary>Forgets what was answered with this token.</summary>
    public void Forget(TenantId tenant, ProviderToken token) =>
        Remove((key, entry) => key.Tenant == tenant && entry.Token.AccessToken == token.AccessToken);

    /// <summary>
    /// Forgets what is older. A feature may be another connection's now, whichever connection the change is about: that is asked again.
    /// </summary>
    public void Forget(TokenChange change)
    {
        var id = change.ConnectionId.ToString();
        Remove((key, entry) => key.Tenant == change.Tenant
            && (entry.Token.ConnectionId == id ? entry.Token.Version < change.Version : key.Feature is not null));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await redis.SubscribeWhenThereAsync(TokenChange.Channel, Heard, stoppingToken);
        using var timer = new PeriodicTimer(SweepEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = clock.GetUtcNow();
            Remove((_, entry) => entry.TrustedUntil < now);
        }
    }

    private void Heard(string message)
    {
        if (TokenChange.TryParse(message, out var change))
        {
            Forget(change);
        }
    }

    private void Remove(Func<Key, Entry, bool> isOld)
    {
        foreach (var entry in _entries.Where(entry => isOld(entry.Key, entry.Value)))
        {
            _entries.TryRemove(entry);
        }
    }

    /// <summary>What was asked for: a feature, or a connection.</summary>
    /// <param name="Tenant">Whose it is.</param>
    /// <param name="Feature">The feature, or null.</param>
    /// <param name="ConnectionId">The connection, or null.</param>
    /// <param name="Purpose">What for: each purpose asks on its own, so that the audit has it.</param>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Key(TenantId Tenant, string? Feature, string? ConnectionId, string Purpose)
    {
        public Key OfConnection(string id) => new(Tenant, null, id, Purpose);
    }

    private sealed record Entry(ProviderToken Token, DateTimeOffset TrustedUntil);
}
