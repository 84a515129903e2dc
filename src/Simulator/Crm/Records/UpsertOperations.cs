using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Records;

/// <summary>Upsert: the record that a check field finds is updated, otherwise one is inserted. Zoho CRM "Upsert records".</summary>
internal static class UpsertOperations
{
    private const int MostCheckFields = 10;

    private static readonly FrozenSet<string> NotSupported = new[] { "Tasks", "Calls", "Notes" }.ToFrozenSet(StringComparer.Ordinal);

    public static CrmAnswer Upsert(CrmCall call)
    {
        var module = call.Module;
        if (NotSupported.Contains(module.ApiName))
        {
            throw new CrmRefusal(new("NOT_SUPPORTED", "the module does not support this operation", new() { ["resource_path_index"] = 0 }));
        }

        var given = call.Items("data", WriteOperations.MostRecords);
        var fields = CheckFields(call, module);
        var answers = given.Select((one, i) => Upsert(call, module, fields, one, $"$.data[{i}]")).ToList();
        return CrmAnswer.OfEach("data", answers, StatusCodes.Status200OK, call.Settings);
    }

    private static RecordAnswer Upsert(CrmCall call, CrmModule module, List<CrmField> fields, JsonObject given, string path)
    {
        foreach (var field in fields)
        {
            var text = given[field.ApiName] switch
            {
                JsonObject named => named["id"]?.ToString(),
                { } value => value.ToString(),
                null => null,
            };

            // the newest of several; converted leads are none
            if (text is { Length: > 0 }
                && module.With(field, text).FirstOrDefault(record =>
                    record.Conversion is null && (field.IsUnique || record.Sequence <= call.Arrival
                        || call.Made.Contains(record.Id))) is { } found)
            {
                var updated = WriteOperations.Update(call, module, found, given, path);
                return updated.Error is null ? updated with { Beside = Beside("update", field.ApiName) } : updated;
            }
        }

        var inserted = WriteOperations.Insert(call, module, given, path);
        return inserted.Error is null ? inserted with { Beside = Beside("insert", null) } : inserted;
    }

    private static JsonObject Beside(string action, string? field) => new() { ["duplicate_field"] = field, ["action"] = action };

    private static List<CrmField> CheckFields(CrmCall call, CrmModule module)
    {
        var unique = module.Fields.Where(field => field.IsUnique);
        switch (call.Body!["duplicate_check_fields"])
        {
            case null:
                return [.. module.Fields.Where(field => field.IsSystemDuplicateCheck), .. unique];
            case JsonArray { Count: > MostCheckFields }:
                throw new CrmRefusal(CrmError.TooMany("duplicate_check_fields", "$.duplicate_check_fields", MostCheckFields));
            case JsonArray names:
                return [.. names.Select((name, i) => Named(module, name, i)).Union(unique)];
            default:
                throw new CrmRefusal(CrmError.WrongType("duplicate_check_fields", "$.duplicate_check_fields", "jsonarray"));
        }
    }

    private static CrmField Named(CrmModule module, JsonNode? name, int i) =>
        module.FindField(name?.ToString() ?? "") is { } field && (field.IsUnique || field.IsSystemDuplicateCheck)
            ? field
            : throw new CrmRefusal(CrmError.Invalid(
                "the field cannot be checked for duplicates", CrmError.At("duplicate_check_fields", $"$.duplicate_check_fields[{i}]")));
}
