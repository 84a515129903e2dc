using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>The <c>zoho</c> command as somebody at a company runs it: with a home of their own, on a platform's gateway.</summary>
internal sealed class ZohoCommand : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("zoho-platform-cli-");

    /// <summary>A file where it is called.</summary>
    public string Write(string name, string content)
    {
        var path = Path.Combine(_home.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>As if what keeps its state in <paramref name="state"/> had been launched from the folder that the command is called in.</summary>
    public void StandInCheckoutOf(string state)
    {
        Write("ZohoPlatform.sln", "");
        Directory.CreateSymbolicLink(Path.Combine(_home.FullName, ".zoho"), state);
    }

    /// <summary>One that waits for somebody.</summary>
    public ServiceProcess Start(string[] arguments) => ServiceProcess.Start(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "zoho.dll"), .. arguments], CommandEnvironment.In(_home.FullName), _home.FullName);

    public async Task<(int Exit, string Out)> RunAsync(string[] arguments, string input = "")
    {
        var ran = await ServiceProcess.RunAsync(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "zoho.dll"), .. arguments],
            CommandEnvironment.In(_home.FullName),
            _home.FullName,
            input);
        return (ran.Exit, ran.Out + ran.Error);
    }

    /// <summary>The last line of a command that was called with <c>--json</c>, which must end with <paramref name="exit"/>.</summary>
    public async Task<JsonElement> RunAsync(int exit, params string[] arguments)
    {
        var ran = await RunAsync([.. arguments, "--json"]);
        Assert.True(ran.Exit == exit, $"exit code {ran.Exit} instead of {exit}\n{ran.Out}");
        return JsonElement.Parse(ran.Out.TrimEnd().Split('\n')[^1]);
    }

    public void Dispose() => _home.Delete(recursive: true);
}
