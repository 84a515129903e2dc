using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ZohoPlatform.Testing;

/// <summary>What a host would have sent to a collector, after everything that its own telemetry leaves out.</summary>
public sealed class ExportedSpans : BaseProcessor<Activity>
{
    private readonly ConcurrentQueue<Activity> _ended = new();

    /// <summary>Turns the host's telemetry on, to a collector that is not there. Before <c>AddServiceDefaults</c>.</summary>
    public static ExportedSpans Of(IHostApplicationBuilder builder)
    {
        var spans = new ExportedSpans();
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1";
        builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddProcessor(spans));
        return spans;
    }

    /// <summary>What a sampled caller would be in; dispose it to leave the trace.</summary>
    public static Activity StartTrace() => new Activity("a test") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();

    /// <summary>Other tests of this process make activities too: those of one trace.</summary>
    public IReadOnlyList<Activity> Of(ActivityTraceId trace) => [.. _ended.Where(activity => activity.TraceId == trace)];

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<Activity> Ended => _ended;

    public override void OnEnd(Activity data)
    {
        if (data.Recorded)
        {
            _ended.Enqueue(data);
        }
    }
}
