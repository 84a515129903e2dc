using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.ClientFactory;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Access;

/// <summary>
/// Goes the way of a first request before the port opens, so that those who wait for a replica that restarts do not all wait for what is
/// made once: connections, queries, compiled code.
/// </summary>
internal sealed class FirstRequests(
    ApiKeyStore keys, RequestLimiter limits, GrpcClientFactory clients, IConfiguration configuration) : IHostedService
{
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await StorageHosting.AsRequestAsync(() => keys.FindAsync(ApiKeyStore.PlatformKeyId, cancellationToken));
        await limits.TakeForAddressAsync("start", "start", cancellationToken);
        await Task.WhenAll(ServiceAreas.Configured(configuration).Select(service => CallAsync(service, cancellationToken)));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CallAsync(string service, CancellationToken cancellationToken)
    {
        try
        {
            await clients.CreateClient<Health.HealthClient>(ServiceClients.NameOf<Health.HealthClient>(service))
                .CheckAsync(new(), deadline: CallDeadline.In(LongestCall), cancellationToken: cancellationToken);
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // away as yet: nothing waits for it here, and health tells of it
        }
    }
}
