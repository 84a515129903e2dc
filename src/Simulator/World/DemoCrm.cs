using Microsoft.Extensions.Options;
using ZohoPlatform.Simulator.Crm;
using ZohoPlatform.Simulator.Crm.Metadata;
using ZohoPlatform.Simulator.Hosts;

namespace ZohoPlatform.Simulator.World;

/// <summary>
/// What the demo organisations have in their CRM where <c>Simulator:Demo:CrmData</c> is on: a module of their own for messages, some leads
/// and some contacts.
/// </summary>
internal sealed class DemoCrm(IOptions<SimulatorOptions> options, TimeProvider clock)
{
    public const string MessageModule = "Messages";

    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // numbers that are kept for fiction
    private static readonly Person[] Leads =
    [
        new("Nora", "Sample", "+1 202-555-0111", "Sample Bakery"),
        new("Otto", "Placeholder", "+1 202-555-0112", "Placeholder Bikes"),
        new("Pia", "Specimen", "+1 202-555-0113", "Specimen Garden"),
        new("Ravi", "Fictional", "+1 202-555-0114", "Fictional Films"),
    ];

    private static readonly Person[] Contacts =
    [
        new("Theo", "Example", "+1 202-555-0131", null),
        new("Uma", "Standin", "+1 202-555-0132", null),
        new("Vera", "Dummy", "+1 202-555-0133", null),
    ];

    /// <summary>Fills a CRM that was just made, where it is a demo organisation's.</summary>
    public void Fill(CrmOrganisation organisation)
    {
        var dataCentre = DataCentre.Find(organisation.Organisation.DataCentre)!;
        if (!options.Value.Demo.CrmData || organisation.Organisation.Id != DemoWorld.OrganisationOf(dataCentre).Id)
        {
            return;
        }

        AddMessageModule(organisation);
        var user = organisation.IdOf(DemoWorld.UserOf(dataCentre));
        var lastWeek = CrmTime.Whole(clock.GetUtcNow()).AddDays(-7);
        foreach (var (module, people) in new[] { ("Leads", Leads), ("Contacts", Contacts) })
        {
            foreach (var person in people)
            {
                Add(organisation, organisation.FindModule(module)!, person, user, lastWeek);
            }
        }

        // what the platform keeps outlives a restart and a reset, and this does not: an id that somebody got before must not be another record's
        organisation.GoOnAfter((long)(TimeProvider.System.GetUtcNow() - Epoch).TotalMilliseconds);
    }

    private static void AddMessageModule(CrmOrganisation organisation)
    {
        var module = StandardModules.AddCustom(organisation, MessageModule, "Message", "Messages");
        Add("External_Id", "External ID", FieldType.Text, isUnique: true);
        Add("Lead", "Lead", FieldType.Lookup, "Leads");
        Add("Contact", "Contact", FieldType.Lookup, "Contacts");
        Add("Message_Text", "Message Text", FieldType.TextArea);
        Add("Direction", "Direction", FieldType.Text);
        Add("Phone", "Phone", FieldType.Phone);
        Add("Status", "Status", FieldType.Text);
        Add("Channel", "Channel", FieldType.Text);
        Add("Sent_At", "Sent At", FieldType.DateTime);
        Add("Conversation_Link", "Conversation Link", FieldType.Website);

        void Add(string apiName, string label, FieldType type, string? lookup = null, bool isUnique = false) =>
            module.Add(new CrmField(apiName, label, type)
            {
                Id = organisation.NextId(),
                IsCustom = true,
                IsUnique = isUnique,
                LookupModule = lookup,
            });
    }

    private static void Add(CrmOrganisation organisation, CrmModule module, Person person, long user, DateTimeOffset at)
    {
        var record = organisation.NewRecord(module, user, at);
        record.Values = new object?[module.Fields.Max(field => field.Index) + 1];
        Set("First_Name", person.FirstName);
        Set("Last_Name", person.LastName);
        Set("Email", $"{person.FirstName}.{person.LastName}@example.com".ToLowerInvariant());
        Set("Phone", person.Phone);
        Set("Company", person.Company);
        module.Add(record);

        void Set(string name, string? value)
        {
            if (value is not null)
            {
                record.Values[module.FindField(name)!.Index] = value;
            }
        }
    }

    private sealed record Person(string FirstName, string LastName, string Phone, string? Company);
}
