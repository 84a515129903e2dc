using System.Runtime.CompilerServices;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>API names of modules and fields, which are written into queries as they are.</summary>
internal static class CrmNames
{
    private const int Longest = 120;

    /// <summary>
    /// Letters, digits, <c>_</c> and <c>$</c>; with a point the field of a lookup.
    /// </summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static string Checked(string name, [CallerArgumentExpression(nameof(name))] string? parameter = null) =>
        name.Length is > 0 and <= Longest && name.All(one => char.IsAsciiLetterOrDigit(one) || one is '_' or '$' or '.')
            ? name
            : throw new ArgumentException("An API name of Zoho CRM is letters, digits and underscores.", parameter);
}
