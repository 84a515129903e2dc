using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>Traces, metrics and logs over OTLP, by OpenTelemetry's own environment variables; off when no endpoint is set.</summary>
internal static class TelemetryHosting
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddTelemetry()
        {
            if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            {
                return;
            }

            // a collector that is away must not hold a service's stop: each of the three signals is waited for as long
            builder.Configuration["OTEL_EXPORTER_OTLP_TIMEOUT"] ??= "1000";

            // .NET leaves queries out of traces unless a variable of the environment says otherwise, and one of Zoho's holds a token
            AppContext.SetSwitch("System.Net.Http.DisableUriRedaction", false);

            // .NET's own propagators pass traces on, each client's as it is set; OpenTelemetry's would put theirs beside them
            Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());

            builder.Logging.AddOpenTelemetry(logging =>
            {
                logging.IncludeFormattedMessage = true;
                // no scopes: ASP.NET's have the path of the request, in which a link may be that opens something
            });
            builder.Services.AddOpenTelemetry()
                .ConfigureResource(resource => resource
                    .AddService(builder.Environment.ApplicationName)
                    .AddEnvironmentVariableDetector())      // last, so that OTEL_SERVICE_NAME wins
                .WithTracing(traces => traces
                    .AddAspNetCoreInstrumentation(server =>
                    {
                        server.Filter = context => !context.IsProbe;
                        server.EnrichWithHttpResponse = HideSecretPath;
                    })
                    .AddHttpClientInstrumentation()
                    .AddSource(GrpcCalls.Source, "ZohoPlatform.*")
                    .AddProcessor(new GrpcCalls()))
                .WithMetrics(metrics => metrics
                    .AddAspNetCoreInstrumentation()
                    .AddHttpClientInstrumentation()
                    .AddRuntimeInstrumentation()
                    .AddMeter("ZohoPlatform.*"))
                .UseOtlpExporter();
        }
    }

    private static void HideSecretPath(Activity activity, HttpResponse response)
    {
        if (response.HttpContext.AskedEndpoint?.Metadata.GetMetadata<SecretPath>() is not null)
        {
            activity.SetTag("url.path", response.HttpContext.AskedRoute);
        }
    }
}
