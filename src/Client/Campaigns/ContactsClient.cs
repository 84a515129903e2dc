using System.Text.Json.Serialization;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Campaigns;

/// <summary>Registered users on their way to the tenant's mailing list.</summary>
public sealed class ContactsClient
{
    private const string Path = "api/v1/campaigns/contacts";

    private readonly GatewayCalls _calls;

    internal ContactsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Stored and answered at once; Zoho is told afterwards, until it took the contact. Role needed: operator.</summary>
    /// <param name="contact">Only the mail address is required.</param>
    /// <param name="idempotencyKey">
    /// 1 to 200 visible ASCII characters, such as the registration's own id; one of this call alone when null.
    /// </param>
    /// <param name="cancellationToken">Ends the wait; a contact that was stored already stays.</param>
    public Task<AcceptedContact> AddAsync(
        ContactFields contact, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        _calls.PostAsync(
            Path, contact, PlatformJson.Default.ContactFields, PlatformJson.Default.AcceptedContact, idempotencyKey, cancellationToken);

    /// <summary>How one contact fares. Role needed: viewer.</summary>
    public Task<Contact> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}", PlatformJson.Default.Contact, cancellationToken);

    /// <summary>Newest first. Role needed: viewer.</summary>
    /// <param name="status">Only those; all when null.</param>
    public IAsyncEnumerable<Contact> ListAsync(ContactStatus? status = null) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With(Path, ("status", status is { } wanted ? ApiName.Of(wanted) : null), ("page_size", "200"), ("page_token", token)),
            PlatformJson.Default.ContactPage,
            cancellationToken),
        page => (page.Contacts, page.NextPageToken));
}

/// <summary>A registered user. What is null is not sent to Zoho; every field but the address has at most 250 characters.</summary>
/// <param name="Email">At most 254 characters.</param>
public sealed record ContactFields(string Email)
{
    public string? FirstName { get; init; }

    public string? LastName { get; init; }

    public string? Country { get; init; }

    public string? Company { get; init; }

    public string? Phone { get; init; }

    /// <summary>Zoho's Language.</summary>
    public string? PreferredLanguage { get; init; }

    /// <summary>Zoho's Production Type.</summary>
    public string? ProductionType { get; init; }

    public string? Category { get; init; }
}

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
}

/// <summary>The contact is stored and will be pushed.</summary>
/// <param name="Id">Asks for its status.</param>
/// <param name="Status">As it is now.</param>
/// <param name="StatusUrl">Relative to the gateway's address.</param>
public sealed record AcceptedContact(string Id, ContactStatus Status, string StatusUrl);

/// <summary>How a contact fares.</summary>
/// <param name="Id">Of this registration; the same address registered again has another one.</param>
/// <param name="Status">As it is now.</param>
/// <param name="Code">Why it is not subscribed, machine-read; null where nothing is wrong.</param>
/// <param name="Message">The last outcome in a sentence, with what to do.</param>
/// <param name="Attempts">How often Zoho was asked to take it.</param>
/// <param name="NextAttemptAt">Null where it is not tried again.</param>
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
    ContactFields Fields);

internal sealed record ContactPage(IReadOnlyList<Contact> Contacts, string? NextPageToken);
