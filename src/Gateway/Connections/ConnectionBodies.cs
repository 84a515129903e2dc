using System.ComponentModel.DataAnnotations;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Connections;

/// <summary>A grant to take over: exactly one of <paramref name="GrantCode"/> and <paramref name="RefreshToken"/>.</summary>
/// <param name="Provider">zoho or hubspot.</param>
/// <param name="Features">What it is used for: campaigns, crm, books, inventory, invoice of Zoho, or hubspot_contacts of HubSpot.</param>
/// <param name="DataCentre">Zoho only: us, eu, in, au, jp, cn, ca, sa or uk; the settings' region when absent.</param>
/// <param name="Owner">Who connected it or for whom; "company" when absent.</param>
/// <param name="GrantCode">A self client's code from Zoho's API console; it lives for 3 to 10 minutes.</param>
/// <param name="RefreshToken">A refresh token that exists already. It is stored sealed and never shown again.</param>
internal sealed record NewConnection(
    [property: Required] string? Provider, IReadOnlyList<string>? Features, string? DataCentre, string? Owner, string? GrantCode, string? RefreshToken)
{
    public Result<CreateConnectionRequest> ToContract()
    {
        if (!ApiNames.TryParse<Provider>(Provider, out var provider))
        {
            return Failure.InvalidField("provider", $"provider must be one of {string.Join(", ", ApiNames.All<Provider>())}.");
        }

        if (string.IsNullOrWhiteSpace(GrantCode) == string.IsNullOrWhiteSpace(RefreshToken))
        {
            return Failure.InvalidField("grant_code", "Give either grant_code or refresh_token.");
        }

        if (!FeatureNames.Parse(Features ?? [], provider).Succeeded(out var features, out var failure))
        {
            return failure;
        }

        var request = new CreateConnectionRequest { Provider = provider, DataCentre = DataCentre ?? "", Owner = Owner ?? "" };
        request.Features.AddRange(features);
        if (string.IsNullOrWhiteSpace(GrantCode))
        {
            request.RefreshToken = RefreshToken;
        }
        else
        {
            request.GrantCode = GrantCode;
        }

        return request;
    }

    // a record prints its members: these hold secrets
    public override string ToString() => $"{nameof(NewConnection)} for {Provider}";
}

/// <summary>A connection as its tenant sees it; no token of it ever comes out here.</summary>
/// <param name="Id">Stays the same when the connection is renewed.</param>
/// <param name="Provider">zoho or hubspot.</param>
/// <param name="Owner">Who connected it or for whom.</param>
/// <param name="State">active, revoked (connect again) or misconfigured (mend the settings).</param>
/// <param name="StateReason">Why, and what to do; absent while active.</param>
/// <param name="DataCentre">us, eu, in, au, jp, cn, ca, sa or uk; absent for HubSpot.</param>
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
internal sealed record ConnectionBody(
    string Id,
    string Provider,
    string Owner,
    string State,
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
    IReadOnlyList<ConnectionWarningBody> Warnings,
    IReadOnlyList<FeatureScopesBody> FeatureScopes)
{
    public static ConnectionBody Of(Connection connection) => new(
        connection.Id,
        ApiNames.Of(connection.Provider),
        connection.Owner,
        ApiNames.Of(connection.State),
        connection.StateReason.Length == 0 ? null : connection.StateReason,
        connection.DataCentre.Length == 0 ? null : connection.DataCentre,
        connection.ApiDomain.Length == 0 ? null : connection.ApiDomain,
        [.. connection.Features.Select(ApiNames.Of)],
        connection.GrantedScopes,
        connection.MissingScopes,
        connection.OrganizationIds,
        connection.CreatedAt?.ToDateTimeOffset(),
        connection.LastRefreshedAt?.ToDateTimeOffset(),
        connection.Fingerprint,
        connection.HasBudgetLeft ? connection.BudgetLeft : null,
        [.. connection.Warnings.Select(warning => new ConnectionWarningBody(warning.Code, warning.Message))],
        [.. connection.FeatureScopes.Select(FeatureScopesBody.Of)]);
}

/// <param name="Code">budget_half, budget_nearly_spent or refresh_tokens_nearly_spent.</param>
/// <param name="Message">What was found and what to do.</param>
internal sealed record ConnectionWarningBody(string Code, string Message);

/// <param name="Feature">One of the connection's features.</param>
/// <param name="NeededScopes">What it needs.</param>
/// <param name="MissingScopes">What of that the grant does not cover; empty where the provider did not say what it granted.</param>
internal sealed record FeatureScopesBody(string Feature, IReadOnlyList<string> NeededScopes, IReadOnlyList<string> MissingScopes)
{
    public static FeatureScopesBody Of(FeatureScopes scopes) =>
        new(ApiNames.Of(scopes.Feature), scopes.NeededScopes, scopes.MissingScopes);
}

internal sealed record ConnectionList(IReadOnlyList<ConnectionBody> Connections);

/// <summary>What a trial found. Code says what is wrong, machine-read, and is absent when ok; Message says what was tried and what to do.</summary>
internal sealed record ConnectionTest(bool Ok, string? Code, string Message);
