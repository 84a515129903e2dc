using System.Net.Http.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>Zoho, played by the simulator as a process of its own; one for all tests of a class.</summary>
public sealed class SimulatedZoho : IAsyncLifetime
{
    private SimulatorProcess _simulator = null!;

    public HttpClient Http => _simulator.Http;

    public string ClientId { get; private set; } = "";

    public async Task InitializeAsync()
    {
        _simulator = await SimulatorProcess.StartAsync();
        ClientId = (await _simulator.WorldAsync()).GetProperty("client").GetProperty("client_id").GetString()!;
    }

    public async Task DisposeAsync() => await _simulator.DisposeAsync();

    public async Task<string> OfDataCentreAsync(string code, string what) =>
        (await _simulator.DataCentreAsync(code)).GetProperty(what).GetString()!;

    /// <summary>What the app of HubSpot and its portal are called.</summary>
    public async Task<string> OfHubSpotAsync(string what) =>
        (await _simulator.WorldAsync()).GetProperty("hubspot").GetProperty(what).GetString()!;

    public async Task SetTokenLifeAsync(int seconds) =>
        (await Http.PatchAsJsonAsync("_simulator/settings", new { access_token_seconds = seconds })).EnsureSuccessStatusCode();

    public Task ForgetCallsAsync() => Http.PostAsync("_simulator/calls/reset", null);

    /// <summary>Refreshes that reached Zoho.</summary>
    public Task<long> RefreshesAsync() => _simulator.CallsAsync("token.refresh_token");
}
