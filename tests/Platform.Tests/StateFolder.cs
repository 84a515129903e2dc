namespace ZohoPlatform.Platform.Tests;

/// <summary>
/// A launch's state, kept between launches of one test and gone after it. Other users may pass through it: PostgreSQL may run as another one, and
/// would keep its data elsewhere if it could not reach them here.
/// </summary>
internal sealed class StateFolder : IDisposable
{
    public StateFolder()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.OtherExecute);
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("zoho-platform-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
