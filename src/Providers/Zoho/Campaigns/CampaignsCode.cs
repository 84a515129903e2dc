using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>What a code of Zoho Campaigns means.</summary>
/// <param name="Class">What follows from it.</param>
/// <param name="FailureCode">Our own stable name for it; several numbers share one where a person would do the same about them.</param>
/// <param name="Message">What a person can do.</param>
internal sealed record CampaignsCode(CampaignsCodeClass Class, string FailureCode, string Message)
{
    /// <summary>Zoho does not have what the call names, whatever follows from that for others.</summary>
    public bool IsNotFound { get; init; }

    public Failure ToFailure() => new(
        IsNotFound ? FailureKind.NotFound : Class switch
        {
            CampaignsCodeClass.BadContact or CampaignsCodeClass.BadRequest => FailureKind.Invalid,
            CampaignsCodeClass.Suppressed => FailureKind.Conflict,
            CampaignsCodeClass.Configuration or CampaignsCodeClass.PlanLimit or CampaignsCodeClass.Auth => FailureKind.Precondition,
            CampaignsCodeClass.Locked => FailureKind.RateLimited,
            // an answer that does not fit the question is one more reason to ask again
            CampaignsCodeClass.Retry or CampaignsCodeClass.Done or CampaignsCodeClass.AlreadyDone or CampaignsCodeClass.Empty =>
                FailureKind.Unavailable,
        },
        FailureCode,
        Message);
}
