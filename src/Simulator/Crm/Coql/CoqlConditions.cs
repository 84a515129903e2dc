namespace ZohoPlatform.Simulator.Crm.Coql;

/// <summary>Turns the WHERE of a query into a test of records; wrong columns, operators and values are refused here.</summary>
internal static class CoqlConditions
{
    public static Func<CrmRecord, bool> Compile(CrmOrganisation organisation, CrmModule module, CoqlCondition condition)
    {
        switch (condition)
        {
            case CoqlPair pair:
                var (left, right) = (Compile(organisation, module, pair.Left), Compile(organisation, module, pair.Right));
                return pair.And ? record => left(record) && right(record) : record => left(record) || right(record);
            case CoqlComparison comparison:
                return Compile(CoqlColumns.Find(organisation, module, comparison.Name), comparison);
            default:
                throw new InvalidOperationException($"A {condition.GetType().Name} is no condition.");
        }
    }

    private static Func<CrmRecord, bool> Compile(CoqlField column, CoqlComparison comparison)
    {
        var (field, op) = (column.Field, comparison.Operator);
        if (field.Type is FieldType.TextArea or FieldType.RichText)
        {
            throw CoqlErrors.Column(comparison.Name, "the data type is not supported in where");
        }

        switch (op)
        {
            case "is null":
                return record => CrmComparison.Comparable(column.Of(record)) is null;
            case "is not null":
                return record => CrmComparison.Comparable(column.Of(record)) is not null;
            case "like" or "not like":
                return Like(column, comparison);
        }

        var ordered = op is ">" or ">=" or "<" or "<=" or "between" or "not between";
        if (ordered && !field.HasOrder)
        {
            throw CoqlErrors.Operator(comparison.Name, op);
        }

        var literals = comparison.Values.Select(value => CrmComparison.Literal(field, value) ?? throw CoqlErrors.Value(comparison.Name))
            .ToList();
        return record => CrmComparison.Comparable(column.Of(record)) is { } value
            ? Meets(op, value, literals)
            : op is "!=" or "not in" or "not between";
    }

    private static bool Meets(string op, object value, List<object> literals) => op switch
    {
        "=" => CrmComparison.Compare(value, literals[0]) == 0,
        "!=" => CrmComparison.Compare(value, literals[0]) != 0,
        ">" => CrmComparison.Compare(value, literals[0]) > 0,
        ">=" => CrmComparison.Compare(value, literals[0]) >= 0,
        "<" => CrmComparison.Compare(value, literals[0]) < 0,
        "<=" => CrmComparison.Compare(value, literals[0]) <= 0,
        "in" => literals.Exists(literal => CrmComparison.Compare(value, literal) == 0),
        "not in" => !literals.Exists(literal => CrmComparison.Compare(value, literal) == 0),
        "between" => CrmComparison.Compare(value, literals[0]) >= 0 && CrmComparison.Compare(value, literals[1]) <= 0,
        _ => CrmComparison.Compare(value, literals[0]) < 0 || CrmComparison.Compare(value, literals[1]) > 0,
    };

    // 'ab%' begins, '%ab' ends, '%ab%' holds; not like knows the last only
    private static Func<CrmRecord, bool> Like(CoqlField column, CoqlComparison comparison)
    {
        if (!column.Field.IsText)
        {
            throw CoqlErrors.Operator(comparison.Name, comparison.Operator);
        }

        var pattern = comparison.Values[0];
        var (before, after) = (pattern.StartsWith('%'), pattern.EndsWith('%'));
        var not = comparison.Operator is "not like";
        var part = pattern.Trim('%');
        if ((!before && !after) || part.Length == 0 || (not && !(before && after)))
        {
            throw CoqlErrors.Value(comparison.Name);
        }

        return record => column.Of(record) is string { Length: > 0 } text
            ? CrmComparison.Has(text, part, atStart: !before, atEnd: !after) != not
            : not;
    }
}
