using ZohoPlatform.Api.Connections;
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
            if (string.IsNullOrWhiteSpace(body.GrantCode) == string.IsNullOrWhiteSpace(body.RefreshToken))
            {
                return Failure.InvalidField("grant_code", "Give either grant_code or refresh_token.");
            }

            var request = new Contract.CreateConnectionRequest
            {
                Provider = body.Provider ?? "",
                DataCentre = body.DataCentre ?? "",
                Owner = body.Owner ?? "",
            };
            request.Features.AddRange(body.Features ?? []);
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
            connection.Provider,
            connection.Owner,
            connection.State.As<ConnectionState>(),
            OrNull(connection.StateReason),
            OrNull(connection.DataCentre),
            OrNull(connection.ApiDomain),
            connection.Features,
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
                    scopes.Feature, scopes.NeededScopes, scopes.MissingScopes)),
            ])
        {
            Account = OrNull(connection.AccountName),
            Serves = connection.Serves,
            ExtraScopes = connection.ExtraScopes,
            BroughtAlong = connection.BroughtAlong,
        };
    }

    extension(Contract.Health health)
    {
        public ConnectionHealth ToApi() => new(
            health.ConnectionId,
            health.Provider,
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
            ])
        {
            Account = OrNull(health.AccountName),
            Serves = health.Serves,
        };
    }
}
