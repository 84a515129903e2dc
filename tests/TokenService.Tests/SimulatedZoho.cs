using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>Zoho, played by the simulator as a process of its own; one for all tests of a class.</summary>
public sealed class SimulatedZoho : IAsyncLifetime
{
    private DistributedApplication _app = null!;

    public HttpClient Http { get; private set; } = null!;

    public string ClientId { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        var simulator = builder.AddProject("simulator", Path.Combine(Checkout(), "src", "Simulator", "Simulator.csproj"))
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health");
        _app = await builder.BuildAsync();
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await _app.StartAsync(limit.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync(simulator.Resource.Name, limit.Token);
        Http = _app.CreateHttpClient(simulator.Resource.Name);
        ClientId = (await WorldAsync()).GetProperty("client").GetProperty("client_id").GetString()!;
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }

    public async Task<string> OfDataCentreAsync(string code, string what) => (await WorldAsync())
        .GetProperty("data_centres").EnumerateArray()
            .Single(dc => dc.GetProperty("code").GetString() == code).GetProperty(what).GetString()!;

    public async Task SetTokenLifeAsync(int seconds) =>
        (await Http.PatchAsJsonAsync("_simulator/settings", new { access_token_seconds = seconds })).EnsureSuccessStatusCode();

    public Task ForgetCallsAsync() => Http.PostAsync("_simulator/calls/reset", null);

    /// <summary>Refreshes that reached Zoho.</summary>
    public async Task<long> RefreshesAsync() =>
        (await Http.GetFromJsonAsync<JsonElement>("_simulator/calls?operation=token.refresh_token")).GetProperty("total").GetInt64();

    private Task<JsonElement> WorldAsync() => Http.GetFromJsonAsync<JsonElement>("_simulator/world");

    private static string Checkout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ZohoPlatform.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run from a checkout.");
    }
}
