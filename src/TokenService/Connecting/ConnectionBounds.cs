using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>How many connections a tenant may have, and how many people may be on their way to a consent page for it.</summary>
internal static class ConnectionBounds
{
    public const int MostConnections = 500;
    public const int MostPending = 100;

    public static readonly Failure TooManyConnections = new(
        FailureKind.Precondition,
        "too_many_connections",
        $"A tenant has at most {MostConnections} connections: delete one that is not needed any more.");

    private static Failure TooManyPending(TimeSpan retryAfter) => new(
        FailureKind.RateLimited,
        "too_many_authorizations",
        $"A tenant has at most {MostPending} sign-ins under way: let some be finished, or wait until they have expired.")
    {
        RetryAfter = retryAfter,
    };

    extension(TokensDbContext context)
    {
        /// <summary>A new connection needs a place; one that is there is replaced.</summary>
        public async Task<bool> HasPlaceAsync(string provider, string owner, CancellationToken cancellationToken) =>
            await context.Connections.CountAsync(cancellationToken) < MostConnections
            || await context.Connections.AnyAsync(known => known.Provider == provider && known.Owner == owner, cancellationToken);

        /// <summary>In a transaction, which then has the tenant's turn: of two at once one finds what the other has made.</summary>
        public async Task<bool> HasPlaceForOneMoreAsync(TenantId tenant, CancellationToken cancellationToken)
        {
            await context.LockAsync($"connections {tenant}", cancellationToken);
            return await context.Connections.CountAsync(cancellationToken) < MostConnections;
        }

        /// <summary>In a transaction, which then has the tenant's turn. Null where one more may begin.</summary>
        public async Task<Failure?> TooManyPendingAsync(TenantId tenant, DateTimeOffset now, CancellationToken cancellationToken)
        {
            await context.LockAsync($"authorizations {tenant}", cancellationToken);
            await context.Authorizations.Where(old => old.ExpiresAt < now - AuthorizationRow.KeptAfterItsEnd).ExecuteDeleteAsync(cancellationToken);
            var ends = await context.Authorizations
                .Where(one => one.EndedAt == null && one.ExpiresAt >= now)
                .Select(one => one.ExpiresAt).OrderBy(expiresAt => expiresAt).ToListAsync(cancellationToken);
            return ends.Count < MostPending ? null : TooManyPending(ends[0] - now);
        }
    }
}
