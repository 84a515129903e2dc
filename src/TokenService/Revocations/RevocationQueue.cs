using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Health;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Revocations;

/// <summary>
/// Takes grants back at the provider: at once where it answers, later by <see cref="RevocationWorker"/> where it does not. A
/// provider may keep a number of grants per user and client and let the oldest go for the next, so a grant that nobody uses must not stay.
/// </summary>
internal sealed class RevocationQueue(
    TenantDb<TokensDbContext> db,
    SettingsStore settings,
    ProviderCatalogue providers,
    Seals seals,
    ConnectionAlerts alerts,
    TimeProvider clock)
{
    /// <summary>
    /// Adds the connection's grant, in the caller's transaction, for the worker from <paramref name="dueAt"/> on; null where the
    /// grant stays: it was brought along, or another connection of the tenant uses it.
    /// </summary>
    public async Task<Guid?> AddAsync(TokensDbContext context, ConnectionRow row, DateTimeOffset dueAt)
    {
        if (row.IsBroughtAlong || await context.Connections.AnyAsync(other => other.GrantSha256 == row.GrantSha256 && other.Id != row.Id))
        {
            return null;
        }

        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var refreshToken = seals.Open(row.Place(ConnectionRow.RefreshTokenField), row.RefreshTokenSealed);
        context.Revocations.Add(new Revocation
        {
            TenantId = row.TenantId,
            Id = id,
            ConnectionId = row.Id,
            Provider = row.Provider,
            DataCentre = row.DataCentre,
            RefreshTokenSealed = seals.Seal(Revocation.PlaceOf(row.TenantId, id), refreshToken),
            GrantSha256 = row.GrantSha256,
            ClientId = row.ClientId,
            Owner = row.Owner,
            ProviderUserId = row.ProviderUserId,
        });
        context.RevocationQueue.Add(new QueuedRevocation { TenantId = row.TenantId, Id = id, DueAt = dueAt });
        return id;
    }

    /// <summary>Tells the provider. True when the grant is gone there, whoever took it back; false when it must be tried again.</summary>
    public async Task<bool> TryAsync(TenantId tenant, Guid id)
    {
        if (await FindAsync(tenant, id) is not var (row, known))
        {
            await using var gone = db.For(tenant);
            await DequeueAsync(gone, id);
            return true;
        }

        var refreshToken = seals.Open(Revocation.PlaceOf(tenant, id), row.RefreshTokenSealed);
        if (!(await RevokeAsync(known, row.DataCentre, refreshToken)).Succeeded(out var outcome, out _))
        {
            return false;
        }

        await using var context = db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync();
        await context.Revocations.Where(revocation => revocation.Id == id).ExecuteDeleteAsync();
        await DequeueAsync(context, id);
        await alerts.NoteRefreshTokenGoneAsync(context, CancellationToken.None);
        context.Audit(AuditEntry.Of(
            tenant,
            clock.GetUtcNow(),
            "service:tokens",
            AuditActions.GrantRevoked,
            ConnectionIds.SubjectOf(row.ConnectionId),
            new { grant = row.GrantSha256[..8], outcome = outcome.ToString() }));
        await context.SaveChangesAsync();
        await transaction.CommitAsync();
        return true;
    }

    private async Task<(Revocation Row, ProviderSettings Settings)?> FindAsync(TenantId tenant, Guid id)
    {
        await using var context = db.For(tenant);
        var row = await context.Revocations.AsNoTracking().SingleOrDefaultAsync(revocation => revocation.Id == id);
        return row is null ? null : (row, await settings.ReadAsync(context, providers[row.Provider], CancellationToken.None));
    }

    private static async Task<Result<RevokeOutcome>> RevokeAsync(ProviderSettings known, string dataCentre, string refreshToken)
    {
        var (provider, place) = (known.Provider, known.Provider.PlaceOf(dataCentre));
        if (provider.RevokesWithoutClient)
        {
            return await provider.RevokeAsync(place, client: null, refreshToken);
        }

        return known.ClientAt(place).Succeeded(out var client, out var notConfigured)
            ? await provider.RevokeAsync(place, client, refreshToken)
            : notConfigured;
    }

    private static Task<int> DequeueAsync(TokensDbContext context, Guid id) =>
        context.RevocationQueue.Where(queued => queued.TenantId == context.Tenant && queued.Id == id).ExecuteDeleteAsync();
}
