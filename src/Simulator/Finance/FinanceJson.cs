using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>Rows as they are shown: never null, empty values as empty texts, lists and objects, and types that drift.</summary>
internal static class FinanceJson
{
    public static JsonObject InList(FinanceOrganisation organisation, FinanceRow row, Products product)
    {
        var json = Fields(organisation, row, product, row.Entity.Fields.Where(field => field.InLists));
        foreach (var (field, value) in CustomOf(organisation, row))
        {
            json[field.ApiName] = Formatted(field, value);
            json[$"{field.ApiName}_unformatted"] = value;
        }

        if (row.Entity.ListsCustomArrays)
        {
            AddCustomArrays(organisation, row, json);
        }
        else if (row.Entity.Name is "customerpayments")
        {
            json["custom_fields_list"] = "";
        }

        return json;
    }

    public static JsonObject InDetail(FinanceOrganisation organisation, FinanceRow row, Products product)
    {
        var json = Fields(organisation, row, product, row.Entity.Fields.Where(field => field.InDetails));
        if (row.Entity.HasLines)
        {
            json["line_items"] = new JsonArray([.. row.Lines.Select(line => line.DeepClone())]);
        }

        AddCustomArrays(organisation, row, json);
        return json;
    }

    private static JsonObject Fields(FinanceOrganisation organisation, FinanceRow row, Products product, IEnumerable<FinanceField> fields)
    {
        var json = new JsonObject { [row.Entity.IdField] = FinanceOrganisation.Text(row.Id) };
        foreach (var field in fields.Where(field => !field.OfInventory || product is Products.Inventory))
        {
            json[field.Name] = Value(organisation, row, field);
        }

        json["created_time"] = organisation.Write(row.Created);
        json["last_modified_time"] = organisation.Write(row.Modified);
        return json;
    }

    private static JsonNode Value(FinanceOrganisation organisation, FinanceRow row, FinanceField field)
    {
        var value = row[field.Name];
        if (value is null or "")
        {
            return field switch
            {
                { Name: "currency_code" } => organisation.Currency,
                { Name: "currency_id" } => organisation.CurrencyId,
                { Name: "updated_time" } => organisation.Write(row.Modified),
                { Drifts: true } => field.Kind is FieldKind.List && row.Id % 2 == 0 ? new JsonArray() : "",
                { Kind: FieldKind.Number } => 0,
                { Kind: FieldKind.Flag } => false,
                { Kind: FieldKind.List } => new JsonArray(),
                { Kind: FieldKind.Object } => new JsonObject(),
                _ => "",
            };
        }

        return value switch
        {
            JsonNode node => node.DeepClone(),
            decimal number when field.Drifts && row.Id % 4 == 1 => number.ToString("0.00", CultureInfo.InvariantCulture),
            decimal number => FinanceLine.Plain(number),
            bool flag => flag,
            var text => text.ToString()!,
        };
    }

    private static void AddCustomArrays(FinanceOrganisation organisation, FinanceRow row, JsonObject json)
    {
        var (list, hash) = (new JsonArray(), new JsonObject());
        foreach (var (field, value) in CustomOf(organisation, row))
        {
            list.Add(new JsonObject
            {
                ["customfield_id"] = FinanceOrganisation.Text(field.Id),
                ["field_id"] = FinanceOrganisation.Text(field.Id),
                ["index"] = field.Index,
                ["label"] = field.Label,
                ["api_name"] = field.ApiName,
                ["data_type"] = field.DataType,
                ["value"] = value,
                ["value_formatted"] = Formatted(field, value),
                ["is_active"] = true,
                ["show_in_portal"] = false,
                ["search_entity"] = row.Entity.Single,
                ["placeholder"] = field.ApiName,
            });
            hash[field.ApiName] = Formatted(field, value);
            hash[$"{field.ApiName}_unformatted"] = value;
        }

        json["custom_fields"] = list;
        json["custom_field_hash"] = hash;
    }

    private static IEnumerable<(FinanceCustomField Field, string Value)> CustomOf(FinanceOrganisation organisation, FinanceRow row) =>
        organisation.CustomFieldsOf(row.Entity)
            .Where(field => row.Custom.ContainsKey(field.ApiName))
            .Select(field => (field, row.Custom[field.ApiName]));

    // dates as the organisation writes them, which no reader should rely on
    private static string Formatted(FinanceCustomField field, string value) =>
        field.DataType is "date" && DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day.ToString("dd'/'MM'/'yyyy", CultureInfo.InvariantCulture)
            : value;
}
