using System.Globalization;
using System.Net;
using Google.Rpc;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Door;

/// <summary>
/// gRPC for others, on a port of its own (<c>Gateway:GrpcPort</c>; none, and there is no door). YARP passes the calls on; what may pass is
/// decided in <see cref="DoorMiddleware"/>.
/// </summary>
internal static class DoorHosting
{
    // all that gRPC itself needs: whatever else a caller sends (tickets, baggage, traces, forwarded addresses) ends here
    private static readonly string[] Passed = ["content-type", "te", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "user-agent"];

    // a caller writes what it likes into the last of them, and services may log it
    private const int LongestHeader = 200;

    /// <summary>Of the platform's own channels: what it says to them is nothing to others.</summary>
    public const string Pushback = "grpc-retry-pushback-ms";

    // longer than a service lets a stream live, which may say nothing in all that time
    private static readonly TimeSpan LongestSilence = Tickets.Life + TimeSpan.FromMinutes(1);

    extension(WebApplicationBuilder builder)
    {
        public void AddDoor()
        {
            if (PortOf(builder.Configuration) is not { } port)
            {
                return;
            }

            builder.Listen(port);
            var services = builder.Services;
            services.AddSingleton<DoorMiddleware>();
            builder.AddGrpcFailures();
            services.Configure<GrpcServiceOptions>(options => options.IgnoreUnknownServices = true);
            services.AddGrpcHealthChecks();
            // with what refusals hold, and health: tools read both by reflection
            var symbols = SymbolRegistry.FromFiles(
                [.. PublicContracts.Shown, StatusReflection.Descriptor, ErrorDetailsReflection.Descriptor, HealthReflection.Descriptor]);
            string[] shown = [.. PublicContracts.Services, Health.Descriptor.FullName];
            services.AddSingleton(new ReflectionServiceImpl(shown, symbols));
            services.AddSingleton(new ReflectionV1ServiceImpl(shown, symbols));
            // one lost replica is out as soon as it shows, of a few calls as of many
            services.Configure<TransportFailureRateHealthPolicyOptions>(options =>
            {
                options.DetectionWindowSize = TimeSpan.FromSeconds(5);
                options.MinimalTotalCountThreshold = 1;
            });
            // a line for each call would say what the trace says
            builder.Logging.AddFilter("Yarp", LogLevel.Warning);
            services.AddReverseProxy()
                .LoadFromMemory([.. PublicContracts.Methods.Select(RouteOf)], [.. ServiceNames.Select(name => ClusterOf(name, builder.Configuration))])
                .AddDnsDestinationResolver(options => options.RefreshPeriod = TimeSpan.FromSeconds(30))
                .ConfigureHttpClient((_, handler) =>
                {
                    // as the gateway's own clients of the services
                    handler.ConnectTimeout = TimeSpan.FromSeconds(3);
                    handler.KeepAlivePingDelay = TimeSpan.FromSeconds(3);
                    handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
                })
                .AddTransforms(Transform);
        }

        /// <summary>
        /// The port beside those of REST. Kestrel leaves <c>urls</c> aside as soon as it is told of one endpoint, so it is told of all.
        /// </summary>
        private void Listen(int port)
        {
            var configuration = builder.Configuration;
            var rest = configuration["urls"]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                ?? configuration["http_ports"]?.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(http => $"http://*:{http}").ToArray()
                ?? ["http://localhost:5000"];
            var certificate = configuration.GetSection($"{GatewayOptions.Section}:{nameof(GatewayOptions.GrpcCertificate)}");
            var scheme = certificate.Exists() ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
            var endpoints = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Kestrel:Endpoints:Grpc:Url"] = string.Create(
                    CultureInfo.InvariantCulture, $"{scheme}://{configuration[$"{GatewayOptions.Section}:{nameof(GatewayOptions.GrpcAddress)}"] ?? "127.0.0.1"}:{port}"),
                ["Kestrel:Endpoints:Grpc:Protocols"] = "Http2",
            };
            for (var i = 0; i < rest.Length; i++)
            {
                endpoints[string.Create(CultureInfo.InvariantCulture, $"Kestrel:Endpoints:Rest{i}:Url")] = rest[i];
            }

            foreach (var setting in certificate.GetChildren())
            {
                endpoints[$"Kestrel:Endpoints:Grpc:Certificate:{setting.Key}"] = setting.Value;
            }

            configuration.AddInMemoryCollection(endpoints);
        }
    }

    extension(WebApplication app)
    {
        /// <summary>Comes before all that REST is made of. The branch has endpoints of its own: neither port answers what is the other's.</summary>
        public void UseDoor()
        {
            if (PortOf(app.Configuration) is { } port)
            {
                app.MapWhen(context => context.Connection.LocalPort == port, door =>
                {
                    door.UseRouting();
                    door.UseMiddleware<DoorMiddleware>();
                    door.UseEndpoints(Map);
                });
            }
        }
    }

    private static void Map(IEndpointRouteBuilder door)
    {
        var services = (IEndpointConventionBuilder[])
        [
            door.MapGrpcService<ReflectionServiceImpl>(), door.MapGrpcService<ReflectionV1ServiceImpl>(), door.MapGrpcHealthChecksService(),
        ];
        foreach (var service in services)
        {
            service.Add(endpoint =>
            {
                if (endpoint.Metadata.OfType<GrpcMethodMetadata>().FirstOrDefault() is { Method: { Type: var type, ServiceName: var service } })
                {
                    endpoint.Metadata.Add(new DoorEndpoint(
                        OpenFor: service == Health.Descriptor.FullName ? "health" : "reflection",
                        IsUpload: type is MethodType.ClientStreaming or MethodType.DuplexStreaming,
                        IsStream: type is not MethodType.Unary));
                }
            });
        }

        var methods = PublicContracts.Methods.ToDictionary(method => method.FullName, StringComparer.Ordinal);
        door.MapReverseProxy(proxy =>
            {
                proxy.Use(ElsewhereAsync);
                proxy.UseLoadBalancing();
                proxy.UsePassiveHealthChecks();
                proxy.Use(AnsweredAsync);
            })
            .ConfigureEndpoints((endpoint, route) =>
            {
                var method = methods[route.RouteId];
                endpoint.WithMetadata(new DoorEndpoint(
                    OpenFor: null, method.IsClientStreaming, IsStream: method.IsClientStreaming || method.IsServerStreaming));
            });
    }

    private static IEnumerable<string> ServiceNames => PublicContracts.Methods.Select(PublicContracts.ServiceOf).Distinct(StringComparer.Ordinal);

    private static int? PortOf(IConfiguration configuration) =>
        configuration.GetValue<int?>($"{GatewayOptions.Section}:{nameof(GatewayOptions.GrpcPort)}");

    private static RouteConfig RouteOf(Google.Protobuf.Reflection.MethodDescriptor method) => new()
    {
        RouteId = method.FullName,
        ClusterId = PublicContracts.ServiceOf(method),
        Match = new RouteMatch { Path = PublicContracts.PathOf(method), Methods = [HttpMethods.Post] },
    };

    private static ClusterConfig ClusterOf(string service, IConfiguration configuration) => new()
    {
        ClusterId = service,
        LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,
        Destinations = configuration.GetSection($"services:{service}:grpc").GetChildren().ToDictionary(
            entry => entry.Key,
            // one name for all replicas: each of its addresses is one
            entry => new DestinationConfig { Address = entry.Value!.Replace("dns:///", "http://", StringComparison.Ordinal) },
            StringComparer.Ordinal),
        HttpRequest = new ForwarderRequestConfig
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            ActivityTimeout = LongestSilence,
        },
        HttpClient = new HttpClientConfig { EnableMultipleHttp2Connections = true },
        HealthCheck = new HealthCheckConfig
        {
            // where none is left, one is tried all the same
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            Passive = new PassiveHealthCheckConfig
            {
                Enabled = true,
                Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate,
                ReactivationPeriod = TimeSpan.FromSeconds(5),
            },
        },
    };

    private static void Transform(TransformBuilderContext transforms)
    {
        transforms.CopyRequestHeaders = false;
        transforms.UseDefaultForwarders = false;
        var service = transforms.Cluster!.ClusterId;
        transforms.AddRequestTransform(request =>
        {
            var (proxied, tickets) = (request.ProxyRequest, request.HttpContext.RequestServices.GetRequiredService<Tickets>());
            // a call without a message: content-type is the content's
            proxied.Content ??= new ByteArrayContent([]);
            foreach (var name in Passed)
            {
                if (request.HttpContext.Request.Headers.TryGetValue(name, out var values) && values.ToString() is var text)
                {
                    var value = text.Length > LongestHeader ? text[..LongestHeader] : text;
                    if (!proxied.Headers.TryAddWithoutValidation(name, value))
                    {
                        proxied.Content.Headers.TryAddWithoutValidation(name, value);
                    }
                }
            }

            var call = request.HttpContext.Features.Get<DoorCall>()!;
            proxied.Headers.TryAddWithoutValidation("authorization", tickets.For(call.Caller, service).GetValue("authorization"));
            return ValueTask.CompletedTask;
        });
        transforms.AddResponseHeaderRemove(Pushback, ResponseCondition.Always);
        transforms.AddResponseTrailerRemove(Pushback, ResponseCondition.Always);
    }

    // who has answered is there: an upload is refused while it is on its way, and what a caller gives up is no fault of a replica's
    private static async Task AnsweredAsync(HttpContext context, Func<Task> next)
    {
        await next();
        if (context.Response.HasGrpcStatus || context.Features.GetRequiredFeature<DoorCall>().IsLate)
        {
            context.Features.Set<IForwarderErrorFeature>(null);
        }
    }

    // a call that never left goes to another replica, as those of REST do
    private static async Task ElsewhereAsync(HttpContext context, Func<Task> next)
    {
        var proxy = context.GetReverseProxyFeature();
        var left = proxy.AvailableDestinations.ToList();
        while (true)
        {
            await next();
            if (context.Response.HasStarted || left.Count <= 1 || proxy.ProxiedDestination is not { } tried
                || context.GetForwarderErrorFeature()?.Exception is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
            {
                return;
            }

            left.Remove(tried);
            proxy.AvailableDestinations = left;
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.Clear();
        }
    }
}
