using System.Diagnostics;
using OpenTelemetry;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>
/// Gives a gRPC call its method's name and its outcome. Grpc.Net.Client makes an activity of every call, named the same for all and fine
/// whatever came of it; the request over HTTP is a second one under it. Leaving its source out would leave a gap in the trace.
/// OpenTelemetry.Instrumentation.GrpcNetClient would name them as well, and there is no release of it but betas.
/// </summary>
internal sealed class GrpcCalls : BaseProcessor<Activity>
{
    public const string Source = "Grpc.Net.Client";

    public override void OnEnd(Activity data)
    {
        if (data.Source.Name != Source)
        {
            return;
        }

        if (data.GetTagItem("grpc.method") is string method)
        {
            data.DisplayName = method.TrimStart('/');
        }

        if (data.GetTagItem("grpc.status_code") is not "0")
        {
            data.SetStatus(ActivityStatusCode.Error);
        }
    }
}
