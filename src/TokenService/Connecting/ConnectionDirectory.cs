using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
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
    SettingsStore settings,
    RevocationQueue revocations,
    ConnectionAlerts alerts,
    TokenCache cache,
    TimeProvider clock)
{
    // until then the caller of a deletion is still trying itself
    private static readonly TimeSpan WorkerTakesOverAfter = TimeSpan.FromSeconds(30);

    /// <summary>Oldest first; all providers when <paramref name="provider"/> is unspecified.</summary>
    public async Task<IReadOnlyList<Connection>> ListAsync(TenantId tenant, Provider provider, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var rows = await context.Connections.AsNoTracking()
            .Where(row => provider == Provider.Unspecified || row.Provider == provider)
            .OrderBy(row => row.Id)
            .ToListAsync(cancellationToken);
        var known = new Dictionary<Provider, ProviderSettings>();
        foreach (var used in rows.Select(row => row.Provider).Distinct())
        {
            known[used] = await settings.ReadAsync(context, used, cancellationToken);
        }

        var usage = await ProviderUsage.ReadAsync(context, rows, clock.GetUtcNow(), cancellationToken);
        return [.. rows.Select(row => ConnectionMessages.Of(row, known[row.Provider], usage))];
    }

    public async Task<Result<Connection>> GetAsync(ConnectionKey key, CancellationToken cancellationToken)
    {
        await using var context = db.For(key.Tenant);
        return await context.Connections.AsNoTracking().SingleOrDefaultAsync(row => row.Id == key.Id, cancellationToken) is { } row
            ? await MessageOfAsync(context, row, await settings.ReadAsync(context, row.Provider, cancellationToken), cancellationToken)
            : ConnectionFailures.NotFound;
    }

    /// <summary>The connection that serves <paramref name="feature"/>: an active one before others, then the newest.</summary>
    public async Task<Result<Connection>> ResolveAsync(TenantId tenant, Feature feature, CancellationToken cancellationToken)
    {
        if (feature is Feature.Unspecified || !System.Enum.IsDefined(feature))
        {
            return Failure.InvalidField("feature", "feature must be set.");
        }

        await using var context = db.For(tenant);
        var rows = await context.Connections.AsNoTracking().Where(row => row.Features.Contains(feature)).ToListAsync(cancellationToken);
        if (rows.OrderByDescending(row => row.State is ConnectionState.Active).ThenByDescending(row => row.Id).FirstOrDefault()
            is not { } best)
        {
            return ConnectionFailures.NotConnected(Scopes.ProviderOf(feature));
        }

        var known = await settings.ReadAsync(context, best.Provider, cancellationToken);
        return feature is Feature.Crm && !known.Row.CrmEnabled
            ? ConnectionFailures.CrmDisabled
            : await MessageOfAsync(context, best, known, cancellationToken);
    }

    /// <summary>Forgets the connection, then tells the provider. False: it could not be told yet, and is told later.</summary>
    public async Task<Result<bool>> DeleteAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        Guid? revocation;
        long version;
        await using (var context = db.For(caller.Tenant))
        {
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            if (await context.LockConnectionAsync(id, cancellationToken) is not { } row)
            {
                return ConnectionFailures.NotFound;
            }

            var now = clock.GetUtcNow();
            version = row.Version + 1;
            revocation = await revocations.AddAsync(context, row, now + WorkerTakesOverAfter);
            context.Connections.Remove(row);
            context.Audit(AuditEntry.Of(
                caller,
                now,
                AuditActions.ConnectionDeleted,
                id.ToString(),
                new { owner = row.Owner, data_centre = row.DataCentre, grant = row.GrantSha256[..8] }));
            await context.SaveChangesAsync(cancellationToken);
            await alerts.ResolveAsync(context, [id], AlertCauses.All, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await cache.ForgetAsync(new ConnectionKey(caller.Tenant, id), version);
        return revocation is null || await revocations.TryAsync(caller.Tenant, revocation.Value);
    }

    private async Task<Connection> MessageOfAsync(
        TokensDbContext context, ConnectionRow row, ProviderSettings known, CancellationToken cancellationToken) =>
        ConnectionMessages.Of(row, known, await ProviderUsage.ReadAsync(context, [row], clock.GetUtcNow(), cancellationToken));
}
