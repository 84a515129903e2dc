using ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Gateway.Connections;

/// <summary>How a connection fares, from what the platform knows: the provider is not asked.</summary>
/// <param name="ConnectionId">The connection's.</param>
/// <param name="Provider">zoho or hubspot.</param>
/// <param name="Owner">Who connected it or for whom.</param>
/// <param name="State">active, revoked (connect again) or misconfigured (mend the settings).</param>
/// <param name="Code">What is wrong, machine-read; absent when all is well.</param>
/// <param name="Reason">The same in a sentence, with what to do.</param>
/// <param name="MissingScopes">What the grant lacks for its features.</param>
/// <param name="Budget">Tokens that the provider gives in ten minutes; absent where it has no such limit.</param>
/// <param name="TokenExpiresAt">Of the access token at hand; absent when there is none.</param>
/// <param name="LastRefreshedAt">When the provider last gave one.</param>
/// <param name="CooldownUntil">Until then the provider is not asked again; absent when it may be asked.</param>
/// <param name="Alerts">Causes that have not ended, oldest first.</param>
internal sealed record HealthBody(
    string ConnectionId,
    string Provider,
    string Owner,
    string State,
    string? Code,
    string? Reason,
    IReadOnlyList<string> MissingScopes,
    BudgetBody? Budget,
    DateTimeOffset? TokenExpiresAt,
    DateTimeOffset? LastRefreshedAt,
    DateTimeOffset? CooldownUntil,
    IReadOnlyList<AlertBody> Alerts)
{
    public static HealthBody Of(Health health) => new(
        health.ConnectionId,
        ApiNames.Of(health.Provider),
        health.Owner,
        ApiNames.Of(health.State),
        ContractValues.OrNull(health.Code),
        ContractValues.OrNull(health.Reason),
        health.MissingScopes,
        health.BudgetLimit == 0 ? null : new BudgetBody(health.BudgetUsed, Math.Max(0, health.BudgetLimit - health.BudgetUsed)),
        ContractValues.Time(health.TokenExpiresAt),
        ContractValues.Time(health.LastRefreshedAt),
        ContractValues.Time(health.CooldownUntil),
        [.. health.Alerts.Select(alert => new AlertBody(alert.Cause, alert.Message, alert.NeedsPerson, alert.RaisedAt.ToDateTimeOffset()))]);
}

/// <param name="Used">In the last ten minutes.</param>
/// <param name="Left">Until the provider would block the connection.</param>
internal sealed record BudgetBody(int Used, int Left);

/// <param name="Cause">
/// grant_revoked, misconfigured, scopes_missing, budget_half, budget_nearly_spent or refresh_tokens_nearly_spent.
/// </param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="NeedsPerson">False where it is only good to know.</param>
/// <param name="RaisedAt">Since when.</param>
internal sealed record AlertBody(string Cause, string Message, bool NeedsPerson, DateTimeOffset RaisedAt);

internal sealed record HealthList(IReadOnlyList<HealthBody> Connections);
