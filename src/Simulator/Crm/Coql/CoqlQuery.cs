namespace ZohoPlatform.Simulator.Crm.Coql;

/// <summary>A column by its text; an aggregate such as <c>COUNT</c> when it has one.</summary>
internal sealed record CoqlColumn(string Name, string? Aggregate, string? Alias)
{
    /// <summary>The key of the answer.</summary>
    public string Key => Alias ?? (Aggregate is null ? Name : $"{Aggregate}({Name})");
}

internal sealed record CoqlOrder(string Name, bool Descending);

internal abstract record CoqlCondition;

internal sealed record CoqlPair(CoqlCondition Left, bool And, CoqlCondition Right) : CoqlCondition;

/// <summary>
/// A column, an operator in lower case, and its texts: one, two for <c>between</c>, many for <c>in</c>, none for <c>is null</c>.
/// </summary>
internal sealed record CoqlComparison(string Name, string Operator, IReadOnlyList<string> Values) : CoqlCondition;

/// <summary>A parsed query.</summary>
internal sealed record CoqlQuery(
    IReadOnlyList<CoqlColumn> Columns, string Module, CoqlCondition Where, IReadOnlyList<string> GroupBy, IReadOnlyList<CoqlOrder> OrderBy,
    int Limit, int Offset);
