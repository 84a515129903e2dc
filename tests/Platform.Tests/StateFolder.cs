namespace ZohoPlatform.Platform.Tests;

/// <summary>
/// A launch's state, kept between launches of one test and gone after it. Other users may pass through it: PostgreSQL may run as another one, and
/// would keep its data elsewhere if it could not reach them here.
/// </summary>
internal sealed class StateFolder : IDisposable
{
    private const int MostTries = 50;

    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(200);

    public StateFolder()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.OtherExecute);
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("zoho-platform-").FullName;

    // what a launch leaves behind ends by itself, and may still write there
    public void Dispose()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (IOException) when (tries < MostTries)
            {
                Task.Delay(AgainAfter).GetAwaiter().GetResult();
            }
        }
    }
}
