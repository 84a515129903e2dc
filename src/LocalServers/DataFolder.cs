using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.LocalServers;

/// <summary>Where a server keeps its data.</summary>
/// <param name="Path">The wanted place.</param>
/// <param name="IsKept">False for data that end with the server and need not survive a power cut.</param>
public sealed record DataFolder(string Path, bool IsKept)
{
    // root's alone, so that no user can put a link in a data folder's place
    private const string Detours = "/var/lib/zoho-platform";

    private static readonly TimeSpan FormerEndLimit = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Makes the folder, for <paramref name="user"/> or, without one, for the user of this process. Where its user cannot get to it (a checkout
    /// below a folder of root's alone) the data are below <c>/var/lib/zoho-platform</c>, and a link stands at the wanted place.
    /// </summary>
    /// <returns>Where the data really are.</returns>
    /// <exception cref="InvalidOperationException">The user can reach neither, or a link that was not made here stands at the wanted place.</exception>
    internal async Task<string> PrepareAsync(string? user, CancellationToken cancellationToken)
    {
        var target = new DirectoryInfo(Path).LinkTarget;
        if (target is not null && target != Detour)
        {
            throw new InvalidOperationException($"'{Path}' is a link to '{target}', and a server's folder is none. Move the data to where the link is.");
        }

        var folder = target ?? Path;
        await MakeAsync(folder, user, cancellationToken);
        if (user is null)
        {
            return folder;
        }

        if (await IsReachableAsync(folder, user, cancellationToken))
        {
            return folder;
        }

        if (folder != Path || Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new InvalidOperationException(
                $"User '{user}' cannot reach '{folder}', where the data are. Open the folders above it to others (chmod o+x).");
        }

        if (Directory.Exists(Detour) && Directory.EnumerateFileSystemEntries(Detour).Any())
        {
            throw new InvalidOperationException(
                $"'{Detour}' holds the data of an earlier '{Path}', which is gone with what opens them. Run: rm -r {Detour}");
        }

        await MakeAsync(Detour, user, cancellationToken);
        if (!await IsReachableAsync(Detour, user, cancellationToken))
        {
            throw new InvalidOperationException($"User '{user}' can reach neither '{Path}' nor '{Detour}', and the server must run as that user.");
        }

        Directory.Delete(folder);
        Directory.CreateSymbolicLink(folder, Detour);
        return Detour;
    }

    /// <summary>
    /// Waits until the server that <paramref name="pidFile"/> names has ended, and kills it when that takes too long: two servers on one
    /// folder would ruin it. A number that is another program's by now is known by where that program works.
    /// </summary>
    internal static async Task WaitForFormerAsync(string folder, string pidFile, CancellationToken cancellationToken)
    {
        var path = System.IO.Path.Combine(folder, pidFile);
        if (!File.Exists(path))
        {
            return;
        }

        if (!int.TryParse((await File.ReadAllLinesAsync(path, cancellationToken)).FirstOrDefault(), CultureInfo.InvariantCulture, out var pid))
        {
            // a crash can leave it empty, and a server would refuse to start with it
            pid = Directory.GetDirectories("/proc")
                .Select(process => int.TryParse(System.IO.Path.GetFileName(process), CultureInfo.InvariantCulture, out var number) ? number : 0)
                .FirstOrDefault(number => number != 0 && RunsOn(number, path, pidFile));
        }

        var begun = TimeProvider.System.GetTimestamp();
        while (RunsOn(pid, path, pidFile))
        {
            if (TimeProvider.System.GetElapsedTime(begun) > FormerEndLimit)
            {
                await ShellCommand.RunAsync(
                    ["kill", "-KILL", pid.ToString(CultureInfo.InvariantCulture)], input: null, "A former server cannot be ended", cancellationToken);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }

        File.Delete(path);
    }

    /// <summary>Removes the data, a detour's too.</summary>
    public void Delete()
    {
        if (new DirectoryInfo(Path).LinkTarget is { } target)
        {
            if (target == Detour && Directory.Exists(Detour))
            {
                Directory.Delete(Detour, recursive: true);
            }

            File.Delete(Path);  // the link
        }
        else if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    // a server works in its data folder; by the file and not by the folder's name, which a link anywhere above may change
    private static bool RunsOn(int pid, string path, string pidFile)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cwd/{pidFile}")) == File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;   // it has ended, or the number is another program's
        }
    }

    // always the same for the same place
    private string Detour => System.IO.Path.Combine(Detours, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)))[..12]);

    /// <summary>Makes a folder anew, without what it held.</summary>
    internal static Task MakeEmptyAsync(string folder, string? user, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return MakeAsync(folder, user, cancellationToken);
    }

    private static Task MakeAsync(string folder, string? user, CancellationToken cancellationToken)
    {
        if (user is null)
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return Task.CompletedTask;
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(folder)!);
        return ShellCommand.RunAsync(
            ["install", "-d", "-o", user, "-g", user, "-m", "0700", folder], input: null, $"'{folder}' cannot be made for user '{user}'",
            cancellationToken);
    }

    private static async Task<bool> IsReachableAsync(string folder, string user, CancellationToken cancellationToken) =>
        (await ShellCommand.TryAsync(
            ["setpriv", .. ServerCommand.AsUser(user), "--", "test", "-w", folder], input: null, cancellationToken))
        .ExitCode == 0;
}
