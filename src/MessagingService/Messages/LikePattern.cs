namespace ZohoPlatform.MessagingService.Messages;

/// <summary>A text as a pattern of LIKE that has it somewhere.</summary>
internal static class LikePattern
{
    public const string Escape = "\\";

    public static string Of(string text) => $"%{text
        .Replace(Escape, Escape + Escape, StringComparison.Ordinal)
        .Replace("%", Escape + "%", StringComparison.Ordinal)
        .Replace("_", Escape + "_", StringComparison.Ordinal)}%";
}
