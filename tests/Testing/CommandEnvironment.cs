namespace ZohoPlatform.Testing;

/// <summary>What the <c>zoho</c> command finds around it in a test: nothing of this machine's own settings.</summary>
public static class CommandEnvironment
{
    /// <summary>Its settings are in the folder <paramref name="home"/>.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> In(string home) =>
    [
        .. Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("ZOHO_", StringComparison.Ordinal))
            .Select(name => KeyValuePair.Create(name, (string?)null)),
        new("XDG_CONFIG_HOME", home),
    ];
}
