using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Cache;

/// <summary>
/// Which connection serves a tenant's feature, for a short while. Any change of any of the tenant's connections may make it another one.
/// </summary>
internal sealed class FeatureMemory(TimeProvider clock)
{
    private readonly ConcurrentDictionary<Key, Entry> _entries = new();

    public Guid? Find(TenantId tenant, string feature) =>
        _entries.TryGetValue(new Key(tenant, feature), out var entry) && entry.TrustedUntil > clock.GetUtcNow() ? entry.ConnectionId : null;

    public void Put(TenantId tenant, string feature, Guid connection) =>
        _entries[new Key(tenant, feature)] = new Entry(connection, clock.GetUtcNow() + TokenMemory.Trusted);

    public void Forget(TenantId tenant) => Remove((key, _) => key.Tenant == tenant);

    /// <summary>Takes out what is not trusted any more.</summary>
    public void Sweep(DateTimeOffset now) => Remove((_, entry) => entry.TrustedUntil < now);

    private void Remove(Func<Key, Entry, bool> isOld)
    {
        foreach (var entry in _entries.Where(entry => isOld(entry.Key, entry.Value)))
        {
            _entries.TryRemove(entry);
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Key(TenantId Tenant, string Feature);

    private sealed record Entry(Guid ConnectionId, DateTimeOffset TrustedUntil);
}
