using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Metadata;

/// <summary>The modules of an organisation. Zoho CRM "Modules metadata".</summary>
internal static class ModuleOperations
{
    public static CrmAnswer Modules(CrmCall call)
    {
        var status = call["status"] ?? "visible";
        if (status.Split(',').Except(["visible", "user_hidden", "system_hidden", "scheduled_for_deletion"], StringComparer.Ordinal).Any())
        {
            throw new CrmRefusal(CrmError.WrongParameter("status"));
        }

        var modules = status.Split(',').Contains("visible", StringComparer.Ordinal) ? call.Organisation.Modules : [];
        return CrmAnswer.Success(new JsonObject
        {
            ["modules"] = new JsonArray([.. modules.Select((module, i) => (JsonNode)Module(call.Organisation, module, i))]),
        });
    }

    public static CrmAnswer Module(CrmCall call)
    {
        var found = call.Organisation.Modules.Index()
            .FirstOrDefault(row => row.Item.ApiName == call.Path["name"] || CrmOrganisation.Text(row.Item.Id) == call.Path["name"]);
        return found.Item is { } module
            ? CrmAnswer.Success(new JsonObject { ["modules"] = new JsonArray(Module(call.Organisation, module, found.Index)) })
            : CrmAnswer.Refused(CrmError.InvalidModule());
    }

    private static JsonObject Module(CrmOrganisation organisation, CrmModule module, int position) => new()
    {
        ["api_name"] = module.ApiName,
        ["module_name"] = module.IsCustom ? $"CustomModule{position}" : module.ApiName,
        ["id"] = CrmOrganisation.Text(module.Id),
        ["generated_type"] = module.IsCustom ? "custom" : "default",
        ["singular_label"] = module.Singular,
        ["plural_label"] = module.Plural,
        ["api_supported"] = true,
        ["creatable"] = true,
        ["editable"] = true,
        ["deletable"] = true,
        ["viewable"] = true,
        ["visible"] = true,
        ["status"] = "visible",
        ["show_as_tab"] = module.ApiName is not "Notes",
        ["global_search_supported"] = true,
        ["quick_create"] = true,
        ["convertable"] = module.IsLeads,
        ["triggers_supported"] = module.ApiName is not "Notes",
        ["feeds_required"] = false,
        ["webform_supported"] = false,
        ["sequence_number"] = position + 1,
        ["business_card_field_limit"] = 5,
        ["profile_count"] = 1,
        ["profiles"] = new JsonArray(Profile(organisation)),
        ["parent_module"] = new JsonObject(),
        ["modified_by"] = null,
        ["modified_time"] = null,
        ["description"] = null,
        ["web_link"] = null,
    };

    /// <summary>The one profile of an organisation.</summary>
    public static JsonObject Profile(CrmOrganisation organisation) =>
        new() { ["name"] = "Administrator", ["id"] = CrmOrganisation.Text(organisation.ProfileId) };
}
