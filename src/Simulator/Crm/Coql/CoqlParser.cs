using System.Globalization;

namespace ZohoPlatform.Simulator.Crm.Coql;

/// <summary>
/// Reads <c>select .. from .. where .. group by .. having .. order by .. limit .. offset ..</c>. WHERE is mandatory, more than two
/// conditions are nested in pairs, HAVING is read and ignored. Zoho CRM "COQL", "COQL limitations".
/// </summary>
internal sealed class CoqlParser
{
    private const int UsualLimit = 200;
    private const int MostColumns = 50;
    private const int MostCriteria = 25;
    private const int MostOrders = 10;
    private const int MostGroups = 4;
    private const int MostAggregates = 5;

    private static readonly string[] Aggregates = ["COUNT", "SUM", "MIN", "MAX", "AVG"];
    private static readonly string[] Clauses = ["from", "where", "group", "having", "order", "limit", "offset"];

    private readonly List<CoqlToken> _tokens;
    private readonly CrmSettings _settings;
    private int _at;
    private int _criteria;

    private CoqlParser(string query, CrmSettings settings) => (_tokens, _settings) = (CoqlLexer.Cut(query), settings);

    private CoqlToken Next => _tokens[_at];

    public static CoqlQuery Parse(string query, CrmSettings settings) => new CoqlParser(query, settings).Query();

    private CoqlQuery Query()
    {
        if (!Take("select"))
        {
            throw new CrmRefusal(new("SYNTAX_ERROR", "only select is supported", []));
        }

        var columns = Columns();
        if (!Take("from"))
        {
            throw CoqlErrors.Missing("from");
        }

        var module = Name();
        if (!Take("where"))
        {
            throw Next.Kind is TokenKind.End || Clauses.Any(Next.Is) ? CoqlErrors.Missing("where") : CoqlErrors.Syntax(Next);
        }

        var where = Condition();
        var groups = new List<string>();
        if (Take("group"))
        {
            Expect("by");
            do
            {
                groups.Add(Name());
            }
            while (TakeSymbol(","));
            AtMost("group by", groups.Count, MostGroups);
        }

        if (Take("having"))
        {
            Condition();
        }

        var orders = Orders();
        var (limit, offset) = Limit();
        return Next.Kind is TokenKind.End
            ? new(columns, module, where, groups, orders, limit, offset)
            : throw CoqlErrors.Syntax(Next);
    }

    private List<CoqlColumn> Columns()
    {
        var columns = new List<CoqlColumn>();
        do
        {
            if (Clauses.Any(Next.Is))
            {
                throw CoqlErrors.Syntax(Next);
            }

            var name = Name();
            string? aggregate = null;
            if (TakeSymbol("("))
            {
                // the names of aggregates are the only words whose case counts
                aggregate = Aggregates.Contains(name, StringComparer.Ordinal) ? name : throw CoqlErrors.Syntax(_tokens[_at - 2]);
                name = Name();
                ExpectSymbol(")");
            }

            var alias = Take("as") ? Name() : null;
            columns.Add(new(name, aggregate, alias));
        }
        while (TakeSymbol(","));

        AtMost("select", columns.Count, MostColumns);
        AtMost("select", columns.Count(column => column.Aggregate is not null), MostAggregates);
        foreach (var same in columns.GroupBy(column => column.Key, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            throw same.First().Alias is { } alias
                ? CoqlErrors.Alias("DUPLICATE_ALIAS", alias, [.. same.Select(column => column.Name)])
                : CoqlErrors.Duplicate(same.Key);
        }

        return columns;
    }

    private CoqlCondition Condition()
    {
        var left = Operand();
        if (!Next.Is("and") && !Next.Is("or"))
        {
            return left;
        }

        var and = Next.Is("and");
        _at++;

        // a third one belongs into brackets with one of the two: here nobody expects it
        return new CoqlPair(left, and, Operand());
    }

    private CoqlCondition Operand()
    {
        if (!TakeSymbol("("))
        {
            return Comparison();
        }

        var inner = Condition();
        ExpectSymbol(")");
        return inner;
    }

    private CoqlComparison Comparison()
    {
        AtMost("where", ++_criteria, MostCriteria);
        var name = Next.Kind is TokenKind.Word && Aggregates.Contains(Next.Text, StringComparer.Ordinal) ? Aggregate() : Name();
        var token = Next;
        if (token.Kind is TokenKind.Symbol && token.Text is "=" or "!=" or ">" or ">=" or "<" or "<=")
        {
            _at++;
            return new(name, token.Text, [Value()]);
        }

        if (Take("is"))
        {
            var not = Take("not");
            Expect("null");
            return new(name, not ? "is not null" : "is null", []);
        }

        var prefix = Take("not") ? "not " : "";
        if (Take("in"))
        {
            ExpectSymbol("(");
            var values = new List<string>();
            do
            {
                values.Add(Value());
            }
            while (TakeSymbol(","));
            ExpectSymbol(")");
            AtMost("in", values.Count, _settings.CoqlInValues);
            return new(name, prefix + "in", values);
        }

        if (Take("like"))
        {
            return new(name, prefix + "like", [Value()]);
        }

        if (Take("between"))
        {
            var from = Value();
            Expect("and");
            return new(name, prefix + "between", [from, Value()]);
        }

        throw new CrmRefusal(new("SYNTAX_ERROR", "invalid operator", new() { ["operator"] = Next.Text }));
    }

    // in HAVING, which nobody looks at
    private string Aggregate()
    {
        _at++;
        ExpectSymbol("(");
        var name = Name();
        ExpectSymbol(")");
        return name;
    }

    private List<CoqlOrder> Orders()
    {
        var orders = new List<CoqlOrder>();
        if (!Take("order"))
        {
            return orders;
        }

        Expect("by");
        do
        {
            var name = Name();
            var descending = Take("desc");
            if (!descending)
            {
                Take("asc");
            }

            orders.Add(new(name, descending));
        }
        while (TakeSymbol(","));
        AtMost("order by", orders.Count, MostOrders);
        return orders;
    }

    private (int Limit, int Offset) Limit()
    {
        var (limit, offset) = (UsualLimit, 0);
        if (Take("limit"))
        {
            limit = Number();
            if (TakeSymbol(","))
            {
                (offset, limit) = (limit, Number());
            }
        }

        if (Take("offset"))
        {
            offset = Number();
        }

        if (limit < 1 || offset < 0)
        {
            throw CoqlErrors.Data();
        }

        AtMost("limit", limit, _settings.CoqlRows);
        AtMost("limit", (int)Math.Min((long)limit + offset, int.MaxValue), _settings.CoqlTotal);
        return (limit, offset);
    }

    private int Number()
    {
        var token = Next;
        if (token.Kind is not TokenKind.Number)
        {
            throw new CrmRefusal(new("INVALID_QUERY", "invalid query formed", new() { ["limit"] = token.Text }));
        }

        _at++;
        return int.TryParse(token.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw CoqlErrors.Data();
    }

    private string Value()
    {
        var token = Next;
        if (token.Kind is TokenKind.Text or TokenKind.Number || token.Is("true") || token.Is("false"))
        {
            _at++;
            return token.Text;
        }

        throw CoqlErrors.Syntax(token);
    }

    private string Name()
    {
        var token = Next;
        if (token.Kind is not (TokenKind.Word or TokenKind.Text))
        {
            throw CoqlErrors.Syntax(token);
        }

        _at++;
        return token.Text;
    }

    private bool Take(string word)
    {
        if (!Next.Is(word))
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool TakeSymbol(string symbol)
    {
        if (!Next.IsSymbol(symbol))
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Expect(string word)
    {
        if (!Take(word))
        {
            throw CoqlErrors.Syntax(Next);
        }
    }

    private void ExpectSymbol(string symbol)
    {
        if (!TakeSymbol(symbol))
        {
            throw CoqlErrors.Syntax(Next);
        }
    }

    private static void AtMost(string clause, int count, int most)
    {
        if (count > most)
        {
            throw CoqlErrors.Limit(clause, most);
        }
    }
}
