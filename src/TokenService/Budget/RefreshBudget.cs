using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Budget;

/// <summary>
/// Zoho gives ten access tokens per refresh token in ten minutes and then blocks the grant for the rest of the window (Zoho Accounts,
/// "Refresh access tokens"). HubSpot documents no such limit; what is kept there is a guard of our own against a caller that wants new
/// tokens without end. Counted in PostgreSQL, so that the count holds for all replicas and without Redis.
/// </summary>
internal static class RefreshBudget
{
    public const int ZohoTokens = 10;

    /// <summary>From so many of Zoho's on it is told: in the log, and on the connection.</summary>
    public const int Half = ZohoTokens / 2;

    private const int HubSpotTokens = 60;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    // older attempts serve nobody; they go when the next one is written
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>Tokens for one grant in ten minutes.</summary>
    public static int LimitOf(Provider provider) => provider is Provider.Hubspot ? HubSpotTokens : ZohoTokens;

    /// <summary>
    /// Takes one token's worth, in the caller's transaction; a failure with the time until one is free where all are used.
    /// </summary>
    public static async Task<Result<RefreshAttempt>> TakeAsync(
        TokensDbContext context, Provider provider, string grantSha256, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var limit = LimitOf(provider);
        var since = now - Window;
        var used = await context.RefreshAttempts
            .Where(attempt => attempt.GrantSha256 == grantSha256 && attempt.StartedAt > since)
            .OrderByDescending(attempt => attempt.StartedAt)
            .Select(attempt => attempt.StartedAt)
            .Take(limit)
            .ToListAsync(cancellationToken);
        if (used.Count == limit)
        {
            return ConnectionFailures.BudgetSpent(provider, limit, used[^1] + Window - now);
        }

        await context.RefreshAttempts
            .Where(attempt => attempt.GrantSha256 == grantSha256 && attempt.StartedAt < now - Kept)
            .ExecuteDeleteAsync(cancellationToken);
        var attempt = new RefreshAttempt
        {
            TenantId = context.Tenant,
            Id = Guid.CreateVersion7(now),
            GrantSha256 = grantSha256,
            StartedAt = now,
            Verdict = RefreshAttempt.Sent,
            BudgetLeft = limit - used.Count - 1,
        };
        context.RefreshAttempts.Add(attempt);
        return attempt;
    }

    /// <summary>How many tokens each of these grants has used in ten minutes; a grant that used none is not in it.</summary>
    public static async Task<IReadOnlyDictionary<string, int>> UsedAsync(
        TokensDbContext context, IReadOnlyCollection<string> grants, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - Window;
        return await context.RefreshAttempts
            .Where(attempt => grants.Contains(attempt.GrantSha256) && attempt.StartedAt > since)
            .GroupBy(attempt => attempt.GrantSha256)
            .Select(attempts => new { Grant = attempts.Key, Used = attempts.Count() })
            .ToDictionaryAsync(grant => grant.Grant, grant => grant.Used, StringComparer.Ordinal, cancellationToken);
    }

    /// <summary>What the grant of Zoho that used most has left, of all that the tenant has.</summary>
    public static async Task<int> LeastLeftAsync(TokensDbContext context, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - Window;
        var grants = context.Connections.Where(row => row.Provider == Provider.Zoho).Select(row => row.GrantSha256);
        return ZohoTokens - await context.RefreshAttempts
            .Where(attempt => attempt.StartedAt > since && grants.Contains(attempt.GrantSha256))
            .GroupBy(attempt => attempt.GrantSha256)
            .Select(attempts => attempts.Count())
            .OrderDescending()
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Writes down how it ended.</summary>
    public static Task<int> CloseAsync(
        TokensDbContext context, RefreshAttempt attempt, string verdict, CancellationToken cancellationToken) =>
        context.RefreshAttempts
            .Where(row => row.Id == attempt.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Verdict, verdict), cancellationToken);
}
