using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.Gateway.Security;

namespace ZohoPlatform.Gateway;

/// <summary>How HTTP is spoken: JSON, limits, origins, proxies. The same for every area.</summary>
internal static class HttpServer
{
    extension(WebApplicationBuilder builder)
    {
        public void AddHttpServer()
        {
            var services = builder.Services;

            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = RequestLimits.MaxBodyBytes;
            });
            services.AddSingleton<DistributedContextPropagator, OwnTraces>();
            services.Configure<JsonOptions>(options =>
            {
                var json = options.SerializerOptions;
                json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
                json.PropertyNameCaseInsensitive = false;
                json.NumberHandling = JsonNumberHandling.Strict;
                json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
                json.AllowDuplicateProperties = false;
                json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
                json.Converters.Add(new UtcTimes());
                json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver())
                    .WithAddedModifier(NoNullElements.Apply)
                    .WithAddedModifier(RequiredFields.Apply);
            });
            services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
            services.AddSingleton<KnownParameters>();
            services.AddSingleton<UnknownProxies>();
            services.AddExceptionHandler<ExceptionProblems>();
            services.AddRequestTimeouts(options => options.DefaultPolicy = RequestLimits.Usual);
            services.AddCors();
            services.AddOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>().Configure<IOptions<GatewayOptions>>((cors, options) =>
                cors.AddDefaultPolicy(policy => policy
                    .WithOrigins([.. options.Value.Cors.Origins])
                    .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Patch, HttpMethods.Delete)
                    .WithHeaders("Authorization", "Content-Type", IdempotentRequests.HeaderName, ServerSentEvents.LastEventId, "If-Match")
                    .WithExposedHeaders(
                        "Location", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy",
                        IdempotentRequests.ReplayedHeaderName, "Content-Disposition", "ETag")));
            services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<GatewayOptions>>((forwarded, options) =>
            {
                forwarded.KnownProxies.Clear();
                forwarded.KnownIPNetworks.Clear();
                foreach (var proxy in options.Value.KnownProxies)
                {
                    forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
                    if (IPAddress.TryParse(proxy, out var address))
                    {
                        forwarded.KnownProxies.Add(address);
                    }
                    else
                    {
                        forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
                    }
                }
            });
        }
    }
}
