using System.Text.Json;
using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Crm.Metadata;
using ZohoPlatform.Simulator.Crm.Records;

namespace ZohoPlatform.Simulator.Crm.Coql;

/// <summary>Queries, which read the data of the moment and no index.</summary>
internal static class CoqlOperations
{
    public static CrmAnswer Query(CrmCall call)
    {
        if ((call.Body as JsonObject)?["select_query"] is not { } given)
        {
            throw new CrmRefusal(new("MANDATORY_NOT_FOUND", "required field not found", new() { ["api_name"] = "select_query" }));
        }

        if (given.GetValueKind() is not JsonValueKind.String)
        {
            throw CoqlErrors.Data(new() { ["api_name"] = "select_query", ["expected_data_type"] = "string" });
        }

        var meta = WantsFields(call);
        var query = CoqlParser.Parse(given.GetValue<string>(), call.Settings);
        if (query.Module.Contains('#', StringComparison.Ordinal) || call.FindModule(query.Module) is not { } module)
        {
            throw new CrmRefusal(new("INVALID_MODULE", "the module name given seems to be invalid", []));
        }

        call.Demand(CrmScopes.Module(module.ApiName, "READ"));

        // 1, 2 or 3 credits by LIMIT
        call.ExtraCredits += query.Limit > 1000 ? 2 : query.Limit > 200 ? 1 : 0;

        var columns = query.Columns.Select(column => (Column: column, Field: CoqlColumns.Find(call.Organisation, module, column.Name)))
            .ToList();
        var where = CoqlConditions.Compile(call.Organisation, module, query.Where);
        Func<CrmRecord, bool> wanted = module.IsLeads && !call.Settings.CoqlListsConverted && !Names(query.Where)
            ? record => record.Conversion is null && where(record)
            : where;
        List<JsonObject> rows;
        bool more;
        if (query.GroupBy.Count > 0 || columns.Exists(column => column.Column.Aggregate is not null))
        {
            rows = CoqlGroups.Rows(call.Organisation, module, query, columns, wanted);
            more = rows.Count > query.Offset + query.Limit;
            rows = [.. rows.Skip(query.Offset).Take(query.Limit)];
        }
        else
        {
            var found = CoqlOrders.Ordered(call.Organisation, module, query.OrderBy, wanted).Skip(query.Offset).Take(query.Limit + 1)
                .ToList();
            more = found.Count > query.Limit;
            rows = [.. found.Take(query.Limit).Select(record => Row(call, columns, record))];
        }

        if (rows.Count == 0)
        {
            return CrmAnswer.Nothing;
        }

        var answer = new JsonObject
        {
            ["data"] = new JsonArray([.. rows]),
            ["info"] = new JsonObject { ["count"] = rows.Count, ["more_records"] = more },
        };
        if (meta)
        {
            answer["fields"] = new JsonArray(
                [.. columns.Select(column => (JsonNode)FieldOperations.Field(call.Organisation, column.Field.Field))]);
        }

        return CrmAnswer.Success(answer);
    }

    private static bool WantsFields(CrmCall call)
    {
        switch ((call.Body as JsonObject)!["include_meta"])
        {
            case null:
                return false;
            case JsonArray { Count: 1 } array when array[0]?.ToString() is "fields":
                call.Demand(CrmScopes.Setting("fields", "READ"));
                return true;
            default:
                throw CoqlErrors.Data(CrmError.At("include_meta", "$.include_meta"));
        }
    }

    // whether a query says itself which leads it wants
    private static bool Names(CoqlCondition condition) => condition switch
    {
        CoqlPair pair => Names(pair.Left) || Names(pair.Right),
        CoqlComparison comparison => comparison.Name.StartsWith("Converted_", StringComparison.Ordinal),
        _ => false,
    };

    private static JsonObject Row(CrmCall call, List<(CoqlColumn Column, CoqlField Field)> columns, CrmRecord record)
    {
        var row = new JsonObject();
        foreach (var (column, field) in columns.Where(column => column.Column.Name != "id"))
        {
            row[column.Key] = Value(call, field.Of(record));
        }

        row["id"] = CrmOrganisation.Text(record.Id);
        return row;
    }

    private static JsonNode? Value(CrmCall call, object? value) => value switch
    {
        LookupValue lookup when call.Organisation.NameOf(lookup) is { } name => Pointer(call, lookup.Id, name),
        UserValue user => Pointer(call, user.Id, call.Organisation.FindUser(user.Id)?.DisplayName),
        _ => RecordJson.Value(call.Organisation, value),
    };

    private static JsonObject Pointer(CrmCall call, long id, string? name)
    {
        var pointer = new JsonObject { ["id"] = CrmOrganisation.Text(id) };
        if (call.Settings.CoqlLookupNames)
        {
            pointer["name"] = name;
        }

        return pointer;
    }
}
