using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ZohoPlatform.Testing;

/// <summary>How a process ended, and all that it said.</summary>
public sealed record Ended(int Exit, string Out, string Error);

/// <summary>
/// A program as a process of its own: a replica of a service, which can be killed as a machine can, a launch, a command. What it says is
/// read all the time, so that it never waits for a reader; every wait for it is bounded.
/// </summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly Task _reading;
    private TaskCompletionSource _more = NewSource();
    private volatile bool _isQuiet;
    private int _read;

    private ServiceProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, _out), ReadAsync(process.StandardError, _error))
            .ContinueWith(_ => _more.TrySetResult(), TaskScheduler.Default);
    }

    /// <summary>Where a service takes calls; gRPC ones, where it has two endpoints.</summary>
    public Uri Address { get; private set; } = null!;

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>All that it has said so far, on both streams. Of a service, until it listened.</summary>
    public string Said
    {
        get
        {
            lock (_out)
            {
                return $"{_out}{_error}";
            }
        }
    }

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

    /// <summary>Starts any program.</summary>
    /// <param name="program">Its path, or its name in PATH.</param>
    /// <param name="arguments">As it gets them.</param>
    /// <param name="environment">Beside what it inherits; null takes a variable away.</param>
    /// <param name="folder">Where it works.</param>
    public static ServiceProcess Start(
        string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string?>>? environment = null, string folder = "")
    {
        // what a script runs in the background has INT ignored, and hands that on to its children
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(program, arguments)
            : new ProcessStartInfo("env", ["--default-signal=INT", program, .. arguments]);
        start.WorkingDirectory = folder;
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return new ServiceProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    /// <inheritdoc cref="Start"/>
    public static async Task<Ended> RunAsync(
        string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string?>>? environment = null, string folder = "",
        string input = "")
    {
        await using var process = Start(program, arguments, environment, folder);
        await process.WriteAsync(input);
        return await process.EndAsync();
    }

    /// <summary>Starts a replica of a service.</summary>
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
        var process = Start(
            "dotnet",
            [assembly],
            settings.Select(setting => KeyValuePair.Create(setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)),
            Path.GetDirectoryName(assembly)!);
        try
        {
            await process.ReadUntilAsync("Now listening on: ");
            process.Address = new Uri((await process.ReadUntilAsync("\n")).Trim());
            process._isQuiet = true;
            return process;
        }
        catch
        {
            await process.KillAsync();
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Types this.</summary>
    public async Task WriteAsync(string input, CancellationToken cancellationToken = default)
    {
        await _process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
    }

    /// <summary>What it says on its standard output from where the last call ended, up to and with <paramref name="text"/>.</summary>
    /// <exception cref="InvalidOperationException">It ended before that; the message is what it said.</exception>
    public async Task<string> ReadUntilAsync(string text, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        while (true)
        {
            var (more, isAll) = (Volatile.Read(ref _more).Task, _reading.IsCompleted);
            lock (_out)
            {
                var left = _out.ToString(_read, _out.Length - _read);
                if (left.IndexOf(text, StringComparison.Ordinal) is var at and >= 0)
                {
                    _read += at + text.Length;
                    return left[..(at + text.Length)];
                }
            }

            if (isAll)
            {
                throw new InvalidOperationException($"It ended before it said '{text.Trim()}': {Said}");
            }

            try
            {
                await more.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"Within {Limit} it did not say '{text.Trim()}': {Said}", e);
            }
        }
    }

    /// <summary>Sends a signal by its name, see <see cref="Signals"/>.</summary>
    public void Send(string signal) => Signals.Send(signal, _process.Id);

    /// <summary>Waits for its end; nobody types any more.</summary>
    public async Task<Ended> EndAsync(CancellationToken cancellationToken = default)
    {
        _process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            await _reading.WaitAsync(limit.Token);
            return new Ended(_process.ExitCode, _out.ToString(), _error.ToString());
        }
        catch (OperationCanceledException e)
        {
            _process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"It has not ended within {Limit}: {Said}", e);
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
            Send("TERM");
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

    private async Task ReadAsync(StreamReader stream, StringBuilder into)
    {
        var buffer = new char[4096];
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            if (_isQuiet)
            {
                continue;
            }

            lock (_out)
            {
                into.Append(buffer, 0, count);
            }

            Interlocked.Exchange(ref _more, NewSource()).SetResult();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
