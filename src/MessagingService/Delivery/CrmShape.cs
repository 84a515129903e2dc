using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ZohoPlatform.MessagingService.People;
using ZohoPlatform.MessagingService.Settings;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>What an organisation's Zoho CRM looks like where messages are brought into it. Read from Zoho, kept for hours.</summary>
internal sealed record CrmShape
{
    // another number whenever it is kept otherwise
    private const int Form = 1;

    /// <summary>What was set when it was read, by which it is read: see <see cref="WantedBy"/>.</summary>
    public required string Wanted { get; init; }

    public required LeadShape Leads { get; init; }

    /// <summary>API names of the contacts' phone fields.</summary>
    public required IReadOnlyList<string> ContactPhones { get; init; }

    /// <summary>The phone fields of the modules that hold people, by their API names.</summary>
    [JsonIgnore]
    public IReadOnlyList<(string Module, IReadOnlyList<string> Fields)> Phones =>
        [(CrmModules.Leads, Leads.Phones), .. ContactPhones.Count == 0 ? (IEnumerable<(string, IReadOnlyList<string>)>)[] : [(CrmModules.Contacts, ContactPhones)]];

    /// <summary>What messages become records of; null where there is no such module.</summary>
    public MessageModule? Module { get; init; }

    /// <summary>Why there is none, in a sentence; empty where there is.</summary>
    public string WithoutModule { get; init; } = "";

    /// <summary>What of the settings decides how it is read, and the form in which it is kept.</summary>
    public static string WantedBy(SettingsRow settings) => $"{Form}\n{settings.MessagesModule}\n{settings.LeadSource}";

    /// <summary>What was kept; null where that was wanted otherwise, or is of a form that there was before.</summary>
    public static CrmShape? Kept(string text, string wanted)
    {
        try
        {
            return JsonSerializer.Deserialize<CrmShape>(text) is { } kept && kept.Wanted == wanted ? kept : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How leads are found and made.</summary>
/// <param name="Phones">API names of the phone fields, by which they are found.</param>
/// <param name="PhoneField">The one that a new lead gets.</param>
/// <param name="HasConverted">Whether a query can leave converted ones out.</param>
/// <param name="NameLength">Of the last name.</param>
/// <param name="CompanyLength">Of the company; null where a lead has none.</param>
/// <param name="Source">What Lead_Source gets, as the organisation's list has it; null where there is no such field, or its list does not offer it.</param>
/// <param name="LayoutId">That new leads are held against: one whose mandatory fields can all be filled; null where there is none.</param>
/// <param name="NeedsCompany">Whether a lead must have one.</param>
internal sealed record LeadShape(
    IReadOnlyList<string> Phones,
    string PhoneField,
    bool HasConverted,
    int NameLength,
    int? CompanyLength,
    string? Source,
    string? LayoutId,
    bool NeedsCompany);

/// <summary>The module of the organisation's own that messages become records of.</summary>
/// <param name="ApiName">As calls name it.</param>
/// <param name="KeyField">The unique field that holds the message's external id.</param>
/// <param name="KeyLength">How many characters it takes.</param>
/// <param name="LeadLookup">The field that leads to the lead.</param>
/// <param name="ContactLookup">The one that leads to the contact that a lead became; null where there is none.</param>
/// <param name="Fields">What else it can hold, by our name of it.</param>
internal sealed record MessageModule(
    string ApiName, string KeyField, int KeyLength, string LeadLookup, string? ContactLookup, IReadOnlyDictionary<string, MessageField> Fields)
{
    public const string NameField = "name";
    public const string Text = "text";
    public const string Direction = "direction";
    public const string Phone = "phone";
    public const string Status = "status";
    public const string Source = "source";
    public const string Type = "type";
    public const string SentAt = "sent_at";
    public const string Link = "link";

    /// <summary>Sets a value where the module has a field for it that takes it.</summary>
    public void Set(JsonObject record, string name, string? value)
    {
        if (value is { Length: > 0 } && Fields.TryGetValue(name, out var field) && field.Take(value) is { } taken)
        {
            record[field.ApiName] = taken;
        }
    }

    /// <summary>A time as Zoho writes it.</summary>
    public void Set(JsonObject record, string name, DateTimeOffset time)
    {
        if (Fields.TryGetValue(name, out var field))
        {
            record[field.ApiName] = CrmTimes.Write(time.ToUniversalTime());
        }
    }
}

/// <summary>A field of the message module.</summary>
/// <param name="ApiName">As calls name it.</param>
/// <param name="Length">How many characters it takes; null for any.</param>
/// <param name="Choices">What a list offers; empty for free text.</param>
internal sealed record MessageField(string ApiName, int? Length, IReadOnlyList<string> Choices)
{
    /// <summary>The value as the field takes it; null where a list does not offer it.</summary>
    public string? Take(string value) => Choices.Count > 0
        ? Choices.FirstOrDefault(choice => string.Equals(choice, value, StringComparison.OrdinalIgnoreCase))
        : ShownText.Cut(value, Length ?? int.MaxValue);
}
