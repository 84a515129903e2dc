using Microsoft.AspNetCore.Http;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>Looks at health: asked again and again, so neither traced nor logged.</summary>
internal static class Probes
{
    private static readonly PathString[] Paths = ["/health", "/alive", "/grpc.health.v1.Health"];

    extension(HttpContext context)
    {
        public bool IsProbe => Array.Exists(Paths, path => context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal));
    }
}
