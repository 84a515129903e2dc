using System.Diagnostics;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>One replica of the service as a process of its own, which can be killed as a machine can.</summary>
internal sealed class ReplicaProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

    private readonly Process _process;

    private ReplicaProcess(Process process) => _process = process;

    public static async Task<ReplicaProcess> StartAsync(IReadOnlyDictionary<string, string?> settings)
    {
        const string Mark = "Application started";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CampaignsService.dll")])
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        start.Environment["Kestrel__Endpoints__http__Url"] = "http://127.0.0.1:0";
        var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(StartLimit);
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains(Mark, StringComparison.Ordinal))
            {
                // what it says from here on must not fill its pipe
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new ReplicaProcess(process);
            }

            said.Add(line);
        }

        throw new InvalidOperationException($"The replica ended before it had started: {string.Join('\n', said)}");
    }

    /// <summary>SIGKILL: nothing is finished, nothing is given back.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
