namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>What follows from a code of Zoho's finance products.</summary>
public enum FinanceCodeClass
{
    /// <summary>What the call names is not there, or no more.</summary>
    Gone,

    /// <summary>A record with this name or number exists.</summary>
    Duplicate,

    /// <summary>The record's data will never be taken as they are.</summary>
    BadData,

    /// <summary>What depends on the record keeps it from being changed or deleted.</summary>
    Held,

    /// <summary>A person must set something right in Zoho or here; calls that depend on it fail until then.</summary>
    Configuration,

    /// <summary>The token is refused, or it does not cover what was asked for: the code is the same.</summary>
    Auth,

    /// <summary>The organisation is blocked for an hour after too many calls in a minute.</summary>
    Blocked,

    /// <summary>The organisation's calls of the day are used up.</summary>
    DayUsed,

    /// <summary>As many calls as it takes at once are under way; nothing was done, and the same call succeeds in seconds.</summary>
    Busy,

    /// <summary>The same call may succeed later.</summary>
    Retry,

    /// <summary>Something that may not be done twice was perhaps done: look before it is sent again.</summary>
    Unclear,

    /// <summary>A code that no page of Zoho's lists.</summary>
    Unknown,

    /// <summary>Zoho did not understand the request as it was made; the same one never succeeds.</summary>
    BadRequest,
}
