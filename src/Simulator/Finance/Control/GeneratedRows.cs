using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Finance.Control;

/// <summary>Whom or what generated rows point to: other generated rows, or those that were there.</summary>
internal sealed class GeneratedTargets(GeneratedRows? block, IReadOnlyList<FinanceRow> rows)
{
    private readonly Dictionary<string, IReadOnlyList<FinanceRow>> _byType = rows.GroupBy(row => row.Text("contact_type"), StringComparer.Ordinal)
        .ToDictionary(group => group.Key, IReadOnlyList<FinanceRow> (group) => [.. group], StringComparer.Ordinal);

    public bool Has(long id) => block?.Has(id) ?? rows.Any(row => row.Id == id);

    /// <summary>One of them by a drawn number, of contacts a vendor or a customer as it is wanted; null where there is none.</summary>
    public FinanceRow? Draw(ulong drawn, string? party)
    {
        if (block is not null)
        {
            var number = (long)(drawn % (ulong)block.Count);
            if (party is not null && block.Count > GeneratedRows.VendorEvery)
            {
                number -= number % GeneratedRows.VendorEvery;
                number = party is "vendor" || number + 1 >= block.Count ? number : number + 1 + (long)(drawn >> 32) % (GeneratedRows.VendorEvery - 1);
                number = Math.Min(number, block.Count - 1);
            }

            return new(block, number);
        }

        var from = party is null ? rows : _byType.GetValueOrDefault(party, []);
        return from.Count > 0 ? from[(int)(drawn % (ulong)from.Count)] : null;
    }
}

/// <summary>
/// So many rows from a seed. Nothing of them is kept: each value is worked out from the seed, the row's place and the field when it is read.
/// Titles and times rise with the place.
/// </summary>
internal sealed class GeneratedRows(
    FinanceEntity entity, long firstId, long firstNumber, int count, int seed, int lines, int perSecond, DateTimeOffset last, string currency,
    GeneratedTargets parties, GeneratedTargets items)
{
    /// <summary>Every so many contacts are vendors, the first of each.</summary>
    public const int VendorEvery = 4;

    private static readonly string[] Companies =
        ["Abril, S.A.", "Borealis \"B\" Ltd", "Cedro", "Delta Homes", "Encina", "Faro", "Granja & Co", "Jardín", "Müller <Söhne>"];

    private static readonly string[] People = ["Ada", "Ana", "Ben", "Chen", "Eva", "Farid", "João", "Kim", "Noor", "Olga"];

    private static readonly string[] Texts = ["", "Call before 9", "Two boxes,\nfirst floor", "\"quiet\"", "Ñandú, ação, 東京"];

    private static readonly string[] Modes = ["Cash", "Check", "Bank Transfer", "Credit Card"];

    public FinanceEntity Entity { get; } = entity;

    public long FirstId { get; } = firstId;

    public int Count { get; } = count;

    public bool Has(long id) => id >= FirstId && id < FirstId + Count;

    public DateTimeOffset TimeOf(long number) => last.AddSeconds(-((Count - 1 - number) / perSecond));

    /// <summary>The id of the row whose number these digits at the end are.</summary>
    public long? Numbered(string text)
    {
        var digits = text[(text.AsSpan().TrimEnd("0123456789").Length)..];
        return long.TryParse(digits, CultureInfo.InvariantCulture, out var number) && number >= firstNumber && number < firstNumber + Count
            ? FirstId + number - firstNumber
            : null;
    }

    public bool PointsTo(long id) => (Entity.Party is not null && parties.Has(id)) || (Entity.HasLines && items.Has(id));

    /// <summary>The first row that is not older.</summary>
    public int FirstSince(DateTimeOffset since)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = TimeOf(middle) < since ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>A row's place in the order of a column.</summary>
    public SortKey KeyOf(long number, string column) => column is "created_time" or "last_modified_time"
        ? new(TimeOf(number).UtcTicks, "", FirstId + number)
        : new FinanceRow(this, number).KeyOf(column);

    /// <summary>Whether rows stand in the order of this column as they are.</summary>
    public bool RisesBy(string column) => column is "created_time" or "last_modified_time" or "date" || column == Entity.Title;

    public object? Value(long number, FinanceField field)
    {
        var drawn = Draw(number, field.Salt);
        if (field.Name == Entity.Title)
        {
            return Entity switch
            {
                { Prefix: { } prefix } => prefix + Numbered(number),
                { Name: "bills" } => "B-" + Numbered(number),
                { Name: "expenses" } => "R-" + Numbered(number),
                _ => $"{Entity.Noun} {Numbered(number)}",
            };
        }

        return field.Name switch
        {
            "item_name" or "customer_name" or "vendor_name" when Entity.Party is null && Entity.FindField($"{field.Name[..^5]}_id") is null =>
                Value(number, Entity.FindField(Entity.Title)!),
            "contact_type" => number % VendorEvery == 0 ? "vendor" : "customer",
            "customer_sub_type" => "business",
            "status" => Entity.Title is "name" or "contact_name"
                ? Entity.StateNames[drawn % 20 == 0 ? 1 : 0]
                : Entity.StateNames[(int)(drawn % (ulong)Entity.StateNames.Count)],
            "order_status" or "current_sub_status" => Text(number, "status"),
            "company_name" => Companies[drawn % (ulong)Companies.Length],
            "first_name" => People[drawn % (ulong)People.Length],
            "last_name" => "Example",
            "email" => string.Create(CultureInfo.InvariantCulture, $"person{number + 1}@example.com"),
            "phone" => string.Create(CultureInfo.InvariantCulture, $"+1 202-555-01{drawn % 100:00}"),
            "customer_id" or "vendor_id" => PartyOf(number, field) is { } party ? party.Id.ToString(CultureInfo.InvariantCulture) : "",
            "customer_name" or "vendor_name" =>
                PartyOf(number, Entity.FindField($"{field.Name[..^5]}_id")!) is { } party ? party.Text("contact_name") : "",
            "reference_number" => drawn % 3 == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"REF {drawn % 100_000}"),
            "description" or "notes" or "terms" => Texts[drawn % (ulong)Texts.Length],
            "sku" => $"SKU-{Numbered(number)}",
            "unit" => "pcs",
            "item_type" => "sales_and_purchases",
            "product_type" => "goods",
            "can_be_sold" or "can_be_purchased" => true,
            "rate" => 1 + (drawn % 50_000) / 100m,
            // what nobody set is empty and no number
            "purchase_rate" or "sales_rate" or "tax_percentage" or "reorder_level" => drawn % 3 == 0 ? null : (object)((drawn % 9_000) / 100m),
            "exchange_rate" => drawn % 3 == 0 ? null : 1m,
            "price_precision" => drawn % 3 == 0 ? null : 2m,
            "stock_on_hand" or "available_stock" or "actual_available_stock" => (decimal)(drawn % 500),
            "payment_mode" => Modes[drawn % (ulong)Modes.Length],
            "amount" or "bcy_amount" => (Draw(number, 1) % 100_000) / 100m,
            "date" => Day(number, 0),
            "due_date" or "expiry_date" or "delivery_date" or "shipment_date" => Day(number, 14),
            "currency_code" => currency,
            "quantity" or "total_quantity" => Enumerable.Range(0, lines).Sum(line => QuantityOf(number, line)) is var quantity
                && field.Kind is FieldKind.Text ? quantity.ToString(CultureInfo.InvariantCulture) : quantity,
            "total" or "bcy_total" or "sub_total" or "total_without_tax" => TotalOf(number),
            "balance" => Text(number, "status") switch
            {
                "paid" or "closed" => 0m,
                "partially_paid" => Math.Round(TotalOf(number) / 2, 2),
                _ => TotalOf(number),
            },
            "payment_made" => TotalOf(number) - (decimal)Value(number, Entity.FindField("balance")!)!,
            "is_opening_balance" => drawn % 5 == 0 ? FirstId.ToString(CultureInfo.InvariantCulture) : (object)false,
            _ => null,
        };
    }

    public List<JsonObject> LinesOf(long number) => !Entity.HasLines ? [] : [.. Enumerable.Range(0, lines).Select(line =>
    {
        var item = ItemOf(number, line);
        return FinanceLine.New(
            FirstId + Count + (number * lines) + line, line + 1, item?.Id, item?.Text("name") ?? "Bolt", "", RateOf(number, line),
            QuantityOf(number, line));
    })];

    private FinanceRow? PartyOf(long number, FinanceField id) => parties.Draw(Draw(number, id.Salt), id.Name[..^3]);

    private FinanceRow? ItemOf(long number, int line) => items.Draw(Draw(number, 100UL + (ulong)line), null);

    private decimal RateOf(long number, int line) =>
        ItemOf(number, line)?.Number("rate") ?? 1 + (Draw(number, 300UL + (ulong)line) % 20_000) / 100m;

    private decimal QuantityOf(long number, int line) => 1 + (Draw(number, 200UL + (ulong)line) % 9);

    private decimal TotalOf(long number)
    {
        if (!Entity.HasLines)
        {
            return (Draw(number, 1) % 100_000) / 100m;
        }

        var total = 0m;
        for (var line = 0; line < lines; line++)
        {
            total += Math.Round(RateOf(number, line) * QuantityOf(number, line), 2);
        }

        return total;
    }

    private string Text(long number, string field) => (string)Value(number, Entity.FindField(field)!)!;

    private string Day(long number, int after) => TimeOf(number).UtcDateTime.AddDays(after).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    // as many digits as the last one has, so that they sort as they count
    private string Numbered(long number) => (firstNumber + number).ToString("0000000", CultureInfo.InvariantCulture);

    private ulong Draw(long number, ulong salt)
    {
        // splitmix64
        var z = ((ulong)seed * 0x9E3779B97F4A7C15) + ((ulong)number * 0xBF58476D1CE4E5B9) + (salt * 0x94D049BB133111EB);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
