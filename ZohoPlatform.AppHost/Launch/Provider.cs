using DotNetEnv;
using Microsoft.Extensions.Configuration;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>Which Zoho the platform is connected to, and the settings of the demo tenant for it.</summary>
internal sealed class Provider
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

    /// <summary>As the last lines of a launch say it.</summary>
    public string Name => IsSimulator ? "the simulator" : $"real Zoho ({Settings.GetValueOrDefault("ZOHO_REGION", "us")})";

    /// <summary>
    /// Real Zoho when a client is configured, in the environment or in a <c>.env</c> beside the solution
    /// (<c>AppHost:EnvFile</c> names another one; empty: none), else the simulator.
    /// </summary>
    /// <exception cref="LaunchException">The file is named and missing, or cannot be read as <c>NAME=value</c> lines.</exception>
    public static Provider Choose(IConfigurationManager configuration, string checkout)
    {
        var named = configuration["AppHost:EnvFile"];
        var file = named ?? Path.Combine(checkout, ".env");
        if (named is { Length: > 0 } && !File.Exists(named))
        {
            throw new LaunchException($"AppHost:EnvFile is '{named}', and there is no such file. Name one, or leave it empty for none.");
        }

        if (file.Length > 0 && File.Exists(file))
        {
            foreach (var (name, value) in Read(file))
            {
                if (Names.Contains(name, StringComparer.Ordinal))
                {
                    configuration[name] ??= value;      // what the environment or the command line says wins
                }
            }
        }

        var given = Names.Where(name => !string.IsNullOrWhiteSpace(configuration[name]))
            .ToDictionary(name => name, name => configuration[name]!, StringComparer.Ordinal);

        return given.ContainsKey("ZOHO_CLIENT_ID") ? new(isSimulator: false, given) : new(isSimulator: true, Demo);
    }

    private static Dictionary<string, string> Read(string file)
    {
        try
        {
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            // not into the environment, which every resource would inherit
            foreach (var (name, value) in Env.NoEnvVars().Load(file))
            {
                values[name] = value;       // the last one counts, as in a shell
            }

            return values;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"'{file}' cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // the library's message quotes what it could not read, which may be a secret
            throw new LaunchException(
                $"'{file}' is not one NAME=value a line. Put a value with quotes, spaces, # or $ between single quotes: NAME='value'.", e);
        }
    }
}
