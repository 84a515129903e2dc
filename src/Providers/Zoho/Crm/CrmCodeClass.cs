namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>What follows from a code of Zoho CRM.</summary>
public enum CrmCodeClass
{
    /// <summary>It was done, or will be.</summary>
    Done,

    /// <summary>There is nothing, or nothing more, to read.</summary>
    Empty,

    /// <summary>What the call names is not there, or no more.</summary>
    Gone,

    /// <summary>The lead was converted: it goes on as a contact, see <see cref="CrmClient.FindConvertedAsync"/>.</summary>
    Converted,

    /// <summary>A record with this value of a unique field exists; <see cref="CrmRefusal.ExistingId"/> names it where Zoho does.</summary>
    Duplicate,

    /// <summary>This record's data will never be taken as they are.</summary>
    BadData,

    /// <summary>The record is locked, in approval, in a blueprint or being merged: a person or a process has to let it go first.</summary>
    Held,

    /// <summary>The record changed since it was read: read it again.</summary>
    Changed,

    /// <summary>A way through pages has ended before its end: begin again with the first.</summary>
    Restart,

    /// <summary>A person must set something right in Zoho or here; calls that depend on it fail until then.</summary>
    Configuration,

    /// <summary>The customer's plan is full; succeeds once there is room.</summary>
    PlanLimit,

    /// <summary>The token or the account behind it is refused.</summary>
    Auth,

    /// <summary>Too many calls; nothing was done, and the same call succeeds later.</summary>
    Throttled,

    /// <summary>The same call may succeed later.</summary>
    Retry,

    /// <summary>Something that may not be done twice was perhaps done: look in Zoho CRM before it is sent again.</summary>
    Unclear,

    /// <summary>A code that no page of Zoho's lists.</summary>
    Unknown,

    /// <summary>Zoho did not understand the request as it was made; the same one never succeeds.</summary>
    BadRequest,
}
