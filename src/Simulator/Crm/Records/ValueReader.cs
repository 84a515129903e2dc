using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ZohoPlatform.Simulator.Crm.Records;

/// <summary>Reads what a call gives for a field, by the field's type and length.</summary>
internal static partial class ValueReader
{
    /// <summary>The value, or the refusal that names the field and its place in the call.</summary>
    public static CrmError? Read(CrmCall call, CrmField field, JsonNode? given, JsonObject record, string path, out object? value)
    {
        value = null;
        var place = $"{path}.{field.ApiName}";
        if (given is null || (given.GetValueKind() is JsonValueKind.String && given.GetValue<string>().Length == 0))
        {
            return field.SystemMandatory ? CrmError.Missing(field.ApiName, place) : null;
        }

        var error = field.Type switch
        {
            FieldType.Integer => Number(given, out value),
            FieldType.Double or FieldType.Currency => Decimal(given, out value),
            FieldType.Boolean => Flag(given, out value),
            FieldType.MultiSelectPicklist => Many(call, field, given, place, out value),
            FieldType.Lookup => Lookup(call, field, given, record, path, out value),
            FieldType.Owner => Owner(call, given, field, place, out value),
            FieldType.Text or FieldType.TextArea or FieldType.RichText or FieldType.Email or FieldType.Phone or FieldType.Website
                or FieldType.Picklist or FieldType.Date or FieldType.DateTime => Text(call, field, given, place, out value),
        };
        return error ?? (value is null ? CrmError.WrongType(field.ApiName, place, field.DataType) : null);
    }

    private static CrmError? Text(CrmCall call, CrmField field, JsonNode given, string place, out object? value)
    {
        value = null;
        if (given.GetValueKind() is not JsonValueKind.String)
        {
            return null;
        }

        var text = given.GetValue<string>();
        if (text.Length > field.Length)
        {
            // a text here and a number in notes: each as Zoho's files have it
            var error = CrmError.TooLong(field.ApiName, place, field.Length);
            error.Details["maximum_length"] = CrmOrganisation.Text(field.Length);
            return error;
        }

        if (field.Type is FieldType.Picklist && call.Settings.StrictPicklists && field.Options.Count > 0
            && !field.Options.Contains(text, StringComparer.Ordinal))
        {
            return NotListed(field, place);
        }

        value = field.Type switch
        {
            FieldType.Email => EmailPattern().IsMatch(text) ? text : null,
            FieldType.Phone => PhonePattern().IsMatch(text) ? text : null,
            FieldType.Website => Uri.IsWellFormedUriString(
                text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}", UriKind.Absolute) ? text : null,
            FieldType.Date => CrmTime.IsDate(text) ? text : null,
            FieldType.DateTime => CrmTime.Read(text),
            _ => text,
        };
        return null;
    }

    private static CrmError? Number(JsonNode given, out object? value)
    {
        value = given.GetValueKind() is JsonValueKind.Number
            && long.TryParse(given.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
        return null;
    }

    private static CrmError? Decimal(JsonNode given, out object? value)
    {
        value = given.GetValueKind() is JsonValueKind.Number
            && decimal.TryParse(given.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
        return null;
    }

    private static CrmError? Flag(JsonNode given, out object? value)
    {
        value = given.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? given.GetValue<bool>() : null;
        return null;
    }

    private static CrmError? Many(CrmCall call, CrmField field, JsonNode given, string place, out object? value)
    {
        value = null;
        if (given is not JsonArray array || array.Any(one => one?.GetValueKind() is not JsonValueKind.String))
        {
            return CrmError.WrongType(field.ApiName, place, "jsonarray");
        }

        string[] many = [.. array.Select(one => one!.GetValue<string>())];
        value = many;
        return call.Settings.StrictPicklists && field.Options.Count > 0 && many.Except(field.Options, StringComparer.Ordinal).Any()
            ? NotListed(field, place)
            : null;
    }

    // {"id":"..."} or the bare id
    private static CrmError? Lookup(CrmCall call, CrmField field, JsonNode given, JsonObject record, string path, out object? value)
    {
        value = null;
        var place = $"{path}.{field.ApiName}";
        if (!TryId(given, out var id))
        {
            return CrmError.WrongType(field.ApiName, place, "jsonobject");
        }

        var module = field.LookupModule;
        if (module is null)
        {
            if ((record["$se_module"] as JsonValue)?.TryGetValue(out module) is not true || module is null)
            {
                var details = CrmError.At(field.ApiName, place);
                details["dependee"] = CrmError.At("$se_module", $"{path}.$se_module");
                return new("DEPENDENT_FIELD_MISSING", "Dependent Fields missing", details);
            }
        }

        if (call.FindModule(module)?.Find(id) is null)
        {
            var details = CrmError.At(field.ApiName, place);
            details["id"] = CrmOrganisation.Text(id);
            return CrmError.Invalid("the id given seems to be invalid", details);
        }

        value = new LookupValue(module, id);
        return null;
    }

    private static CrmError? Owner(CrmCall call, JsonNode given, CrmField field, string place, out object? value)
    {
        value = TryId(given, out var id) && call.Organisation.FindUser(id) is not null ? new UserValue(id) : null;
        return value is null ? CrmError.Invalid("the id given seems to be invalid", CrmError.At(field.ApiName, place)) : null;
    }

    public static bool TryId(JsonNode? given, out long id)
    {
        id = 0;
        var node = given is JsonObject named ? named["id"] : given;
        return node is JsonValue value && CrmOrganisation.TryId(value.ToString(), out id);
    }

    private static CrmError NotListed(CrmField field, string place)
    {
        var details = CrmError.At(field.ApiName, place);
        details["supported_values"] = new JsonArray([.. field.Options.Select(option => (JsonNode)option)]);
        return CrmError.Invalid("invalid data", details);
    }

    [GeneratedRegex(@"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EmailPattern();

    // Zoho CRM "Insert records": letters, digits and + . - ( ) , ; # in places
    [GeneratedRegex(@"^[+(]?[A-Za-z0-9][A-Za-z0-9+.\-(),;# ]*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PhonePattern();
}
