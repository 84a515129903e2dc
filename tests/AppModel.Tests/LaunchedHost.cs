using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.Runtime;
using ZohoPlatform.Testing;

namespace ZohoPlatform.AppModel.Tests;

/// <summary>The demo app host as a process of its own.</summary>
internal sealed class LaunchedHost : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _state;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LaunchedHost(string state, IReadOnlyDictionary<string, string>? environment = null, params string[] args)
    {
        _state = state;
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "DemoHost.dll"), $"AppHost:StateDirectory={state}", .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Add(e.Data);
        _process.ErrorDataReceived += (_, e) => Add(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => string.Join(Environment.NewLine, _lines);

    public static void Kill(string pid) => Signals.Send(int.Parse(pid, CultureInfo.InvariantCulture), Signals.Kill);

    public static bool IsAlive(int pid) => ProcFs.StartTimeOf(pid) is not null;

    /// <summary>The pids that the launch wrote down.</summary>
    public static IReadOnlyList<int> ChildrenOf(string state) =>
        Directory.Exists(Path.Combine(state, "pids"))
            ? [.. Directory.GetFiles(Path.Combine(state, "pids"))
                .Select(f => int.Parse(File.ReadAllText(f).Split(' ')[0], CultureInfo.InvariantCulture))]
            : [];

    /// <summary>The launch's last line.</summary>
    public async Task<string> ReadyAsync()
    {
        try
        {
            await Task.WhenAny(_ready.Task, _process.WaitForExitAsync()).WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Not ready after {Limit.TotalSeconds} s:{Environment.NewLine}{Output}");
        }
        Assert.True(_ready.Task.IsCompleted, Output);
        return _lines.First(l => l.StartsWith("Ready", StringComparison.Ordinal));
    }

    public void Send(int signal) => Signals.Send(_process.Id, signal);

    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Kills the app host and waits until what it started has noticed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process.HasExited)
        {
            _process.Dispose();
            return;
        }
        Send(Signals.Kill);
        await ExitAsync();
        _process.Dispose();
        await Eventually.GetAsync(() => Task.FromResult(ChildrenOf(_state).Any(IsAlive)), alive => !alive);
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
            if (line.StartsWith("Ready", StringComparison.Ordinal))
            {
                _ready.TrySetResult();
            }
        }
    }
}
