using System.Text.Json;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>A module of an organisation.</summary>
/// <param name="ApiName">As calls name it; of a module of one's own not always its label (<c>CustomModule1</c>).</param>
/// <param name="ModuleName">As addresses in a browser name it.</param>
/// <param name="PluralLabel">As people know it.</param>
/// <param name="SingularLabel">One record of it.</param>
/// <param name="IsCustom">Whether the organisation made it.</param>
/// <param name="ApiSupported">Whether the API may touch it at all.</param>
/// <param name="Creatable">Whether the connection's user may make records.</param>
/// <param name="Editable">Whether the user may change them.</param>
/// <param name="Deletable">Whether the user may delete them.</param>
/// <param name="Viewable">Whether the user may see them.</param>
public sealed record CrmModule(
    string ApiName, string ModuleName, string PluralLabel, string SingularLabel, bool IsCustom, bool ApiSupported, bool Creatable,
    bool Editable, bool Deletable, bool Viewable)
{
    internal static CrmModule? Read(JsonElement json) => json.Text("api_name") is { } name
        ? new CrmModule(
            name, json.Text("module_name") ?? name, json.Text("plural_label") ?? name, json.Text("singular_label") ?? name,
            json.Text("generated_type") == "custom", json.IsTrue("api_supported"), json.IsTrue("creatable"), json.IsTrue("editable"),
            json.IsTrue("deletable"), json.IsTrue("viewable"))
        : null;
}

/// <summary>A field of a module. What a layout demands besides is in <see cref="CrmLayout"/>.</summary>
/// <param name="ApiName">As calls name it.</param>
/// <param name="Label">As people know it.</param>
/// <param name="DataType">Zoho's word: <c>text</c>, <c>email</c>, <c>phone</c>, <c>picklist</c>, <c>lookup</c>...</param>
/// <param name="Length">How many characters it takes; null where Zoho does not say.</param>
/// <param name="ReadOnly">Whether it can be written.</param>
/// <param name="SystemMandatory">Whether each record needs it, in every layout.</param>
/// <param name="Custom">Whether the organisation made it.</param>
/// <param name="Unique">Whether no two records have the same value; only such a field can be checked by an upsert.</param>
/// <param name="PickListValues">What a list offers, as records hold it.</param>
/// <param name="LookupModule">Of a lookup the module that it leads to; null else.</param>
public sealed record CrmField(
    string ApiName, string Label, string DataType, int? Length, bool ReadOnly, bool SystemMandatory, bool Custom, bool Unique,
    IReadOnlyList<string> PickListValues, string? LookupModule)
{
    internal static CrmField? Read(JsonElement json) => json.Text("api_name") is { } name
        ? new CrmField(
            name, json.Text("field_label") ?? name, json.Text("data_type") ?? "", (int?)json.Number("length"),
            json.IsTrue("read_only") || json.IsTrue("field_read_only"), json.IsTrue("system_mandatory"), json.IsTrue("custom_field"),
            // an empty object where it is not
            json.Property("unique") is { ValueKind: JsonValueKind.Object } unique && unique.EnumerateObject().Any(),
            [.. json.Items("pick_list_values").Select(value => value.Text("actual_value") ?? value.Text("display_value")).OfType<string>()],
            json.Property("lookup")?.Property("module")?.Text("api_name") ?? json.Property("lookup")?.Text("module"))
        : null;
}

/// <summary>A layout of a module: what a person's form shows and demands.</summary>
/// <param name="Id">Digits; a record that names it is held against it.</param>
/// <param name="Name">As people know it.</param>
/// <param name="IsActive">Whether records can be made with it.</param>
/// <param name="Fields">API names of what it has.</param>
/// <param name="MandatoryFields">Those without which it takes no record.</param>
public sealed record CrmLayout(string Id, string Name, bool IsActive, IReadOnlyList<string> Fields, IReadOnlyList<string> MandatoryFields)
{
    internal static CrmLayout? Read(JsonElement json)
    {
        if (json.Text("id") is not { } id || !CrmIds.IsId(id))
        {
            return null;
        }

        var fields = json.Items("sections")
            .Where(section => section.Text("type") != "unused")
            .SelectMany(section => section.Items("fields"))
            .Where(field => field.Text("api_name") is not null)
            .ToList();
        return new CrmLayout(
            id,
            json.Text("name") ?? id,
            json.Text("status") switch
            {
                null => json.Property("visible") is not { ValueKind: JsonValueKind.False },
                var status => status == "active",
            },
            [.. fields.Select(field => field.Text("api_name")!)],
            [.. fields
                .Where(field => field.IsTrue("required") || field.IsTrue("system_mandatory"))
                .Select(field => field.Text("api_name")!)]);
    }
}
