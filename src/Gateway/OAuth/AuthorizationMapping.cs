using ZohoPlatform.Api.Connections;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using Contract = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Gateway.OAuth;

internal static class AuthorizationMapping
{
    extension(Contract.Authorization authorization)
    {
        public Authorization ToApi() => new(
            authorization.Id,
            authorization.Provider,
            authorization.State.As<AuthorizationState>(),
            authorization.Features,
            authorization.Scopes,
            OrNull(authorization.DataCentre),
            authorization.Owner,
            authorization.ExpiresAt.ToDateTimeOffset(),
            OrNull(authorization.ConnectionId),
            authorization.State is Contract.AuthorizationState.Failed ? new(authorization.FailureCode, authorization.FailureMessage) : null);

        /// <summary>Why its link leads nowhere any more.</summary>
        public Failure NotWaiting() => new(FailureKind.Precondition, authorization.FailureCode, authorization.FailureMessage);
    }
}
