using System.Globalization;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>A condition of a <see cref="CrmQuery"/>.</summary>
public sealed class CrmCondition
{
    /// <summary>Zoho's pages say 50 and 100: more are asked for in several parts of one condition.</summary>
    private const int ValuesAtOnce = 50;

    private readonly string _text;

    private CrmCondition(string text, int count, Failure? refused = null) => (_text, Count, Refused) = (text, count, refused);

    /// <summary>How many criteria it is.</summary>
    internal int Count { get; }

    /// <summary>The first of its values that cannot be asked for.</summary>
    internal Failure? Refused { get; }

    /// <summary>The field has that value.</summary>
    public static CrmCondition Equal(string field, CrmValue value) => Compare(field, "=", value);

    public static CrmCondition NotEqual(string field, CrmValue value) => Compare(field, "!=", value);

    /// <summary>Of numbers, dates and times; text has no order.</summary>
    public static CrmCondition After(string field, CrmValue value) => Compare(field, ">", value);

    public static CrmCondition AtOrAfter(string field, CrmValue value) => Compare(field, ">=", value);

    public static CrmCondition Before(string field, CrmValue value) => Compare(field, "<", value);

    public static CrmCondition AtOrBefore(string field, CrmValue value) => Compare(field, "<=", value);

    /// <summary>The field begins with that text; a <c>%</c> in it stands for anything, as no page says how it is written else.</summary>
    public static CrmCondition StartsWith(string field, string text) => Compare(field, "like", CrmValue.Of($"{text}%"));

    /// <summary>The field ends with that text.</summary>
    public static CrmCondition EndsWith(string field, string text) => Compare(field, "like", CrmValue.Of($"%{text}"));

    /// <summary>The field has that text somewhere.</summary>
    public static CrmCondition Contains(string field, string text) => Compare(field, "like", CrmValue.Of($"%{text}%"));

    public static CrmCondition IsNull(string field) => new($"{CrmNames.Checked(field)} is null", 1);

    public static CrmCondition IsNotNull(string field) => new($"{CrmNames.Checked(field)} is not null", 1);

    /// <summary>The field has one of these values, however many; 50 of them are one criterion.</summary>
    public static CrmCondition In(string field, IReadOnlyCollection<CrmValue> values)
    {
        CrmBounds.Check(values.Count, 1, int.MaxValue);
        return values.Chunk(ValuesAtOnce)
            .Select(chunk => new CrmCondition(
                $"{CrmNames.Checked(field)} in ({string.Join(", ", chunk.Select(value => value.Text))})",
                1,
                chunk.Any(value => !value.IsSafe) ? CrmFailures.ValueRefused(field) : null))
            .Aggregate((one, other) => one.Or(other));
    }

    /// <summary>Zoho wants conditions in pairs, each in brackets.</summary>
    public CrmCondition And(CrmCondition other) => Pair("and", other);

    public CrmCondition Or(CrmCondition other) => Pair("or", other);

    public override string ToString() => _text;

    private static CrmCondition Compare(string field, string with, CrmValue value) => new(
        $"{CrmNames.Checked(field)} {with} {value.Text}", 1, value.IsSafe ? null : CrmFailures.ValueRefused(field));

    private CrmCondition Pair(string word, CrmCondition other) =>
        new($"({_text} {word} {other._text})", Count + other.Count, Refused ?? other.Refused);
}

/// <summary>A value in a <see cref="CrmQuery"/>, written as Zoho reads it.</summary>
public readonly struct CrmValue
{
    private CrmValue(string text, bool isSafe) => (Text, IsSafe) = (text, isSafe);

    internal string Text { get; }

    /// <summary>No page says how a backslash or a control character is written: a text with one is not asked for.</summary>
    internal bool IsSafe { get; }

    /// <summary>A quote inside is doubled.</summary>
    public static CrmValue Of(string text) => new(
        $"'{text.Replace("'", "''", StringComparison.Ordinal)}'", !text.Any(one => one == '\\' || char.IsControl(one)));

    /// <summary>To whole seconds, with its offset.</summary>
    public static CrmValue Of(DateTimeOffset time) => new($"'{CrmTimes.Write(time)}'", isSafe: true);

    public static CrmValue Of(DateOnly date) => new($"'{CrmTimes.Write(date)}'", isSafe: true);

    public static CrmValue Of(long number) => new(number.ToString(CultureInfo.InvariantCulture), isSafe: true);

    public static CrmValue Of(bool flag) => new(flag ? "'true'" : "'false'", isSafe: true);
}
