using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Testing;

namespace ZohoPlatform.Grpc.Interop.Tests;

/// <summary>Somebody else's gRPC in a process of its own: a server that always runs, and a client that runs one case at a time.</summary>
internal sealed class Peer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CaseLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly SemaphoreSlim _turn = new(1);

    private Peer(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Where its server listens.</summary>
    public Uri Address { get; private set; } = null!;

    public static string JavaScript => Path.Combine(Folder(), "js");

    public static string Python => Path.Combine(Folder(), "python");

    /// <summary>Why grpc-js is not on this machine; null where it is.</summary>
    public static string? NoJavaScript()
    {
        if (!Directory.Exists(Path.Combine(JavaScript, "node_modules", "@grpc", "grpc-js")))
        {
            return "@grpc/grpc-js is not installed (npm ci in peers/js)";
        }

        return Runs("node", "--version") ? null : "node is not installed";
    }

    /// <summary>Why C-core is not on this machine; null where it is.</summary>
    public static string? NoPython() =>
        Runs("/usr/bin/python3", "-c", "import grpc, google.protobuf") ? null : "python3-grpcio and python3-protobuf are not installed";

    public static async Task<Peer> StartAsync(string program, string script)
    {
        var services = new FileDescriptorSet { File = { FileDescriptorProto.Parser.ParseFrom(TestReflection.Descriptor.SerializedData) } };
        var peer = new Peer(Start(program, script, services.ToByteString().ToBase64()));

        try
        {
            using var answer = await peer.AnswerAsync(StartLimit);
            peer.Address = new Uri($"http://127.0.0.1:{answer.RootElement.GetProperty("port").GetInt32()}");
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a case as its client.</summary>
    public async Task RunAsync(string name, Uri address)
    {
        await _turn.WaitAsync();

        try
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { @case = name, address = address.Authority }));
            await _process.StandardInput.FlushAsync();
            using var answer = await AnswerAsync(CaseLimit);
            Assert.True(
                answer.RootElement.GetProperty("ok").GetBoolean(),
                answer.RootElement.TryGetProperty("error", out var error) ? error.GetString() : null);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _errors;
        _process.Dispose();
        _turn.Dispose();
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "peers");

    private static Process Start(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static bool Runs(string program, params IEnumerable<string> arguments)
    {
        try
        {
            using var process = Start(program, arguments);
            return process.WaitForExit(StartLimit) && process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private async Task<JsonDocument> AnswerAsync(TimeSpan limit)
    {
        try
        {
            return await _process.StandardOutput.ReadLineAsync().WaitAsync(limit) is { } line
                ? JsonDocument.Parse(line)
                : throw new InvalidOperationException($"{_process.StartInfo.FileName} ended without an answer: {await _errors}");
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);     // its answer would be taken for the next case's
            throw;
        }
    }
}

/// <summary>The peers of this machine, each started when the first case wants it.</summary>
public sealed class Peers : IAsyncLifetime
{
    public const string Ours = "ours";
    public const string JavaScript = "grpc-js";
    public const string Python = "C-core";

    private readonly Lazy<Task<Peer>> _javaScript = new(() => Peer.StartAsync("node", Path.Combine(Peer.JavaScript, "peer.js")));
    private readonly Lazy<Task<Peer>> _python = new(() => Peer.StartAsync("/usr/bin/python3", Path.Combine(Peer.Python, "peer.py")));
    private readonly Lazy<string?> _noJavaScript = new(Peer.NoJavaScript);
    private readonly Lazy<string?> _noPython = new(Peer.NoPython);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var peer in new[] { _javaScript, _python })
        {
            if (peer is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            {
                await (await peer.Value).DisposeAsync();
            }
        }
    }

    /// <summary>Why a peer cannot take part; null where it can, and for ourselves.</summary>
    internal string? Missing(string peer) => peer switch
    {
        JavaScript => _noJavaScript.Value,
        Python => _noPython.Value,
        _ => null,
    };

    /// <summary>A peer; null for ourselves.</summary>
    internal async Task<Peer?> GetAsync(string peer) => peer switch
    {
        JavaScript => await _javaScript.Value,
        Python => await _python.Value,
        _ => null,
    };
}
