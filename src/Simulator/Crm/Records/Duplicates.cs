using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Records;

/// <summary>Records that a write would double.</summary>
internal static class Duplicates
{
    /// <summary>
    /// The refusal of values that a unique field has in another record: DUPLICATE_DATA, or MULTIPLE_OR_MULTI_ERRORS when two fields meet
    /// two records.
    /// </summary>
    public static CrmError? Find(CrmCall call, CrmModule module, IReadOnlyDictionary<CrmField, object?> values, string path,
        CrmRecord? self)
    {
        var clashes = values
            .Where(value => value.Key.IsUnique)
            .Select(value => (Field: value.Key, Others: Others(module, value.Key, value.Value, self)))
            .Where(clash => clash.Others.Count > 0)
            .ToList();
        if (clashes.Select(clash => clash.Others[0].Id).Distinct().Count() < 2)
        {
            return clashes.Count == 0 ? null : Of(call, module, clashes[0].Field, clashes[0].Others, path);
        }

        return new("MULTIPLE_OR_MULTI_ERRORS", "the record has more than one error", new()
        {
            ["errors"] = new JsonArray([.. clashes.Select(clash => Of(call, module, clash.Field, clash.Others, path).ToJson())]),
        });
    }

    public static CrmError Of(CrmCall call, CrmModule module, CrmField field, IReadOnlyList<CrmRecord> others, string path)
    {
        var other = others[0];
        var details = CrmError.At(field.ApiName, $"{path}.{field.ApiName}");
        if (call.Settings.DuplicateKeys is not DuplicateKeys.RecordOnly)
        {
            details["id"] = CrmOrganisation.Text(other.Id);
        }

        if (call.Settings.DuplicateKeys is not DuplicateKeys.IdOnly)
        {
            var owner = RecordJson.Short(call.Organisation, other.Owner);
            owner["zuid"] = call.Organisation.FindUser(other.Owner) is { } user ? CrmOrganisation.Text(user.Zuid) : null;
            details["duplicate_record"] = new JsonObject
            {
                ["id"] = CrmOrganisation.Text(other.Id),
                ["module"] = new JsonObject { ["api_name"] = module.ApiName, ["id"] = CrmOrganisation.Text(module.Id) },
                ["Owner"] = owner,
            };
        }

        details["more_records"] = others.Count > 1;
        return new("DUPLICATE_DATA", "duplicate data", details);
    }

    public static List<CrmRecord> Others(CrmModule module, CrmField field, object? value, CrmRecord? self) =>
        CrmModule.KeyOf(value) is { } key ? [.. module.With(field, key).Where(record => record != self)] : [];
}
