using ZohoPlatform.Gateway.Tests.Hosting;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>One gateway for the tests of a class that change nothing about it; each test has a tenant of its own.</summary>
public sealed class SharedGateway : IAsyncLifetime
{
    internal GatewayHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await GatewayHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
