namespace ZohoPlatform.Cli.Login;

/// <summary>An API key as it is written: <c>zp_{id}_{secret}</c>, visible ASCII alone.</summary>
internal static class KeyText
{
    /// <summary>The key, where it can be one.</summary>
    /// <param name="text">A secret: no sentence repeats it.</param>
    /// <param name="from">Where it was found.</param>
    /// <exception cref="CommandFailure">It cannot.</exception>
    public static string Check(string text, string from)
    {
        if (text.FirstOrDefault(c => c is <= ' ' or > '~') is not '\0' and var odd)
        {
            var what = odd > '~' ? $"a character that is not ASCII (number {text.IndexOf(odd, StringComparison.Ordinal) + 1})" : "a blank";
            throw new CommandFailure("key_malformed", $"The API key of {from} holds {what}: copy it again, from zp_ to its end.");
        }

        return text.StartsWith("zp_", StringComparison.Ordinal)
            ? text
            : throw new CommandFailure(
                "key_malformed",
                $"What {from} holds is no API key of the platform: one looks like zp_{{id}}_{{secret}}. An admin of your tenant makes one "
                    + "with zoho keys create.");
    }

    /// <summary>Whether a text can be a key at all.</summary>
    public static bool IsOne(string text) => text.StartsWith("zp_", StringComparison.Ordinal) && !text.Any(c => c is <= ' ' or > '~');

    /// <summary>The public part, by which the gateway names the key; null where there is none.</summary>
    public static string? IdOf(string key) => key.Split('_') is ["zp", { Length: > 0 } id, _, ..] ? id : null;
}
