using System.Text.RegularExpressions;
using Microsoft.Extensions.Hosting;
using ZohoPlatform.LocalServers.Hosting;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>Keeps what every resource says in <c>logs/{resource}.log</c> of the state folder; the launch before is <c>.previous.log</c>.</summary>
internal sealed partial class ResourceLogs(DistributedApplicationModel model, ResourceLoggerService logs, LaunchState state) : BackgroundService
{
    private const long FileLimit = 16 * 1024 * 1024;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        model.Resources
            // neither the dashboard nor what the orchestrator adds for itself
            .Where(resource => resource is ProjectResource or LocalServerResource or ContainerResource)
            .Select(resource => WriteAsync(resource, stoppingToken)));

    private async Task WriteAsync(IResource resource, CancellationToken stoppingToken)
    {
        var path = Path.Combine(state.Logs, $"{resource.Name}.log");
        StartAnew(path);
        var file = Open(path);
        try
        {
            await foreach (var lines in logs.WatchAsync(resource).WithCancellation(stoppingToken))
            {
                foreach (var line in lines)
                {
                    await file.WriteLineAsync(Colour().Replace(line.Content, "").AsMemory(), CancellationToken.None);
                }

                await file.FlushAsync(CancellationToken.None);
                if (file.BaseStream.Length > FileLimit)
                {
                    await file.DisposeAsync();
                    StartAnew(path);
                    file = Open(path);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the launch ends
        }
        finally
        {
            await file.DisposeAsync();
        }
    }

    private static void StartAnew(string path)
    {
        if (File.Exists(path))
        {
            File.Move(path, Path.ChangeExtension(path, ".previous.log"), overwrite: true);
        }
    }

    private static StreamWriter Open(string path) => new(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite));

    // the orchestrator asks programs for colours, which the dashboard shows
    [GeneratedRegex(@"\e\[[0-9;]*m", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Colour();
}
