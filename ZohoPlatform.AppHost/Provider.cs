using Microsoft.Extensions.Configuration;

/// <summary>Which Zoho the platform is connected to, and the settings of the demo tenant for it.</summary>
/// <param name="Settings">By the names that apps use today for their own access to Zoho and HubSpot; only those that are set.</param>
internal sealed record Provider(bool IsSimulator, IReadOnlyDictionary<string, string> Settings)
{
    private static readonly string[] Names =
    [
        "ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN", "ZOHO_REGION", "ZOHO_CAMPAIGNS_LIST_KEY", "ZOHO_CRM_ENABLED", "ZOHO_ORG_ID",
        "ZOHO_API_DOMAIN", "HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET",
    ];

    /// <summary>What the simulator's demo world is told to know.</summary>
    private static readonly Dictionary<string, string> Demo = new(StringComparer.Ordinal)
    {
        ["ZOHO_CLIENT_ID"] = "1000.FAKE0000000000000000000000DEMO",
        ["ZOHO_CLIENT_SECRET"] = "fakesecret0000000000000000000000000000us",
        ["ZOHO_REFRESH_TOKEN"] = "1000.fakerefresh0000000000000000000us.fake0000000000000000000000000000",
        ["ZOHO_REGION"] = "us",
        ["ZOHO_CAMPAIGNS_LIST_KEY"] = "3zfade00000000000000000000000000000000000000000000000000000000de70",
    };

    public override string ToString() => IsSimulator ? "the simulator" : $"real Zoho ({Settings.GetValueOrDefault("ZOHO_REGION", "us")})";

    /// <summary>
    /// Real Zoho when a client is configured, in the environment or in a <c>.env</c> beside the solution (<c>AppHost:EnvFile</c> names another
    /// one; empty: none), else the simulator.
    /// </summary>
    public static Provider Choose(IConfigurationManager configuration, string checkout)
    {
        var file = configuration["AppHost:EnvFile"] is { } named ? named : Path.Combine(checkout, ".env");
        if (file.Length > 0 && File.Exists(file))
        {
            var values = DotNetEnv.Env.Load(file, new DotNetEnv.LoadOptions(setEnvVars: false));
            // below everything else: what the environment or the command line says wins
            configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
            {
                InitialData = values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value)),
            });
        }
        var given = Names.Where(name => !string.IsNullOrWhiteSpace(configuration[name])).ToDictionary(name => name, name => configuration[name]!, StringComparer.Ordinal);
        return given.ContainsKey("ZOHO_CLIENT_ID") ? new(IsSimulator: false, given) : new(IsSimulator: true, Demo);
    }
}
