namespace ZohoPlatform.TokenService.Connections;

internal static class AlertCauses
{
    public const string GrantRevoked = "grant_revoked";
    public const string Misconfigured = "misconfigured";
    public const string ScopesMissing = "scopes_missing";
    public const string BudgetHalf = "budget_half";
    public const string BudgetNearlySpent = "budget_nearly_spent";
    public const string RefreshTokensNearlySpent = "refresh_tokens_nearly_spent";

    public static readonly IReadOnlyList<string> All =
        [GrantRevoked, Misconfigured, ScopesMissing, BudgetHalf, BudgetNearlySpent, RefreshTokensNearlySpent];

    /// <summary>Whether somebody must do something; the others are good to know.</summary>
    public static bool NeedsPerson(string cause) => cause != BudgetHalf;
}
