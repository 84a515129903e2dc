using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Settings;

/// <summary>Knows which connection serves a feature of a tenant: an active one before others, then the newest.</summary>
internal sealed class FeatureDirectory(TenantDb<TokensDbContext> db, FeatureMemory memory)
{
    /// <summary>Its id: from memory, or by one question to the database, which opens no secret.</summary>
    public async Task<Result<ConnectionKey>> FindAsync(TenantId tenant, Feature feature, CancellationToken cancellationToken)
    {
        if (memory.Find(tenant, feature) is { } known)
        {
            return new ConnectionKey(tenant, known);
        }

        if (feature is Feature.Unspecified || !Enum.IsDefined(feature))
        {
            return Failure.InvalidField("feature", "feature must be set.");
        }

        await using var context = db.For(tenant);
        var found = await context.Connections
            .Where(row => row.Features.Contains(feature))
            .OrderByDescending(row => row.State == ConnectionState.Active)
            .ThenByDescending(row => row.Id)
            .Select(row => new
            {
                row.Id,
                CrmEnabled = context.Settings.Any(settings => settings.Provider == row.Provider && settings.CrmEnabled),
            })
            .FirstOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return ConnectionFailures.NotConnected(Scopes.ProviderOf(feature));
        }

        if (feature is Feature.Crm && !found.CrmEnabled)
        {
            return ConnectionFailures.CrmDisabled;
        }

        memory.Put(tenant, feature, found.Id);
        return new ConnectionKey(tenant, found.Id);
    }
}
