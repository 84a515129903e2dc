using System.Globalization;
using System.Text.RegularExpressions;
using ZohoPlatform.LocalServers;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests.Launches;

/// <summary>The app host as a person launches it: a process of its own, with a console and a dashboard.</summary>
internal sealed partial class LaunchedHost : IAsyncDisposable
{
    private const string MarkVariable = "ZOHO_PLATFORM_TEST_LAUNCH";

    private readonly string _state;
    private readonly string _mark;
    private readonly ServiceProcess _process;

    private LaunchedHost(string state, string mark, ServiceProcess process) => (_state, _mark, _process) = (state, mark, process);

    /// <summary>All that it said, on both streams.</summary>
    public string Output => _process.Said.TrimEnd('\n');

    public static LaunchedHost Start(string state, params string[] arguments) => StartIn([], state, arguments);

    /// <param name="environment">Variables that all of the launch inherits.</param>
    /// <param name="state">The state folder.</param>
    /// <param name="arguments">Settings beside those that every test needs.</param>
    public static LaunchedHost StartIn(IEnumerable<KeyValuePair<string, string?>> environment, string state, params string[] arguments)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var mark = Guid.NewGuid().ToString("N");
        var process = ServiceProcess.Start(
            Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet",
            [
                Path.Combine(Checkout.Root, "ZohoPlatform.AppHost", "bin", configuration, "net10.0", "ZohoPlatform.AppHost.dll"),
                $"--AppHost:StateDirectory={state}", "--AppHost:EnvFile=", "--Gateway:Port=0", "--Gateway:GrpcPort=0", $"--ASPNETCORE_URLS={NewAddress()}",
                .. arguments,
            ],
            // whatever this machine's environment says, the tests never reach real Zoho
            [.. environment, new("ZOHO_CLIENT_ID", null), new(MarkVariable, mark)],
            Checkout.Root);
        return new LaunchedHost(state, mark, process);
    }

    /// <summary>The launch's last line, which begins with <c>Ready</c>.</summary>
    public async Task<string> ReadyAsync()
    {
        await _process.ReadUntilAsync("\nReady");
        return "Ready" + await _process.ReadUntilAsync("\n");
    }

    /// <summary>Sends a signal by its name: <c>TERM</c>, <c>INT</c>, <c>KILL</c>.</summary>
    public void Send(string signal) => _process.Send(signal);

    public async Task<int> ExitAsync() => (await _process.EndAsync()).Exit;

    /// <summary>Every process that the launch started, by what it inherited or by where it works.</summary>
    public IReadOnlyList<(int Pid, string Command)> Children() =>
    [
        .. Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid != 0 && pid != _process.Id && IsOfThis(pid))
            .Select(pid => (pid, Read(pid, "cmdline").Replace('\0', ' '))),
    ];

    /// <summary>
    /// Those that hold ports or data: all but the orchestrator's own, which end a moment after those they watch, and what it asks
    /// docker or podman at its start.
    /// </summary>
    public IReadOnlyList<string> Working() => [.. Children().Select(child => child.Command).Where(command => !OfOrchestrator().IsMatch(command))];

    /// <summary>Programs of the launch whose command has <paramref name="part"/> in it, without the scripts that stand before servers.</summary>
    public IReadOnlyList<int> ChildrenWith(string part) =>
    [
        .. Children()
            .Where(child => child.Command.Contains(part, StringComparison.Ordinal) && !child.Command.Contains("server.sh", StringComparison.Ordinal))
            .Select(child => child.Pid),
    ];

    /// <summary>Waits until nothing of the launch runs.</summary>
    public Task GoneAsync() => Eventually.GetAsync(
        () => Task.FromResult(string.Join('\n', Children().Select(child => child.Command))), commands => commands.Length == 0);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasEnded)
        {
            await _process.KillAsync();
        }

        await GoneAsync();
        await _process.DisposeAsync();
    }

    private static string NewAddress() => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.TakeFree()}");

    private bool IsOfThis(int pid)
    {
        if (Read(pid, "environ").Contains(_mark, StringComparison.Ordinal))
        {
            return true;
        }

        try
        {
            return new DirectoryInfo($"/proc/{pid}/cwd").ResolveLinkTarget(returnFinalTarget: false)?.FullName
                .StartsWith(_state, StringComparison.Ordinal) == true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;   // it ended just now, or is somebody else's
        }
    }

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";      // it ended just now, or is somebody else's
        }
    }

    [GeneratedRegex("/tools/dcp |^([^ ]*/)?(docker|podman) ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OfOrchestrator();
}
