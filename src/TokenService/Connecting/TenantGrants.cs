using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>
/// Takes the grants of a tenant that is erased back at their providers, but for those that were brought along: what is deleted here alone stays valid
/// there. A provider has a day to answer; after that what it was not told is erased all the same.
/// </summary>
internal sealed class TenantGrants(TenantDb<TokensDbContext> db, ConnectionDirectory connections, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private static readonly Failure NotRevoked = new(
        FailureKind.Unavailable, "grants_not_revoked", "Grants of this tenant wait for their provider to take them back; ask again.")
    {
        RetryAfter = TimeSpan.FromMinutes(1),
    };

    /// <summary>Null when nothing is left to take back, or it was waited for long enough.</summary>
    public async Task<Failure?> TakeBackAsync(Caller caller, DateTimeOffset since, CancellationToken cancellationToken)
    {
        foreach (var id in await ConnectionsAsync(caller.Tenant, cancellationToken))
        {
            await connections.DeleteAsync(caller, id, evenIfInUse: true, cancellationToken);
        }

        await using var context = db.For(caller.Tenant);
        return clock.GetUtcNow() < since + Patience && await context.Revocations.AnyAsync(cancellationToken) ? NotRevoked : null;
    }

    private async Task<IReadOnlyList<Guid>> ConnectionsAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await context.Connections.Select(connection => connection.Id).ToListAsync(cancellationToken);
    }
}
