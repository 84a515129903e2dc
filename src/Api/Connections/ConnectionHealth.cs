namespace ZohoPlatform.Api.Connections;

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
/// <param name="CooldownEndsAt">Until then the provider is not asked again; absent when it may be asked.</param>
/// <param name="Alerts">Causes that have not ended, oldest first.</param>
public sealed record ConnectionHealth(
    string ConnectionId,
    string Provider,
    string Owner,
    ConnectionState State,
    string? Code,
    string? Reason,
    IReadOnlyList<string> MissingScopes,
    RefreshBudget? Budget,
    DateTimeOffset? TokenExpiresAt,
    DateTimeOffset? LastRefreshedAt,
    DateTimeOffset? CooldownEndsAt,
    IReadOnlyList<ConnectionAlert> Alerts)
{
    /// <summary>Whose account it opens; absent where it is not known.</summary>
    public string? Account { get; init; }

    /// <summary>Those of its features that use it.</summary>
    public IReadOnlyList<string> Serves { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> MissingScopes { get; init; } = MissingScopes ?? [];

    public IReadOnlyList<ConnectionAlert> Alerts { get; init; } = Alerts ?? [];
}

/// <summary>How many tokens a provider still gives.</summary>
/// <param name="Used">In the last ten minutes.</param>
/// <param name="Left">Until the provider would block the connection.</param>
public sealed record RefreshBudget(int Used, int Left);

/// <summary>A cause that has not ended.</summary>
/// <param name="Cause">
/// grant_revoked, misconfigured, scopes_missing, budget_half, budget_nearly_spent or refresh_tokens_nearly_spent.
/// </param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="NeedsPerson">False where it is only good to know.</param>
/// <param name="RaisedAt">Since when.</param>
public sealed record ConnectionAlert(string Cause, string Message, bool NeedsPerson, DateTimeOffset RaisedAt);

/// <summary>How the tenant's connections fare.</summary>
/// <param name="Connections">Oldest first.</param>
public sealed record ConnectionHealthList(IReadOnlyList<ConnectionHealth> Connections)
{
    public IReadOnlyList<ConnectionHealth> Connections { get; init; } = Connections ?? [];
}

/// <summary>A connection that is gone: the data of an event.</summary>
/// <param name="ConnectionId">The connection's.</param>
public sealed record RemovedConnection(string ConnectionId);
