using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
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

    /// <summary>
    /// Forgets the person behind a contact: all that the platform keeps of the address, but a keyed hash by which it is not brought onto a list
    /// again. Role needed: admin.
    /// </summary>
    public Task ForgetAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.DeleteAsync($"{Path}/{Paths.Part(id)}", cancellationToken);

    /// <summary>As <see cref="ForgetAsync"/>, of an address. Role needed: admin.</summary>
    public Task<ForgottenContact> ForgetAddressAsync(string email, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/forget",
        new ForgottenAddress(email),
        PlatformJson.Default.ForgottenAddress,
        PlatformJson.Default.ForgottenContact,
        idempotencyKey: null,
        cancellationToken);

    /// <summary>
    /// Lets a person be written to again who was forgotten or taken off through the platform, and tells Zoho so where it was told that they
    /// left. <c>opt_out_not_found</c> where the platform knows of nothing. Role needed: admin.
    /// </summary>
    /// <param name="email">In any spelling.</param>
    /// <param name="reason">How the person agreed, at most 500 characters without an address: it stays in the audit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<LiftedOptOuts> LiftOptOutAsync(
        string email, string reason, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/lift-opt-out",
        new LiftedOptOut(email, reason),
        PlatformJson.Default.LiftedOptOut,
        PlatformJson.Default.LiftedOptOuts,
        idempotencyKey: null,
        cancellationToken);

    /// <summary>Pushes a rejected contact again, once something was set right at Zoho. Role needed: operator.</summary>
    public Task<Contact> RetryAsync(string id, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(id)}/retry", PlatformJson.Default.Contact, idempotencyKey: null, cancellationToken);

    /// <summary>The same of those that were rejected with this code, or of all: 1,000 by one call. Role needed: operator.</summary>
    public Task<RetriedContacts> RetryAllAsync(string? code = null, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/retry",
        new RejectedContacts { Code = code },
        PlatformJson.Default.RejectedContacts,
        PlatformJson.Default.RetriedContacts,
        idempotencyKey: null,
        cancellationToken);

    /// <summary>Newest first. Role needed: viewer.</summary>
    /// <param name="status">Only those; all when null.</param>
    /// <param name="email">Only those of this mail address, in any spelling; all when null.</param>
    /// <param name="from">Only those that were submitted then or later.</param>
    /// <param name="to">Only those that were submitted before.</param>
    /// <param name="oldestFirst">In the other order.</param>
    public IAsyncEnumerable<Contact> ListAsync(
        ContactStatus? status = null, string? email = null, DateTimeOffset? from = null, DateTimeOffset? to = null, bool oldestFirst = false) =>
        Pages.ItemsAsync(
            (token, cancellationToken) => _calls.GetAsync(
                Paths.With(
                    Path,
                    ("status", status is { } wanted ? ApiName.Of(wanted) : null),
                    ("email", email),
                    ("from", Paths.Time(from)),
                    ("to", Paths.Time(to)),
                    ("order_by", Paths.Order(oldestFirst)),
                    ("page_size", "200"),
                    ("page_token", token)),
                PlatformJson.Default.ContactPage,
                cancellationToken),
            page => (page.Contacts, page.NextPageToken));
}
