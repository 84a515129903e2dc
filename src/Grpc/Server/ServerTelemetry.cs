using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server;

/// <summary>One call as the server sees it: tags on ASP.NET Core's activity, and its duration; next to free while nobody listens.</summary>
internal static class ServerTelemetry
{
    private static readonly Meter Meter = new("Grpc.AspNetCore.Server");
    private static readonly Histogram<double> Durations = Telemetry.CreateDurations(
        Meter, "rpc.server.call.duration", "From a call's request to its status.");

    /// <summary>When a call begins; 0 when nobody wants to know how long it takes.</summary>
    public static long Now() => Durations.Enabled ? TimeProvider.System.GetTimestamp() : 0;

    public static void End(HttpContext http, IMethod method, Status status, long startedAt)
    {
        var isError = Telemetry.IsServerError(status.StatusCode);

        // the feature is slow to find missing; and ASP.NET Core makes an activity for its log scopes also when no tracer asked for one
        if (Activity.Current is not null && http.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity)
        {
            Telemetry.Begin(activity, method);
            Telemetry.End(activity, status, isError);
        }

        if (startedAt != 0)
        {
            var tags = Telemetry.TagsOf(method, status.StatusCode, isError);
            Durations.Record(TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds, tags);
        }
    }
}
