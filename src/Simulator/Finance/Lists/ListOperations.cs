using System.Globalization;
using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Finance.Control;

namespace ZohoPlatform.Simulator.Finance.Lists;

/// <summary>Lists by page number, one row, and the details of several items.</summary>
internal static class ListOperations
{
    private const int MostRows = 200;
    private const int MostDetails = 100;

    public static FinanceAnswer List(FinanceCall call)
    {
        var (entity, organisation, product) = (call.Entity, call.Organisation, call.Product.Product);
        var (page, perPage) = (Number(call, "page", 1), Math.Min(Number(call, "per_page", MostRows), MostRows));
        var filters = ListFilters.Read(call);
        // a column that is not documented for sorting is not looked at
        var column = call["sort_column"] is { } asked && entity.RulesOf(product).SortColumns.Contains(asked) ? asked : entity.DefaultSort;
        var descending = call["sort_order"] switch
        {
            "A" => false,
            "D" => true,
            _ => !(column == entity.DefaultSort ? entity.SortsUpwards : entity.FindField(column) is { Kind: FieldKind.Text }),
        };
        RowChanges.BetweenPages(organisation, entity, call.Now);
        var ids = call.Table.View(filters.Key, filters.Since, filters.Condition, column, descending);
        var from = (long)(page - 1) * perPage;
        var context = new JsonObject
        {
            ["page"] = page,
            ["per_page"] = perPage,
            ["has_more_page"] = from + perPage < ids.Count,
            ["report_name"] = entity.Name[..1].ToUpperInvariant() + entity.Name[1..],
            ["applied_filter"] = filters.Applied,
            ["custom_fields"] = new JsonArray(),
            ["sort_column"] = column,
            ["sort_order"] = descending ? "D" : "A",
            ["search_criteria"] = filters.Criteria,
        };
        var option = entity.HasResponseOptions ? call["response_option"] : null;
        if (option is "1" or "2" or "3")
        {
            context["total"] = ids.Count;
        }

        if (option is "1" or "3" or "4")
        {
            context["sum_columns"] = new JsonObject
            {
                ["total"] = ids.Sum(id => call.Table.Find(id)!.Number("total")),
                ["balance"] = ids.Sum(id => call.Table.Find(id)!.Number("balance")),
            };
        }

        var answer = new JsonObject();
        if (option is not ("2" or "3"))
        {
            answer[entity.Name] = new JsonArray([.. ids.Skip((int)Math.Min(from, int.MaxValue)).Take(perPage)
                .Select(id => FinanceJson.InList(organisation, call.Table.Find(id)!, product))]);
        }

        answer["page_context"] = context;
        return FinanceAnswer.Success("success", answer);
    }

    public static FinanceAnswer Get(FinanceCall call) => call.Show("success", call.Row);

    public static FinanceAnswer ItemDetails(FinanceCall call)
    {
        if (call["item_ids"] is not { } asked)
        {
            return FinanceAnswer.Refused(FinanceError.Missing("item_ids"));
        }

        var ids = asked.Split(',', StringSplitOptions.TrimEntries);
        if (ids.Length > MostDetails)
        {
            return FinanceAnswer.Refused(FinanceError.Invalid("item_ids"));
        }

        // one that is gone is left out
        var rows = ids.Select(id => long.TryParse(id, CultureInfo.InvariantCulture, out var number) ? call.Table.Find(number) : null)
            .OfType<FinanceRow>();
        return FinanceAnswer.Success("success", new()
        {
            [call.Entity.Name] = new JsonArray([.. rows.Select(row => FinanceJson.InDetail(call.Organisation, row, call.Product.Product))]),
        });
    }

    private static int Number(FinanceCall call, string name, int otherwise) => call[name] switch
    {
        null => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 => number,
        _ => throw new FinanceRefusal(FinanceError.Invalid(name)),
    };
}
