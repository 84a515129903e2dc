namespace ZohoPlatform.Simulator.Crm.Metadata;

/// <summary>
/// The modules every organisation has, with the fields of Zoho CRM's "Modules and fields", and what a custom module begins with.
/// </summary>
internal static class StandardModules
{
    private static readonly string[] LeadStatuses =
        ["-None-", "Attempted to Contact", "Contact in Future", "Contacted", "Junk Lead", "Lost Lead", "Not Contacted", "Pre-Qualified",
            "Not Qualified"];

    private static readonly string[] LeadSources =
        ["-None-", "Advertisement", "Cold Call", "Employee Referral", "Online Store", "Partner", "Web Download", "Chat"];

    private static readonly string[] Stages =
        ["Qualification", "Needs Analysis", "Value Proposition", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost"];

    public static void AddTo(CrmOrganisation organisation)
    {
        var leads = Add(organisation, "Leads", "Lead", "Leads");
        Take(organisation, leads, [
            Text("First_Name", "First Name", 40), Mandatory("Last_Name", "Last Name", 80), Text("Company", "Company", 200),
            DuplicateCheck("Email", "Email", FieldType.Email), New("Phone", "Phone", FieldType.Phone),
            New("Mobile", "Mobile", FieldType.Phone),
            New("Website", "Website", FieldType.Website), Picklist("Lead_Source", "Lead Source", LeadSources),
            Picklist("Lead_Status", "Lead Status", LeadStatuses), Text("City", "City", 100), Text("Country", "Country", 100),
            New("No_of_Employees", "No. of Employees", FieldType.Integer), New("Annual_Revenue", "Annual Revenue", FieldType.Currency),
            New("Email_Opt_Out", "Email Opt Out", FieldType.Boolean), New("Description", "Description", FieldType.RichText),
            Computed("Converted__s", "Converted", FieldType.Boolean, record => record.Conversion is not null),
            Computed("Converted_Date_Time", "Converted Date Time", FieldType.DateTime, record => record.Conversion?.At),
            Computed("Converted_Account", "Converted Account", FieldType.Lookup, record => Point("Accounts", record.Conversion?.Account)),
            Computed("Converted_Contact", "Converted Contact", FieldType.Lookup, record => Point("Contacts", record.Conversion?.Contact)),
            Computed("Converted_Deal", "Converted Deal", FieldType.Lookup, record => Point("Deals", record.Conversion?.Deal))]);

        var accounts = Add(organisation, "Accounts", "Account", "Accounts");
        Take(organisation, accounts, [
            new("Account_Name", "Account Name", FieldType.Text) { Length = 200, SystemMandatory = true, IsSystemDuplicateCheck = true },
            New("Phone", "Phone", FieldType.Phone), New("Website", "Website", FieldType.Website), Text("Industry", "Industry", 120),
            Text("Billing_City", "Billing City", 100), Text("Billing_Country", "Billing Country", 100),
            New("Employees", "Employees", FieldType.Integer), New("Annual_Revenue", "Annual Revenue", FieldType.Currency),
            New("Description", "Description", FieldType.RichText)]);

        var contacts = Add(organisation, "Contacts", "Contact", "Contacts");
        Take(organisation, contacts, [
            Text("First_Name", "First Name", 40), Mandatory("Last_Name", "Last Name", 80),
            DuplicateCheck("Email", "Email", FieldType.Email),
            New("Phone", "Phone", FieldType.Phone), New("Mobile", "Mobile", FieldType.Phone),
            Lookup("Account_Name", "Account Name", "Accounts"),
            Text("Title", "Title", 100), Text("Mailing_City", "Mailing City", 100), Text("Mailing_Country", "Mailing Country", 100),
            Picklist("Lead_Source", "Lead Source", LeadSources), New("Email_Opt_Out", "Email Opt Out", FieldType.Boolean),
            New("Date_of_Birth", "Date of Birth", FieldType.Date), New("Description", "Description", FieldType.RichText)]);

        var deals = Add(organisation, "Deals", "Deal", "Deals");
        Take(organisation, deals, [
            new("Deal_Name", "Deal Name", FieldType.Text) { Length = 120, SystemMandatory = true, IsSystemDuplicateCheck = true },
            new("Stage", "Stage", FieldType.Picklist) { SystemMandatory = true, Options = Stages },
            Picklist("Pipeline", "Pipeline", ["Standard (Standard)"]), New("Closing_Date", "Closing Date", FieldType.Date),
            New("Amount", "Amount", FieldType.Currency), Lookup("Account_Name", "Account Name", "Accounts"),
            Lookup("Contact_Name", "Contact Name", "Contacts"), New("Description", "Description", FieldType.RichText)]);

        var tasks = Add(organisation, "Tasks", "Task", "Tasks");
        Take(organisation, tasks, [
            Mandatory("Subject", "Subject", 255), New("Due_Date", "Due Date", FieldType.Date),
            Picklist("Status", "Status", ["Not Started", "Deferred", "In Progress", "Completed", "Waiting for input"]),
            Picklist("Priority", "Priority", ["High", "Highest", "Low", "Lowest", "Normal"]), Lookup("Who_Id", "Contact Name", "Contacts"),
            Lookup("What_Id", "Related To", null), new("Closed_Time", "Closed Time", FieldType.DateTime) { ReadOnly = true },
            New("Description", "Description", FieldType.TextArea)]);

        var calls = Add(organisation, "Calls", "Call", "Calls");
        Take(organisation, calls, [
            Mandatory("Subject", "Subject", 255),
            new("Call_Type", "Call Type", FieldType.Picklist) { SystemMandatory = true, Options = ["Inbound", "Outbound", "Missed"] },
            new("Call_Start_Time", "Call Start Time", FieldType.DateTime) { SystemMandatory = true },
            Text("Call_Duration", "Call Duration", 20),
            new("Call_Duration_in_seconds", "Call Duration (in seconds)", FieldType.Integer) { ReadOnly = true },
            new("Call_Status", "Call Status", FieldType.Text) { ReadOnly = true },
            Picklist("Outgoing_Call_Status", "Outgoing Call Status", ["Scheduled", "Completed"]),
            Lookup("Who_Id", "Contact Name", "Contacts"),
            Lookup("What_Id", "Related To", null), Text("Call_Purpose", "Call Purpose", 120), Text("Call_Result", "Call Result", 120),
            New("Call_Agenda", "Call Agenda", FieldType.TextArea), Text("Caller_ID", "Caller ID", 50),
            Text("Dialled_Number", "Dialled Number", 50), New("Description", "Description", FieldType.TextArea)]);

        var notes = Add(organisation, "Notes", "Note", "Notes");
        Take(organisation, notes, [
            Text("Note_Title", "Note Title", 120), new("Note_Content", "Note Content", FieldType.TextArea) { Length = 65_535 },
            new("Parent_Id", "Parent ID", FieldType.Lookup) { ReadOnly = true }]);
    }

    /// <summary>A custom module with its name, its layout and the fields of all modules.</summary>
    public static CrmModule AddCustom(CrmOrganisation organisation, string apiName, string singular, string plural)
    {
        var module = new CrmModule(apiName, singular, plural, organisation.NextId(), isCustom: true);
        organisation.Add(module);
        Take(organisation, module, [
            new("Name", $"{singular} Name", FieldType.Text) { Length = 120, SystemMandatory = true, IsSystemDuplicateCheck = true },
            New("Email", "Email", FieldType.Email)]);
        return module;
    }

    private static CrmModule Add(CrmOrganisation organisation, string apiName, string singular, string plural)
    {
        var module = new CrmModule(apiName, singular, plural, organisation.NextId(), isCustom: false);
        organisation.Add(module);
        return module;
    }

    private static void Take(CrmOrganisation organisation, CrmModule module, IEnumerable<CrmField> fields)
    {
        IEnumerable<CrmField> everywhere =
        [
            new("Owner", $"{module.Singular} Owner", FieldType.Owner) { Read = record => new UserValue(record.Owner) },
            Computed("Created_By", "Created By", FieldType.Owner, record => new UserValue(record.CreatedBy)),
            Computed("Modified_By", "Modified By", FieldType.Owner, record => new UserValue(record.ModifiedBy)),
            Computed("Created_Time", "Created Time", FieldType.DateTime, record => record.CreatedAt),
            Computed("Modified_Time", "Modified Time", FieldType.DateTime, record => record.ModifiedAt),
            new("id", "Record Id", FieldType.Integer) { ReadOnly = true, IsHidden = true, Read = record => record.Id },
        ];
        foreach (var field in fields.Concat(everywhere))
        {
            field.Id = organisation.NextId();
            module.Add(field);
        }

        module.Layouts.Add(new(organisation.NextId(), "Standard"));
    }

    private static LookupValue? Point(string module, long? id) => id is { } known ? new(module, known) : null;

    private static CrmField New(string apiName, string label, FieldType type) => new(apiName, label, type);

    private static CrmField Text(string apiName, string label, int length) => new(apiName, label, FieldType.Text) { Length = length };

    private static CrmField Mandatory(string apiName, string label, int length) =>
        new(apiName, label, FieldType.Text) { Length = length, SystemMandatory = true };

    private static CrmField DuplicateCheck(string apiName, string label, FieldType type) =>
        new(apiName, label, type) { IsSystemDuplicateCheck = true };

    private static CrmField Picklist(string apiName, string label, IReadOnlyList<string> options) =>
        new(apiName, label, FieldType.Picklist) { Options = options };

    private static CrmField Lookup(string apiName, string label, string? module) =>
        new(apiName, label, FieldType.Lookup) { LookupModule = module };

    private static CrmField Computed(string apiName, string label, FieldType type, Func<CrmRecord, object?> read) =>
        new(apiName, label, type) { ReadOnly = true, Read = read };
}
