using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Metadata;

/// <summary>The layouts of a module, which say what else is mandatory. Zoho CRM "Layouts metadata".</summary>
internal static class LayoutOperations
{
    public static CrmAnswer Layouts(CrmCall call)
    {
        var module = FieldOperations.ModuleOf(call);
        return CrmAnswer.Success(new JsonObject
        {
            ["layouts"] = new JsonArray([.. module.Layouts.Select(layout => (JsonNode)Layout(call.Organisation, module, layout))]),
        });
    }

    public static CrmAnswer Layout(CrmCall call)
    {
        var module = FieldOperations.ModuleOf(call);
        return call.PathId("id", out var id) && module.Layouts.Find(known => known.Id == id) is { } layout
            ? CrmAnswer.Success(new JsonObject { ["layouts"] = new JsonArray(Layout(call.Organisation, module, layout)) })
            : CrmAnswer.Nothing;
    }

    private static JsonObject Layout(CrmOrganisation organisation, CrmModule module, CrmLayout layout) => new()
    {
        ["id"] = CrmOrganisation.Text(layout.Id),
        ["name"] = layout.Name,
        ["display_label"] = layout.Name,
        ["status"] = layout.Active ? "active" : "inactive",
        ["visible"] = layout.Active,
        ["has_more_profiles"] = false,
        ["created_time"] = null,
        ["modified_time"] = null,
        ["created_by"] = null,
        ["modified_by"] = null,
        ["profiles"] = new JsonArray(ModuleOperations.Profile(organisation)),
        ["sections"] = new JsonArray(new JsonObject
        {
            ["api_name"] = $"{module.Singular}_Information",
            ["name"] = $"{module.Singular}_Information",
            ["display_label"] = $"{module.Singular} Information",
            ["type"] = "used",
            ["sequence_number"] = 1,
            ["column_count"] = 2,
            ["tab_traversal"] = "2",
            ["issubformsection"] = false,
            ["properties"] = null,
            ["fields"] = new JsonArray([.. module.Fields.Where(field => !field.IsHidden).Select((field, i) =>
            {
                var json = FieldOperations.Field(organisation, field);
                json["required"] = field.SystemMandatory || layout.Required.Contains(field.ApiName);
                json["sequence_number"] = i + 1;
                json["validation_rule"] = null;
                return (JsonNode)json;
            })]),
        }),
        ["convert_mapping"] = module.IsLeads
            ? new JsonObject
            {
                ["Contacts"] = Target(organisation, "Contacts"),
                ["Accounts"] = Target(organisation, "Accounts"),
                ["Deals"] = Target(organisation, "Deals"),
            }
            : null,
    };

    private static JsonObject Target(CrmOrganisation organisation, string module)
    {
        var layout = organisation.FindModule(module)!.Layouts[0];
        return new() { ["name"] = layout.Name, ["id"] = CrmOrganisation.Text(layout.Id) };
    }
}
