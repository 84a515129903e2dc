using System.Net.Http.Json;
using System.Text.Json;

namespace ZohoPlatform.Testing;

/// <summary>Zoho, played by the simulator as a process of its own, with a world of its own; gone when it is disposed.</summary>
public sealed class SimulatorProcess : IAsyncDisposable
{
    // names of fields stay as they are
    private static readonly JsonSerializerOptions AsWritten = new(JsonSerializerDefaults.General);

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

    /// <summary>A control: what it answers, if anything.</summary>
    public async Task<JsonElement> ControlAsync(HttpMethod method, string control, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"_simulator/{control}")
        {
            Content = body is null ? null : JsonContent.Create(body, options: AsWritten),
        };
        using var response = await Http.SendAsync(request);
        var text = await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    /// <summary>A refresh token of the demo person of a data centre, with these scopes.</summary>
    public async Task<string> GrantAsync(string dataCentre, IEnumerable<string> scopes) =>
        (await ControlAsync(HttpMethod.Post, "refresh-tokens", new { data_centre = dataCentre, scopes = string.Join(',', scopes) }))
            .GetProperty("refresh_token").GetString()!;

    /// <summary>A new access token of that person, fetched as the token service would.</summary>
    /// <param name="dataCentre">Where the person is.</param>
    /// <param name="refreshToken">The grant; null for the demo's own.</param>
    public async Task<string> AccessTokenAsync(string dataCentre, string? refreshToken = null)
    {
        var there = await DataCentreAsync(dataCentre);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "refresh_token",
            ["client_id"] = (await WorldAsync()).GetProperty("client").GetProperty("client_id").GetString()!,
            ["client_secret"] = there.GetProperty("client_secret").GetString()!,
            ["refresh_token"] = refreshToken ?? there.GetProperty("refresh_token").GetString()!,
        });
        using var response = await Http.PostAsync($"{there.GetProperty("accounts_host").GetString()}/oauth/v2/token", form);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    // built as these tests are: bin/{configuration}/net10.0
    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }
}
