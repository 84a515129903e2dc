using ZohoPlatform.LocalServers;

// a launch is ten processes: two beside each other on two cores would each wait for the other's start
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ZohoPlatform.Platform.Tests;

/// <summary>One launch for the tests that leave the platform as they found it.</summary>
public sealed class SharedPlatform : IAsyncLifetime
{
    private readonly StateFolder _state = new();

    internal Platform Platform { get; private set; } = null!;

    internal Collector Collector { get; private set; } = null!;

    /// <summary>Where the platform takes a server of this machine for a company's, once there is one.</summary>
    internal int SourcePort { get; } = Ports.TakeFree();

    public async Task InitializeAsync()
    {
        Collector = await Collector.StartAsync();
        Platform = await Platform.LaunchAsync(_state.Path, Collector, SourcePort);
    }

    public async Task DisposeAsync()
    {
        await Platform.DisposeAsync();
        await Collector.DisposeAsync();
        _state.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class OneLaunch : ICollectionFixture<SharedPlatform>
{
    public const string Name = "one launch";
}
