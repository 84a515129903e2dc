using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Budget;

/// <summary>
/// Keeps to the access tokens that a provider gives per refresh token in ten minutes (<see cref="RefreshRules"/>). Counted in PostgreSQL, so
/// that the count holds for all replicas and without Redis.
/// </summary>
internal static class RefreshBudget
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>Reports of refused tokens use four tokens of <see cref="Window"/> at most.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromMinutes(5);

    // older attempts serve nobody; they go when the next one is written
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    extension(RefreshRules rules)
    {
        /// <summary>What people are told of as it is used up; null where the provider documents no limit.</summary>
        public int? Budget => rules.IsDocumented ? rules.InTenMinutes : null;

        /// <summary>From so many used tokens on it is told: in the log, and on the connection.</summary>
        public int BudgetHalf => rules.InTenMinutes / 2;

        public int BudgetNearlySpent => rules.InTenMinutes * 4 / 5;
    }

    /// <summary>
    /// Takes one token's worth, in the caller's transaction; a failure with the time until one is free where all are used.
    /// </summary>
    public static async Task<Result<RefreshAttempt>> TakeAsync(
        TokensDbContext context, OAuthProvider provider, string grantSha256, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var limit = provider.Refreshes.InTenMinutes;
        var since = now - Window;
        var used = await context.RefreshAttempts
            .Where(attempt => attempt.GrantSha256 == grantSha256 && attempt.StartedAt > since)
            .OrderByDescending(attempt => attempt.StartedAt)
            .Select(attempt => attempt.StartedAt)
            .Take(limit)
            .ToListAsync(cancellationToken);
        if (used.Count == limit)
        {
            return ConnectionFailures.BudgetSpent(provider, used[^1] + Window - now);
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

    /// <summary>
    /// Whether this grant had two tokens within <see cref="Lately"/>: one is usual, and a second is what a report of a refused token may
    /// cost.
    /// </summary>
    public static async Task<bool> IsRenewedLatelyAsync(
        TokensDbContext context, string grantSha256, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - Lately;
        return await context.RefreshAttempts
            .CountAsync(attempt => attempt.GrantSha256 == grantSha256 && attempt.StartedAt > since, cancellationToken) >= 2;
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

    /// <summary>Writes down how it ended.</summary>
    public static Task<int> CloseAsync(
        TokensDbContext context, RefreshAttempt attempt, string verdict, CancellationToken cancellationToken) =>
        context.RefreshAttempts
            .Where(row => row.Id == attempt.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Verdict, verdict), cancellationToken);
}
