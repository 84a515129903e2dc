using System.Diagnostics;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// Activity source <c>ZohoPlatform.CampaignsService</c>: one activity for each attempt to push a registration, in the trace of the call
/// that submitted it, however much later the attempt is made.
/// </summary>
internal static class PushTraces
{
    private const string Name = "registration push";

    private static readonly ActivitySource Source = new("ZohoPlatform.CampaignsService");

    /// <summary>Null where the registration was submitted outside of any trace.</summary>
    public static Activity? StartPush(Claim claim)
    {
        if (!ActivityContext.TryParse(claim.TraceParent, null, isRemote: true, out var submission))
        {
            return null;
        }

        // where nobody collects traces, the log's lines are still the submission's
        var activity = Source.StartActivity(Name, ActivityKind.Consumer, submission)
            ?? new Activity(Name).SetParentId(submission.TraceId, submission.SpanId, submission.TraceFlags).Start();
        activity.SetTag("registration.id", claim.RegistrationId);
        activity.SetTag("tenant.id", claim.Tenant.Value);
        return activity;
    }

    extension(Activity? activity)
    {
        /// <param name="reason">Null where Zoho has the contact.</param>
        public void SetOutcome(Failure? reason)
        {
            activity?.SetTag("registration.outcome", reason?.Code ?? "done");
            activity?.SetStatus(reason is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error, reason?.Message);
        }
    }
}
