using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>Tells the person who launched: what runs where, and one last line that begins with <c>Ready</c>.</summary>
internal sealed partial class LaunchReport(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    IConfiguration configuration,
    Connected connected,
    LaunchState state,
    LaunchBegin begun,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<LaunchReport> logger,
    DebugLogs? debugLogs = null) : BackgroundService
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(60);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var resources = model.Resources
            .Where(resource => resource is ProjectResource or IResourceWithConnectionString && !resource.HasAnnotationOfType<StepAnnotation>())
            .ToList();
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken, lifetime.ApplicationStopping);
        try
        {
            var healthy = Task.WhenAll(resources.Select(resource => notifications.WaitForResourceHealthyAsync(
                resource.Name, WaitBehavior.WaitOnResourceUnavailable, either.Token)));
            while (await Task.WhenAny(healthy, Task.Delay(TellEvery, clock, either.Token)) != healthy && !either.IsCancellationRequested)
            {
                LogWaiting(string.Join(", ", resources.Select(Trouble).OfType<string>()));
            }

            await healthy;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            LogNotHealthy(Limit.TotalMinutes, string.Join(", ", resources.Select(Trouble).OfType<string>()));
            Environment.ExitCode = 1;
            lifetime.StopApplication();
            return;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return;     // what ended the launch has said why
        }

        WriteTable([["resource", "state", "address"], .. resources.Select(resource => new[] { resource.Name, "healthy", Addresses(resource) })]);
        var gateway = resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()
            .Where(endpoint => resource.Name == "gateway" && endpoint.Name == "http")).Single().AllocatedEndpoint!;
        Console.WriteLine(await connected.TellAsync(new Uri(gateway.UriString), stoppingToken));
        if (debugLogs is not null)
        {
            Console.WriteLine($"Debug logs are on (DEBUG=true): {state.Logs}");
        }

        var took = clock.GetElapsedTime(begun.Timestamp).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        // without a token it is open to every program of this machine
        var login = configuration["AppHost:BrowserToken"] is { Length: > 0 } token ? $"/login?t={token}" : "";
        var told = resources.Where(IsExternal).Select(resource => $"{resource.Name} {Addresses(resource)}").ToList();
        if (configuration["ASPNETCORE_URLS"] is { } address)
        {
            var dashboard = $"{address.Split(';')[0]}{login}";
            state.KeepDashboard(dashboard);
            told.Add($"dashboard {dashboard}");
        }

        Console.WriteLine($"Ready in {took} s. {string.Join(", ", told)}");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Still waiting for {Resources}.")]
    private partial void LogWaiting(string resources);

    [LoggerMessage(Level = LogLevel.Error, Message = "Not healthy within {Minutes} minutes: {Resources}. The logs are in logs/ of the state folder.")]
    private partial void LogNotHealthy(double minutes, string resources);

    private string? Trouble(IResource resource)
    {
        notifications.TryGetCurrentState(resource.Name, out var current);
        var snapshot = current?.Snapshot;
        return snapshot?.HealthStatus is Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
            ? null
            : $"{resource.Name} ({snapshot?.HealthReports.FirstOrDefault(report => report.Description is not null)?.Description ?? snapshot?.State?.Text})";
    }

    private static string Addresses(IResource resource) => string.Join(
        ", ",
        resource.Annotations.OfType<EndpointAnnotation>()
            .Where(endpoint => endpoint.AllocatedEndpoint is not null)
            .Select(endpoint => endpoint.AllocatedEndpoint!.UriString.Replace("localhost", "127.0.0.1", StringComparison.Ordinal)));

    private static bool IsExternal(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.IsExternal);

    private static void WriteTable(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            Console.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
