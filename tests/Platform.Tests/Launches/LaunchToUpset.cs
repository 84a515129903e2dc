namespace ZohoPlatform.Platform.Tests.Launches;

/// <summary>One launch for the tests of a class that stop, start and clear what belongs to it.</summary>
public sealed class LaunchToUpset : IAsyncLifetime
{
    private readonly StateFolder _state = new();

    internal Platform Platform { get; private set; } = null!;

    public async Task InitializeAsync() => Platform = await Platform.LaunchAsync(_state.Path);

    public async Task DisposeAsync()
    {
        await Platform.DisposeAsync();
        _state.Dispose();
    }
}
