using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>What can go wrong on the way to Zoho CRM besides its own codes, and how to decide about any of it.</summary>
public static class CrmFailures
{
    /// <summary>
    /// The code of <see cref="ScopesMissing"/>, which is said before Zoho is asked where it is known what the grant covers.
    /// </summary>
    public const string ScopesMissingCode = "scopes_missing";

    public static readonly Failure Unavailable = new(
        FailureKind.Unavailable, "zoho_unavailable", "Zoho CRM does not answer; it may again in a moment.");

    /// <summary>An answer that says neither that it was done nor why not: a page, half an answer.</summary>
    public static readonly Failure BadAnswer = new(
        FailureKind.Unavailable,
        "zoho_bad_answer",
        "Zoho CRM answered something that the platform cannot read; the next answer may be better.");

    /// <summary>Something that may not be done twice was sent, and nothing says whether it was done.</summary>
    public static readonly Failure OutcomeUnknown = CrmCodes.OutcomeUnknown.ToFailure();

    /// <summary>The record that a call names is not there; from the code, or from an answer without content.</summary>
    public static readonly Failure RecordGone = CrmCodes.RecordGone.ToFailure();

    /// <summary>The lead was not converted: it is there as a lead, or it is gone.</summary>
    public static readonly Failure ConversionNotFound = CrmCodes.ConversionNotFound.ToFailure();

    public static Failure NotOffered(string dataCentre) => new(
        FailureKind.Precondition,
        "crm_not_offered",
        $"No address of Zoho CRM is known in the data centre {dataCentre}: connect an account of another one.");

    public static Failure ScopesMissing(IReadOnlyCollection<string> scopes)
    {
        // the feature asks for the modules that the platform works with; a feed may be of any
        var others = scopes.Where(scope => ZohoProvider.Lacks(CrmMethods.Scopes, scope)).ToList();
        var more = others.Count > 0 ? $" and with {string.Join(", ", others)} among the extra scopes" : "";
        return new(
            FailureKind.Precondition,
            ScopesMissingCode,
            $"The connection does not cover all of {string.Join(", ", scopes)}: connect again with the feature crm{more}, and accept everything.");
    }

    /// <summary>A value that cannot be written into a query or criteria; the value itself is not repeated.</summary>
    public static Failure ValueRefused(string field) => Failure.InvalidField(
        field, $"The value of {field} has a backslash or a control character, which Zoho CRM cannot be asked for: take it out.");

    extension(CrmCodeClass refused)
    {
        /// <summary>Whether the same call, made again later, may succeed without anybody doing anything.</summary>
        public bool MayBeRepeated => refused is CrmCodeClass.Throttled or CrmCodeClass.Retry or CrmCodeClass.Unknown;

        /// <summary>Of one record: whether it may be taken later as it is, once a person or a process lets it go or nobody doubts any more.</summary>
        public bool IsForLater => refused is CrmCodeClass.Held or CrmCodeClass.Changed or CrmCodeClass.Unclear || refused.MayBeRepeated;

        /// <summary>Whether it says something of the organisation or the account, though it may be told of one record.</summary>
        public bool IsOfOrganization => refused is CrmCodeClass.Configuration or CrmCodeClass.PlanLimit or CrmCodeClass.Auth;
    }

    extension(Failure failure)
    {
        /// <summary>
        /// What follows from a failure of <see cref="CrmClient"/>: from Zoho's code where it is one, else from its kind (the token
        /// service's and the quota governor's failures come through this client, too).
        /// </summary>
        public CrmCodeClass CrmClass => CrmCodes.ClassOf(failure.Code) ?? failure.Kind switch
        {
            FailureKind.RateLimited => CrmCodeClass.Throttled,
            FailureKind.Unavailable => CrmCodeClass.Retry,
            FailureKind.Precondition or FailureKind.NotFound or FailureKind.Conflict => CrmCodeClass.Configuration,
            FailureKind.Unauthenticated or FailureKind.Forbidden => CrmCodeClass.Auth,
            FailureKind.Invalid => CrmCodeClass.BadRequest,
        };
    }
}
