using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>The contact fields of an organisation. Answers are wrapped in <c>response</c>. Zoho Campaigns, "Create custom field".</summary>
internal static class FieldMethods
{
    private static readonly string[] Types =
    [
        "text", "integer", "phone", "date", "email", "picklist", "checkbox", "longtext", "decimal", "url", "percent", "multiselect",
        "radiooption", "datetime",
    ];

    public static CampaignsAnswer All(CampaignsCall call)
    {
        var fields = new JsonArray();
        foreach (var field in call.Account.Fields)
        {
            fields.Add(new JsonObject
            {
                ["DISPLAY_NAME"] = field.DisplayName,
                ["FIELD_NAME"] = field.FieldName,
                ["IS_MANDATORY"] = field.DisplayName == ContactField.Email,
                ["FIELD_ID"] = field.Id,
                ["UITYPE"] = field.Type,
            });
        }

        return new(new() { ["response"] = new JsonObject { ["fieldnames"] = new JsonObject { ["fieldname"] = fields } } }, "success");
    }

    public static CampaignsAnswer Add(CampaignsCall call)
    {
        var name = call.Parameters["fieldname"]!.Trim();
        var type = call.Parameters["fieldtype"]!;
        if (call.Account.Fields.Any(field => field.DisplayName.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            return Wrapped(call, "error", "916", "A custom field with this name exists.");
        }

        if (!Types.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            return Wrapped(call, "error", "1005", "Wrong data type.");
        }

        var fieldName = string.Create(CultureInfo.InvariantCulture, $"CUSTOM_{call.Account.Fields.Count(field => field.IsCustom) + 1}");
        call.Account.AddField(name, fieldName, type.ToLowerInvariant(), isCustom: true);
        return Wrapped(call, "success", "0", "Custom field successfully added.");
    }

    private static CampaignsAnswer Wrapped(CampaignsCall call, string status, string code, string message) => new(
        new()
        {
            ["response"] = new JsonObject
            {
                ["uri"] = call.Uri,
                ["code"] = code,
                ["version"] = "1.1",
                ["message"] = message,
                ["status"] = status,
            },
        },
        status is "success" ? status : code);
}
