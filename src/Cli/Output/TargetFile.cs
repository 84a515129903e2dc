using ZohoPlatform.Cli.Input;

namespace ZohoPlatform.Cli.Output;

/// <summary>
/// Where an export goes. A plain file that bears the name is a whole one: it is written beside it and renamed. A device or a pipe is written as it
/// is, and a link stays one.
/// </summary>
internal static class TargetFile
{
    // opened by its name it would be written from its beginning
    private static readonly string[] StandardOutput = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

    /// <summary>Whether it is standard output, by one of its names or by none.</summary>
    public static bool IsStandardOutput(FileInfo? file) => file is null || StandardOutput.Contains(file.ToString(), StringComparer.Ordinal);

    /// <summary>Writes standard output, or a file in whole.</summary>
    public static async Task WriteAsync(FileInfo? file, Func<Stream, Task> write)
    {
        if (IsStandardOutput(file))
        {
            await using var stdout = Console.OpenStandardOutput();
            await write(stdout);
            return;
        }

        await WriteFileAsync(file!, write);
    }

    private static async Task WriteFileAsync(FileInfo file, Func<Stream, Task> write)
    {
        var unfinished = "";
        try
        {
            // by the name that was given: what a link of /dev/fd says of a pipe is no path
            if (Path.Exists(file.FullName))
            {
                await using var there = new FileStream(file.FullName, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
                if (!IsPlainFile(there))
                {
                    await write(there);
                    return;
                }
            }

            var target = file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
            unfinished = $"{target.FullName}.{Path.GetRandomFileName()}";
            await using (var content = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write))
            {
                if (!OperatingSystem.IsWindows() && target.Exists)
                {
                    File.SetUnixFileMode(unfinished, File.GetUnixFileMode(target.FullName));
                }

                await write(content);
            }

            File.Move(unfinished, target.FullName, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure("file_unwritable", $"{file} cannot be written: {FileTrouble.Of(e, file.FullName)}.");
        }
        finally
        {
            if (File.Exists(unfinished))
            {
                File.Delete(unfinished);
            }
        }
    }

    // .NET says of a device that it is a normal file; its length is what nobody can set
    private static bool IsPlainFile(FileStream stream)
    {
        if (!stream.CanSeek)
        {
            return false;
        }

        try
        {
            stream.SetLength(stream.Length);
            return true;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            return false;
        }
    }
}
