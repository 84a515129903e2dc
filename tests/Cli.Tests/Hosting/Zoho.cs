using System.Diagnostics;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Cli.Tests.Hosting;

/// <summary>The real command as its users run it: a process with a home and a working folder of its own.</summary>
internal sealed class Zoho : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "zoho.dll");

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("zoho-cli-");

    public Zoho() => Directory.CreateDirectory(Path.Combine(Folder, "work"));

    /// <summary>Signed in by the environment.</summary>
    public Zoho(Uri gateway, string key = PlayedGateway.Key)
        : this()
    {
        Environment["ZOHO_PLATFORM_URL"] = gateway.AbsoluteUri;
        Environment["ZOHO_PLATFORM_API_KEY"] = key;
    }

    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Where it keeps its settings.</summary>
    public string Folder => _home.FullName;

    /// <summary>Where it is called.</summary>
    public string WorkingFolder => Path.Combine(Folder, "work");

    public string CredentialsFile => Path.Combine(Folder, "zoho", "credentials.json");

    /// <summary>A file in the working folder.</summary>
    public string Write(string name, string content)
    {
        var path = Path.Combine(WorkingFolder, name);
        File.WriteAllText(path, content);
        return path;
    }

    public async Task<Ran> RunAsync(string[] arguments, string? input = null)
    {
        using var running = Start(arguments);
        if (input is not null)
        {
            await running.StandardInput.WriteAsync(input);
        }

        running.StandardInput.Close();
        return await EndAsync(running);
    }

    public Task<Ran> RunAsync(params string[] arguments) => RunAsync(arguments, null);

    /// <summary>In a pseudo terminal of 120 columns; what a person would see is <see cref="Ran.Out"/>.</summary>
    public async Task<Ran> RunInTerminalAsync(string[] arguments, string prompt = "", string? input = null)
    {
        var line = string.Join(' ', ((string[])["dotnet", Program, .. arguments]).Select(part => $"'{part}'"));
        using var running = Start(
            new ProcessStartInfo("script", ["--quiet", "--return", "--command", $"stty cols 120 rows 30; {line}", "/dev/null"]));
        var before = "";
        if (input is not null)
        {
            before = await ReadUntilAsync(running, prompt);
            await running.StandardInput.WriteAsync(input);
            await running.StandardInput.FlushAsync();
        }

        var ran = await EndAsync(running);
        return ran with { Out = before + ran.Out };
    }

    /// <summary>With its output redirected as a shell's words say.</summary>
    public async Task<Ran> RunRedirectedAsync(string redirection, params string[] arguments)
    {
        using var running = Start(new ProcessStartInfo("sh", ["-c", $"exec \"$@\" {redirection}", "sh", "dotnet", Program, .. arguments]));
        running.StandardInput.Close();
        return await EndAsync(running);
    }

    public Process Start(string[] arguments) => Start(Testing.Signals.StartListening("dotnet", [Program, .. arguments]));

    /// <summary>What it says up to and with this text.</summary>
    public static async Task<string> ReadUntilAsync(Process running, string text)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var read = "";
        var one = new char[1];
        while (!read.EndsWith(text, StringComparison.Ordinal))
        {
            Assert.True(await running.StandardOutput.ReadAsync(one, limit.Token) == 1, $"It ended before it said {text}: {read}");
            read += one[0];
        }

        return read;
    }

    public static async Task<Ran> EndAsync(Process running)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var output = running.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = running.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await running.WaitForExitAsync(limit.Token);
            var ran = new Ran(running.ExitCode, await output, await errors);
            // whatever a command does, the key is in none of its outputs
            Assert.DoesNotContain(PlayedGateway.Key, ran.Out + ran.Error, StringComparison.Ordinal);
            return ran;
        }
        catch (OperationCanceledException)
        {
            running.Kill(entireProcessTree: true);
            throw;
        }
    }

    public void Dispose() => _home.Delete(recursive: true);

    private Process Start(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = WorkingFolder;
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ZOHO_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment.Remove("NO_COLOR");
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["XDG_CONFIG_HOME"] = Folder;
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}

/// <summary>What a command left behind.</summary>
internal sealed record Ran(int Exit, string Out, string Error)
{
    public JsonElement Json => JsonElement.Parse(Out);

    public IReadOnlyList<JsonElement> JsonLines =>
        [.. Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    /// <summary>The exit code, with everything that was said where it is another one.</summary>
    public Ran AssertExit(int expected)
    {
        Assert.True(expected == Exit, $"exit code {Exit} instead of {expected}\n{Out}\n{Error}");
        return this;
    }

    /// <summary>No colour, no cursor: nothing that only a terminal understands.</summary>
    public void AssertPlain() => Assert.DoesNotContain('\e', Out + Error);
}
