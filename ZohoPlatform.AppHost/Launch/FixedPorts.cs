using System.Globalization;
using Microsoft.Extensions.Configuration;
using ZohoPlatform.LocalServers;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>The ports that a launch was given, or that people know by heart, are looked at before anything starts.</summary>
internal static class FixedPorts
{
    /// <exception cref="LaunchException">Somebody else listens on some, or two are the same: all of them are named.</exception>
    public static void Check(IConfiguration configuration)
    {
        List<(int Port, string What, string Setting)> ports =
        [
            (KnownSettings.Port(configuration, "Gateway:Port", 8080), "the gateway", "--Gateway:Port=8085"),
            (KnownSettings.Port(configuration, "Gateway:GrpcPort", 8081), "the gateway's gRPC", "--Gateway:GrpcPort=8086"),
            (KnownSettings.Port(configuration, "Simulator:Port", 0), "the simulator", "--Simulator:Port=0 (any free one)"),
        ];
        foreach (var (setting, what, other) in (ReadOnlySpan<(string, string, int)>)
            [
                ("ASPNETCORE_URLS", "the dashboard", 8100), ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "the dashboard's collector", 8101),
                ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "the dashboard's resource service", 8102),
            ])
        {
            var text = configuration[setting]?.Split(';')[0];
            if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            {
                throw new LaunchException($"{setting} is '{text}'. Set an address such as http://127.0.0.1:{other.ToString(CultureInfo.InvariantCulture)}.");
            }

            ports.Add((address.Port, what, $"--{setting}=http://127.0.0.1:{other.ToString(CultureInfo.InvariantCulture)}"));
        }

        ports.RemoveAll(entry => entry.Port == 0);
        var troubles = ports.GroupBy(entry => entry.Port).Where(same => same.Count() > 1)
            .Select(same => $"Port {same.Key} is asked for by {string.Join(" and by ", same.Select(entry => entry.What))}. Start with {same.Last().Setting}.")
            .Concat(ports.Where(entry => !Ports.IsFree(entry.Port)).Select(entry =>
                $"Port {entry.Port}, which {entry.What} needs, is taken (ss -ltnp 'sport = :{entry.Port}' shows by what). "
                + $"Stop that, or start with {entry.Setting}."))
            .ToList();
        if (troubles.Count > 0)
        {
            throw new LaunchException(string.Join(Environment.NewLine, troubles));
        }
    }
}
