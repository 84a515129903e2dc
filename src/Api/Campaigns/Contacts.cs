using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Campaigns;

/// <summary>A registered user on the way to the tenant's mailing list. Only the mail address is required; absent fields are not sent to Zoho.</summary>
/// <param name="Email">At most 254 characters.</param>
public sealed record ContactFields(string Email)
{
    /// <summary>Zoho's First Name; like all fields below at most 250 characters.</summary>
    public string? FirstName { get; init; }

    /// <summary>Zoho's Last Name.</summary>
    public string? LastName { get; init; }

    /// <summary>Zoho's Country.</summary>
    public string? Country { get; init; }

    /// <summary>Zoho's Company.</summary>
    public string? Company { get; init; }

    /// <summary>Zoho's Phone.</summary>
    public string? Phone { get; init; }

    /// <summary>Zoho's Language.</summary>
    public string? PreferredLanguage { get; init; }

    /// <summary>Zoho's Production Type.</summary>
    public string? ProductionType { get; init; }

    /// <summary>Zoho's Category.</summary>
    public string? Category { get; init; }
}

/// <summary>How a contact fares.</summary>
[JsonConverter(typeof(ApiNameConverter<ContactStatus>))]
public enum ContactStatus
{
    Unknown,

    /// <summary>About to be pushed.</summary>
    Pending,

    /// <summary>Zoho could not take it just now; it is tried again.</summary>
    Retrying,
    Subscribed,

    /// <summary>It was on the list before, and its fields were updated.</summary>
    AlreadySubscribed,

    /// <summary>Waits for a connection or a list; goes out by itself when they are there.</summary>
    NotConfigured,

    /// <summary>Zoho does not take it; the message says why.</summary>
    Rejected,

    /// <summary>The list has a sign-up form: Zoho has sent a mail, and the contact is on the list once it has confirmed.</summary>
    ConfirmationSent,

    /// <summary>
    /// The person does not want to be written to: unsubscribed, on Do-Not-Mail or forgotten through the platform, or has left the list at
    /// Zoho. The code says which.
    /// </summary>
    Suppressed,
}

/// <summary>The contact is stored and will be pushed.</summary>
/// <param name="Id">Asks for its status.</param>
/// <param name="Status">As it is now.</param>
/// <param name="StatusUrl">Tells how it goes; relative to the gateway's address.</param>
public sealed record AcceptedContact(string Id, ContactStatus Status, string StatusUrl);

/// <summary>How a contact fares.</summary>
/// <param name="Id">Of this registration; the same mail address registered again has another one.</param>
/// <param name="Status">pending, retrying, subscribed, already_subscribed, not_configured, rejected, confirmation_sent or suppressed.</param>
/// <param name="Code">Why it is not subscribed, machine-read; absent where nothing is wrong.</param>
/// <param name="Message">The last outcome in a sentence, with what to do.</param>
/// <param name="Attempts">How often Zoho was asked to take it.</param>
/// <param name="NextAttemptAt">When it is tried again; absent where it is not.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="UpdatedAt">When its status changed last.</param>
/// <param name="Fields">As they were submitted.</param>
public sealed record Contact(
    string Id,
    ContactStatus Status,
    string? Code,
    string? Message,
    int Attempts,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? UpdatedAt,
    ContactFields Fields)
{
    /// <summary>The connection through which Zoho was asked last; absent before.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>Whose account that opens; absent where it is not known.</summary>
    public string? Account { get; init; }
}

/// <summary>A page of contacts.</summary>
/// <param name="Contacts">Newest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
public sealed record ContactPage(IReadOnlyList<Contact> Contacts, string? NextPageToken);

/// <summary>Which rejected contacts are pushed again.</summary>
public sealed record RejectedContacts
{
    /// <summary>Only those that were rejected with this code, such as role_address; all when absent.</summary>
    public string? Code { get; init; }
}

/// <summary>What is pushed again.</summary>
/// <param name="Retried">How many contacts, at most 1,000.</param>
/// <param name="HasMore">More may be left: ask again.</param>
public sealed record RetriedContacts(int Retried, bool HasMore);

/// <summary>Whom to forget.</summary>
/// <param name="Email">In any spelling.</param>
public sealed record ForgottenAddress(string Email);

/// <summary>What was deleted of a person.</summary>
/// <param name="Contacts">Contacts of the address that were deleted.</param>
/// <param name="SyncContacts">Rows of syncs that have no name any more.</param>
public sealed record ForgottenContact(long Contacts, long SyncContacts);

/// <summary>Who wants to be written to again.</summary>
/// <param name="Email">In any spelling.</param>
/// <param name="Reason">How the person agreed, at most 500 characters without an address: it stays in the audit.</param>
public sealed record LiftedOptOut(string Email, string Reason);

/// <summary>What kept a person off lists until now.</summary>
/// <param name="Lifted">forgotten, unsubscribed, do_not_mail, kept_off: each as often as the platform had it.</param>
/// <param name="ListKeys">The lists that Zoho has them on again: those that they were taken off, and after Do-Not-Mail that of the settings.</param>
/// <param name="ConfirmingListKeys">Lists for which Zoho has mailed them: they are on those once they have confirmed.</param>
public sealed record LiftedOptOuts(IReadOnlyList<string> Lifted, IReadOnlyList<string> ListKeys, IReadOnlyList<string> ConfirmingListKeys);
