using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Health;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Revocations;

/// <summary>
/// Takes grants back at the provider: at once where it answers, later by <see cref="RevocationWorker"/> where it does not. Zoho keeps 20
/// grants per user and client and lets the oldest go for the next, so a grant that nobody uses must not stay.
/// </summary>
internal sealed class RevocationQueue(
    TenantDb<TokensDbContext> db,
    SettingsStore settings,
    ProviderAccounts accounts,
    Seals seals,
    ConnectionAlerts alerts,
    TimeProvider clock)
{
    /// <summary>
    /// Adds the connection's grant, in the caller's transaction, for the worker from <paramref name="dueAt"/> on; null where another
    /// connection uses the same grant.
    /// </summary>
    public async Task<Guid?> AddAsync(TokensDbContext context, ConnectionRow row, DateTimeOffset dueAt)
    {
        if (await context.Connections.AnyAsync(other => other.GrantSha256 == row.GrantSha256 && other.Id != row.Id))
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
        if (!(await accounts.RevokeAsync(GrantPlace.Of(row.Provider, row.DataCentre), known, refreshToken)).Succeeded(out var outcome, out _))
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
            row.ConnectionId.ToString(),
            new { grant = row.GrantSha256[..8], outcome = outcome.ToString() }));
        await context.SaveChangesAsync();
        await transaction.CommitAsync();
        return true;
    }

    private async Task<(Revocation Row, ProviderSettings Settings)?> FindAsync(TenantId tenant, Guid id)
    {
        await using var context = db.For(tenant);
        var row = await context.Revocations.AsNoTracking().SingleOrDefaultAsync(revocation => revocation.Id == id);
        return row is null ? null : (row, await settings.ReadAsync(context, row.Provider, CancellationToken.None));
    }

    private static Task<int> DequeueAsync(TokensDbContext context, Guid id) =>
        context.RevocationQueue.Where(queued => queued.TenantId == context.Tenant && queued.Id == id).ExecuteDeleteAsync();
}
