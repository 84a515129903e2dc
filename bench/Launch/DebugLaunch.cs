using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench.Launch;

/// <summary>A developer's launch: debug builds, as ./run.sh makes them, with the simulator and on ports of its own.</summary>
internal static class DebugLaunch
{
    private static readonly string AppHost =
        Path.Combine(Checkout.Root, "ZohoPlatform.AppHost", "bin", "Debug", "net10.0", "ZohoPlatform.AppHost.dll");

    private static readonly string[] ServiceNames = ["Gateway", "TokenService", "CampaignsService", "MessagingService", "WebhookService"];

    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(1);

    /// <param name="state">A folder of its own.</param>
    /// <param name="settings">Of the launch, beside those that every one needs.</param>
    /// <exception cref="MissingToolException">The solution is not built.</exception>
    public static ServiceProcess Start(string state, params IReadOnlyList<string> settings) => File.Exists(AppHost)
        ? ServiceProcess.Start(
            "dotnet",
            [
                AppHost, $"--AppHost:StateDirectory={state}", "--AppHost:EnvFile=", "--ZOHO_CLIENT_ID=", $"--Gateway:Port={FreePort()}",
                $"--Gateway:GrpcPort={FreePort()}", $"--ASPNETCORE_URLS=http://127.0.0.1:{FreePort()}",
                .. settings,
            ],
            folder: Checkout.Root)
        : throw new MissingToolException("The launch is not built: dotnet build ZohoPlatform.sln");

    /// <summary>Waits for the launch's table of resources, and says how long it took.</summary>
    public static async Task<(double Seconds, string Table)> ReadyAsync(ServiceProcess launch)
    {
        var start = Stopwatch.GetTimestamp();
        var table = await launch.ReadUntilAsync("Ready in ");
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, table);
    }

    /// <summary>Where a resource is, by its line in the table.</summary>
    public static Uri AddressOf(string table, string resource) =>
        new(Regex.Match(table, $@"(?m)^{resource} +healthy +(\w+://127\.0\.0\.1:\d+)", RegexOptions.None, ReadLimit).Groups[1].Value);

    /// <summary>Its services, by name; of several launches of this checkout the latest one's.</summary>
    public static IReadOnlyList<Process> Services() =>
        [.. ServiceNames.Select(name => Process.GetProcessesByName(name).Where(IsOfThisCheckout).MaxBy(process => process.StartTime)!)];

    /// <summary>User and system time of all its threads.</summary>
    public static TimeSpan CpuOf(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool IsOfThisCheckout(Process process) =>
        process.MainModule?.FileName.StartsWith(Checkout.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal) is true;
}
