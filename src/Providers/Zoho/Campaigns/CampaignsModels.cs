namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>What became of a contact that was subscribed.</summary>
public enum SubscribeOutcome
{
    /// <summary>It is in the list, or was asked for its confirmation where the list has a sign-up form.</summary>
    Subscribed,

    /// <summary>Zoho said that the list held it already; its fields were updated.</summary>
    AlreadySubscribed,
}

/// <summary>A mailing list.</summary>
/// <param name="Key">What the API calls <c>listkey</c>.</param>
/// <param name="Name">As people see it.</param>
/// <param name="Contacts">How many it holds; null where Zoho does not say.</param>
public sealed record MailingList(string Key, string Name, long? Contacts);

/// <summary>A field that contacts have, built-in or custom.</summary>
/// <param name="DisplayName">What a contact's data is keyed by: <c>Contact Email</c>.</param>
/// <param name="Name">Zoho's own name: <c>contact_email</c>.</param>
/// <param name="IsMandatory">Whether a contact must have it.</param>
public sealed record ContactField(string DisplayName, string Name, bool IsMandatory);
