using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>A line of a document, as it is kept and shown.</summary>
internal static class FinanceLine
{
    public const string Id = "line_item_id";

    public static JsonObject New(long id, int order, long? item, string name, string description, decimal rate, decimal quantity) => new()
    {
        [Id] = id.ToString(CultureInfo.InvariantCulture),
        // a line of free text has no item
        ["item_id"] = item?.ToString(CultureInfo.InvariantCulture) ?? "",
        ["item_order"] = order,
        ["name"] = name,
        ["description"] = description,
        ["unit"] = "pcs",
        ["quantity"] = Plain(quantity),
        ["rate"] = Plain(rate),
        ["bcy_rate"] = Plain(rate),
        ["discount"] = 0,
        ["discount_amount"] = 0,
        ["tax_id"] = "",
        ["tax_name"] = "",
        ["tax_type"] = "tax",
        ["tax_percentage"] = 0,
        ["line_item_taxes"] = new JsonArray(),
        ["item_total"] = Plain(Math.Round(rate * quantity, 2)),
        ["account_id"] = "",
        ["project_id"] = "",
        ["item_custom_fields"] = new JsonArray(),
        ["tags"] = new JsonArray(),
        ["stock_on_hand"] = "",
        ["line_item_category"] = "line_item",
    };

    /// <summary>Without noughts at the end, as amounts are written.</summary>
    public static decimal Plain(decimal number) => number / 1.0000000000000000000000000000m;

    public static decimal Number(JsonObject line, string name) =>
        line[name] is JsonValue value && value.TryGetValue<decimal>(out var number) ? number : 0;
}
