using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Metadata;

/// <summary>The fields of a module, without what its layouts make mandatory. Zoho CRM "Fields metadata".</summary>
internal static class FieldOperations
{
    public static CrmAnswer Fields(CrmCall call)
    {
        var module = ModuleOf(call);
        return CrmAnswer.Success(new JsonObject
        {
            ["fields"] = new JsonArray([.. module.Fields.Where(field => !field.IsHidden)
                .Select(field => (JsonNode)Field(call.Organisation, field))]),
        });
    }

    public static CrmModule ModuleOf(CrmCall call) =>
        call.FindModule(call["module"] ?? throw new CrmRefusal(CrmError.MissingParameter("module")))
        ?? throw new CrmRefusal(new("INVALID_MODULE", "the module name given seems to be invalid", []));

    public static JsonObject Field(CrmOrganisation organisation, CrmField field)
    {
        var lookup = new JsonObject();
        if (field is { Type: FieldType.Lookup, LookupModule: { } target })
        {
            lookup = new()
            {
                ["display_label"] = field.Label,
                ["api_name"] = target,
                ["module"] = new JsonObject { ["api_name"] = target, ["id"] = CrmOrganisation.Text(organisation.FindModule(target)!.Id) },
                ["id"] = CrmOrganisation.Text(field.Id),
            };
        }

        return new()
        {
            ["id"] = CrmOrganisation.Text(field.Id),
            ["api_name"] = field.ApiName,
            ["field_label"] = field.Label,
            ["display_label"] = field.Label,
            ["data_type"] = field.DataType,
            ["json_type"] = field.JsonType,
            ["length"] = field.Length,
            ["system_mandatory"] = field.SystemMandatory,
            ["custom_field"] = field.IsCustom,
            ["created_source"] = field.IsCustom ? "custom" : "default",
            ["read_only"] = field.ReadOnly,
            ["field_read_only"] = field.ReadOnly,
            ["unique"] = field.IsUnique ? new JsonObject { ["casesensitive"] = "false" } : [],
            ["pick_list_values"] = Options(field),
            ["lookup"] = lookup,
            ["visible"] = true,
            ["type"] = "used",
            ["searchable"] = true,
            ["filterable"] = true,
            ["sortable"] = field.Type is not (FieldType.RichText or FieldType.TextArea),
            ["mass_update"] = !field.ReadOnly,
            ["virtual_field"] = false,
            ["webhook"] = true,
            ["businesscard_supported"] = true,
            ["display_field"] = false,
            ["separator"] = field.Type is FieldType.Integer or FieldType.Double,
            ["decimal_place"] = field.Type is FieldType.Double or FieldType.Currency ? 2 : null,
            ["default_value"] = null,
            ["pick_list_values_sorted_lexically"] = false,
            ["enable_colour_code"] = false,
            ["colour_code_enabled_by_system"] = false,
            ["history_tracking"] = null,
            ["operation_type"] = new JsonObject
            {
                ["web_update"] = !field.ReadOnly,
                ["api_create"] = !field.ReadOnly,
                ["web_create"] = !field.ReadOnly,
                ["api_update"] = !field.ReadOnly,
            },
            ["view_type"] = new JsonObject
            {
                ["view"] = true,
                ["edit"] = !field.ReadOnly,
                ["quick_create"] = false,
                ["create"] = !field.ReadOnly,
            },
            ["profiles"] = new JsonArray(new JsonObject
            {
                ["permission_type"] = field.ReadOnly ? "read_only" : "read_write",
                ["name"] = "Administrator",
                ["id"] = CrmOrganisation.Text(organisation.ProfileId),
            }),
            ["display_type"] = -1,
            ["ui_type"] = 1,
            ["created_time"] = null,
            ["modified_time"] = null,
        };
    }

    private static JsonArray Options(CrmField field) => new([.. field.Options.Select((option, i) => (JsonNode)new JsonObject
    {
        ["display_value"] = option,
        ["actual_value"] = option,
        ["reference_value"] = option,
        ["sequence_number"] = i + 1,
        ["colour_code"] = null,
        ["type"] = "used",
        ["id"] = $"{field.Id}{i + 1:00}",
    })]);
}
