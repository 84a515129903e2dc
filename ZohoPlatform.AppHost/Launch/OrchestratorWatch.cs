using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// Ends the launch when Aspire's orchestrator (<c>dcp</c>) has ended: everything that it started ends with it, and the app host would go on as if
/// nothing had happened.
/// </summary>
internal sealed partial class OrchestratorWatch(
    ResourceNotificationService notifications, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<OrchestratorWatch> logger)
    : BackgroundService
{
    // as the dashboard is told it
    private const string PidProperty = "executable.pid";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            var first = FindAsync(stopping.Token);
            if (await Task.WhenAny(first, Task.Delay(Patience, clock, stopping.Token)) != first)
            {
                LogSilent(Patience.TotalSeconds);
            }

            var ended = await await Task.WhenAny((await first).Select(pid => EndAsync(pid, stopping.Token)));
            LogEnded(ended);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the launch ends
        }
    }

    // found as the ancestors of what runs: a process can launch several times at once, as tests do, each launch with an orchestrator of its own
    private async Task<int[]> FindAsync(CancellationToken stopping)
    {
        await foreach (var change in notifications.WatchAsync(stopping))
        {
            if (change.Snapshot.State?.Text == KnownResourceStates.Running
                && change.Snapshot.Properties.FirstOrDefault(property => property.Name == PidProperty)?.Value is int pid
                && ParentOf(pid) is var worker && ParentOf(worker) is var server
                && IsCommand(worker, "run-controllers") && IsCommand(server, "start-apiserver"))
            {
                return [server, worker];
            }
        }

        throw new OperationCanceledException(stopping);
    }

    private static async Task<string> EndAsync(int pid, CancellationToken stopping)
    {
        using var process = Living(pid);
        if (process is not null)
        {
            await process.WaitForExitAsync(stopping);
        }

        return string.Create(CultureInfo.InvariantCulture, $"dcp, process {pid}");
    }

    private static bool IsCommand(int pid, string command) => Read(pid, "cmdline").Split('\0').Contains(command, StringComparer.Ordinal);

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

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Nothing has been started in {Seconds} s: Aspire's orchestrator (dcp) does not answer. It is called as localhost, which must be "
            + "127.0.0.1 on this machine (getent ahostsv4 localhost).")]
    private partial void LogSilent(double seconds);

    [LoggerMessage(
        Level = LogLevel.Error, Message = "Aspire's orchestrator ({Ended}) has ended, and with it everything that it had started. Launch again.")]
    private partial void LogEnded(string ended);
}
