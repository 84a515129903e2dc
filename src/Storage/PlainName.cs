namespace ZohoPlatform.Storage;

/// <summary>Names of tables and channels that stand in SQL as they are.</summary>
internal static class PlainName
{
    // PostgreSQL cuts off what is longer
    private const int Longest = 63;

    /// <exception cref="ArgumentException">The name is none that SQL takes without quotes.</exception>
    public static string Of(string name) =>
        name.Length is > 0 and <= Longest && char.IsAsciiLetterLower(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_')
            ? name
            : throw new ArgumentException($"{name} is no plain name: lower-case letters, digits and underscores.", nameof(name));
}
