using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Runtime;

/// <summary>What to run for one replica.</summary>
/// <param name="FileName">The program, by path or from PATH.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="WorkingDirectory">Where it runs.</param>
/// <param name="Environment">All of its variables; nothing is inherited besides.</param>
/// <param name="StopSignal">Asks it to end in good order.</param>
/// <param name="StopSeconds">How long that may take before it is killed.</param>
internal sealed record ProcessSpec(
    string FileName, IReadOnlyList<string> Args, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment,
    int StopSignal = Signals.Terminate, int StopSeconds = 10);

/// <summary>
/// A process that does not outlive this one, however this one ends: in a session of its own (so that Ctrl-C reaches only the app
/// host, which stops in order) and beside a watcher that reads a pipe only the app host holds open.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly string Watchdog = ReadWatchdog();
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly ProcessSpec _spec;

    private ChildProcess(Process process, ProcessSpec spec, Action<string> onLine)
    {
        (_process, _spec) = (process, spec);
        Exited = WaitAsync(Task.WhenAll(ReadAsync(process.StandardOutput, onLine), ReadAsync(process.StandardError, onLine)));
    }

    public int Pid => _process.Id;

    /// <summary>The exit code, once the process has ended and its last lines have been read.</summary>
    public Task<int> Exited { get; }

    public static ChildProcess Start(ProcessSpec spec, Action<string> onLine)
    {
        var start = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = spec.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] words =
        [
            "sh", "-c", Watchdog, "watchdog", spec.StopSignal.ToString(CultureInfo.InvariantCulture),
                spec.StopSeconds.ToString(CultureInfo.InvariantCulture),
            spec.FileName, .. spec.Args,
        ];
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }
        start.Environment.Clear();
        foreach (var (name, value) in spec.Environment)
        {
            start.Environment[name] = value;
        }
        return new(Process.Start(start)!, spec, onLine);
    }

    /// <summary>Asks the process to end, and kills it with everything it started when it does not.</summary>
    public async Task StopAsync(TimeProvider clock)
    {
        Signals.Send(Pid, _spec.StopSignal);
        try
        {
            await Exited.WaitAsync(TimeSpan.FromSeconds(_spec.StopSeconds), clock);
        }
        catch (TimeoutException)
        {
            Signals.Send(-Pid, Signals.Kill);
            await Exited;
        }
    }

    public void Dispose() => _process.Dispose();

    private static async Task ReadAsync(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            onLine(line);
        }
    }

    private async Task<int> WaitAsync(Task output)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.Exited += (_, _) => ended.TrySetResult();
        _process.EnableRaisingEvents = true;
        await ended.Task;

        // what the process started may live on and hold its output open
        await Task.WhenAny(output, Task.Delay(DrainLimit, TimeProvider.System));
        try
        {
            await _process.StandardInput.WriteLineAsync();      // the watcher's work is done
            await _process.StandardInput.DisposeAsync();
        }
        catch (IOException)
        {
            // it was killed together with the process
        }
        return _process.ExitCode;
    }

    private static string ReadWatchdog()
    {
        using var reader = new StreamReader(typeof(ChildProcess).Assembly.GetManifestResourceStream("watchdog.sh")!);
        // the remarks are for readers of the file, not for those of ps
        return string.Join('\n', reader.ReadToEnd().Split('\n').Where(line => !line.StartsWith('#')));
    }
}
