using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Campaigns;

/// <summary>A mailing list at Zoho.</summary>
/// <param name="Key">Zoho's list key: the settings' campaigns_list_key.</param>
/// <param name="Name">As people know it.</param>
/// <param name="Contacts">Active ones; absent where Zoho does not say, like the two below.</param>
/// <param name="Unsubscribed">Who left it.</param>
/// <param name="Bounced">Whose mail came back.</param>
public sealed record MailingList(string Key, string Name, long? Contacts, long? Unsubscribed, long? Bounced);

/// <summary>All mailing lists of the account.</summary>
/// <param name="Lists">In Zoho's order.</param>
/// <param name="ReadAt">When Zoho was asked.</param>
public sealed record MailingLists(IReadOnlyList<MailingList> Lists, DateTimeOffset? ReadAt)
{
    /// <summary>The one of the settings, which `default` stands for; absent while none is set. It need not be among them.</summary>
    public string? DefaultListKey { get; init; }
}

/// <summary>A mailing list to make at Zoho.</summary>
/// <param name="Name">As people will know it.</param>
/// <param name="Emails">Zoho makes no list without contacts: 1 to 10 addresses.</param>
public sealed record NewMailingList(string Name, IReadOnlyList<string> Emails)
{
    /// <summary>For the people who use Zoho.</summary>
    public string? Description { get; init; }

    public IReadOnlyList<string> Emails { get; init; } = Emails ?? [];

    /// <summary>Whether Zoho shows a sign-up form for it.</summary>
    public bool? PublicSignup { get; init; }
}

/// <summary>Which contacts of a list.</summary>
[JsonConverter(typeof(ApiNameConverter<SubscriberStatus>))]
public enum SubscriberStatus
{
    Unknown,
    Active,
    Unsubscribed,
    Bounced,
}

/// <summary>A contact as Zoho has it; what Zoho does not say is absent.</summary>
/// <param name="Email">Its address.</param>
/// <param name="FirstName">Zoho's First Name.</param>
/// <param name="LastName">Zoho's Last Name.</param>
/// <param name="Company">Zoho's Company.</param>
/// <param name="Phone">Zoho's Phone.</param>
/// <param name="AddedAt">When it came onto the list.</param>
public sealed record Subscriber(
    string Email, string? FirstName, string? LastName, string? Company, string? Phone, DateTimeOffset? AddedAt);

/// <summary>A page of a list's contacts.</summary>
/// <param name="Subscribers">In Zoho's order.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="ReadAt">When Zoho was asked.</param>
public sealed record SubscriberPage(IReadOnlyList<Subscriber> Subscribers, string? NextPageToken, DateTimeOffset? ReadAt);

/// <summary>Where Zoho stands with a person's wish; the platform keeps them off in any case.</summary>
[JsonConverter(typeof(ApiNameConverter<OptOutTold>))]
public enum OptOutTold
{
    Unknown,

    /// <summary>Zoho has it.</summary>
    Done,

    /// <summary>Zoho could not be told yet: the platform tells it by itself as soon as that works.</summary>
    ToBeTold,

    /// <summary>Zoho does not know the contact: there was nothing to do.</summary>
    UnknownContact,
}

/// <summary>The person is kept off from now on.</summary>
/// <param name="AtZoho">done, to_be_told or unknown_contact.</param>
/// <param name="Code">Why Zoho could not be told yet, machine-read; absent otherwise.</param>
/// <param name="Message">The same as a sentence, with what to do.</param>
public sealed record KeptOff(OptOutTold AtZoho, string? Code, string? Message);

/// <summary>Who wants no more mail.</summary>
/// <param name="Email">Its address.</param>
public sealed record OptOut(string Email);
