using System.Runtime.InteropServices;

namespace ZohoPlatform.EchoService;

/// <summary>Hears that it is to stop, and goes on.</summary>
internal sealed class Stubborn : IHostLifetime
{
    private readonly PosixSignalRegistration _deaf = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _deaf.Dispose();
        return Task.CompletedTask;
    }
}
