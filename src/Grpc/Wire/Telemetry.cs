using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Names and values by which both sides tell of their calls (OpenTelemetry, Semantic conventions for gRPC).</summary>
internal static class Telemetry
{
    private const string System = "rpc.system.name";
    private const string Method = "rpc.method";
    private const string StatusTag = "rpc.response.status_code";
    private const string ErrorType = "error.type";

    private static readonly double[] Buckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private static readonly FrozenDictionary<StatusCode, string> Names = new Dictionary<StatusCode, string>
    {
        [StatusCode.OK] = "OK",
        [StatusCode.Cancelled] = "CANCELLED",
        [StatusCode.Unknown] = "UNKNOWN",
        [StatusCode.InvalidArgument] = "INVALID_ARGUMENT",
        [StatusCode.DeadlineExceeded] = "DEADLINE_EXCEEDED",
        [StatusCode.NotFound] = "NOT_FOUND",
        [StatusCode.AlreadyExists] = "ALREADY_EXISTS",
        [StatusCode.PermissionDenied] = "PERMISSION_DENIED",
        [StatusCode.ResourceExhausted] = "RESOURCE_EXHAUSTED",
        [StatusCode.FailedPrecondition] = "FAILED_PRECONDITION",
        [StatusCode.Aborted] = "ABORTED",
        [StatusCode.OutOfRange] = "OUT_OF_RANGE",
        [StatusCode.Unimplemented] = "UNIMPLEMENTED",
        [StatusCode.Internal] = "INTERNAL",
        [StatusCode.Unavailable] = "UNAVAILABLE",
        [StatusCode.DataLoss] = "DATA_LOSS",
        [StatusCode.Unauthenticated] = "UNAUTHENTICATED",
    }.ToFrozenDictionary();

    /// <summary>A histogram of seconds with the buckets that the conventions advise.</summary>
    public static Histogram<double> CreateDurations(Meter meter, string name, string description) => meter.CreateHistogram(
        name,
        "s",
        description,
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });

    /// <summary>Package, service and method, as spans and metrics name them.</summary>
    public static string NameOf(IMethod method) => method.FullName[1..];

    /// <summary>Whether a status is an error in the eyes of the server: its own fault, not the caller's.</summary>
    public static bool IsServerError(StatusCode code) => code
        is StatusCode.Unknown or StatusCode.DeadlineExceeded or StatusCode.Unimplemented or StatusCode.Internal
        or StatusCode.Unavailable or StatusCode.DataLoss;

    public static void Begin(Activity activity, IMethod method)
    {
        activity.DisplayName = NameOf(method);
        activity.SetTag(System, "grpc");
        activity.SetTag(Method, NameOf(method));
    }

    public static void End(Activity activity, Status status, bool isError)
    {
        activity.SetTag(StatusTag, NameOf(status.StatusCode));

        if (isError)
        {
            activity.SetTag(ErrorType, NameOf(status.StatusCode));
            activity.SetStatus(ActivityStatusCode.Error, status.Detail);
        }
    }

    public static TagList TagsOf(IMethod method, StatusCode code, bool isError)
    {
        var tags = new TagList { { System, "grpc" }, { Method, NameOf(method) }, { StatusTag, NameOf(code) } };

        if (isError)
        {
            tags.Add(ErrorType, NameOf(code));
        }

        return tags;
    }

    /// <summary>A handler may end its call with a number that has no name.</summary>
    private static string NameOf(StatusCode code) => Names.GetValueOrDefault(code) ?? code.ToHeaderValue();
}
