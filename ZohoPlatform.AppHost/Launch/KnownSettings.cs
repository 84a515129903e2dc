using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>The settings of a launch: which there are, and how their values are read.</summary>
internal static class KnownSettings
{
    public const string Help =
        """
        Settings of a launch, each as --NAME=VALUE or in the environment with __ for every colon:
          Gateway:Port               the REST API's port; 8080 unless given, 0 for any free one
          Gateway:GrpcPort           the gRPC port for API keys; 8081 unless given, 0 for any free one
          Gateway:PublicUrl          where a provider sends a browser back to, behind a proxy
          Simulator:Port             the simulator's port; any free one unless given
          Replicas:tokens            replicas of the token service, 1 to 9; Replicas:campaigns,
                                     Replicas:crm, Replicas:messaging and Replicas:webhooks likewise
          Sources:Hosts              servers that syncs may read tables from, as host:port, comma separated; beside the
                                     simulator 127.0.0.1:5432,localhost:5432 unless given, otherwise none
          Retention:Days             days after which ended registrations and syncs are deleted; 0 keeps them, 730 unless given
          Servers                    local or containers
          ConnectionStrings:postgres a PostgreSQL that runs already; ConnectionStrings:redis likewise
          AppHost:StateDirectory     the state folder; .zoho unless given
          AppHost:EnvFile            a file of the settings in .env.example (ZOHO_..., HUBSPOT_..., BACKEND_URL, FRONTEND_URL,
                                     DEBUG); .env unless given, none when empty
          ASPNETCORE_URLS            the dashboard's address; http://127.0.0.1:8090 unless given
        """;

    // one that ends with a sign begins a name; what is Aspire's, ASP.NET Core's and .NET's own is passed on
    private static readonly string[] Known =
    [
        "Gateway:Port", "Gateway:GrpcPort", "Gateway:PublicUrl", "Simulator:Port", "Replicas:tokens", "Replicas:campaigns", "Replicas:crm", "Replicas:messaging", "Replicas:webhooks",
        "Sources:Hosts", "Retention:Days", "Servers", "ConnectionStrings:postgres", "ConnectionStrings:redis", "AppHost:", "ASPNETCORE_", "ASPIRE_", "DOTNET_",
        "Logging:", "Parameters:", "DcpPublisher:", "ZOHO_", "HUBSPOT_",
        GivenSettings.PublicUrl, GivenSettings.AllowedOrigin, GivenSettings.Debug,
        "publisher", "output-path", "operation", "step", "environment", "contentRoot", "applicationName", "log-level",
    ];

    /// <summary>Whether help is all that is asked for.</summary>
    public static bool IsHelp(IEnumerable<string> arguments) => arguments.Any(argument => argument is "--help" or "-h" or "-?" or "help");

    /// <summary>Refuses names that nothing would read, before anything starts.</summary>
    /// <exception cref="LaunchException">One is none.</exception>
    public static void Check(IEnumerable<string> arguments)
    {
        foreach (var argument in arguments.Where(argument => argument.StartsWith('-')))
        {
            var name = argument.TrimStart('-').Split('=')[0].Replace("__", ":", StringComparison.Ordinal);
            if (!Known.Any(known => known[^1] is ':' or '_'
                ? name.StartsWith(known, StringComparison.OrdinalIgnoreCase)
                : name.Equals(known, StringComparison.OrdinalIgnoreCase)))
            {
                throw new LaunchException($"{argument.Split('=')[0]} is no setting of a launch.{Environment.NewLine}{Help}");
            }
        }
    }

    /// <exception cref="LaunchException">It is no whole number in the range.</exception>
    public static int Number(IConfiguration configuration, string setting, int otherwise, int from, int to) => configuration[setting] switch
    {
        null or "" => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= from && number <= to => number,
        var text => throw new LaunchException(
            string.Create(CultureInfo.InvariantCulture, $"{setting} is '{text}'. Set a whole number from {from} to {to}.")),
    };

    /// <summary>0 stands for any free one.</summary>
    /// <exception cref="LaunchException">It is no port.</exception>
    public static int Port(IConfiguration configuration, string setting, int otherwise) => Number(configuration, setting, otherwise, 0, 65535);
}
