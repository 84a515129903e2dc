using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>Tries a connection at the provider and says what was found.</summary>
internal sealed class ConnectionTest(ConnectionDirectory connections, AccessTokenProvider tokens, ProviderCatalogue providers)
{
    public async Task<Result<TestConnectionResponse>> RunAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        if (!(await connections.GetAsync(caller, id, cancellationToken)).Succeeded(out var connection, out var unknown))
        {
            return unknown;
        }

        if (!(await TryAsync(new ConnectionKey(caller.Tenant, id), connection, cancellationToken)).Succeeded(out var found, out var failure))
        {
            return new TestConnectionResponse { Ok = false, Code = failure.Code, Message = failure.Message };
        }

        var lacks = ConnectionFailures.ScopesMissing(connection.MissingScopes);
        return connection.MissingScopes.Count > 0
            ? new TestConnectionResponse
            {
                Ok = false,
                Code = lacks.Code,
                Message = $"{found} {lacks.Message}",
            }
            : new TestConnectionResponse { Ok = true, Message = found };
    }

    private async Task<Result<string>> TryAsync(ConnectionKey key, Connection connection, CancellationToken cancellationToken)
    {
        if (!(await tokens.GetAsync(key, TimeSpan.FromMinutes(1), cancellationToken)).Succeeded(out var token, out var failure))
        {
            return failure;
        }

        var place = providers[connection.Provider].PlaceOf(connection.DataCentre);
        var asked = await place.Provider.DescribeAsync(place, token.AccessToken);
        if (asked.Succeeded(out var found, out var refused))
        {
            return found;
        }

        if (refused.Kind is not FailureKind.Forbidden)
        {
            return refused;
        }

        // providers refuse good tokens too, as without access to the profile, or when the app was removed and installed again meanwhile:
        // only a new token tells
        var replaced = await tokens.ReplaceAsync(key, Secret.Sha256(token.AccessToken), cancellationToken);
        if (!replaced.Succeeded(out _, out var gone))
        {
            return gone;
        }

        return (await tokens.GetAsync(key, TimeSpan.FromMinutes(1), cancellationToken)).Succeeded(out _, out var notRefreshed)
            ? $"{place} accepts the connection and gave a new token."
            : notRefreshed;
    }
}
