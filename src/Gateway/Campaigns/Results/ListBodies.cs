using System.ComponentModel.DataAnnotations;
using ZohoPlatform.Contracts.Campaigns.V1;
using static ZohoPlatform.Gateway.ContractValues;

namespace ZohoPlatform.Gateway.Campaigns.Results;

/// <summary>A mailing list at Zoho.</summary>
/// <param name="Key">Zoho's list key.</param>
/// <param name="Name">Its name.</param>
/// <param name="Contacts">Active ones; absent where Zoho does not say, like the two below.</param>
/// <param name="Unsubscribed">Who left it.</param>
/// <param name="Bounced">Whose mail came back.</param>
internal sealed record MailingListBody(string Key, string Name, long? Contacts, long? Unsubscribed, long? Bounced)
{
    public static MailingListBody Of(MailingList list) => new(
        list.Key,
        list.Name,
        list.HasContacts ? list.Contacts : null,
        list.HasUnsubscribed ? list.Unsubscribed : null,
        list.HasBounced ? list.Bounced : null);
}

/// <param name="Lists">All of the tenant's.</param>
/// <param name="ReadAt">When Zoho was asked.</param>
internal sealed record MailingLists(IReadOnlyList<MailingListBody> Lists, DateTimeOffset? ReadAt);

/// <summary>A mailing list to make at Zoho.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">For the people who use Zoho.</param>
/// <param name="Emails">Zoho makes no list without contacts: 1 to 10 addresses.</param>
/// <param name="PublicSignup">Whether Zoho shows a sign-up form for it.</param>
internal sealed record NewMailingList(
    [property: Required] string? Name, string? Description, [property: Required] IReadOnlyList<string?>? Emails, bool? PublicSignup)
{
    public CreateMailingListRequest ToContract() => new()
    {
        Name = Name ?? "",
        Description = Description ?? "",
        Emails = { (Emails ?? []).Select(email => email ?? "") },
        PublicSignup = PublicSignup ?? false,
    };
}

/// <summary>A contact as Zoho has it; what Zoho does not say is absent.</summary>
internal sealed record SubscriberBody(
    string Email, string? FirstName, string? LastName, string? Company, string? Phone, DateTimeOffset? AddedAt)
{
    public static SubscriberBody Of(Subscriber subscriber) => new(
        subscriber.Email,
        OrNull(subscriber.FirstName),
        OrNull(subscriber.LastName),
        OrNull(subscriber.Company),
        OrNull(subscriber.Phone),
        Time(subscriber.AddedAt));
}

/// <summary>A page of a list's contacts.</summary>
/// <param name="Subscribers">In Zoho's order.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="ReadAt">When Zoho was asked.</param>
internal sealed record SubscriberPage(IReadOnlyList<SubscriberBody> Subscribers, string? NextPageToken, DateTimeOffset? ReadAt);

/// <param name="Email">Whom no mail shall reach any more.</param>
internal sealed record OptOut([property: Required] string? Email);
