using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Aspire.Hosting.Runtime;

/// <summary>Programs of the machine.</summary>
internal static class Executables
{
    public static IEnumerable<string> InPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(d => Path.Combine(d, name)).Where(File.Exists);
}

/// <summary>What a server needs of this process's environment, and nothing of its secrets.</summary>
internal static class ServerEnvironment
{
    private static readonly string[] Passed = ["PATH", "TZ"];

    public static Dictionary<string, string> With(Dictionary<string, string> own)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["LC_ALL"] = "C.UTF-8" };
        foreach (var name in Passed)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                environment[name] = value;
            }
        }
        foreach (var (name, value) in own)
        {
            environment[name] = value;
        }
        return environment;
    }
}

/// <summary>A short command that must succeed.</summary>
internal static class Command
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(string[] words, string? input, string failure, CancellationToken ct)
    {
        var (exitCode, output) = await TryAsync(words, input, ct);
        if (exitCode != 0)
        {
            throw new DistributedApplicationException($"{failure}: {output.Trim()}");
        }
    }

    public static async Task<(int ExitCode, string Output)> TryAsync(string[] words, string? input, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(words[0], words.Skip(1))
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await errors is { Length: > 0 } said ? said : await output);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

/// <summary>A server's data folder, which must belong to the user the server runs as and be reachable by it.</summary>
internal static class DataFolder
{
    /// <param name="wanted">Where the data should be.</param>
    /// <param name="user">The server's user; null: the one this process runs as.</param>
    /// <param name="instance">Whose log tells about a detour.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>
    /// The folder itself; or, where its user cannot get to it (a checkout below a folder of root's alone), one beside that user's
    /// home, always the same for the same checkout, with a link to it at the wanted place.
    /// </returns>
    public static async Task<string> PrepareAsync(string wanted, string? user, ResourceInstance instance, CancellationToken ct)
    {
        var folder = new DirectoryInfo(wanted) is { Exists: true, LinkTarget: not null } link
            ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName
            : wanted;
        if (user is null)
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return folder;
        }
        await MakeAsync(folder, user, ct);
        if (await IsReachableAsync(folder, user, ct))
        {
            return folder;
        }
        if (folder != wanted || Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new DistributedApplicationException(
                $"User '{user}' cannot reach '{folder}', which '{instance.Name}' runs on. Open the folders above it to others (chmod o+x).");
        }
        var home = Path.Combine("/var/lib", user is "postgres" ? "postgresql" : user);
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wanted)))[..12];
        var detour = Path.Combine(Directory.Exists(home) ? home : "/var/tmp", $"zoho-platform-{name}");
        await MakeAsync(detour, user, ct);
        if (!await IsReachableAsync(detour, user, ct))
        {
            throw new DistributedApplicationException(
                $"User '{user}' can reach neither '{wanted}' nor '{detour}', and '{instance.Name}' must run as that user.");
        }
        Directory.Delete(folder);
        Directory.CreateSymbolicLink(folder, detour);
        instance.Log.Add($"User '{user}' cannot reach '{wanted}'; the data are in '{detour}', and a link stands at the wanted place.");
        return detour;
    }

    private static Task MakeAsync(string folder, string user, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        return Command.RunAsync(
            ["install", "-d", "-o", user, "-g", user, "-m", "0700", folder], null, $"'{folder}' cannot be made for user '{user}'", ct);
    }

    private static async Task<bool> IsReachableAsync(string folder, string user, CancellationToken ct) =>
        (await Command.TryAsync(
            ["setpriv", $"--reuid={user}", $"--regid={user}", "--init-groups", "--", "test", "-w", folder], null, ct)).ExitCode == 0;
}
