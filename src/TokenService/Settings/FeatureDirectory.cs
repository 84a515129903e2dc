using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Settings;

/// <summary>
/// Knows which connection serves a feature of a tenant: the one that is chosen, whatever its state. The first that is connected for it is, until
/// a person chooses another: nobody takes over by connecting, by another's end, or by being in a better state.
/// </summary>
internal sealed class FeatureDirectory(TenantDb<TokensDbContext> db, ProviderCatalogue providers, FeatureMemory memory)
{
    /// <summary>
    /// Its id: from memory, or by one question to the database, which opens no secret. For a caller who is bound to an owner: of that owner's
    /// connections, which are never in memory: the chosen one, else an active one before others, then the oldest.
    /// </summary>
    public async ValueTask<Result<ConnectionKey>> FindAsync(Caller caller, string feature, CancellationToken cancellationToken)
    {
        if (caller.Owner is null && memory.Find(caller.Tenant, feature) is { } known)
        {
            return new ConnectionKey(caller.Tenant, known);
        }

        if (!providers.OfFeature(feature).Succeeded(out var provider, out var unknown))
        {
            return unknown;
        }

        await using var context = db.For(caller);
        var found = await context.Connections
            .Where(row => row.Features.Contains(feature))
            .OrderByDescending(row => context.FeatureConnections.Any(chosen => chosen.Feature == feature && chosen.ConnectionId == row.Id))
            .ThenByDescending(row => row.State == ConnectionState.Active)
            .ThenBy(row => row.Id)
            .Select(row => new
            {
                row.Id,
                IsChosen = context.FeatureConnections.Any(chosen => chosen.Feature == feature && chosen.ConnectionId == row.Id),
                IsDisabled = context.Settings.Any(settings => settings.Provider == row.Provider && !settings.Enabled),
                IsSwitchedOn = context.Settings.Any(settings => settings.Provider == row.Provider && settings.CrmEnabled),
            })
            .FirstOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return ConnectionFailures.NotConnected(provider);
        }

        if (found.IsDisabled)
        {
            return ConnectionFailures.IntegrationDisabled(provider);
        }

        if (!found.IsChosen && caller.Owner is null)
        {
            return ConnectionFailures.NotChosen(provider, feature);
        }

        if (!found.IsSwitchedOn && provider.FindFeature(feature)?.SwitchedOff is { } switchedOff)
        {
            return switchedOff;
        }

        if (caller.Owner is null)
        {
            memory.Put(caller.Tenant, feature, found.Id);
        }

        return new ConnectionKey(caller.Tenant, found.Id);
    }

    /// <summary>Whether the tenant has the feature switched on, and since when; whether anything is connected for it is another question.</summary>
    public async Task<Result<FeatureSwitch>> SwitchOfAsync(TenantId tenant, string feature, CancellationToken cancellationToken)
    {
        if (!providers.OfFeature(feature).Succeeded(out var provider, out var unknown))
        {
            return unknown;
        }

        if (provider.FindFeature(feature)?.SwitchedOff is null)
        {
            return new FeatureSwitch { On = true };
        }

        await using var context = db.For(tenant);
        var row = await context.Settings.AsNoTracking().SingleOrDefaultAsync(settings => settings.Provider == provider.Name, cancellationToken);
        return new FeatureSwitch { On = row?.CrmEnabled == true, OnSince = row?.CrmEnabledAt?.ToTimestamp() };
    }
}
