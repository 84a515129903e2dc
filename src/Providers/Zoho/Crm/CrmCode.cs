using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>What a code of Zoho CRM means.</summary>
/// <param name="Class">What follows from it.</param>
/// <param name="FailureCode">Our own stable name for it; several codes share one where a person would do the same about them.</param>
/// <param name="Message">What a person can do.</param>
internal sealed record CrmCode(CrmCodeClass Class, string FailureCode, string Message)
{
    public Failure ToFailure() => new(
        Class switch
        {
            CrmCodeClass.BadData or CrmCodeClass.BadRequest => FailureKind.Invalid,
            CrmCodeClass.Gone => FailureKind.NotFound,
            CrmCodeClass.Duplicate or CrmCodeClass.Held or CrmCodeClass.Changed or CrmCodeClass.Converted or CrmCodeClass.Restart =>
                FailureKind.Conflict,
            CrmCodeClass.Configuration or CrmCodeClass.PlanLimit or CrmCodeClass.Auth => FailureKind.Precondition,
            CrmCodeClass.Throttled => FailureKind.RateLimited,
            // an answer that does not fit the question is one more reason to ask again
            CrmCodeClass.Retry or CrmCodeClass.Unclear or CrmCodeClass.Unknown or CrmCodeClass.Done or CrmCodeClass.Empty =>
                FailureKind.Unavailable,
        },
        FailureCode,
        Message);
}
