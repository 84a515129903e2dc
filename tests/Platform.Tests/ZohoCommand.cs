using System.Diagnostics;
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

    public async Task<(int Exit, string Out)> RunAsync(string[] arguments, string input = "")
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "zoho.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = _home.FullName,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ZOHO_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["XDG_CONFIG_HOME"] = _home.FullName;
        using var running = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Eventually.Limit);
        try
        {
            await running.StandardInput.WriteAsync(input);
            running.StandardInput.Close();
            var said = await Task.WhenAll(
                running.StandardOutput.ReadToEndAsync(limit.Token), running.StandardError.ReadToEndAsync(limit.Token));
            await running.WaitForExitAsync(limit.Token);
            return (running.ExitCode, string.Concat(said));
        }
        catch (OperationCanceledException)
        {
            running.Kill(entireProcessTree: true);
            throw;
        }
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
