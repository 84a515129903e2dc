using System.Net.Http.Json;
using System.Text.Json;

namespace ZohoPlatform.Testing;

/// <summary>Zoho, played by the simulator as a process of its own, with a world of its own; gone when it is disposed.</summary>
public sealed class SimulatorProcess : IAsyncDisposable
{
    private readonly ServiceProcess _process;

    private SimulatorProcess(ServiceProcess process) =>
        (_process, Http) = (process, new HttpClient { BaseAddress = process.Address });

    /// <summary>Its controls, under <c>_simulator/</c>, and the hosts that it plays.</summary>
    public HttpClient Http { get; }

    public static async Task<SimulatorProcess> StartAsync() => new(await ServiceProcess.StartProgramAsync(
        Path.Combine(Checkout.Root, "src", "Simulator", "bin", Configuration, "net10.0", "Simulator.dll"),
        [new("ASPNETCORE_URLS", "http://127.0.0.1:0")]));

    /// <summary>What the world began with: <c>client</c>, <c>data_centres</c>.</summary>
    public Task<JsonElement> WorldAsync() => Http.GetFromJsonAsync<JsonElement>("_simulator/world");

    /// <summary>The demo organisation, person and credentials of one data centre.</summary>
    public async Task<JsonElement> DataCentreAsync(string code) => (await WorldAsync())
        .GetProperty("data_centres").EnumerateArray().Single(dc => dc.GetProperty("code").GetString() == code);

    /// <summary>Calls of <paramref name="operation"/> that reached Zoho: <c>listsubscribe</c>, <c>token.refresh_token</c>...</summary>
    public async Task<long> CallsAsync(string operation) =>
        (await Http.GetFromJsonAsync<JsonElement>($"_simulator/calls?operation={operation}")).GetProperty("total").GetInt64();

    // built as these tests are: bin/{configuration}/net10.0
    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }
}
