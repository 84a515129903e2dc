using ZohoPlatform.MessagingService.People;
using ZohoPlatform.MessagingService.Settings;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>Reads from Zoho CRM how it looks: no name in it is known beforehand but those of leads and contacts.</summary>
internal sealed class ShapeReader(CrmClient crm)
{
    /// <summary>The code of a module that messages cannot become records of, or that is not there.</summary>
    public const string ModuleUnusable = "messages_module_unusable";

    /// <summary>The field that says where a lead came from.</summary>
    public const string LeadSource = "Lead_Source";

    private const string UsualModule = "Messages";
    private const string Company = "Company";
    private const string LastName = "Last_Name";
    private const string UsualSource = "WhatsApp";
    private const string Converted = "Converted__s";
    private const int UsualNameLength = 80;
    private const int UsualKeyLength = 120;
    private const int MostPhones = 4;

    // what fields of such modules are called, without what is no letter; in the order in which they are believed
    private static readonly (string Name, string[] Called, string[] Types)[] Known =
    [
        (MessageModule.Text, ["messagetext", "messagebody", "message", "text", "body", "content"], ["textarea", "text"]),
        (MessageModule.Direction, ["direction", "messagedirection"], ["text", "picklist"]),
        (MessageModule.Phone, ["phone", "phonenumber", "mobile"], ["phone", "text"]),
        (MessageModule.Status, ["status", "deliverystatus", "messagestatus"], ["text", "picklist"]),
        (MessageModule.Source, ["channel", "source", "messagesource"], ["text", "picklist"]),
        (MessageModule.Type, ["messagetype", "type"], ["text", "picklist"]),
        (MessageModule.SentAt, ["sentat", "senttime", "messagetime", "sent", "timestamp", "time"], ["datetime"]),
        (MessageModule.Link, ["conversationlink", "dialoglink", "conversationurl", "conversation", "dialog", "link"], ["website", "url", "text"]),
    ];

    public async Task<Result<CrmShape>> ReadAsync(ProviderCall call, SettingsRow settings, CancellationToken cancellationToken)
    {
        if (!(await crm.GetModulesAsync(call, cancellationToken)).Succeeded(out var modules, out var failure)
            || !(await crm.GetFieldsAsync(call, CrmModules.Leads, cancellationToken)).Succeeded(out var leads, out failure)
            || !(await crm.GetLayoutsAsync(call, CrmModules.Leads, cancellationToken)).Succeeded(out var layouts, out failure))
        {
            return failure;
        }

        // every organisation has some
        if (modules.Length == 0 || leads.Length == 0 || layouts.Length == 0)
        {
            return CrmFailures.BadAnswer;
        }

        // an organisation may have no contacts, or hide them
        IReadOnlyList<string> contactPhones = [];
        if (Array.Exists(modules, module => module is { ApiName: CrmModules.Contacts, ApiSupported: true, Viewable: true }))
        {
            if (!(await crm.GetFieldsAsync(call, CrmModules.Contacts, cancellationToken)).Succeeded(out var contacts, out failure))
            {
                return failure;
            }

            if (contacts.Length == 0)
            {
                return CrmFailures.BadAnswer;
            }

            contactPhones = PhonesOf(contacts);
        }

        var phones = PhonesOf(leads);
        if (phones.Count == 0 || Array.Find(leads, field => field is { ApiName: LastName, ReadOnly: false }) is not { } lastName)
        {
            return new Failure(
                FailureKind.Precondition,
                "crm_phone_missing",
                "Leads of Zoho CRM show neither a phone field nor Last_Name to the connection's user: put Phone or Mobile into the layout, or show them to the user's profile.");
        }

        var shape = new CrmShape { Wanted = CrmShape.WantedBy(settings), Leads = LeadsOf(leads, layouts, phones, lastName, settings), ContactPhones = contactPhones };
        var wanted = settings.MessagesModule.Length > 0 ? settings.MessagesModule : UsualModule;
        var found = modules.FirstOrDefault(module => Usable(module) && Same(module.ApiName, wanted))
            ?? modules.FirstOrDefault(module => Usable(module) && Same(module.PluralLabel, wanted));
        if (found is null)
        {
            return shape with { WithoutModule = $"Zoho CRM has no module {wanted} of the organisation's own that takes records: messages are kept in notes. Make one there, or name another in messages_module." };
        }

        if (!(await crm.GetFieldsAsync(call, found.ApiName, cancellationToken)).Succeeded(out var fields, out failure))
        {
            return failure;
        }

        return fields.Length == 0 ? CrmFailures.BadAnswer
            : ModuleOf(found, fields).Succeeded(out var module, out var unusable) ? shape with { Module = module }
            : shape with { WithoutModule = unusable.Message };
    }

    // one that Zoho made by itself for WhatsApp takes none
    private static bool Usable(CrmModule module) => module is { IsCustom: true, ApiSupported: true, Creatable: true, Editable: true };

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static List<string> PhonesOf(IEnumerable<CrmField> fields) =>
        [.. fields.Where(field => field.DataType == "phone").OrderBy(Rank).Select(field => field.ApiName).Take(MostPhones)];

    private static int Rank(CrmField field) => field.ApiName switch
    {
        "Phone" => 0,
        "Mobile" => 1,
        _ => 2,
    };

    private static LeadShape LeadsOf(CrmField[] fields, CrmLayout[] layouts, List<string> phones, CrmField lastName, SettingsRow settings)
    {
        var company = Array.Find(fields, field => field is { ApiName: Company, ReadOnly: false });
        var source = Array.Find(fields, field => field is { ApiName: LeadSource, ReadOnly: false }) is { } list
            ? Of(list).Take(settings.LeadSource.Length > 0 ? settings.LeadSource : UsualSource)
            : null;
        var writable = phones.FindAll(name => Array.Exists(fields, field => field.ApiName == name && !field.ReadOnly));
        // what is not in a layout is ignored, and what it demands must be there: of several phones one is filled
        var (layout, phone) = layouts
            .Where(one => one.IsActive)
            .Select(one => (Layout: one, Phone: writable.Find(name => one.Fields.Contains(name, StringComparer.Ordinal))))
            .FirstOrDefault(one => one.Phone is not null && one.Layout.MandatoryFields.All(
                name => name == LastName || name == one.Phone || (name == Company && company is not null) || (name == LeadSource && source is not null)));
        return new LeadShape(
            phones,
            phone ?? writable.FirstOrDefault() ?? phones[0],
            Array.Exists(fields, field => field.ApiName == Converted),
            lastName.Length ?? UsualNameLength,
            company is null ? null : company.Length ?? UsualNameLength,
            source,
            layout?.Id,
            company is not null
                && (company.SystemMandatory || layouts.Any(one => one.IsActive && one.MandatoryFields.Contains(Company, StringComparer.Ordinal))));
    }

    private static Result<MessageModule> ModuleOf(CrmModule module, CrmField[] fields)
    {
        var writable = fields.Where(field => !field.ReadOnly).ToList();
        var name = writable.Find(field => field is { ApiName: "Name", DataType: "text" });
        var key = writable.Find(field => field is { Unique: true, Custom: true, DataType: "text" } && Plain(field.ApiName).Contains("external", StringComparison.Ordinal))
            ?? writable.Find(field => field is { Unique: true, Custom: true, DataType: "text" })
            // the system's own check of such modules
            ?? name;
        if (key is null)
        {
            return Unusable(module, "has no text field that is unique, and its name is a number of its own: add one, such as External ID, and mark it unique");
        }

        if (writable.Find(field => field.LookupModule == CrmModules.Leads) is not { } lead)
        {
            return Unusable(module, "has no lookup to Leads: add one");
        }

        var known = new Dictionary<string, MessageField>(StringComparer.Ordinal);
        if (name is not null && name != key)
        {
            known[MessageModule.NameField] = Of(name);
        }

        foreach (var (ours, called, types) in Known)
        {
            var match = called
                .Select(word => writable.Find(field => field != key && field != name && types.Contains(field.DataType, StringComparer.Ordinal)
                    && (Plain(field.ApiName) == word || Plain(field.Label) == word)))
                .FirstOrDefault(field => field is not null);
            if (match is not null)
            {
                known[ours] = Of(match);
            }
        }

        return new MessageModule(
            module.ApiName,
            key.ApiName,
            key.Length ?? UsualKeyLength,
            lead.ApiName,
            writable.Find(field => field.LookupModule == CrmModules.Contacts)?.ApiName,
            known);
    }

    private static Failure Unusable(CrmModule module, string why) => new(
        FailureKind.Precondition, ModuleUnusable, $"The module {module.ApiName} of Zoho CRM {why}. Until then messages are kept in notes.");

    private static MessageField Of(CrmField field) =>
        new(field.ApiName, field.Length, field.DataType == "picklist" ? field.PickListValues : []);

    // Message_Text1 and "Message text" are one name
    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetter)).ToLowerInvariant();
}
