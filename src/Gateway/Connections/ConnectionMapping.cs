using ZohoPlatform.Api;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using Contract = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Gateway.Connections;

internal static class ConnectionMapping
{
    extension(NewConnection body)
    {
        public Result<Contract.CreateConnectionRequest> ToContract()
        {
            if (!ApiName.TryParse<Provider>(body.Provider, out var provider))
            {
                return Failure.InvalidField("provider", $"provider must be one of {string.Join(", ", ApiName.All<Provider>())}.");
            }

            if (string.IsNullOrWhiteSpace(body.GrantCode) == string.IsNullOrWhiteSpace(body.RefreshToken))
            {
                return Failure.InvalidField("grant_code", "Give either grant_code or refresh_token.");
            }

            if (!FeatureNames.Parse(body.Features ?? [], provider).Succeeded(out var features, out var failure))
            {
                return failure;
            }

            var request = new Contract.CreateConnectionRequest
            {
                Provider = provider,
                DataCentre = body.DataCentre ?? "",
                Owner = body.Owner ?? "",
            };
            request.Features.AddRange(features);
            if (string.IsNullOrWhiteSpace(body.GrantCode))
            {
                request.RefreshToken = body.RefreshToken;
            }
            else
            {
                request.GrantCode = body.GrantCode;
            }

            return request;
        }
    }

    extension(Contract.Connection connection)
    {
        public Connection ToApi() => new(
            connection.Id,
            ApiName.Of(connection.Provider),
            connection.Owner,
            connection.State.As<ConnectionState>(),
            OrNull(connection.StateReason),
            OrNull(connection.DataCentre),
            OrNull(connection.ApiDomain),
            [.. connection.Features.Select(ApiName.Of)],
            connection.GrantedScopes,
            connection.MissingScopes,
            connection.OrganizationIds,
            Time(connection.CreatedAt),
            Time(connection.LastRefreshedAt),
            connection.Fingerprint,
            connection.HasBudgetLeft ? connection.BudgetLeft : null,
            [.. connection.Warnings.Select(warning => new ConnectionWarning(warning.Code, warning.Message))],
            [
                .. connection.FeatureScopes.Select(scopes => new FeatureScopes(
                    ApiName.Of(scopes.Feature), scopes.NeededScopes, scopes.MissingScopes)),
            ]);
    }

    extension(Contract.Health health)
    {
        public ConnectionHealth ToApi() => new(
            health.ConnectionId,
            ApiName.Of(health.Provider),
            health.Owner,
            health.State.As<ConnectionState>(),
            OrNull(health.Code),
            OrNull(health.Reason),
            health.MissingScopes,
            health.BudgetLimit == 0 ? null : new RefreshBudget(health.BudgetUsed, Math.Max(0, health.BudgetLimit - health.BudgetUsed)),
            Time(health.TokenExpiresAt),
            Time(health.LastRefreshedAt),
            Time(health.CooldownEndsAt),
            [
                .. health.Alerts.Select(alert => new ConnectionAlert(
                    alert.Cause, alert.Message, alert.NeedsPerson, alert.RaisedAt.ToDateTimeOffset())),
            ]);
    }
}
