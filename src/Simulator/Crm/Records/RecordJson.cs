using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Records;

/// <summary>Records as answers show them.</summary>
internal static class RecordJson
{
    private const int CutInLists = 500;

    /// <summary>The asked for fields and the id. Names that are no field are left out without a word.</summary>
    public static JsonObject InList(CrmOrganisation organisation, CrmModule module, CrmRecord record, IEnumerable<string> fields)
    {
        var json = new JsonObject();
        foreach (var name in fields.Distinct(StringComparer.Ordinal))
        {
            Add(json, organisation, module, record, name, inList: true);
        }

        json["id"] = CrmOrganisation.Text(record.Id);
        return json;
    }

    /// <summary>A whole record: every field, and the keys that begin with <c>$</c>.</summary>
    public static JsonObject Whole(CrmOrganisation organisation, CrmModule module, CrmRecord record)
    {
        var json = new JsonObject { ["id"] = CrmOrganisation.Text(record.Id) };
        foreach (var field in module.Fields)
        {
            Add(json, organisation, module, record, field.ApiName, inList: false);
        }

        if (module.IsLeads)
        {
            Add(json, organisation, module, record, "$converted", inList: false);
            Add(json, organisation, module, record, "$converted_detail", inList: false);
        }

        json["$editable"] = !record.InMerge;
        json["$in_merge"] = record.InMerge;
        json["$approval_state"] = "approved";
        return json;
    }

    public static JsonNode? Value(CrmOrganisation organisation, object? value) => value switch
    {
        null => null,
        string text => text,
        long number => number,
        decimal number => number,
        bool flag => flag,
        DateTimeOffset at => organisation.Write(at),
        string[] many => new JsonArray([.. many.Select(one => (JsonNode)one)]),
        UserValue user => User(organisation, user.Id),
        LookupValue lookup when organisation.NameOf(lookup) is { } name =>
            new JsonObject { ["name"] = name, ["id"] = CrmOrganisation.Text(lookup.Id) },
        LookupValue => null,
        _ => throw new InvalidOperationException($"A {value.GetType().Name} is no value of a field."),
    };

    public static JsonObject User(CrmOrganisation organisation, long id)
    {
        var user = organisation.FindUser(id);
        return new()
        {
            ["name"] = user?.DisplayName,
            ["id"] = CrmOrganisation.Text(id),
            ["email"] = user?.Email,
        };
    }

    /// <summary>What a write tells of the record it made or changed.</summary>
    public static JsonObject Written(CrmOrganisation organisation, CrmRecord record) => new()
    {
        ["Modified_Time"] = organisation.Write(record.ModifiedAt),
        ["Modified_By"] = Short(organisation, record.ModifiedBy),
        ["Created_Time"] = organisation.Write(record.CreatedAt),
        ["id"] = CrmOrganisation.Text(record.Id),
        ["Created_By"] = Short(organisation, record.CreatedBy),
    };

    public static JsonObject Short(CrmOrganisation organisation, long user) => new()
    {
        ["name"] = organisation.FindUser(user)?.DisplayName,
        ["id"] = CrmOrganisation.Text(user),
    };

    private static void Add(
        JsonObject json, CrmOrganisation organisation, CrmModule module, CrmRecord record, string name, bool inList)
    {
        switch (name)
        {
            case "id":
                return;
            case "Tag":
                json[name] = Tags(organisation, record);
                return;
            case "$converted" when module.IsLeads:
                json[name] = record.Conversion is not null;
                return;
            case "$converted_detail" when module.IsLeads:
                json[name] = Detail(record.Conversion);
                return;
            case "$in_merge":
                json[name] = record.InMerge;
                return;
            case "$se_module":
                json[name] = (module.FindField("What_Id")?.Of(record) as LookupValue)?.Module;
                return;
        }

        if (module.FindField(name) is not { } field)
        {
            return;
        }

        var value = field.Of(record);
        json[name] = inList && field.Type is FieldType.RichText && value is string { Length: > CutInLists } text
            ? text[..CutInLists]
            : Value(organisation, value);
        if (name is "What_Id" && value is LookupValue what)
        {
            json["$se_module"] = what.Module;
        }

        if (name is "Parent_Id" && json[name] is JsonObject parent)
        {
            var of = (LookupValue)value!;
            parent["module"] = new JsonObject
            {
                ["api_name"] = of.Module,
                ["id"] = CrmOrganisation.Text(organisation.FindModule(of.Module)!.Id),
            };
        }
    }

    private static JsonArray Tags(CrmOrganisation organisation, CrmRecord record) =>
        new([.. record.Tags.Select(id => organisation.Tags.Find(tag => tag.Id == id)!).Select(tag => (JsonNode)Tag(tag))]);

    public static JsonObject Tag(CrmTag tag) => new()
    {
        ["name"] = tag.Name,
        ["id"] = CrmOrganisation.Text(tag.Id),
        ["color_code"] = tag.Color,
    };

    // plain ids, and a key less where nothing was made
    private static JsonObject Detail(Conversion? conversion)
    {
        var detail = new JsonObject();
        foreach (var (key, id) in new[] { ("account", conversion?.Account), ("contact", conversion?.Contact), ("deal", conversion?.Deal) })
        {
            if (id is { } known)
            {
                detail[key] = CrmOrganisation.Text(known);
            }
        }

        return detail;
    }
}
