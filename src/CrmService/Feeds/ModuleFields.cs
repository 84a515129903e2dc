using System.Collections.Concurrent;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CrmService.Feeds;

/// <summary>
/// Which fields a module has for a connection's user, kept for six hours: a query that names one too many fails as a whole, and asking before each
/// would double the calls.
/// </summary>
internal sealed class ModuleFields(CrmClient crm, TimeProvider clock)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(6);
    private static readonly TimeSpan RefusedFor = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<(TenantId Tenant, string Connection, string Module), Known> _known = new();
    private readonly ConcurrentDictionary<(TenantId Tenant, string Connection, string Module, string Field), DateTimeOffset> _refused = new();

    public async Task<Result<KnownFields>> GetAsync(ProviderCall call, string module, CancellationToken cancellationToken)
    {
        var (key, now) = ((call.Tenant, call.ConnectionId, module), clock.GetUtcNow());
        if (_known.TryGetValue(key, out var known) && known.Until > now)
        {
            return new KnownFields(known.Names, Calls: 0);
        }

        if (!(await crm.GetFieldsAsync(call, module, cancellationToken)).Succeeded(out var fields, out var failure))
        {
            return failure;
        }

        // what is old is not looked for: as many as there are feeds
        var names = fields.Select(field => field.ApiName)
            .Where(name => !_refused.TryGetValue((key.Tenant, key.ConnectionId, module, name), out var until) || until <= now)
            .ToHashSet(StringComparer.Ordinal);
        _known[key] = known = new Known(names, now + KeptFor);
        return new KnownFields(known.Names, Calls: 1);
    }

    /// <summary>
    /// A query that named it was refused: it counts as one that is not there for a while. False where that was known.
    /// </summary>
    public bool Refuse(ProviderCall call, string module, string field)
    {
        Forget(call, module);
        var (key, now) = ((call.Tenant, call.ConnectionId, module, field), clock.GetUtcNow());
        if (_refused.TryGetValue(key, out var until) && until > now)
        {
            return false;
        }

        _refused[key] = now + RefusedFor;
        return true;
    }

    /// <summary>What is known of a module may be out of date: it is looked at anew.</summary>
    public void Forget(ProviderCall call, string module) => _known.TryRemove((call.Tenant, call.ConnectionId, module), out _);

    private sealed record Known(IReadOnlySet<string> Names, DateTimeOffset Until);
}

/// <summary>The fields of a module.</summary>
/// <param name="Names">Their API names.</param>
/// <param name="Calls">How many requests it took to know them.</param>
internal sealed record KnownFields(IReadOnlySet<string> Names, int Calls);
