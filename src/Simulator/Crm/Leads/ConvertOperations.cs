using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Crm.Records;

namespace ZohoPlatform.Simulator.Crm.Leads;

/// <summary>
/// A lead becomes a contact, an account and, where asked for, a deal. Its id then answers 204; only lists with <c>converted</c> still show
/// it. Zoho CRM "Convert lead".
/// </summary>
internal static class ConvertOperations
{
    private static readonly (string Lead, string Contact)[] ContactFields =
    [
        ("First_Name", "First_Name"), ("Last_Name", "Last_Name"), ("Email", "Email"), ("Phone", "Phone"), ("Mobile", "Mobile"),
        ("Lead_Source", "Lead_Source"), ("City", "Mailing_City"), ("Country", "Mailing_Country"), ("Email_Opt_Out", "Email_Opt_Out"),
        ("Description", "Description"),
    ];

    public static CrmAnswer Convert(CrmCall call)
    {
        var leads = call.FindModule("Leads")!;
        if (!call.PathId("id", out var id) || leads.Find(id) is not { } lead)
        {
            return CrmAnswer.Refused(CrmError.InvalidPath(1));
        }

        if (lead.Conversion is not null)
        {
            return CrmAnswer.Refused(new("ID_ALREADY_CONVERTED", "id already converted", new() { ["resource_path_index"] = 1 }));
        }

        if (lead.InMerge)
        {
            return CrmAnswer.Refused(CrmError.Locked());
        }

        if (call.Body is not JsonObject)
        {
            return CrmAnswer.Refused(CrmError.Invalid("body", new() { ["expected_data_type"] = "jsonobject" }));
        }

        var order = call.Items("data", 1)[0];
        if (Read(call, lead, order, out var plan) is { } wrong)
        {
            return CrmAnswer.OfEach("data", [RecordAnswer.Refused(wrong)], StatusCodes.Status200OK, call.Settings);
        }

        return CrmAnswer.OfEach("data", [Do(call, leads, lead, order, plan)], StatusCodes.Status200OK, call.Settings);
    }

    private sealed record Plan(CrmRecord? Account, CrmRecord? Contact, ReadRecord? Deal);

    private static CrmError? Read(CrmCall call, CrmRecord lead, JsonObject order, out Plan plan)
    {
        plan = new(null, null, null);
        foreach (var name in new[] { "Accounts", "Contacts" })
        {
            if (order[name] is not JsonObject named)
            {
                continue;
            }

            if (named["id"] is null)
            {
                return CrmError.Missing("id", $"$.data[0].{name}.id");
            }

            if (!ValueReader.TryId(named, out var id) || call.FindModule(name)!.Find(id) is not { } found)
            {
                return CrmError.Invalid("the id given seems to be invalid", CrmError.At("id", $"$.data[0].{name}.id"));
            }

            plan = name is "Accounts" ? plan with { Account = found } : plan with { Contact = found };
        }

        if (order["Deals"] is JsonObject deal)
        {
            var path = "$.data[0].Deals";
            foreach (var needed in new[] { "Deal_Name", "Closing_Date", "Stage", "Pipeline" })
            {
                if (deal[needed]?.ToString() is null or "")
                {
                    return CrmError.Missing(needed, $"{path}.{needed}");
                }
            }

            var deals = call.FindModule("Deals")!;
            if (!deals.FindField("Pipeline")!.Options.Contains(deal["Pipeline"]!.ToString(), StringComparer.Ordinal)
                || !deals.FindField("Stage")!.Options.Contains(deal["Stage"]!.ToString(), StringComparer.Ordinal))
            {
                return new("MAPPING_MISMATCH", "Pipeline doesn't contain the Stage",
                    new() { ["mapped_field"] = "Pipeline", ["api_name"] = "Stage" });
            }

            if (RecordReader.Read(call, deals, deal, path, null, out var read) is { } wrong)
            {
                return wrong;
            }

            plan = plan with { Deal = read };
        }

        plan = plan with { Account = plan.Account ?? Known(call, lead, "Company", "Accounts", "Account_Name") };
        plan = plan with { Contact = plan.Contact ?? Known(call, lead, "Email", "Contacts", "Email") };
        return null;
    }

    // without an id Zoho looks for what is there already
    private static CrmRecord? Known(CrmCall call, CrmRecord lead, string field, string module, string by)
    {
        var key = CrmModule.KeyOf(call.FindModule("Leads")!.FindField(field)!.Of(lead));
        var target = call.FindModule(module)!;
        return key is null ? null : target.With(target.FindField(by)!, key).FirstOrDefault();
    }

    private static RecordAnswer Do(CrmCall call, CrmModule leads, CrmRecord lead, JsonObject order, Plan plan)
    {
        var (accounts, contacts, deals) = (call.FindModule("Accounts")!, call.FindModule("Contacts")!, call.FindModule("Deals")!);
        var account = plan.Account;
        if (account is null && leads.FindField("Company")!.Of(lead) is string { Length: > 0 } company)
        {
            account = WriteOperations.Add(call, accounts, new(new() { [accounts.FindField("Account_Name")!] = company }, lead.Owner, null));
        }

        var contact = plan.Contact;
        if (contact is null)
        {
            var values = new Dictionary<CrmField, object?>();
            foreach (var (from, to) in ContactFields)
            {
                values[contacts.FindField(to)!] = leads.FindField(from)!.Of(lead);
            }

            if (account is not null)
            {
                values[contacts.FindField("Account_Name")!] = new LookupValue("Accounts", account.Id);
            }

            contact = WriteOperations.Add(call, contacts, new(values, lead.Owner, null));
        }

        CrmRecord? deal = null;
        if (plan.Deal is { } wanted)
        {
            wanted.Values[deals.FindField("Contact_Name")!] = new LookupValue("Contacts", contact.Id);
            if (account is not null)
            {
                wanted.Values[deals.FindField("Account_Name")!] = new LookupValue("Accounts", account.Id);
            }

            deal = WriteOperations.Add(call, deals, wanted);
        }

        foreach (var tagged in CarryOver(order))
        {
            var module = call.FindModule(tagged)!;
            var to = tagged switch { "Contacts" => contact, "Accounts" => account, _ => deal };
            if (to is not null)
            {
                to.Tags = [.. call.Organisation.Tags.Where(tag => lead.Tags.Contains(tag.Id))
                    .Select(tag => Tag(call.Organisation, module, tag))];
            }
        }

        lead.Conversion = new(call.Now, account?.Id, contact.Id, deal?.Id);
        leads.Change(lead, new Dictionary<CrmField, object?>(), call.User, call.Now, call.Settings.IndexDelay);
        if (call.Settings.ConvertedNotesMove)
        {
            var notes = call.FindModule("Notes")!;
            var parent = notes.FindField("Parent_Id")!;
            foreach (var note in notes.With(parent, CrmOrganisation.Text(lead.Id)).ToList())
            {
                notes.Relink(note, parent, new LookupValue("Contacts", contact.Id));
            }
        }

        return RecordAnswer.Done("The record has been converted successfully", new()
        {
            ["Contacts"] = Named(contacts, contact),
            ["Deals"] = Named(deals, deal),
            ["Accounts"] = Named(accounts, account),
        });
    }

    private static IEnumerable<string> CarryOver(JsonObject order) =>
        order["carry_over_tags"] is JsonObject wanted
            ? wanted.Select(one => one.Key).Where(name => name is "Contacts" or "Accounts" or "Deals") : [];

    private static long Tag(CrmOrganisation organisation, CrmModule module, CrmTag tag)
    {
        var known = organisation.Tags.Find(one => one.Module == module.ApiName && one.Name == tag.Name);
        if (known is null)
        {
            known = tag with { Id = organisation.NextId(), Module = module.ApiName };
            organisation.Tags.Add(known);
        }

        return known.Id;
    }

    private static JsonObject? Named(CrmModule module, CrmRecord? record) => record is null
        ? null
        : new() { ["name"] = CrmOrganisation.NameOf(module, record), ["id"] = CrmOrganisation.Text(record.Id) };
}
