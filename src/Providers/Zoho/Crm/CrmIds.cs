using System.Runtime.CompilerServices;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>Ids of records, users, layouts and jobs: digits, longer than a number that JSON promises to keep, so always text.</summary>
public static class CrmIds
{
    private const int Longest = 64;

    /// <summary>Whether <paramref name="text"/> has the shape of an id.</summary>
    public static bool IsId(string? text) => text is { Length: > 0 and <= Longest } && text.All(char.IsAsciiDigit);

    /// <exception cref="ArgumentException">It has not.</exception>
    internal static string Checked(string id, [CallerArgumentExpression(nameof(id))] string? name = null) =>
        IsId(id) ? id : throw new ArgumentException("An id of Zoho CRM is digits.", name);

    /// <exception cref="ArgumentException">One of them has not, or there are too many or none.</exception>
    internal static string Joined(IReadOnlyCollection<string> ids, int most) =>
        ids.Count >= 1 && ids.Count <= most && ids.All(IsId)
            ? string.Join(',', ids)
            : throw new ArgumentException($"1 to {most} ids of Zoho CRM are taken, each of digits.", nameof(ids));
}
