using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>What a code of the finance products means.</summary>
/// <param name="Class">What follows from it.</param>
/// <param name="FailureCode">Our own stable name for it; several codes share one where a person would do the same about them.</param>
/// <param name="Message">What a person can do.</param>
internal sealed record FinanceCode(FinanceCodeClass Class, string FailureCode, string Message)
{
    public Failure ToFailure() => new(
        Class switch
        {
            FinanceCodeClass.BadData or FinanceCodeClass.BadRequest => FailureKind.Invalid,
            FinanceCodeClass.Gone => FailureKind.NotFound,
            FinanceCodeClass.Duplicate or FinanceCodeClass.Held => FailureKind.Conflict,
            FinanceCodeClass.Configuration or FinanceCodeClass.Auth => FailureKind.Precondition,
            FinanceCodeClass.Blocked or FinanceCodeClass.DayUsed or FinanceCodeClass.Busy => FailureKind.RateLimited,
            FinanceCodeClass.Retry or FinanceCodeClass.Unclear or FinanceCodeClass.Unknown => FailureKind.Unavailable,
        },
        FailureCode,
        Message);
}
