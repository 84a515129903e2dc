namespace ZohoPlatform.Simulator.Crm.Coql;

/// <summary>A column of a query found in the metadata: the lookups on the way to it, and the field at the end.</summary>
internal sealed class CoqlField(CrmOrganisation organisation, string name, IReadOnlyList<CrmField> way, CrmField field, string? parent)
{
    public string Name { get; } = name;

    public CrmField Field { get; } = field;

    public bool IsRelation => way.Count > 0;

    public object? Of(CrmRecord record)
    {
        foreach (var lookup in way)
        {
            // a parent of another module than the query names gives nothing
            if (lookup.Of(record) is not LookupValue value || (parent is not null && value.Module != parent)
                || organisation.FindModule(value.Module)?.Find(value.Id) is not { } related)
            {
                return null;
            }

            record = related;
        }

        return Field.Of(record);
    }
}

/// <summary>Finds the columns of a query: fields, <c>Account_Name.Phone</c>, <c>What_Id->Leads.Last_Name</c>.</summary>
internal static class CoqlColumns
{
    private const int MostRelations = 2;

    public static CoqlField Find(CrmOrganisation organisation, CrmModule module, string name)
    {
        string? parent = null;
        var rest = name;
        var way = new List<CrmField>();
        var at = module;
        if (name.Split("->") is [var lookupName, var after])
        {
            var cut = after.IndexOf('.', StringComparison.Ordinal);
            parent = cut > 0 ? after[..cut] : throw CoqlErrors.Column(name);
            rest = after[(cut + 1)..];
            if (module.FindField(lookupName) is not { Type: FieldType.Lookup, LookupModule: null } lookup
                || organisation.FindModule(parent) is not { } target)
            {
                throw CoqlErrors.Column(name);
            }

            way.Add(lookup);
            at = target;
        }

        var parts = rest.Split('.');
        foreach (var part in parts[..^1])
        {
            if (at.FindField(part) is not { Type: FieldType.Lookup } lookup || Target(organisation, lookup) is not { } target)
            {
                throw CoqlErrors.Column(name);
            }

            way.Add(lookup);
            at = target;
        }

        if (way.Count > MostRelations)
        {
            throw CoqlErrors.Limit("join", MostRelations);
        }

        return at.FindField(parts[^1]) is { } field ? new(organisation, name, way, field, parent) : throw CoqlErrors.Column(name);
    }

    // where a converted lead went is told by the record alone
    private static CrmModule? Target(CrmOrganisation organisation, CrmField lookup) =>
        organisation.FindModule(lookup.LookupModule ?? lookup.ApiName switch
        {
            "Converted_Account" => "Accounts",
            "Converted_Contact" => "Contacts",
            "Converted_Deal" => "Deals",
            _ => "",
        });
}
