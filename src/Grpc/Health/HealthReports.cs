using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Passes the reports that ASP.NET Core publishes on to whoever watches, none left out.</summary>
internal sealed class HealthReports : IHealthCheckPublisher
{
    private volatile Entry _latest = new(null);

    /// <summary>From here on; the report itself is the one before.</summary>
    public Entry Latest => _latest;

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        var entry = new Entry(report);
        _latest.Follow(entry);
        _latest = entry;
        return Task.CompletedTask;
    }

    internal sealed class Entry(HealthReport? report)
    {
        private readonly TaskCompletionSource<Entry> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null before the first.</summary>
        public HealthReport? Report => report;

        public Task<Entry> Next => _next.Task;

        public void Follow(Entry next) => _next.SetResult(next);
    }
}
