using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// Ends the launch when Aspire's orchestrator (<c>dcp</c>) has ended: everything that it started ends with it, and the app host would go on as if
/// nothing had happened.
/// </summary>
internal sealed class OrchestratorWatch(ResourceNotificationService notifications, IHostApplicationLifetime lifetime, TimeProvider clock)
    : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            var first = FirstAsync(stopping.Token);
            if (await Task.WhenAny(first, Task.Delay(Patience, clock, stopping.Token)) != first)
            {
                await Console.Error.WriteLineAsync(
                    ($"Nothing has been started in {Patience.TotalSeconds:0} s: Aspire's orchestrator (dcp) does not answer. It is called as localhost, "
                        + "which must be 127.0.0.1 on this machine (getent ahostsv4 localhost).").AsMemory(),
                    stopping.Token);
            }

            await first;
            var ended = await await Task.WhenAny(Find().Select(process => EndAsync(process, stopping.Token)));
            await Console.Error.WriteLineAsync(
                $"Aspire's orchestrator ({ended}) has ended, and with it everything that it had started. Launch again.".AsMemory(), stopping.Token);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the launch ends
        }
    }

    // what runs was started by it, so that it is there to be found
    private async Task FirstAsync(CancellationToken stopping)
    {
        await foreach (var change in notifications.WatchAsync(stopping))
        {
            if (change.Snapshot.State?.Text == KnownResourceStates.Running && change.Resource is ExecutableResource or ProjectResource)
            {
                return;
            }
        }
    }

    private static async Task<string> EndAsync(Process process, CancellationToken stopping)
    {
        using (process)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{process.ProcessName}, process {process.Id}");
            await process.WaitForExitAsync(stopping);
            return name;
        }
    }

    // one process that this one started (the last one: a process can launch several times), and its child that does the work
    private static List<Process> Find()
    {
        var self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var server = With("start-apiserver")
            .Where(found => found.Words.SkipWhile(word => word != "--monitor").ElementAtOrDefault(1) == self)
            .Select(found => Living(found.Pid))
            .OfType<Process>()
            .MaxBy(process => process.StartTime)
            ?? throw new InvalidOperationException("Aspire's orchestrator is not among the processes of this machine.");
        var workers = With("run-controllers").Where(found => ParentOf(found.Pid) == server.Id).Select(found => Living(found.Pid)).OfType<Process>();
        return [server, .. workers];
    }

    private static Process? Living(int pid)
    {
        try
        {
            var process = Process.GetProcessById(pid);
            return process.HasExited ? null : process;
        }
        catch (ArgumentException)
        {
            return null;    // it ended just now
        }
    }

    private static List<(int Pid, string[] Words)> With(string command) =>
    [
        .. Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid != 0)
            .Select(pid => (pid, Read(pid, "cmdline").Split('\0')))
            .Where(found => found.Item2.Contains(command, StringComparer.Ordinal)),
    ];

    // "pid (name) state parent ...", where the name may hold anything
    private static int ParentOf(int pid) =>
        int.TryParse(Read(pid, "stat").Split(')')[^1].Split(' ').ElementAtOrDefault(2), CultureInfo.InvariantCulture, out var parent) ? parent : 0;

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";      // it ended just now, or is somebody else's
        }
    }
}
