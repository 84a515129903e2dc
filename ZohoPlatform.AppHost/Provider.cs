using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.AppHost;

/// <summary>Which Zoho the platform is connected to, and the settings of the demo tenant for it.</summary>
internal sealed partial class Provider
{
    private static readonly string[] Names =
    [
        "ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN", "ZOHO_REGION", "ZOHO_CAMPAIGNS_LIST_KEY", "ZOHO_CRM_ENABLED",
        "ZOHO_ORG_ID", "ZOHO_API_DOMAIN", "HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET",
    ];

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

    /// <summary>
    /// Real Zoho when a client is configured, in the environment or in a <c>.env</c> beside the solution
    /// (<c>AppHost:EnvFile</c> names another one; empty: none), else the simulator.
    /// </summary>
    public static Provider Choose(IConfigurationManager configuration, string checkout)
    {
        var file = configuration["AppHost:EnvFile"] is { } named ? named : Path.Combine(checkout, ".env");
        if (file.Length > 0 && File.Exists(file))
        {
            // below everything else: what the environment or the command line says wins
            var values = File.ReadLines(file).Select(Assignment).OfType<KeyValuePair<string, string?>>();
            configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = values });
        }
        var given = Names.Where(name => !string.IsNullOrWhiteSpace(configuration[name]))
            .ToDictionary(name => name, name => configuration[name]!, StringComparer.Ordinal);

        return given.ContainsKey("ZOHO_CLIENT_ID") ? new(isSimulator: false, given) : new(isSimulator: true, Demo);
    }

    /// <summary>Says which it is, among the last lines of a launch.</summary>
    public void Announce(ILogger logger) =>
        LogConnected(logger, IsSimulator ? "the simulator" : $"real Zoho ({Settings.GetValueOrDefault("ZOHO_REGION", "us")})");

    /// <summary><c>NAME=value</c>, with or without <c>export</c> and quotes; null for an empty line or a remark.</summary>
    private static KeyValuePair<string, string?>? Assignment(string line)
    {
        var text = line.Trim();
        var separator = text.IndexOf('=', StringComparison.Ordinal);
        if (text.StartsWith('#') || separator < 1)
        {
            return null;
        }
        var name = text[..separator].Trim();
        var value = text[(separator + 1)..].Trim();
        var isQuoted = value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0];

        return new(
            name.StartsWith("export ", StringComparison.Ordinal) ? name["export ".Length..].Trim() : name,
            isQuoted ? value[1..^1] : value);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to {Provider}.")]
    private static partial void LogConnected(ILogger logger, string provider);
}
