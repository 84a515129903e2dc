using System.Text.RegularExpressions;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.ServiceDefaults.Failures;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// What an app told about a registered user. Only the address is always there; values are trimmed and on one line, and an empty one is
/// none.
/// </summary>
internal sealed partial record Contact
{
    /// <summary>Most characters of every field but the address: the longest single-line field of Zoho Campaigns.</summary>
    public const int MaxFieldLength = 250;

    // REST's spelling, Zoho's display name, where the value is
    private static readonly (string Name, string DisplayName, Func<Contact, string?> Of)[] Fields =
    [
        ("email", "Contact Email", c => c.Email),
        ("first_name", "First Name", c => c.FirstName),
        ("last_name", "Last Name", c => c.LastName),
        ("country", "Country", c => c.Country),
        ("company", "Company", c => c.Company),
        ("phone", "Phone", c => c.Phone),
        ("preferred_language", "Language", c => c.PreferredLanguage),
        ("production_type", "Production Type", c => c.ProductionType),
        ("category", "Category", c => c.Category),
    ];

    public required string Email { get; init; }

    public string? FirstName { get; init; }

    public string? LastName { get; init; }

    public string? Country { get; init; }

    public string? Company { get; init; }

    public string? Phone { get; init; }

    public string? PreferredLanguage { get; init; }

    public string? ProductionType { get; init; }

    public string? Category { get; init; }

    /// <summary>The contact, or which field is wrong, in the spelling of the REST API.</summary>
    public static Result<Contact> From(Wire.RegistrationFields? sent)
    {
        var given = sent?.Email ?? "";
        var contact = new Contact
        {
            Email = EmailAddress.In(given) ?? "",
            FirstName = Given(sent?.FirstName),
            LastName = Given(sent?.LastName),
            Country = Given(sent?.Country),
            Company = Given(sent?.Company),
            Phone = Given(sent?.Phone),
            PreferredLanguage = Given(sent?.PreferredLanguage),
            ProductionType = Given(sent?.ProductionType),
            Category = Given(sent?.Category),
        };
        if (string.IsNullOrWhiteSpace(given))
        {
            return Failure.InvalidField("email", "email is missing: send the address of the registered user.");
        }

        if (contact.Email.Length == 0)
        {
            return Failure.InvalidField("email", $"email {EmailAddress.FaultOf(given)}");
        }

        foreach (var (name, _, of) in Fields)
        {
            if (of(contact) is not { } value)
            {
                continue;
            }

            if (value.Any(char.IsControl))
            {
                return Failure.InvalidField(name, $"{name} holds a control character: send plain text.");
            }

            if (value.Length > MaxFieldLength && name is not "email")
            {
                return Failure.InvalidField(name, $"{name} is too long: at most {MaxFieldLength} characters.");
            }
        }

        return contact;
    }

    public Wire.RegistrationFields ToWire() => new()
    {
        Email = Email,
        FirstName = FirstName ?? "",
        LastName = LastName ?? "",
        Country = Country ?? "",
        Company = Company ?? "",
        Phone = Phone ?? "",
        PreferredLanguage = PreferredLanguage ?? "",
        ProductionType = ProductionType ?? "",
        Category = Category ?? "",
    };

    /// <summary>The given fields under Zoho's display names, as <c>contactinfo</c> wants them (Zoho Campaigns, Add Contacts).</summary>
    public IReadOnlyDictionary<string, string> ToContactInfo() =>
        Fields.Where(f => f.Of(this) is not null).ToDictionary(f => f.DisplayName, f => f.Of(this)!, StringComparer.Ordinal);

    /// <summary>A field's value on one line; null where it has none.</summary>
    public static string? Given(string? value) =>
        value is not null && LineBreaks.Replace(value, " ").Trim() is { Length: > 0 } text ? text : null;

    // an address of several lines, or one that was copied out of a table
    [GeneratedRegex(@"[\t-\r\u0085\u2028\u2029]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LineBreaks { get; }
}
