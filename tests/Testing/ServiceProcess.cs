using System.Diagnostics;
using System.Globalization;

namespace ZohoPlatform.Testing;

/// <summary>One replica of a service of the platform, or the simulator, as a process of its own, which can be killed as a machine can.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    private ServiceProcess(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>Where it takes calls; of a service, gRPC ones.</summary>
    public Uri Address { get; }

    /// <summary>What it has spent so far, of all cores together.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory that it has at the moment.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <param name="service">Name of its project, which the caller's project references.</param>
    /// <param name="settings">Its configuration.</param>
    /// <param name="port">Where it listens; 0 for a free port.</param>
    public static Task<ServiceProcess> StartAsync(string service, IEnumerable<KeyValuePair<string, string?>> settings, int port = 0) =>
        // one settings file, whosever it is, lies beside all services; of two endpoints the gRPC one is told first
        StartProgramAsync(
            Path.Combine(AppContext.BaseDirectory, $"{service}.dll"),
            [
                .. settings,
                new("Kestrel:Endpoints:grpc:Url", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
                new("Kestrel:Endpoints:grpc:Protocols", "Http2"),
            ]);

    /// <summary>Starts any program that says where it listens, as ASP.NET Core's do.</summary>
    public static async Task<ServiceProcess> StartProgramAsync(string assembly, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var start = new ProcessStartInfo("dotnet", [assembly])
        {
            WorkingDirectory = Path.GetDirectoryName(assembly),
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var process = Process.Start(start)!;
        try
        {
            return new ServiceProcess(process, await ReadAddressAsync(process));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Ends it by SIGKILL: nothing is finished, nothing is given back, and nothing of it runs any more when this returns.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
    }

    /// <summary>Stops it, where it still runs, as a rollout does: calls that it has are answered.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signals.Send("TERM", _process.Id);
            using var limit = new CancellationTokenSource(Limit);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private static async Task<Uri> ReadAddressAsync(Process process)
    {
        const string Mark = "Now listening on: ";
        using var limit = new CancellationTokenSource(Limit);
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.IndexOf(Mark, StringComparison.Ordinal) is var at and >= 0)
            {
                // what it says from here on must not fill its pipe
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new Uri(line[(at + Mark.Length)..].Trim());
            }

            said.Add(line);
        }

        throw new InvalidOperationException($"The service ended before it listened: {string.Join('\n', said)}");
    }
}
