namespace ZohoPlatform.Cli.Campaigns;

/// <summary>The platform's sentences name its REST calls and fields; a person here has commands and options.</summary>
internal static class CommandWords
{
    /// <summary>What the platform said of a contact, with the commands that do what it advises.</summary>
    public static string Said(string sentence) => sentence
        .Replace("consent.resubscribe with a consent.reason", "zoho campaigns sync --resubscribe-reason REASON", StringComparison.Ordinal)
        .Replace("contacts/lift-opt-out", "zoho campaigns contacts lift-opt-out", StringComparison.Ordinal);

    /// <summary>The same behind a colon; nothing where nothing was said.</summary>
    public static string Because(string? sentence) => string.IsNullOrEmpty(sentence) ? "" : $": {Said(sentence)}";
}
