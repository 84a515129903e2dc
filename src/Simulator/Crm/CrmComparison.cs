using System.Globalization;

namespace ZohoPlatform.Simulator.Crm;

/// <summary>Compares values of fields with what a condition gives for them: text without regard to case, times as moments.</summary>
internal static class CrmComparison
{
    /// <summary>A condition's text as the field's kind of value; null when it is none.</summary>
    public static object? Literal(CrmField field, string text) => field.Type switch
    {
        FieldType.Integer or FieldType.Double or FieldType.Currency =>
            decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        FieldType.Boolean => bool.TryParse(text, out var flag) ? flag : null,
        FieldType.DateTime => CrmTime.Read(text),
        FieldType.Date => CrmTime.IsDate(text) ? text : null,
        FieldType.Lookup or FieldType.Owner => CrmOrganisation.TryId(text, out var id) ? (decimal)id : null,
        FieldType.Text or FieldType.TextArea or FieldType.RichText or FieldType.Email or FieldType.Phone or FieldType.Website
            or FieldType.Picklist or FieldType.MultiSelectPicklist => text,
    };

    /// <summary>The value in the form that <see cref="Literal"/> has; null when it is empty.</summary>
    public static object? Comparable(object? value) => value switch
    {
        null or "" => null,
        long number => (decimal)number,
        LookupValue lookup => (decimal)lookup.Id,
        UserValue user => (decimal)user.Id,
        string[] many => string.Join(';', many),
        _ => value,
    };

    public static int Compare(object left, object right) => (left, right) switch
    {
        (string one, string other) => string.Compare(one, other, StringComparison.OrdinalIgnoreCase),
        (decimal one, decimal other) => one.CompareTo(other),
        (DateTimeOffset one, DateTimeOffset other) => one.CompareTo(other),
        (bool one, bool other) => one.CompareTo(other),
        _ => throw new InvalidOperationException($"A {left.GetType().Name} is not compared with a {right.GetType().Name}."),
    };

    public static bool Has(object value, string part, bool atStart = false, bool atEnd = false)
    {
        var text = value as string ?? string.Create(CultureInfo.InvariantCulture, $"{value}");
        return atStart ? text.StartsWith(part, StringComparison.OrdinalIgnoreCase)
            : atEnd ? text.EndsWith(part, StringComparison.OrdinalIgnoreCase)
            : text.Contains(part, StringComparison.OrdinalIgnoreCase);
    }
}
