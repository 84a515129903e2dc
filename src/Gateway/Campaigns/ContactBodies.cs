using System.ComponentModel.DataAnnotations;
using ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.Gateway.Campaigns;

/// <summary>A registered user on the way to the tenant's mailing list. Only the mail address is required; absent fields are not sent to Zoho.</summary>
/// <param name="Email">At most 254 characters.</param>
/// <param name="FirstName">Zoho's First Name; like all fields below at most 250 characters.</param>
/// <param name="LastName">Zoho's Last Name.</param>
/// <param name="Country">Zoho's Country.</param>
/// <param name="Company">Zoho's Company.</param>
/// <param name="Phone">Zoho's Phone.</param>
/// <param name="PreferredLanguage">Zoho's Language.</param>
/// <param name="ProductionType">Zoho's Production Type.</param>
/// <param name="Category">Zoho's Category.</param>
internal sealed record ContactFields(
    [property: Required] string? Email,
    string? FirstName,
    string? LastName,
    string? Country,
    string? Company,
    string? Phone,
    string? PreferredLanguage,
    string? ProductionType,
    string? Category)
{
    public RegistrationFields ToContract() => new()
    {
        Email = Email ?? "",
        FirstName = FirstName ?? "",
        LastName = LastName ?? "",
        Country = Country ?? "",
        Company = Company ?? "",
        Phone = Phone ?? "",
        PreferredLanguage = PreferredLanguage ?? "",
        ProductionType = ProductionType ?? "",
        Category = Category ?? "",
    };

    public static ContactFields Of(RegistrationFields fields) => new(
        fields.Email,
        ContractValues.OrNull(fields.FirstName),
        ContractValues.OrNull(fields.LastName),
        ContractValues.OrNull(fields.Country),
        ContractValues.OrNull(fields.Company),
        ContractValues.OrNull(fields.Phone),
        ContractValues.OrNull(fields.PreferredLanguage),
        ContractValues.OrNull(fields.ProductionType),
        ContractValues.OrNull(fields.Category));
}

/// <summary>The contact is stored and will be pushed; <paramref name="StatusUrl"/> tells how it goes.</summary>
internal sealed record AcceptedContact(string Id, string Status, string StatusUrl);

/// <summary>How a contact fares.</summary>
/// <param name="Id">Of this registration; the same mail address registered again has another one.</param>
/// <param name="Status">pending, retrying, subscribed, already_subscribed, not_configured or rejected.</param>
/// <param name="Code">Why it is not subscribed, machine-read; absent where nothing is wrong.</param>
/// <param name="Message">The last outcome in a sentence, with what to do.</param>
/// <param name="Attempts">How often Zoho was asked to take it.</param>
/// <param name="NextAttemptAt">When it is tried again; absent where it is not.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="UpdatedAt">When its status changed last.</param>
/// <param name="Fields">As they were submitted.</param>
internal sealed record Contact(
    string Id,
    string Status,
    string? Code,
    string? Message,
    int Attempts,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? UpdatedAt,
    ContactFields Fields)
{
    public static Contact Of(Registration registration) => new(
        registration.Id,
        ApiNames.Of(registration.Status),
        ContractValues.OrNull(registration.Code),
        ContractValues.OrNull(registration.Message),
        registration.Attempts,
        ContractValues.Time(registration.NextAttemptAt),
        ContractValues.Time(registration.CreatedAt),
        ContractValues.Time(registration.UpdatedAt),
        ContactFields.Of(registration.Fields));
}

/// <summary>A page of contacts.</summary>
/// <param name="Contacts">Newest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
internal sealed record ContactPage(IReadOnlyList<Contact> Contacts, string? NextPageToken);
