using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// Starts again what ended by itself, which the orchestrator does not: after 1 s, 2 s, 4 s and so on up to 30 s, for as long as it takes. What
/// ends three times before it was ever healthy ends the launch, with its name, exit code and last lines.
/// </summary>
internal sealed partial class Restarts(
    ResourceNotificationService notifications,
    ResourceCommandService commands,
    ResourceLoggerService logs,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<Restarts> logger) : BackgroundService
{
    private const int StartTries = 3;
    private const int LinesShown = 20;
    private const string Property = "restarts";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (var change in notifications.WatchAsync(stopping.Token))
            {
                if (change.Resource is ProjectResource or ExecutableResource)
                {
                    await HandleAsync(change, _watched.GetOrAdd(change.ResourceId, _ => new Watched()), stopping.Token);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the launch ends
        }
    }

    private async Task HandleAsync(ResourceEvent change, Watched watched, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        var snapshot = change.Snapshot;
        if (snapshot.HealthStatus is Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
            && snapshot.State?.Text == KnownResourceStates.Running
            && !IsStep(change))
        {
            watched.WasHealthy = true;
            watched.Since = 0;
        }

        if (watched.Count > 0 && !snapshot.Properties.Any(property => property.Name == Property))
        {
            await ShowAsync(change.Resource, change.ResourceId, watched.Count);
        }

        var state = snapshot.State?.Text;
        if (state != KnownResourceStates.Finished && state != KnownResourceStates.FailedToStart)
        {
            watched.IsEnded = false;
            // only what was asked to end says that it is stopping, and who asks for it wants it stopped
            watched.IsAsked = state == KnownResourceStates.Stopping;
            return;
        }

        if (watched.IsEnded || watched.IsAsked || (IsStep(change) && snapshot.ExitCode == 0))
        {
            return;
        }

        watched.IsEnded = true;
        watched.Since++;
        if (!watched.WasHealthy && watched.Since >= StartTries)
        {
            await FailAsync(change, stopping);
            return;
        }

        watched.Count++;
        _ = StartAgainAsync(change, watched, ++watched.Turn, stopping);
    }

    // nothing is healthy about it before it has ended well
    private static bool IsStep(ResourceEvent change) => change.Resource.HasAnnotationOfType<StepAnnotation>();

    private async Task StartAgainAsync(ResourceEvent change, Watched watched, int turn, CancellationToken stopping)
    {
        try
        {
            for (var refusals = 0; ; refusals++)
            {
                var pause = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, watched.Since - 1 + refusals), LongestPause.TotalSeconds));
                LogStartingAgain(change.Resource.Name, How(change.Snapshot), pause.TotalSeconds);
                await Task.Delay(pause, clock, stopping);
                if (!IsStillEnded())
                {
                    return;     // a person was quicker
                }

                var started = await commands.ExecuteCommandAsync(change.ResourceId, KnownResourceCommands.StartCommand, stopping);
                // where it started and ended again, that end has a turn of its own
                if (started.Success || !IsStillEnded())
                {
                    return;
                }

                LogNotStarted(change.Resource.Name, started.Message);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the launch ends
        }
        catch (Exception e)
        {
            LogGivenUp(e, change.Resource.Name);
        }

        bool IsStillEnded() => watched.IsEnded && watched.Turn == turn;
    }

    private Task ShowAsync(IResource resource, string id, int count) => notifications.PublishUpdateAsync(
        resource,
        id,
        snapshot => snapshot with
        {
            Properties = snapshot.Properties.RemoveAll(property => property.Name == Property).Add(new ResourcePropertySnapshot(Property, count)),
        });

    private async Task FailAsync(ResourceEvent change, CancellationToken stopping)
    {
        var lines = new List<string>();
        await foreach (var batch in logs.GetAllAsync(change.ResourceId).WithCancellation(stopping))
        {
            // a person wants the sentence; who wants the stack finds it in the file
            lines.AddRange(batch.SelectMany(line => line.Content.Split('\n')).Select(ResourceLogs.WithoutColours)
                .Where(line => line.Length > 0 && !Aside().IsMatch(line))
                .Select(line => StackTrace().Replace(line, "")));
        }

        var said = lines.Count == 0
            ? "It wrote nothing."
            : $"Its last lines:{string.Concat(lines.TakeLast(LinesShown).Select(line => $"{Environment.NewLine}    {line}"))}";
        LogFailed(change.Resource.Name, How(change.Snapshot), StartTries, said);
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    private static string How(CustomResourceSnapshot snapshot) => snapshot.ExitCode switch
    {
        null => "did not start",
        // the orchestrator's word for it; an exception that nobody caught ends a program that way too
        -1 => "was ended by a signal",
        { } code => string.Create(CultureInfo.InvariantCulture, $"ended with exit code {code}"),
    };

    // stack frames, and what the orchestrator says of its own work
    [GeneratedRegex(
        @"^(\S+Z )?(\s+at |--- End of stack trace|(Finished w|W)aiting for |No custom certificate|\[sys\] )|Executing command '|Successfully executed command|Error executing command",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Aside();

    // the services' logs have it on the line of its exception
    [GeneratedRegex(@" {3,}at .*\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StackTrace();

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Resource}' {How}, {Tries} times before it was healthy. {Said}")]
    private partial void LogFailed(string resource, string how, int tries, string said);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} {How}; it is started again in {Seconds} s")]
    private partial void LogStartingAgain(string resource, string how, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} could not be started again: {Reason}")]
    private partial void LogNotStarted(string resource, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Resource} is not started again. Start it on the dashboard")]
    private partial void LogGivenUp(Exception exception, string resource);

    private sealed class Watched
    {
        public bool WasHealthy { get; set; }

        public bool IsEnded { get; set; }

        public bool IsAsked { get; set; }

        /// <summary>Ends since it was healthy.</summary>
        public int Since { get; set; }

        /// <summary>Counts the ends; each is answered once.</summary>
        public int Turn { get; set; }

        /// <summary>Starts after the first.</summary>
        public int Count { get; set; }
    }
}
