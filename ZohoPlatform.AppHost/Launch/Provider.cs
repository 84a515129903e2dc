namespace ZohoPlatform.AppHost.Launch;

/// <summary>Which Zoho the platform is connected to, and the settings of the demo tenant for it.</summary>
internal sealed class Provider
{
    /// <summary>What the simulator's demo world is told to know.</summary>
    private static readonly Dictionary<string, string> Demo = new(StringComparer.Ordinal)
    {
        ["ZOHO_CLIENT_ID"] = "1000.fake-demo-client",
        ["ZOHO_CLIENT_SECRET"] = "fake-demo-secret-us",
        ["ZOHO_REFRESH_TOKEN"] = "1000.fake-demo-refresh-us",
        ["ZOHO_REGION"] = "us",
        ["ZOHO_CAMPAIGNS_LIST_KEY"] = "3zfade00000000000000000000000000000000000000000000000000000000de70",
        ["HUBSPOT_CLIENT_ID"] = "fake-hubspot-client",
        ["HUBSPOT_CLIENT_SECRET"] = "fake-hubspot-secret",
    };

    private Provider(bool isSimulator, IReadOnlyDictionary<string, string> settings) => (IsSimulator, Settings) = (isSimulator, settings);

    public bool IsSimulator { get; }

    /// <summary>By the names that apps use today for their own access to Zoho and HubSpot; only those that are set.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>As the last lines of a launch say it.</summary>
    public string Name => IsSimulator ? "the simulator" : $"real Zoho ({Settings.GetValueOrDefault("ZOHO_REGION", "us")})";

    /// <summary>Real Zoho when a client is among what is given, else the simulator.</summary>
    public static Provider Choose(IReadOnlyDictionary<string, string> given) => given.ContainsKey("ZOHO_CLIENT_ID")
        ? new(isSimulator: false, given.Where(setting => setting.Key.StartsWith("ZOHO_", StringComparison.Ordinal)
            || setting.Key.StartsWith("HUBSPOT_", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal))
        : new(isSimulator: true, Demo);
}
