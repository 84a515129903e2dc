using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>Which endpoint a request was for, also while its failure is told.</summary>
public static class Routes
{
    extension(HttpContext context)
    {
        /// <summary>Null where there is none at that address.</summary>
        public Endpoint? AskedEndpoint =>
            // who handles an exception begins anew, and has put aside where it came from
            context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;

        /// <summary>Its address as it is mapped: no value, no query.</summary>
        public string AskedRoute =>
            context.AskedEndpoint is RouteEndpoint { RoutePattern.RawText: { } route }
                ? route is "/" ? route : route.TrimEnd('/')
                : "(no such address)";
    }
}

/// <summary>Marks an endpoint in whose path there is something that opens a door: traces have its route alone.</summary>
public sealed record SecretPath;
