using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>How one look at a claimed registration ended.</summary>
/// <param name="Verdict">What follows from it.</param>
/// <param name="ListKey">The list that was set when it began; null where none was.</param>
/// <param name="Asked">Zoho was asked to take the contact.</param>
/// <param name="Reason">Why Zoho does not hold the contact; null where it does.</param>
internal sealed record PushOutcome(PushVerdict Verdict, string? ListKey, bool Asked, Failure? Reason = null)
{
    /// <summary>Through which connection; null where there was none.</summary>
    public ProviderCall? Through { get; init; }
}

internal enum PushVerdict
{
    /// <summary>Zoho holds the contact now.</summary>
    Taken,

    /// <summary>Zoho has mailed the contact, which is on the list once it has confirmed.</summary>
    ConfirmationSent,

    /// <summary>Zoho has the contact on the list, and said that it did before.</summary>
    HeldBefore,

    /// <summary>As <see cref="HeldBefore"/>, and nobody could tell whether the contact has left the list.</summary>
    HeldSomehow,

    /// <summary>The person does not want to be written to.</summary>
    Suppressed,

    /// <summary>Zoho will never take this contact.</summary>
    Refused,

    /// <summary>Not this time, for a reason that may lie in this contact: others of the tenant are not kept waiting.</summary>
    Postponed,

    /// <summary>The way to Zoho fails for the whole tenant: later.</summary>
    Blocked,

    /// <summary>As <see cref="Blocked"/>, and quick tries are pointless: a plan is full until somebody changes it.</summary>
    BlockedForLong,

    /// <summary>A person must set something first, for the whole tenant.</summary>
    NotConfigured,
}
