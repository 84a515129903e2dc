namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>What follows from a code of Zoho Campaigns.</summary>
public enum CampaignsCodeClass
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>Nothing was left to do.</summary>
    AlreadyDone,

    /// <summary>There is nothing, or nothing more, to read.</summary>
    Empty,

    /// <summary>The same call may succeed later.</summary>
    Retry,

    /// <summary>This contact's data will never be taken as they are.</summary>
    BadContact,

    /// <summary>The person does not want mail; final.</summary>
    Suppressed,

    /// <summary>A person must set something right in Zoho or here; calls that depend on it fail until then.</summary>
    Configuration,

    /// <summary>The customer's plan is full; succeeds once there is room.</summary>
    PlanLimit,

    /// <summary>The token or the account behind it is refused.</summary>
    Auth,

    /// <summary>Too many calls: the method is locked for its lock period.</summary>
    Locked,

    /// <summary>Zoho did not understand the request as it was made; the same one never succeeds.</summary>
    BadRequest,
}
