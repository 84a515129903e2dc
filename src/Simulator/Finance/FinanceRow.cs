using System.Globalization;
using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Finance.Control;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>
/// A row: written by somebody, or one of the generated ones, whose values are worked out when they are read. Values are texts, decimals, flags
/// and JSON; one that is not there is empty.
/// </summary>
internal sealed class FinanceRow(FinanceEntity entity, long id, DateTimeOffset created)
{
    private readonly GeneratedRows? _block;
    private readonly long _number;
    private Dictionary<string, object>? _values;
    private Dictionary<string, string>? _custom;
    private IReadOnlyList<JsonObject>? _lines;

    public FinanceRow(GeneratedRows block, long number)
        : this(block.Entity, block.FirstId + number, block.TimeOf(number)) => (_block, _number) = (block, number);

    public FinanceEntity Entity { get; } = entity;

    public long Id { get; } = id;

    public DateTimeOffset Created { get; } = created;

    public DateTimeOffset Modified { get; set; } = created;

    /// <summary>The lines as they are shown; those of a generated row are worked out each time until others are set.</summary>
    public IReadOnlyList<JsonObject> Lines
    {
        get => _lines ?? _block?.LinesOf(_number) ?? [];
        set => _lines = value;
    }

    /// <summary>Values of custom fields by their API name; none of them is empty.</summary>
    public Dictionary<string, string> Custom => _custom ??= new(StringComparer.Ordinal);

    public object? this[string name]
    {
        get => _values is not null && _values.TryGetValue(name, out var value) ? value : _block is not null && Entity.FindField(name) is { } known
            ? _block.Value(_number, known)
            : null;
        set => (_values ??= new(StringComparer.Ordinal))[name] = value ?? "";
    }

    public string Text(string name) => this[name] switch
    {
        null => "",
        string text => text,
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        _ => "",
    };

    public decimal Number(string name) => this[name] is decimal number ? number : 0;

    /// <summary>Where it stands in the order of a column; the id decides between equals.</summary>
    public SortKey KeyOf(string column) => column switch
    {
        "created_time" => new(Created.UtcTicks, "", Id),
        "last_modified_time" => new(Modified.UtcTicks, "", Id),
        _ => this[column] is decimal number ? new(number, "", Id) : new(0, Text(column), Id),
    };

    /// <summary>The same, to be changed while this one stays.</summary>
    public FinanceRow Copy()
    {
        var copy = _block is null ? new FinanceRow(Entity, Id, Created) : new FinanceRow(_block, _number);
        copy.Modified = Modified;
        copy._values = _values is null ? null : new(_values, StringComparer.Ordinal);
        copy._lines = _lines;
        copy._custom = _custom is null ? null : new(_custom, StringComparer.Ordinal);
        return copy;
    }
}

/// <summary>A place in an order: by number, by text without regard to case, by id.</summary>
internal readonly record struct SortKey(decimal Number, string Text, long Id)
{
    public static readonly Comparer<SortKey> Order = Comparer<SortKey>.Create((one, other) =>
        one.Number.CompareTo(other.Number) is not 0 and var byNumber ? byNumber
        : string.Compare(one.Text, other.Text, StringComparison.OrdinalIgnoreCase) is not 0 and var byText ? byText
        : one.Id.CompareTo(other.Id));
}
