using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>What can go wrong on the way to Zoho Campaigns besides its own codes, and how to decide about any of it.</summary>
public static class CampaignsFailures
{
    /// <summary>
    /// The code of <see cref="ScopesMissing"/>, which is said before Zoho is asked where it is known what the grant covers.
    /// </summary>
    public const string ScopesMissingCode = "scopes_missing";

    /// <summary>Zoho does not know who was to be taken off.</summary>
    public const string ContactNotFoundCode = "contact_not_found";

    /// <summary>The list is no more.</summary>
    public const string ListDeletedCode = "list_deleted";

    /// <summary>A number that stands for many troubles, answered to a call about one contact.</summary>
    public const string DataRefusedCode = "contact_data_refused";

    public static readonly Failure Unavailable = new(
        FailureKind.Unavailable, "zoho_unavailable", "Zoho Campaigns does not answer; it may again in a moment.");

    /// <summary>An answer that says neither that it was done nor why not: XML, a page, half an answer.</summary>
    public static readonly Failure BadAnswer = new(
        FailureKind.Unavailable,
        "zoho_bad_answer",
        "Zoho Campaigns answered something that the platform cannot read; the next answer may be better.");

    /// <summary>Something that may not be done twice was sent, and nothing says whether it was done.</summary>
    public static readonly Failure OutcomeUnknown = new(
        FailureKind.Unavailable,
        "zoho_outcome_unknown",
        "Zoho Campaigns did not say whether it was done: look there before you try again.");

    /// <summary>A campaign without figures.</summary>
    public static readonly Failure NoReport = new(
        FailureKind.NotFound, "no_report", "Zoho Campaigns has no figures for this campaign yet.");

    /// <summary>The list key that is set belongs to no list of the account.</summary>
    public static readonly Failure ListNotFound = CampaignsCodes.ListNotFound.ToFailure();

    public static Failure NotOffered(string dataCentre) => new(
        FailureKind.Precondition,
        "campaigns_not_offered",
        $"No address of Zoho Campaigns is known in the data centre {dataCentre}: connect an account of another one.");

    public static Failure ScopesMissing(string scope) => new(
        FailureKind.Precondition,
        ScopesMissingCode,
        $"The connection lacks the scope {scope}: connect again with the feature campaigns, and accept everything.");

    extension(Failure failure)
    {
        /// <summary>
        /// True where Zoho answered and refused this very call, so that another one may fare better. False where the way to Zoho failed:
        /// the connection, the token, the quota.
        /// </summary>
        public bool IsAnswerOfCampaigns => CampaignsCodes.ClassOf(failure.Code) is not (null or CampaignsCodeClass.Locked);

        /// <summary>
        /// What follows from a failure of <see cref="CampaignsClient"/>: from Zoho's code where it is one, else from its kind
        /// (the token service's and the quota governor's failures come through this client, too).
        /// </summary>
        public CampaignsCodeClass CampaignsClass => CampaignsCodes.ClassOf(failure.Code) ?? failure.Kind switch
        {
            FailureKind.Unavailable or FailureKind.RateLimited => CampaignsCodeClass.Retry,
            FailureKind.Precondition or FailureKind.NotFound or FailureKind.Conflict => CampaignsCodeClass.Configuration,
            FailureKind.Unauthenticated or FailureKind.Forbidden => CampaignsCodeClass.Auth,
            FailureKind.Invalid => CampaignsCodeClass.BadRequest,
        };
    }
}
