using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>One call as its caller sees it, attempts and waits included. Costs nothing while nobody listens.</summary>
internal readonly struct ClientTelemetry
{
    private const string Name = "Grpc.Net.Client";
    private const string ServerAddress = "server.address";
    private const string ServerPort = "server.port";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> Durations = Telemetry.CreateDurations(
        Meter, "rpc.client.call.duration", "From the start of a call to its status.");

    private readonly IMethod? _method;
    private readonly Uri? _address;
    private readonly Activity? _activity;
    private readonly long _startedAt;

    private ClientTelemetry(IMethod method, Uri address, Activity? activity, long startedAt) =>
        (_method, _address, _activity, _startedAt) = (method, address, activity, startedAt);

    /// <summary>Begins; the activity is current in the caller's method from here on.</summary>
    public static ClientTelemetry Start(IMethod method, Uri address)
    {
        var measured = Durations.Enabled;

        if (!measured && !Source.HasListeners())
        {
            return default;
        }

        var activity = Source.StartActivity("Grpc.Net.Client.GrpcOut", ActivityKind.Client);

        if (activity is { IsAllDataRequested: true })
        {
            Telemetry.Begin(activity, method);
            activity.SetTag(ServerAddress, ServerOf(address));
            activity.SetTag(ServerPort, address.Port > 0 ? address.Port : null);
        }

        return measured || activity is not null
            ? new(method, address, activity, measured ? TimeProvider.System.GetTimestamp() : 0)
            : default;
    }

    public void End(Status status)
    {
        if (_method is null)
        {
            return;
        }

        var isError = status.StatusCode is not StatusCode.OK;

        if (_activity is not null)
        {
            if (_activity.IsAllDataRequested)
            {
                Telemetry.End(_activity, status, isError);
            }

            // whoever ends the call may be in the middle of an activity of its own
            var current = Activity.Current;
            _activity.Stop();

            if (current != _activity)
            {
                Activity.Current = current;
            }
        }

        if (_startedAt != 0)
        {
            var tags = Telemetry.TagsOf(_method, status.StatusCode, isError);
            tags.Add(ServerAddress, ServerOf(_address!));

            if (_address!.Port > 0)
            {
                tags.Add(ServerPort, _address.Port);
            }

            Durations.Record(TimeProvider.System.GetElapsedTime(_startedAt).TotalSeconds, tags);
        }
    }

    /// <summary>A host, or the name that the resolver of another scheme is asked for.</summary>
    private static string ServerOf(Uri address) => address.Host.Length > 0 ? address.Host : address.AbsolutePath.TrimStart('/');
}
