using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>What can go wrong on the way to Zoho's finance products besides their own codes, and how to decide about any of it.</summary>
public static class FinanceFailures
{
    public static readonly Failure Unavailable = new(
        FailureKind.Unavailable, "zoho_unavailable", "Zoho does not answer; it may again in a moment.");

    /// <summary>An answer that says neither that it was done nor why not: a page, half an answer.</summary>
    public static readonly Failure BadAnswer = new(
        FailureKind.Unavailable, "zoho_bad_answer", "Zoho answered something that the platform cannot read; the next answer may be better.");

    /// <summary>Something that may not be done twice was sent, and nothing says whether it was done.</summary>
    public static readonly Failure OutcomeUnknown = FinanceCodes.OutcomeUnknown.ToFailure();

    /// <summary>The record that a call names is not there.</summary>
    public static readonly Failure RecordGone = FinanceCodes.Gone.ToFailure();

    public static Failure NotOffered(string dataCentre) => new(
        FailureKind.Precondition,
        "finance_not_offered",
        $"No address of Zoho Books, Inventory or Invoice is known in the data centre {dataCentre}: connect an account of another one.");

    /// <summary>Said before Zoho is asked, where it is known what the grant covers.</summary>
    public static Failure ScopeMissing(FinanceProduct product, string scope) => new(
        FailureKind.Precondition,
        "scopes_missing",
        $"The connection does not cover {scope}: connect again with the feature {product}, and accept everything.");

    extension(Failure failure)
    {
        /// <summary>What follows from a failure of <see cref="FinanceClient"/>: from Zoho's code where it is one, else from its kind.</summary>
        public FinanceCodeClass FinanceClass => FinanceCodes.ClassOf(failure.Code) ?? failure.Kind switch
        {
            FailureKind.RateLimited => FinanceCodeClass.Busy,
            FailureKind.Unavailable => FinanceCodeClass.Retry,
            FailureKind.Precondition or FailureKind.NotFound or FailureKind.Conflict => FinanceCodeClass.Configuration,
            FailureKind.Unauthenticated or FailureKind.Forbidden => FinanceCodeClass.Auth,
            FailureKind.Invalid => FinanceCodeClass.BadRequest,
        };
    }

    extension(FinanceCodeClass refused)
    {
        /// <summary>Whether the same call, made again later, may succeed without anybody doing anything.</summary>
        public bool MayBeRepeated => refused
            is FinanceCodeClass.Blocked or FinanceCodeClass.DayUsed or FinanceCodeClass.Busy or FinanceCodeClass.Retry or FinanceCodeClass.Unknown;
    }
}
