using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace ZohoPlatform.ServiceDefaults.Redis;

/// <summary>
/// The client's connection. It is made before the host's ports open: the first requests neither wait for it nor hold threads that it needs.
/// </summary>
internal sealed class RedisConnection(ConfigurationOptions options) : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>Done when Redis has answered, or has been given its time to; the client goes on trying by itself.</summary>
    public Task<IConnectionMultiplexer> Made { get; } = ConnectAsync(options);

    public Task StartingAsync(CancellationToken cancellationToken) => Made.WaitAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync() => await (await Made).DisposeAsync();

    private static async Task<IConnectionMultiplexer> ConnectAsync(ConfigurationOptions options) =>
        await ConnectionMultiplexer.ConnectAsync(options);
}
