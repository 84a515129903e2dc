using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Health;
using ZohoPlatform.TokenService.Revocations;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>What a tenant has connected: to find, to look at and to end.</summary>
internal sealed class ConnectionDirectory(
    TenantDb<TokensDbContext> db,
    ProviderCatalogue providers,
    SettingsStore settings,
    FeatureDirectory features,
    RevocationQueue revocations,
    ConnectionAlerts alerts,
    TokenCache cache,
    TimeProvider clock)
{
    // until then the caller of a deletion is still trying itself
    private static readonly TimeSpan WorkerTakesOverAfter = TimeSpan.FromSeconds(30);

    /// <summary>Oldest first; all providers when <paramref name="provider"/> is empty.</summary>
    public async Task<Result<IReadOnlyList<Connection>>> ListAsync(Caller caller, string provider, CancellationToken cancellationToken)
    {
        if (provider.Length > 0 && !providers.Find(provider).Succeeded(out _, out var unknown))
        {
            return unknown;
        }

        await using var context = db.For(caller);
        var rows = await context.Connections.AsNoTracking()
            .Where(row => provider == "" || row.Provider == provider)
            .OrderBy(row => row.Id)
            .ToListAsync(cancellationToken);
        var known = new Dictionary<string, ProviderSettings>(StringComparer.Ordinal);
        foreach (var used in rows.Select(row => row.Provider).Distinct(StringComparer.Ordinal))
        {
            known[used] = await settings.ReadAsync(context, providers[used], cancellationToken);
        }

        var usage = await ProviderUsage.ReadAsync(context, providers, rows, clock.GetUtcNow(), cancellationToken);
        return rows.ConvertAll(row => ConnectionMessages.Of(row, known[row.Provider], usage));
    }

    public async Task<Result<Connection>> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller);
        return await FindAsync(context, id, cancellationToken);
    }

    /// <summary>For who comes back from a provider, and is nobody.</summary>
    public async Task<Result<Connection>> GetAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await FindAsync(context, id, cancellationToken);
    }

    /// <summary>The connection that serves <paramref name="feature"/>.</summary>
    public async Task<Result<Connection>> ResolveAsync(Caller caller, string feature, CancellationToken cancellationToken) =>
        (await features.FindAsync(caller, feature, cancellationToken)).Succeeded(out var key, out var failure)
            ? await GetAsync(caller, key.Id, cancellationToken)
            : failure;

    /// <summary>
    /// Forgets the connection, then has the provider take its grant back. False: the provider is told later, or the grant stays, see
    /// <see cref="RevocationQueue.AddAsync"/>. One that serves a feature is kept, and what would stop is said, unless <paramref name="evenIfInUse"/>.
    /// </summary>
    public async Task<Result<bool>> DeleteAsync(Caller caller, Guid id, bool evenIfInUse, CancellationToken cancellationToken)
    {
        Guid? revocation;
        long version;
        await using (var context = db.For(caller))
        {
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            if (await context.LockConnectionAsync(id, cancellationToken) is not { } row)
            {
                return ConnectionFailures.NotFound;
            }

            var served = await context.FeatureConnections
                .Where(chosen => chosen.ConnectionId == id)
                .Select(chosen => chosen.Feature)
                .ToListAsync(cancellationToken);
            if (served.Count > 0 && !evenIfInUse)
            {
                return ConnectionFailures.InUse(providers[row.Provider].InOrder(served));
            }

            var now = clock.GetUtcNow();
            version = row.Version + 1;
            revocation = await revocations.AddAsync(context, row, now + WorkerTakesOverAfter);
            context.Connections.Remove(row);
            context.Audit(AuditEntry.Of(
                caller,
                now,
                AuditActions.ConnectionDeleted,
                ConnectionIds.SubjectOf(id),
                new { owner = row.Owner, data_centre = row.DataCentre, grant = row.GrantSha256[..8], brought_along = row.IsBroughtAlong, served }));
            await context.SaveChangesAsync(cancellationToken);
            await alerts.ResolveAsync(context, [id], AlertCauses.All, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await cache.ForgetAsync(new ConnectionKey(caller.Tenant, id), version);
        return revocation is { } begun && await revocations.TryAsync(caller.Tenant, begun);
    }

    private async Task<Result<Connection>> FindAsync(TokensDbContext context, Guid id, CancellationToken cancellationToken) =>
        await context.Connections.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is { } row
            ? await MessageOfAsync(context, row, await settings.ReadAsync(context, providers[row.Provider], cancellationToken), cancellationToken)
            : ConnectionFailures.NotFound;

    private async Task<Connection> MessageOfAsync(
        TokensDbContext context, ConnectionRow row, ProviderSettings known, CancellationToken cancellationToken) =>
        ConnectionMessages.Of(row, known, await ProviderUsage.ReadAsync(context, providers, [row], clock.GetUtcNow(), cancellationToken));
}
