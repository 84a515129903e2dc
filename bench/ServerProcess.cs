using System.Globalization;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench;

/// <summary>A server in a process of its own (<see cref="ServerHost"/>).</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly ServiceProcess _process;

    private ServerProcess(ServiceProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <param name="server">Its name in <see cref="ServerHost"/>.</param>
    /// <param name="runtime">Settings of .NET that it would not have by itself.</param>
    public static async Task<ServerProcess> StartAsync(string server, IEnumerable<KeyValuePair<string, string?>>? runtime = null)
    {
        var process = ServiceProcess.Start(Path.Combine(AppContext.BaseDirectory, "Bench"), ["--serve", server], runtime);
        var port = int.Parse(await process.ReadUntilAsync("\n"), CultureInfo.InvariantCulture);
        return new ServerProcess(process, new Uri($"http://127.0.0.1:{port}"));
    }

    public async Task<Usage> ReadUsageAsync(CancellationToken cancellationToken)
    {
        await _process.WriteAsync("usage\n", cancellationToken);
        return JsonSerializer.Deserialize<Usage>(await _process.ReadUntilAsync("\n", cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        // it ends with its input
        await _process.EndAsync();
        await _process.DisposeAsync();
    }
}
