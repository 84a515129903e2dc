using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>
/// Tells of a health check when its status changes, in one line, whether <c>/health</c> or the host itself has looked. The library's own
/// log of each failed probe, with its stack trace, is off (<see cref="LogDefaults"/>).
/// </summary>
internal sealed partial class HealthLog(ILogger<HealthLog> logger) : IHealthCheckPublisher
{
    private readonly Dictionary<string, HealthStatus> _told = new(StringComparer.Ordinal);
    private readonly Lock _telling = new();

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        // two probes at once must not both tell
        lock (_telling)
        {
            Tell(report);
        }

        return Task.CompletedTask;
    }

    private void Tell(HealthReport report)
    {
        foreach (var (check, entry) in report.Entries)
        {
            var before = _told.GetValueOrDefault(check, HealthStatus.Healthy);
            _told[check] = entry.Status;

            if (entry.Status == before)
            {
                continue;
            }

            if (entry.Status is HealthStatus.Healthy)
            {
                LogHealthy(check);
            }
            else
            {
                LogNotHealthy(check, entry.Status, entry.Description ?? entry.Exception?.Message ?? "no reason given");
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Health of {Check}: {Status}. {Reason}")]
    private partial void LogNotHealthy(string check, HealthStatus status, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Health of {Check}: Healthy again.")]
    private partial void LogHealthy(string check);
}
