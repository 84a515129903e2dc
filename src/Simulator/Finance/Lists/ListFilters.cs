using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Finance.Lists;

/// <summary>What a call narrows a list by; what is not documented for the entity is not looked at.</summary>
internal sealed class ListFilters
{
    private const int MostIds = 200;

    private static readonly (string Suffix, string Comparator)[] OfText = [("_startswith", "starts_with"), ("_contains", "contains"), ("", "equal")];

    private static readonly (string Suffix, string Comparator)[] OfNumber =
    [
        ("_less_than", "less_than"), ("_less_equals", "less_equals"), ("_greater_than", "greater_than"), ("_greater_equals", "greater_equals"),
        ("", "equal"),
    ];

    private static readonly (string Suffix, string Comparator)[] OfDate =
        [("_start", "greater_equals"), ("_end", "less_equals"), ("_before", "less_than"), ("_after", "greater_than"), ("", "equal")];

    private static readonly (string Suffix, string Comparator)[] Exact = [("", "equal")];

    private readonly List<Func<FinanceRow, bool>> _conditions = [];
    private readonly List<string> _key = [];

    /// <summary>Null where nothing narrows the list.</summary>
    public Func<FinanceRow, bool>? Condition => _conditions.Count == 0 ? null : row => _conditions.TrueForAll(holds => holds(row));

    /// <summary>Tells filters apart that narrow to different rows.</summary>
    public string Key => string.Join('|', _key);

    public DateTimeOffset? Since { get; private set; }

    /// <summary>What <c>page_context</c> says was applied.</summary>
    public string Applied { get; private set; } = "Status.All";

    public JsonArray Criteria { get; } = [];

    public static ListFilters Read(FinanceCall call)
    {
        var filters = new ListFilters();
        var entity = call.Entity;
        var rules = entity.RulesOf(call.Product.Product);
        foreach (var (name, kind) in rules.FilterKinds)
        {
            var variants = kind switch { '~' => OfText, '#' => OfNumber, '@' => OfDate, _ => Exact };
            foreach (var (suffix, comparator) in variants)
            {
                if (call[name + suffix] is { } text)
                {
                    filters.Add(call, name, kind, name + suffix, comparator, text);
                }
            }
        }

        if (rules.IsSearchable && call["search_text"] is { } searched)
        {
            filters.Narrow("search_text", searched, "contains", row => Searched(row).Any(value => Holds(value, searched, "contains")));
        }

        if (rules.IsSearchable && call["filter_by"] is { } by)
        {
            filters.NarrowBy(entity, by);
        }

        if (entity.ModifiedSince.HasFlag(call.Product.Product) && call["last_modified_time"] is { } since)
        {
            // an echo of it in search_criteria was never seen
            filters.Since = FinanceTime.Read(since) ?? throw new FinanceRefusal(FinanceError.Invalid("last_modified_time"));
        }

        return filters;
    }

    private void Add(FinanceCall call, string name, char kind, string parameter, string comparator, string text)
    {
        switch (name)
        {
            case "salesorder_ids":
                var ids = text.Split(',', StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
                if (ids.Count > MostIds)
                {
                    throw new FinanceRefusal(FinanceError.Invalid(parameter));
                }

                Narrow(name, text, "in", row => ids.Contains(FinanceOrganisation.Text(row.Id)));
                return;
            case "status":
                Narrow(name, text, comparator, row => IsIn(row, text));
                return;
            case "item_id" or "item_name" or "line_item_id":
                var key = name is "item_name" ? "name" : name;
                Narrow(name, text, comparator, row => row.Lines.Any(line => Holds(line[key]?.ToString() ?? "", text, comparator)));
                return;
            case "custom_field":
                Narrow(name, text, comparator, row => row.Custom.Values.Any(value => Holds(value, text, comparator)));
                return;
        }

        if (kind is '#')
        {
            if (!decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number))
            {
                throw new FinanceRefusal(FinanceError.Invalid(parameter));
            }

            Narrow(name, text, comparator, row => Compares(row.Number(name).CompareTo(number), comparator), parameter);
        }
        else if (kind is '@')
        {
            if (!FinanceTime.IsDate(text))
            {
                throw new FinanceRefusal(FinanceError.Invalid(parameter));
            }

            Narrow(
                name, text, comparator,
                row => Day(call.Organisation, row, name) is { Length: > 0 } day && Compares(string.CompareOrdinal(day, text), comparator), parameter);
        }
        else
        {
            Narrow(name, text, comparator, row => Holds(row.Text(name), text, comparator), parameter);
        }
    }

    private void NarrowBy(FinanceEntity entity, string by)
    {
        // Status.OverDue, Invoice.Unpaid, ItemType.Sales, PaymentMode.Check; one that nobody knows is not looked at
        var (kind, value) = by.Split('.') is [var first, var second] ? (first, second) : ("", "");
        var field = kind switch
        {
            "Status" or "Invoice" when entity.FindField("status") is not null => "status",
            "ItemType" when entity.Name is "items" => "item_type",
            "PaymentMode" when entity.Name is "customerpayments" => "payment_mode",
            _ => null,
        };
        if (field is null || value is "All" || (field is "status" && value is not "Unpaid" && !entity.StateNames.Any(state => Same(state, value))))
        {
            return;
        }

        Applied = by;
        _key.Add($"filter_by={by}");
        _conditions.Add(row => field is "status" ? IsIn(row, value) : Same(row.Text(field), value));
    }

    private void Narrow(string column, string text, string comparator, Func<FinanceRow, bool> condition, string? parameter = null)
    {
        _key.Add($"{parameter ?? column}{comparator}={text}");
        _conditions.Add(condition);
        Criteria.Add(new JsonObject
        {
            ["column_name"] = column,
            ["search_text"] = text,
            ["search_text_formatted"] = text,
            ["comparator"] = comparator,
        });
    }

    private static string Day(FinanceOrganisation organisation, FinanceRow row, string name) =>
        name is "created_date" ? organisation.Write(row.Created)[..10] : row.Text(name);

    private static IEnumerable<string> Searched(FinanceRow row) =>
        new[] { row.Entity.Title, "customer_name", "vendor_name", "company_name", "email", "reference_number", "sku", "description" }
            .Select(row.Text);

    private static bool IsIn(FinanceRow row, string state) =>
        row.Text("status") is var own && (Same(state, "unpaid") ? own is "sent" or "overdue" or "partially_paid" : Same(own, state));

    private static bool Same(string one, string other) => string.Equals(
        one.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal),
        other.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);

    private static bool Holds(string value, string text, string comparator) => comparator switch
    {
        "starts_with" => value.StartsWith(text, StringComparison.OrdinalIgnoreCase),
        "contains" => value.Contains(text, StringComparison.OrdinalIgnoreCase),
        _ => string.Equals(value, text, StringComparison.OrdinalIgnoreCase),
    };

    private static bool Compares(int order, string comparator) => comparator switch
    {
        "less_than" => order < 0,
        "less_equals" => order <= 0,
        "greater_than" => order > 0,
        "greater_equals" => order >= 0,
        _ => order == 0,
    };
}
