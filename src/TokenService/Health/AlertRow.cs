using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Health;

/// <summary>A cause that was raised for a connection. Of the open ones there is one per connection and cause.</summary>
internal sealed class AlertRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required Guid ConnectionId { get; init; }

    /// <summary>One of <see cref="AlertCauses"/>.</summary>
    public required string Cause { get; init; }

    /// <summary>What is wrong and what to do, in a sentence.</summary>
    public required string Message { get; init; }

    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>When it ends by itself; null where something must happen first.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }
}

internal static class AlertCauses
{
    public const string GrantRevoked = "grant_revoked";
    public const string Misconfigured = "misconfigured";
    public const string ScopesMissing = "scopes_missing";
    public const string BudgetHalf = ProviderUsage.BudgetHalfCode;
    public const string BudgetNearlySpent = ProviderUsage.BudgetNearlySpentCode;
    public const string RefreshTokensNearlySpent = ProviderUsage.RefreshTokensNearlySpentCode;

    public static readonly IReadOnlyList<string> All =
        [GrantRevoked, Misconfigured, ScopesMissing, BudgetHalf, BudgetNearlySpent, RefreshTokensNearlySpent];

    /// <summary>Whether somebody must do something; the others are good to know.</summary>
    public static bool NeedsPerson(string cause) => cause != BudgetHalf;
}
