using System.Text;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Search;

/// <summary>
/// The criteria of a search: <c>((Last_Name:equals:Smith)and(Email:starts_with:a))</c>, with <c>\</c> before a bracket, a comma or a
/// backslash in a value. Zoho CRM "Search records".
/// </summary>
internal sealed class SearchCriteria
{
    private const int MostInValues = 100;

    private static readonly string[] Operators =
        ["equals", "not_equal", "starts_with", "in", "greater_than", "greater_equal", "less_than", "less_equal", "between", "contains"];

    private readonly CrmModule _module;
    private readonly CrmSettings _settings;
    private readonly string _text;
    private int _at;
    private int _count;

    private SearchCriteria(CrmModule module, CrmSettings settings, string text) => (_module, _settings, _text) = (module, settings, text);

    /// <summary>Whether a record with the given values is meant.</summary>
    public static Func<CrmRecord, object?[], bool> Parse(CrmModule module, CrmSettings settings, string text)
    {
        var criteria = new SearchCriteria(module, settings, text);
        var condition = criteria.Group();
        return criteria._at == text.Length ? condition : throw Unread();
    }

    private Func<CrmRecord, object?[], bool> Group()
    {
        if (!Take('('))
        {
            // a single condition may stand without brackets
            return Condition();
        }

        if (_at < _text.Length && _text[_at] != '(')
        {
            var single = Condition();
            Close();
            return Join(single);
        }

        var inner = Group();
        Close();
        return Join(inner);
    }

    private Func<CrmRecord, object?[], bool> Join(Func<CrmRecord, object?[], bool> left)
    {
        if (Word("and"))
        {
            var right = Group();
            return (record, values) => left(record, values) && right(record, values);
        }

        if (Word("or"))
        {
            var right = Group();
            return (record, values) => left(record, values) || right(record, values);
        }

        return left;
    }

    private Func<CrmRecord, object?[], bool> Condition()
    {
        if (++_count > _settings.SearchCriteriaMaximum)
        {
            throw new CrmRefusal(new(
                "CRITERIA_LIMIT_EXCEEDED", $"no of criterium that can be given exceed the limit {_settings.SearchCriteriaMaximum}", []));
        }

        var name = Until(':');
        var words = Until(':');
        var parts = Values();
        if (_module.FindField(name) is not { } field)
        {
            throw Invalid("Invalid query formed", new() { ["reason"] = "the field is not available", ["api_name"] = name });
        }

        if (!Operators.Contains(words, StringComparer.Ordinal)
            || (field.IsText && words is "greater_than" or "greater_equal" or "less_than" or "less_equal" or "between"))
        {
            throw Invalid("Invalid query formed", new() { ["operator"] = words, ["reason"] = "invalid operator", ["api_name"] = name });
        }

        if (words is "in" && parts.Count > MostInValues)
        {
            throw Invalid("Only 100 values are allowed in \"IN\" criteria", new() { ["api_name"] = name });
        }

        var literals = parts.Select(part => CrmComparison.Literal(field, part)
            ?? throw Invalid("Invalid query formed",
                new() { ["reason"] = "invalid value for search", ["api_name"] = name, ["value"] = part })).ToList();
        return (record, values) => CrmComparison.Comparable(field.Of(record, values)) is { } value
            ? Meets(words, value, literals)
            : words is "not_equal";
    }

    private bool Meets(string words, object value, List<object> literals) => words switch
    {
        "equals" => Equal(value, literals[0]),
        "not_equal" => CrmComparison.Compare(value, literals[0]) != 0,
        "in" => literals.Exists(literal => CrmComparison.Compare(value, literal) == 0),
        "starts_with" => literals[0] is string start && CrmComparison.Has(value, start, atStart: true),
        "contains" => literals[0] is string part && CrmComparison.Has(value, part),
        "greater_than" => CrmComparison.Compare(value, literals[0]) > 0,
        "greater_equal" => CrmComparison.Compare(value, literals[0]) >= 0,
        "less_than" => CrmComparison.Compare(value, literals[0]) < 0,
        "less_equal" => CrmComparison.Compare(value, literals[0]) <= 0,
        _ => literals.Count == 2 && CrmComparison.Compare(value, literals[0]) >= 0 && CrmComparison.Compare(value, literals[1]) <= 0,
    };

    private bool Equal(object value, object literal) =>
        _settings.SearchEqualsContains && literal is string text
            ? CrmComparison.Has(value, text)
            : CrmComparison.Compare(value, literal) == 0;

    private List<string> Values()
    {
        var values = new List<string>();
        var text = new StringBuilder();
        for (; _at < _text.Length && _text[_at] != ')'; _at++)
        {
            switch (_text[_at])
            {
                case '\\' when _at + 1 < _text.Length:
                    text.Append(_text[++_at]);
                    break;
                case ',':
                    values.Add(text.ToString());
                    text.Clear();
                    break;
                case '(':
                    throw Unread();
                default:
                    text.Append(_text[_at]);
                    break;
            }
        }

        values.Add(text.ToString());
        return values;
    }

    private string Until(char end)
    {
        var to = _text.IndexOf(end, _at);
        if (to < 0)
        {
            throw Unread();
        }

        var text = _text[_at..to];
        _at = to + 1;
        return text;
    }

    private bool Take(char wanted)
    {
        if (_at >= _text.Length || _text[_at] != wanted)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Close()
    {
        if (!Take(')'))
        {
            throw Unread();
        }
    }

    private bool Word(string word)
    {
        if (string.Compare(_text, _at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) != 0)
        {
            return false;
        }

        _at += word.Length;
        return true;
    }

    private static CrmRefusal Unread() => Invalid("Invalid query formed", new() { ["api_name"] = "criteria", ["param_name"] = "criteria" });

    private static CrmRefusal Invalid(string message, JsonObject details) => new(new("INVALID_QUERY", message, details));
}
