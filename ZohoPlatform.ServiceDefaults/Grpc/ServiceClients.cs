using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ZohoPlatform.ServiceDefaults.Grpc;

public static class ServiceClients
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// Registers a gRPC client of another service of the platform. Its address is <c>services:{service}:grpc:0</c>, as the app host injects it.
        /// </summary>
        /// <exception cref="InvalidOperationException">The address is not configured or is not an http(s) address.</exception>
        public IHttpClientBuilder AddServiceClient<TClient>(string service)
            where TClient : ClientBase
        {
            var setting = $"services:{service}:grpc:0";
            var address = builder.Configuration[setting];
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                throw new InvalidOperationException(
                    $"{setting} is missing or is not an http(s) address: set services__{service}__grpc__0 to the gRPC address of that service.");
            }

            return builder.Services.AddGrpcClient<TClient>(options => options.Address = uri);
        }
    }
}
