using System.Text;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>
/// What a search is for. Zoho finds more than was asked for: <c>equals</c> is "contains" for text, numbers are found by a part of their
/// digits, addresses by a part of them. Whoever searches compares what comes with what was meant. The index is behind by some time, too: a
/// record made moments ago may be missing, and <see cref="CrmQuery"/> finds it.
/// </summary>
public sealed class CrmSearch
{
    private const int ShortestPhone = 3;
    private const int LongestPhone = 50;
    private const int ShortestWord = 2;
    private const int LongestWord = 100;

    private CrmSearch(string name, string value) => (Name, Value) = (name, value);

    internal string Name { get; }

    internal string Value { get; }

    /// <summary>In all fields for addresses.</summary>
    public static CrmSearch ByEmail(string email) => new("email", email);

    /// <summary>
    /// In all fields for numbers; what no number has is left out before. <c>invalid_field</c> where less than three digits are left.
    /// </summary>
    public static Result<CrmSearch> ByPhone(string phone)
    {
        var number = new StringBuilder(phone.Length);
        foreach (var one in phone.Trim())
        {
            if (char.IsAsciiDigit(one) || (one == '+' && number.Length == 0))
            {
                number.Append(one);
            }
            else if (char.IsAsciiLetter(one) || one is ',' or ';' or '#')
            {
                break;      // an extension
            }
        }

        return number.Length is >= ShortestPhone and <= LongestPhone
            ? new CrmSearch("phone", number.ToString())
            : Failure.InvalidField("phone", $"A number to search for has {ShortestPhone} to {LongestPhone} digits: give more of it.");
    }

    /// <summary>In all fields; <c>invalid_field</c> where it is shorter or longer than Zoho takes.</summary>
    public static Result<CrmSearch> ByWord(string word) => word.Trim() is { Length: >= ShortestWord and <= LongestWord } text
        ? new CrmSearch("word", text)
        : Failure.InvalidField("word", $"A word to search for has {ShortestWord} to {LongestWord} characters.");

    public static CrmSearch By(CrmCriteria criteria) => new("criteria", criteria.ToString());
}

/// <summary>
/// Conditions of a search, see <see cref="CrmSearch"/> for what they are worth; at most ten, and a hundred values in one.
/// </summary>
public sealed class CrmCriteria
{
    private const int MostConditions = 10;
    private const int MostValues = 100;

    private readonly string _text;
    private readonly int _conditions;

    private CrmCriteria(string text, int conditions)
    {
        CrmBounds.Check(conditions, 1, MostConditions);
        (_text, _conditions) = (text, conditions);
    }

    /// <summary>One field against one value: <c>equals</c>, <c>starts_with</c>, <c>greater_than</c>...</summary>
    public static CrmCriteria Where(string field, string comparison, string value) =>
        new($"({CrmNames.Checked(field)}:{CrmNames.Checked(comparison)}:{Escaped(value)})", 1);

    /// <summary>One field that has one of 1 to 100 values.</summary>
    public static CrmCriteria WhereIn(string field, IReadOnlyCollection<string> values)
    {
        CrmBounds.Check(values.Count, 1, MostValues);
        return new($"({CrmNames.Checked(field)}:in:{string.Join(',', values.Select(Escaped))})", 1);
    }

    public CrmCriteria And(CrmCriteria other) => new($"({_text}and{other._text})", _conditions + other._conditions);

    public CrmCriteria Or(CrmCriteria other) => new($"({_text}or{other._text})", _conditions + other._conditions);

    public override string ToString() => _text;

    private static string Escaped(string value)
    {
        var escaped = new StringBuilder(value.Length);
        foreach (var one in value)
        {
            (one is '(' or ')' or ',' or '\\' ? escaped.Append('\\') : escaped).Append(one);
        }

        return escaped.ToString();
    }
}
