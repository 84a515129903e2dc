namespace ZohoPlatform.Storage;

/// <summary>What people look for, as a pattern of LIKE that has it somewhere: it is text, and nothing in it stands for other letters.</summary>
public static class LikePattern
{
    /// <summary>To be named behind the pattern.</summary>
    public const string Escape = "\\";

    /// <summary>The text with whatever is around it.</summary>
    public static string Of(string text) => $"%{text
        .Replace(Escape, Escape + Escape, StringComparison.Ordinal)
        .Replace("%", Escape + "%", StringComparison.Ordinal)
        .Replace("_", Escape + "_", StringComparison.Ordinal)}%";
}
