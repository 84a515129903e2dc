using System.Globalization;
using Microsoft.Extensions.Configuration;
using ZohoPlatform.LocalServers;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>The ports that a launch was given, or that people know by heart, are looked at before anything starts.</summary>
internal static class FixedPorts
{
    /// <exception cref="LaunchException">Somebody else listens on some: all of them are named.</exception>
    public static void Check(IConfiguration configuration)
    {
        List<(int Port, string What, string Setting)> fixedPorts =
        [
            (Read(configuration, "Gateway:Port", 8080), "the gateway", "--Gateway:Port=8081"),
            (Read(configuration, "Simulator:Port", 0), "the simulator", "--Simulator:Port=0 (any free one)"),
        ];
        foreach (var (setting, what, other) in (ReadOnlySpan<(string, string, int)>)
            [
                ("ASPNETCORE_URLS", "the dashboard", 8100), ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "the dashboard's collector", 8101),
                ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "the dashboard's resource service", 8102),
            ])
        {
            if (Uri.TryCreate(configuration[setting]?.Split(';')[0], UriKind.Absolute, out var address))
            {
                fixedPorts.Add((address.Port, what, $"--{setting}=http://127.0.0.1:{other}"));
            }
        }

        var taken = fixedPorts.Where(entry => entry.Port > 0 && !Ports.IsFree(entry.Port)).ToList();
        if (taken.Count > 0)
        {
            throw new LaunchException(string.Join(Environment.NewLine, taken.Select(entry =>
                $"Port {entry.Port}, which {entry.What} needs, is taken (ss -ltnp 'sport = :{entry.Port}' shows by what). "
                + $"Stop that, or start with {entry.Setting}.")));
        }
    }

    /// <exception cref="LaunchException">It is none.</exception>
    public static int Read(IConfiguration configuration, string setting, int otherwise) => configuration[setting] switch
    {
        null or "" => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535 => port,
        var text => throw new LaunchException($"{setting} is '{text}'. Set a port from 1 to 65535, or 0 for any free one."),
    };
}
