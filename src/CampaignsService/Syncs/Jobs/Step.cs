using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>What a piece of work on a sync came to; no failure means that it goes on.</summary>
internal enum StepEnd
{
    GoOn,

    /// <summary>Nothing is left to do, or somebody else changed the sync.</summary>
    Ended,

    /// <summary>Its next call has its moment later: others have its place until then.</summary>
    Later,

    /// <summary>Later, by itself, once what stands in its way is over.</summary>
    Wait,

    /// <summary>Once a connection is there, or is another one: by itself then.</summary>
    Await,

    /// <summary>Once a person has acted and resumes it.</summary>
    Pause,

    /// <summary>Never: the source or the mapping cannot be used.</summary>
    Fail,
}

/// <inheritdoc cref="StepEnd"/>
internal sealed record Step(StepEnd End, Failure? Failure = null, TimeSpan Until = default)
{
    public static readonly Step GoOn = new(StepEnd.GoOn);
    public static readonly Step Ended = new(StepEnd.Ended);

    public static Step Later(TimeSpan wait) => new(StepEnd.Later, Until: wait);

    /// <summary>What follows from a failure on the way to Zoho. An outage never ends a job.</summary>
    public static Step After(Failure failure) => Of(
        failure.CampaignsClass switch
        {
            // a connection may come or be mended; what Zoho itself answered a person must see to
            CampaignsCodeClass.Configuration or CampaignsCodeClass.Auth when !failure.IsAnswerOfCampaigns => StepEnd.Await,
            CampaignsCodeClass.Configuration or CampaignsCodeClass.Auth or CampaignsCodeClass.PlanLimit or CampaignsCodeClass.BadRequest
                or CampaignsCodeClass.BadContact or CampaignsCodeClass.Suppressed => StepEnd.Pause,
            CampaignsCodeClass.Retry or CampaignsCodeClass.Locked or CampaignsCodeClass.Done or CampaignsCodeClass.AlreadyDone
                or CampaignsCodeClass.Empty => StepEnd.Wait,
        },
        failure);

    /// <summary>What follows from a failure of the source.</summary>
    public static Step AfterSource(Failure failure) => Of(
        failure.Kind switch
        {
            FailureKind.Unavailable => StepEnd.Wait,
            FailureKind.Precondition => StepEnd.Pause,
            _ => StepEnd.Fail,
        },
        failure);

    // what is to be done is the failure's; that nothing goes on by itself then is the pause's
    private static Step Of(StepEnd end, Failure failure) => new(
        end, end is StepEnd.Pause ? failure with { Message = $"{failure.Message} The sync is paused: resume it then." } : failure);
}
