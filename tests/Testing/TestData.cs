using System.Diagnostics;
using System.Globalization;

namespace ZohoPlatform.Testing;

/// <summary>
/// Folders for the data of servers. A test process that is killed cannot remove its own, and a run leaves hundreds of megabytes: the next
/// process removes those of processes that are gone.
/// </summary>
internal static class TestData
{
    private static readonly string Root = Path.Combine(Path.GetTempPath(), "zoho-platform-tests");

    private static readonly Lazy<string> Own = new(() =>
    {
        Directory.CreateDirectory(Root);
        foreach (var folder in Directory.GetDirectories(Root).Where(folder => !HasOwner(folder)))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // another process removes it at this moment, or it is another user's
            }
        }

        return Directory.CreateDirectory(Path.Combine(Root, Environment.ProcessId.ToString(CultureInfo.InvariantCulture))).FullName;
    });

    /// <summary>A path in this process' folder, where nothing is yet.</summary>
    public static string NewFolder() => Path.Combine(Own.Value, Guid.NewGuid().ToString("N")[..12]);

    private static bool HasOwner(string folder)
    {
        if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid))
        {
            return true;    // none of ours
        }

        try
        {
            using var owner = Process.GetProcessById(pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
