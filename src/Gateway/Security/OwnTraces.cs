using System.Diagnostics;

namespace ZohoPlatform.Gateway.Security;

/// <summary>
/// Requests begin traces of the platform's own: a client's <c>traceparent</c> could hide its work (a flag says whether a trace is recorded) or mix
/// it into another one, and its <c>baggage</c> would travel through every service.
/// </summary>
internal sealed class OwnTraces : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields => [];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        // used for what comes in alone
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        (traceId, traceState) = (null, null);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
