using System.Diagnostics.CodeAnalysis;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// What Zoho said of lists, kept for a while: read once for all who ask meanwhile, and bounded for a tenant and for all. It is read with the
/// part of the quota that reads have.
/// </summary>
internal sealed class KeptOfLists<T>(TimeProvider clock, TimeSpan keptFor)
    where T : class
{
    private const int MostLists = 200;
    private const int MostListsOfATenant = 5;

    private readonly Lock _gate = new();
    private readonly Dictionary<(TenantId Tenant, string Connection, string ListKey), (Task<T> Answer, DateTimeOffset Until)> _kept = [];

    /// <summary>What is kept of a list, or read now; false where as much is kept already as may be.</summary>
    /// <param name="call">On whose behalf Zoho is asked.</param>
    /// <param name="listKey">Which list.</param>
    /// <param name="read">Reads it, whoever of those who wait goes away; one that throws is not kept.</param>
    /// <param name="answer">To be waited for.</param>
    public bool TryGet(ProviderCall call, string listKey, Func<ProviderCall, Task<T>> read, [NotNullWhen(true)] out Task<T>? answer)
    {
        lock (_gate)
        {
            var (key, now) = ((call.Tenant, call.ConnectionId, listKey), clock.GetUtcNow());
            if (_kept.TryGetValue(key, out var kept) && kept.Until > now
                && kept.Answer is not { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                answer = kept.Answer;
                return true;
            }

            foreach (var (old, _) in _kept.Where(one => one.Value.Until <= now).ToList())
            {
                _kept.Remove(old);
            }

            var own = _kept.Where(one => one.Key.Tenant == call.Tenant).ToList();
            if (own.Count >= MostListsOfATenant)
            {
                _kept.Remove(own.MinBy(one => one.Value.Until).Key);
            }

            if (_kept.Count >= MostLists)
            {
                answer = null;
                return false;
            }

            answer = read(call with { Use = QuotaUse.Read });
            _kept[key] = (answer, now + keptFor);
            return true;
        }
    }

    /// <summary>Who asks next has it read anew.</summary>
    public void Forget(ProviderCall call, string listKey)
    {
        lock (_gate)
        {
            _kept.Remove((call.Tenant, call.ConnectionId, listKey));
        }
    }
}
