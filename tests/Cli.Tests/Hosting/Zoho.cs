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

    public Dictionary<string, string?> Environment { get; } = [];

    /// <summary>Where it keeps its settings.</summary>
    public string Folder => _home.FullName;

    /// <summary>Where it is called.</summary>
    public string WorkingFolder => Path.Combine(Folder, "work");

    public string CredentialsFile => Path.Combine(Folder, "zoho", "credentials.json");

    /// <summary>A file in the working folder.</summary>
    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(WorkingFolder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <inheritdoc cref="Write(string, byte[])"/>
    public string Write(string name, string content)
    {
        var path = Path.Combine(WorkingFolder, name);
        File.WriteAllText(path, content);
        return path;
    }

    public async Task<Ran> RunAsync(string[] arguments, string? input = null)
    {
        await using var running = Start(arguments);
        await running.WriteAsync(input ?? "");
        return await EndAsync(running);
    }

    public Task<Ran> RunAsync(params string[] arguments) => RunAsync(arguments, null);

    /// <summary>In a pseudo terminal; what a person would see is <see cref="Ran.Out"/>.</summary>
    public async Task<Ran> RunInTerminalAsync(string[] arguments, string prompt = "", string? input = null, int columns = 120)
    {
        await using var running = StartInTerminal(columns, arguments);
        if (input is not null)
        {
            await running.ReadUntilAsync(prompt);
            await running.WriteAsync(input);
        }

        return await EndAsync(running);
    }

    /// <summary>With its output redirected as a shell's words say.</summary>
    public async Task<Ran> RunRedirectedAsync(string redirection, params string[] arguments)
    {
        await using var running = ServiceProcess.Start(
            "sh", ["-c", $"exec \"$@\" {redirection}", "sh", "dotnet", Program, .. arguments], WholeEnvironment, WorkingFolder);
        return await EndAsync(running);
    }

    /// <summary>A script of bash in which <c>zoho</c> is the command.</summary>
    public async Task<Ran> RunInBashAsync(string script)
    {
        await using var running = ServiceProcess.Start(
            "bash", ["-c", $"zoho() {{ dotnet '{Program}' \"$@\"; }}\n{script}"], WholeEnvironment, WorkingFolder);
        return await EndAsync(running);
    }

    public ServiceProcess StartInTerminal(params string[] arguments) => StartInTerminal(120, arguments);

    public ServiceProcess StartInTerminal(int columns, string[] arguments)
    {
        var line = string.Join(' ', ((string[])["dotnet", Program, .. arguments]).Select(part => $"'{part}'"));
        return ServiceProcess.Start(
            "script", ["--quiet", "--return", "--command", $"stty cols {columns} rows 30; {line}", "/dev/null"], WholeEnvironment, WorkingFolder);
    }

    public ServiceProcess Start(params string[] arguments) =>
        ServiceProcess.Start("dotnet", [Program, .. arguments], WholeEnvironment, WorkingFolder);

    public static async Task<Ran> EndAsync(ServiceProcess running)
    {
        var ended = await running.EndAsync();
        // whatever a command does, the key is in none of its outputs
        Assert.DoesNotContain(PlayedGateway.Key, ended.Out + ended.Error, StringComparison.Ordinal);
        return new Ran(ended.Exit, ended.Out, ended.Error);
    }

    public void Dispose() => _home.Delete(recursive: true);

    private IEnumerable<KeyValuePair<string, string?>> WholeEnvironment =>
        [.. CommandEnvironment.In(Folder), new("NO_COLOR", null), new("TERM", "xterm-256color"), .. Environment];
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
