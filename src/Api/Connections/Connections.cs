using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Connections;

/// <summary>Whether a connection works.</summary>
[JsonConverter(typeof(ApiNameConverter<ConnectionState>))]
public enum ConnectionState
{
    Unknown,
    Active,

    /// <summary>Its owner took it back: connect again.</summary>
    Revoked,

    /// <summary>The OAuth client does not fit it: mend the settings.</summary>
    Misconfigured,
}

/// <summary>A grant to take over: exactly one of <see cref="GrantCode"/> and <see cref="RefreshToken"/>.</summary>
/// <param name="Provider">zoho or hubspot.</param>
public sealed record NewConnection(string Provider)
{
    /// <summary>
    /// What it is used for: campaigns, crm, books, inventory, invoice of Zoho, or hubspot_contacts of HubSpot. When absent or empty: what the
    /// grant's scopes allow at least in part; where the provider does not tell them, its first, and
    /// crm where the settings switch it on.
    /// </summary>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>Zoho only: us, eu, in, au, jp, cn, ca, sa, uk, ae or sg; the settings' region when absent.</summary>
    public string? DataCentre { get; init; }

    /// <summary>Who connected it or for whom; "company" when absent.</summary>
    public string? Owner { get; init; }

    /// <summary>A self client's code from Zoho's API console; it lives for 3 to 10 minutes.</summary>
    public string? GrantCode { get; init; }

    /// <summary>A refresh token that exists already. It is stored sealed and never shown again.</summary>
    public string? RefreshToken { get; init; }

    // a record prints its members: these hold secrets
    public override string ToString() => $"{nameof(NewConnection)} for {Provider}";
}

/// <summary>A connection as its tenant sees it; no token of it ever comes out here.</summary>
/// <param name="Id">Stays the same when the connection is renewed.</param>
/// <param name="Provider">zoho or hubspot.</param>
/// <param name="Owner">Who connected it or for whom.</param>
/// <param name="State">active, revoked (connect again) or misconfigured (mend the settings).</param>
/// <param name="StateReason">Why, and what to do; absent while active.</param>
/// <param name="DataCentre">us, eu, in, au, jp, cn, ca, sa, uk, ae or sg; absent for HubSpot.</param>
/// <param name="ApiDomain">Where the provider's product APIs are called.</param>
/// <param name="Features">What it is used for.</param>
/// <param name="GrantedScopes">Empty where the provider did not say.</param>
/// <param name="MissingScopes">What the grant lacks for its features: connect again and accept all of them.</param>
/// <param name="OrganizationIds">Of Books and Inventory, or the HubSpot portal, as far as they are known.</param>
/// <param name="CreatedAt">When it was connected first.</param>
/// <param name="LastRefreshedAt">When the provider last gave an access token for it.</param>
/// <param name="Fingerprint">Tells two grants apart, opens nothing.</param>
/// <param name="BudgetLeft">Refreshes left of the ten that Zoho allows in ten minutes; absent for HubSpot.</param>
/// <param name="Warnings">What is not wrong yet and will be if nobody looks.</param>
/// <param name="FeatureScopes">What each of the features needs and lacks.</param>
public sealed record Connection(
    string Id,
    string Provider,
    string Owner,
    ConnectionState State,
    string? StateReason,
    string? DataCentre,
    string? ApiDomain,
    IReadOnlyList<string> Features,
    IReadOnlyList<string> GrantedScopes,
    IReadOnlyList<string> MissingScopes,
    IReadOnlyList<string> OrganizationIds,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? LastRefreshedAt,
    string Fingerprint,
    int? BudgetLeft,
    IReadOnlyList<ConnectionWarning> Warnings,
    IReadOnlyList<FeatureScopes> FeatureScopes)
{
    /// <summary>Whose account it opens: the mail address of who gave the grant, or the HubSpot portal; absent where it is not known.</summary>
    public string? Account { get; init; }

    /// <summary>Those of the features that use this connection; of the others another connection is used, or none.</summary>
    public IReadOnlyList<string> Serves { get; init => field = value ?? []; } = [];

    /// <summary>Scopes that were asked for beside those of the features.</summary>
    public IReadOnlyList<string> ExtraScopes { get; init => field = value ?? []; } = [];

    /// <summary>Its refresh token was brought along: others may use it too, so that it is never revoked from here, not when this is deleted either.</summary>
    public bool BroughtAlong { get; init; }

    public IReadOnlyList<string> Features { get; init; } = Features ?? [];

    public IReadOnlyList<string> GrantedScopes { get; init; } = GrantedScopes ?? [];

    public IReadOnlyList<string> MissingScopes { get; init; } = MissingScopes ?? [];

    public IReadOnlyList<string> OrganizationIds { get; init; } = OrganizationIds ?? [];

    public IReadOnlyList<ConnectionWarning> Warnings { get; init; } = Warnings ?? [];

    public IReadOnlyList<FeatureScopes> FeatureScopes { get; init; } = FeatureScopes ?? [];
}

/// <summary>What is not wrong yet.</summary>
/// <param name="Code">budget_half, budget_nearly_spent or refresh_tokens_nearly_spent.</param>
/// <param name="Message">What was found and what to do.</param>
public sealed record ConnectionWarning(string Code, string Message);

/// <summary>What a feature needs of a grant.</summary>
/// <param name="Feature">One of the connection's features.</param>
/// <param name="NeededScopes">What it needs.</param>
/// <param name="MissingScopes">What of that the grant does not cover; empty where the provider did not say what it granted.</param>
public sealed record FeatureScopes(string Feature, IReadOnlyList<string> NeededScopes, IReadOnlyList<string> MissingScopes)
{
    public IReadOnlyList<string> NeededScopes { get; init; } = NeededScopes ?? [];

    public IReadOnlyList<string> MissingScopes { get; init; } = MissingScopes ?? [];
}

/// <summary>A page of the tenant's connections.</summary>
/// <param name="Connections">Oldest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="Total">On all pages together.</param>
public sealed record ConnectionList(IReadOnlyList<Connection> Connections, string? NextPageToken, int Total)
{
    public IReadOnlyList<Connection> Connections { get; init; } = Connections ?? [];
}

/// <summary>What a trial found.</summary>
/// <param name="Ok">Whether it works: no finding is failed.</param>
/// <param name="Code">Of the first finding that failed, or else of the first that is not ok; absent when all are.</param>
/// <param name="Message">The same in a sentence, with what to do; or what was found.</param>
public sealed record ConnectionTest(bool Ok, string? Code, string Message)
{
    /// <summary>One by one. What cannot be looked at because of another finding is not among them.</summary>
    public IReadOnlyList<ConnectionFinding> Findings { get; init => field = value ?? []; } = [];
}

/// <summary>One thing that a trial looked at.</summary>
/// <param name="Name">client, account, data_centre or scopes; of a CRM organization, link, module, notifications or crm.</param>
/// <param name="Status">How it is.</param>
/// <param name="Code">What is wrong, machine-read; absent when ok.</param>
/// <param name="Message">What was found, and what to do.</param>
public sealed record ConnectionFinding(string Name, FindingStatus Status, string? Code, string Message)
{
    /// <summary>The module of a CRM that it is about, by its API name; absent where it is about none.</summary>
    public string? Module { get; init; }
}

/// <summary>How a thing is that was looked at.</summary>
[JsonConverter(typeof(ApiNameConverter<FindingStatus>))]
public enum FindingStatus
{
    Unknown,
    Ok,

    /// <summary>It works, and not for everything.</summary>
    Warning,
    Failed,

    /// <summary>The message says why.</summary>
    NotLooked,
}
