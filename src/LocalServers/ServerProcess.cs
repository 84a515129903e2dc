using System.Diagnostics;

namespace ZohoPlatform.LocalServers;

/// <summary>
/// A server as a plain process of this one: started again where it was, with its data, when it ends by itself, and gone with this process
/// however that ends.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const int StartTries = 3;
    private const int LinesKept = 20;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RestartAfter = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _lines = new();
    private readonly Task _running;

    private ServerProcess(LocalServer server)
    {
        Server = server;
        _running = RunAsync();
    }

    /// <summary>The server that runs.</summary>
    public LocalServer Server { get; }

    /// <summary>Starts it; the answer comes when it can be used.</summary>
    /// <exception cref="InvalidOperationException">It is not installed, or ended three times before it answered; the message shows its last lines.</exception>
    public static async Task<ServerProcess> StartAsync(LocalServer server)
    {
        var process = new ServerProcess(server);
        try
        {
            await process._answers.Task.WaitAsync(StartLimit);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it in good order, and removes data that nobody keeps.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_running.IsCompleted && _stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _running;
        if (!Server.Data.IsKept)
        {
            Server.Data.Delete();
        }
    }

    private async Task RunAsync()
    {
        for (var ended = 0; !_stopping.IsCancellationRequested; ended++)
        {
            if (ended == StartTries && !_answers.Task.IsCompleted)
            {
                _answers.SetException(new InvalidOperationException(
                    $"'{Server.Name}' ended {StartTries} times before it answered. Its last lines:\n{LastLines()}"));
                return;
            }

            try
            {
                await RunOnceAsync(await Server.PrepareAsync(_stopping.Token));
                await Task.Delay(RestartAfter, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (InvalidOperationException e) when (_answers.TrySetException(e))
            {
                return;
            }
        }
    }

    private async Task RunOnceAsync(ServerCommand command)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", command.ShellArguments("pipe"))
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var exited = process.WaitForExitAsync(CancellationToken.None);
        try
        {
            if (!_answers.Task.IsCompleted)
            {
                await AwaitAnswerAsync(exited);
            }

            await exited.WaitAsync(_stopping.Token);
        }
        finally
        {
            // the end of its input is what ends it
            process.StandardInput.Close();
            if (await Task.WhenAny(exited, Task.Delay(StopLimit)) != exited)
            {
                process.Kill(entireProcessTree: true);
                await exited;
            }
        }
    }

    private async Task AwaitAnswerAsync(Task exited)
    {
        while (!exited.IsCompleted)
        {
            if (await Server.AskAsync(_stopping.Token) is null)
            {
                _answers.TrySetResult();
                return;
            }

            await Task.WhenAny(exited, Task.Delay(TimeSpan.FromMilliseconds(50), _stopping.Token));
            _stopping.Token.ThrowIfCancellationRequested();
        }
    }

    private string LastLines()
    {
        lock (_lines)
        {
            return string.Join('\n', _lines);
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesKept)
            {
                _lines.Dequeue();
            }
        }
    }
}
