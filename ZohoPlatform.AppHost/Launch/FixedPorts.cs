using Microsoft.Extensions.Configuration;
using ZohoPlatform.LocalServers;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>The ports that people know by heart are looked at before anything starts.</summary>
internal static class FixedPorts
{
    /// <exception cref="LaunchException">Somebody else listens on one.</exception>
    public static void Check(IConfiguration configuration)
    {
        Check(configuration.GetValue("Gateway:Port", 8080), "the gateway", "--Gateway:Port=8081");
        Check(configuration.GetValue("Simulator:Port", 0), "the simulator", "--Simulator:Port=0 (any free one)");
        foreach (var (setting, what) in (ReadOnlySpan<(string, string)>)
            [
                ("ASPNETCORE_URLS", "the dashboard"), ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "the dashboard's collector"),
                ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "the dashboard's resource service"),
            ])
        {
            if (Uri.TryCreate(configuration[setting]?.Split(';')[0], UriKind.Absolute, out var address))
            {
                Check(address.Port, what, $"--{setting}=http://127.0.0.1:OTHER");
            }
        }
    }

    private static void Check(int port, string what, string setting)
    {
        if (port > 0 && !Ports.IsFree(port))
        {
            throw new LaunchException(
                $"Port {port}, which {what} needs, is taken (ss -ltnp 'sport = :{port}' shows by what). Stop that, or start with {setting}.");
        }
    }
}
