using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.LocalServers.Hosting;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>Keeps what every resource says in <c>logs/{resource}.log</c> of the state folder; the launch before is <c>.previous.log</c>.</summary>
internal sealed partial class ResourceLogs(DistributedApplicationModel model, ResourceLoggerService logs, LaunchState state, ILogger<ResourceLogs> logger)
    : BackgroundService
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
        FileStream? file = null;
        var isLost = false;
        try
        {
            await foreach (var lines in logs.WatchAsync(resource).WithCancellation(stoppingToken))
            {
                try
                {
                    file ??= StartAnew(path);
                    await file.WriteAsync(
                        Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => WithOneTime(WithoutColours(line.Content)) + "\n"))), CancellationToken.None);
                    if (file.Length > FileLimit)
                    {
                        await file.DisposeAsync();
                        file = null;
                    }

                    isLost = false;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // a full disk costs lines, not the launch
                    if (!isLost)
                    {
                        isLost = true;
                        LogLost(path, e.Message);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the launch ends
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }
        }
    }

    public static string WithoutColours(string text) => Colour().Replace(text, "");

    // the orchestrator says of each line when it has read it, which is later than it was written; what tells no time needs it
    private static string WithOneTime(string line) => BeforeTime().Replace(line, "");

    private static FileStream StartAnew(string path)
    {
        if (File.Exists(path))
        {
            File.Move(path, Path.ChangeExtension(path, ".previous.log"), overwrite: true);
        }

        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
            BufferSize = 0,
            UnixCreateMode = LaunchState.OwnerOnly,
        });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} cannot be written, and loses lines until it can: {Reason}")]
    private partial void LogLost(string path, string reason);

    [GeneratedRegex(@"^[-0-9T:.]+Z (?=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z )", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BeforeTime();

    // the orchestrator asks programs for colours, which the dashboard shows
    [GeneratedRegex(@"\e\[[0-9;]*m", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Colour();
}
