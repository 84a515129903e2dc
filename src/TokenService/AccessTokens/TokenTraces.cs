using System.Diagnostics;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>Activity source <c>ZohoPlatform.TokenService</c>: one activity for each request to a provider for a new token.</summary>
internal static class TokenTraces
{
    private static readonly ActivitySource Source = new("ZohoPlatform.TokenService");

    public static Activity? StartRefresh(ConnectionRow row, int budgetLeft)
    {
        var activity = Source.StartActivity("token refresh");
        activity?.SetTag("connection.id", row.Id);
        activity?.SetTag("connection.provider", row.Provider);
        activity?.SetTag("connection.data_centre", row.DataCentre);
        activity?.SetTag("refresh.budget_left", budgetLeft);
        return activity;
    }

    // no activity where nobody listens
    extension(Activity? activity)
    {
        /// <param name="failure">Null where the token was granted.</param>
        public void SetVerdict(Failure? failure)
        {
            activity?.SetTag("refresh.verdict", failure?.Code ?? RefreshAttempt.Granted);
            activity?.SetStatus(failure is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error, failure?.Message);
        }
    }
}
