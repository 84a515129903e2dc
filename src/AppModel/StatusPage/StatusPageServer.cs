using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.StatusPage;

internal sealed class StatusPageServer : IHostedService
{
    public string? Address { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Address = null;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
