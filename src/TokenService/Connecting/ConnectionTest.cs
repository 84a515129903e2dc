using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>
/// Tries a connection at the provider and says what was found. A fresh token is asked for: only that shows whether the provider still accepts
/// the client and the grant, because the token at hand works on for up to an hour when it does not.
/// </summary>
internal sealed class ConnectionTest(ConnectionDirectory connections, AccessTokenProvider tokens, ProviderCatalogue providers)
{
    private const string Client = "client";
    private const string Account = "account";
    private const string DataCentre = "data_centre";
    private const string Scopes = "scopes";

    public async Task<Result<TestConnectionResponse>> RunAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        if (!(await connections.GetAsync(caller, id, cancellationToken)).Succeeded(out var before, out var unknown))
        {
            return unknown;
        }

        var place = providers[before.Provider].PlaceOf(before.DataCentre);
        var findings = await LookAsync(new ConnectionKey(caller.Tenant, id), place, cancellationToken);
        // as it is now: a fresh token may have mended it, brought other scopes, or shown that it is broken
        if (!(await connections.GetAsync(caller, id, cancellationToken)).Succeeded(out var connection, out unknown))
        {
            return unknown;
        }

        findings.AddRange(OfSettings(connection, place));
        var worst = findings.Find(finding => finding.Status is FindingStatus.Failed)
            ?? findings.Find(finding => finding.Status is not FindingStatus.Ok);
        return new TestConnectionResponse
        {
            Ok = worst?.Status is not FindingStatus.Failed,
            Code = worst?.Code ?? "",
            Message = worst is { Status: FindingStatus.Failed }
                ? worst.Message
                : string.Join(' ', findings.Where(finding => ReferenceEquals(finding, worst) || finding.Name == Account).Select(finding => finding.Message)),
            Findings = { findings },
            Connection = connection,
        };
    }

    private async Task<List<ConnectionFinding>> LookAsync(ConnectionKey key, ProviderPlace place, CancellationToken cancellationToken)
    {
        var fresh = await tokens.GetFreshAsync(key);
        if (fresh.Succeeded(out var token, out var failure))
        {
            var accepted = (await place.Provider.DescribeAsync(place, token.AccessToken)).Succeeded(out var found, out var refused)
                ? Ok(Account, found)
                // it gave this very token: it does not say whose it is, and that is no fault
                : refused.Kind is FailureKind.Forbidden ? Ok(Account, $"{place} accepts the connection and gave a new token.")
                : Of(Account, FindingStatus.Failed, refused);
            return [Ok(Client, $"{place} gave a new token: client id, client secret and grant are right."), accepted];
        }

        if (failure.Code != ConnectionFailures.NotTriedCode)
        {
            return [Of(IsOfClient(failure) ? Client : Account, FindingStatus.Failed, failure)];
        }

        var untried = Of(Client, FindingStatus.NotLooked, failure);
        return !(await tokens.GetAsync(key, TimeSpan.FromMinutes(1), cancellationToken)).Succeeded(out token, out failure)
            ? [Of(Account, FindingStatus.Failed, failure)]
            : (await place.Provider.DescribeAsync(place, token.AccessToken)).Succeeded(out var known, out var notKnown)
                ? [untried, Ok(Account, known)]
                // a new token alone would tell a bad one from a good one
                : [untried, Of(Account, notKnown.Kind is FailureKind.Forbidden ? FindingStatus.NotLooked : FindingStatus.Failed, notKnown)];
    }

    private static IEnumerable<ConnectionFinding> OfSettings(Connection connection, ProviderPlace place)
    {
        if (connection.ApiDomain != place.ApiDomain && place.Provider.HasDataCentres)
        {
            yield return Of(DataCentre, FindingStatus.Failed, ConnectionFailures.ApiDomainElsewhere(place, connection.ApiDomain));
        }
        else
        {
            yield return Ok(DataCentre, $"The account is at {place}; its APIs are at {connection.ApiDomain}.");
        }

        yield return connection switch
        {
            { MissingScopes.Count: > 0 } => Of(
                Scopes, FindingStatus.Warning, ConnectionFailures.ScopesMissing(connection.Features, connection.MissingScopes)),
            { GrantedScopes.Count: 0 } => Of(Scopes, FindingStatus.NotLooked, ConnectionFailures.ScopesUnknown(place.Provider)),
            _ => Ok(Scopes, $"Granted: {string.Join(", ", connection.GrantedScopes)}."),
        };
    }

    // the settings' or the provider's word about the client, not about the grant
    private static bool IsOfClient(Failure failure) => failure.Code is "client_refused" or "client_secret_refused" or "client_changed"
        or "client_not_configured" or "client_secret_missing";

    private static ConnectionFinding Ok(string name, string message) => new() { Name = name, Status = FindingStatus.Ok, Message = message };

    private static ConnectionFinding Of(string name, FindingStatus status, Failure failure) =>
        new() { Name = name, Status = status, Code = failure.Code, Message = failure.Message };
}
