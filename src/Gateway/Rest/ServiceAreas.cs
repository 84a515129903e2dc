using Grpc.Core;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>
/// What an area of the API asks of a service. Where the service has no address its area answers 503 and all others go on: a platform may
/// run without it.
/// </summary>
internal static class ServiceAreas
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>A client of a service that may have no address; the endpoints that use it say so with <c>Needs</c>.</summary>
        public void AddAreaClient<TClient>(string service, params ReadOnlySpan<string> repeatable)
            where TClient : ClientBase
        {
            if (IsConfigured(builder.Configuration, service))
            {
                builder.AddServiceClient<TClient>(service, repeatable);
            }
            else
            {
                // endpoints ask for one when they are built; none gets as far as to call it
                builder.Services.AddGrpcClient<TClient>(options => options.Address = new Uri("http://not-configured.invalid"));
            }
        }
    }

    extension(RouteGroupBuilder group)
    {
        public RouteGroupBuilder Needs(string service) => group.WithMetadata(new NeededService(service)).AddEndpointFilterFactory((context, next) =>
            IsConfigured(context.ApplicationServices.GetRequiredService<IConfiguration>(), service)
                ? next
                : _ => ValueTask.FromResult<object?>(NotConfigured(service)));
    }

    /// <summary>Names of all services that have an address.</summary>
    public static IReadOnlyList<string> Configured(IConfiguration configuration) =>
        [.. configuration.GetSection("services").GetChildren().Select(service => service.Key).Where(service => IsConfigured(configuration, service))];

    public static bool IsConfigured(IConfiguration configuration, string service) =>
        configuration.GetSection($"services:{service}:grpc").GetChildren().Any();

    /// <param name="service">Which has no address.</param>
    /// <param name="field">Of the request, which is its; null where all of it is.</param>
    public static ProblemResult NotConfigured(string service, string? field = null) => new(
        StatusCodes.Status503ServiceUnavailable,
        "service_not_configured",
        $"{(field is null ? "This part of the platform is" : $"{field} is of a part of the platform that is")} not set up: "
            + $"services__{service}__grpc__0 of the gateway has no address of its service.")
    {
        Field = field,
    };
}

/// <summary>Says which service an endpoint cannot do without.</summary>
internal sealed record NeededService(string Name);
