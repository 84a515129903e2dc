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
            authorization.FailureCode.Length == 0 ? null : new(authorization.FailureCode, authorization.FailureMessage));

        /// <summary>Why its link leads nowhere any more.</summary>
        public Failure NotWaiting() => authorization.State switch
        {
            Contract.AuthorizationState.Connected => Over(
                "link_used", $"{authorization.ProviderTitle} was connected with this link already. There is nothing more to do here."),
            Contract.AuthorizationState.Failed => Over(authorization.FailureCode, authorization.FailureMessage),
            Contract.AuthorizationState.Expired => Over(
                "link_expired", "This link is over: it can be opened within ten minutes. Ask who gave it to you for a new one."),
            _ => Over(
                "link_used",
                "This link was opened already, and can be once. Go on in the browser where it was opened, or ask who gave it to you for a new one."),
        };
    }

    private static Failure Over(string code, string message) => new(FailureKind.Precondition, code, message);
}
