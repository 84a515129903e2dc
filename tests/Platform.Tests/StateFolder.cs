namespace ZohoPlatform.Platform.Tests;

/// <summary>A launch's state, kept between launches of one test and gone after it.</summary>
internal sealed class StateFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("zoho-platform-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
