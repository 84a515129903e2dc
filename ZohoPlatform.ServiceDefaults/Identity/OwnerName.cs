namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>Whose a connection or a key is: a name or an address that a company gives, compared to the letter.</summary>
public static class OwnerName
{
    /// <summary>Characters at most, as many as an address can have.</summary>
    public const int Longest = 254;

    /// <summary>What one has to be, behind "must be"; a sentence that has to be ended.</summary>
    public static readonly string Rule = $"a name or an address of at most {Longest} characters, with no blanks around it, {ShownText.Rule}";

    public static bool IsOne(string text) => text.Length is > 0 and <= Longest && !text.Any(ShownText.IsHidden) && text == text.Trim();
}
