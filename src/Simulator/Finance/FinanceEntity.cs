using System.Collections.Frozen;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>What a field holds; it decides what stands there when it holds nothing.</summary>
internal enum FieldKind
{
    Text,
    Id,
    Number,
    Date,
    Flag,
    List,
    Object,
}

/// <summary>A field of an entity.</summary>
internal sealed record FinanceField(string Name, FieldKind Kind)
{
    public bool InLists { get; init; } = true;

    public bool InDetails { get; init; } = true;

    public bool IsWritable { get; init; }

    /// <summary>A number in one row, a text of it in the next, nothing in a third; a list or nothing.</summary>
    public bool Drifts { get; init; }

    /// <summary>Inventory shows it and the others do not.</summary>
    public bool OfInventory { get; init; }

    public int Longest { get; init; } = int.MaxValue;

    /// <summary>Tells fields apart where values are drawn from a seed.</summary>
    public ulong Salt { get; } = SeedOf(Name);

    /// <summary>Reads <c>name:kind and flags</c>: t, k, n, a, b, s, o; w writable, l lists only, d details only, x drifts, i Inventory.</summary>
    public static FinanceField Parse(string text)
    {
        var (name, flags) = text.Split(':') is [var first, var second] ? (first, second) : (text, "t");
        var longest = new string([.. flags.Where(char.IsAsciiDigit)]);
        return new(name, flags[0] switch
        {
            't' => FieldKind.Text,
            'k' => FieldKind.Id,
            'n' => FieldKind.Number,
            'a' => FieldKind.Date,
            'b' => FieldKind.Flag,
            's' => FieldKind.List,
            'o' => FieldKind.Object,
            var other => throw new FormatException($"{text}: {other} is no kind."),
        })
        {
            IsWritable = flags.Contains('w', StringComparison.Ordinal),
            InLists = !flags.Contains('d', StringComparison.Ordinal),
            InDetails = !flags.Contains('l', StringComparison.Ordinal),
            Drifts = flags.Contains('x', StringComparison.Ordinal),
            OfInventory = flags.Contains('i', StringComparison.Ordinal),
            Longest = longest.Length > 0 ? int.Parse(longest, System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue,
        };
    }

    private static ulong SeedOf(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in name)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        return hash;
    }
}

/// <summary>How a list may be narrowed and sorted in one product.</summary>
/// <param name="Filters">Names with <c>~</c> for the variants of text, <c>#</c> of numbers, <c>@</c> of dates.</param>
/// <param name="Sorts">The columns that are taken; another one is ignored.</param>
internal sealed record ListRules(string Filters, string Sorts)
{
    /// <summary>Whether <c>search_text</c> and <c>filter_by</c> are looked at.</summary>
    public bool IsSearchable { get; init; } = true;

    public FrozenDictionary<string, char> FilterKinds { get; } = Filters.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .ToFrozenDictionary(one => one.TrimEnd('~', '#', '@'), one => one[^1], StringComparer.Ordinal);

    public FrozenSet<string> SortColumns { get; } = Sorts.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .ToFrozenSet(StringComparer.Ordinal);
}

/// <summary>
/// An entity of Zoho Finance, described: its name in the address and of a list, the key of one, what messages call it, its fields, filters,
/// states and rules.
/// </summary>
internal sealed record FinanceEntity(string Name, string Single, string IdField, string Noun, Products Products)
{
    /// <summary>What a row is called by: a number of its own or a name.</summary>
    public required string Title { get; init; }

    /// <summary>Before the numbers that Zoho gives; null where the caller names the row.</summary>
    public string? Prefix { get; init; }

    /// <summary>A number of the caller's counts only with <c>ignore_auto_number_generation=true</c>.</summary>
    public bool IsAutoNumbered { get; init; }

    /// <summary>Code of a title that another row has.</summary>
    public int TakenCode { get; init; } = 1001;

    /// <summary>Code of a row that is not there.</summary>
    public int GoneCode { get; init; } = 1002;

    /// <summary>Whom it is with: customer, vendor or nobody.</summary>
    public string? Party { get; init; }

    public bool HasLines { get; init; }

    /// <summary>A parent that is named in the query; in a body it is dropped.</summary>
    public string? Parent { get; init; }

    public bool NeedsParent { get; init; }

    /// <summary>Filled before a row is taken in, by product where one asks for more.</summary>
    public required string Required { get; init; }

    public string RequiredByInventory { get; init; } = "";

    public required string FieldList { get; init; }

    /// <summary>Fields of the caller's that must be one of these, such as <c>contact_type=customer,vendor</c>.</summary>
    public string Choices { get; init; } = "";

    /// <summary>The first is that of a new row.</summary>
    public required string States { get; init; }

    /// <summary>Addresses behind the id and the state each leads to; of Inventory where it has others.</summary>
    public string Actions { get; init; } = "";

    public string? InventoryActions { get; init; }

    public required ListRules Rules { get; init; }

    public ListRules? InventoryRules { get; init; }

    public ListRules? InvoiceRules { get; init; }

    /// <summary>Where <c>last_modified_time</c> is a filter and not ignored.</summary>
    public Products ModifiedSince { get; init; }

    public string DefaultSort { get; init; } = "created_time";

    public bool SortsUpwards { get; init; }

    /// <summary>Whether <c>response_option</c> leaves rows out, counts and sums.</summary>
    public bool HasResponseOptions { get; init; }

    /// <summary>The list's rows have custom fields as arrays too.</summary>
    public bool ListsCustomArrays { get; init; }

    public IReadOnlyList<FinanceField> Fields => _fields ??= [.. FieldList.Split(' ').Select(FinanceField.Parse)];

    public FinanceField? FindField(string name) =>
        (_byName ??= Fields.ToFrozenDictionary(field => field.Name, StringComparer.Ordinal)).GetValueOrDefault(name);

    public IReadOnlyList<string> StateNames => _states ??= States.Split(' ');

    public ListRules RulesOf(Products product) => product switch
    {
        Products.Inventory => InventoryRules ?? Rules,
        Products.Invoice => InvoiceRules ?? Rules,
        _ => Rules,
    };

    /// <summary>The state an action leads to; null when there is no such action.</summary>
    public string? StateAfter(string action, Products product) => Pairs(product is Products.Inventory ? InventoryActions ?? Actions : Actions)
        .Where(pair => pair.Name == action).Select(pair => pair.Value).FirstOrDefault();

    public IReadOnlyList<string>? ChoicesOf(string field) =>
        Pairs(Choices).Where(pair => pair.Name == field).Select(pair => pair.Value.Split(',')).FirstOrDefault();

    public IEnumerable<string> RequiredBy(Products product) =>
        $"{Required} {(product is Products.Inventory ? RequiredByInventory : "")}".Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private IReadOnlyList<FinanceField>? _fields;
    private FrozenDictionary<string, FinanceField>? _byName;
    private IReadOnlyList<string>? _states;

    private static IEnumerable<(string Name, string Value)> Pairs(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=')).Select(one => (one[0], one[1]));
}
