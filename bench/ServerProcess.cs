using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ZohoPlatform.Bench;

/// <summary>A server in a process of its own (<see cref="ServerHost"/>).</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private ServerProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<ServerProcess> StartAsync(string server)
    {
        var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Bench"), ["--serve", server])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;

        try
        {
            using var limit = new CancellationTokenSource(StartLimit);
            var port = int.Parse(await ReadLineAsync(process, limit.Token), CultureInfo.InvariantCulture);
            return new ServerProcess(process, new Uri($"http://127.0.0.1:{port}"));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    public async Task<Usage> ReadUsageAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync("usage".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return JsonSerializer.Deserialize<Usage>(await ReadLineAsync(_process, cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();

        using var limit = new CancellationTokenSource(StopLimit);

        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static async Task<string> ReadLineAsync(Process process, CancellationToken cancellationToken) =>
        await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The server's process ended.");
}
