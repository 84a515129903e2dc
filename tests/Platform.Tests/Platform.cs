using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>The whole platform as its app host launches it: every service a process of its own, on ports and a state folder of this launch.</summary>
internal sealed class Platform : IAsyncDisposable
{
    // no shorter than the launch's own
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private readonly DistributedApplication _app;

    private Platform(DistributedApplication app, string state)
    {
        _app = app;
        State = state;
        Gateway = app.CreateHttpClient("gateway", "http");
        ReadKey();
        Simulator = app.CreateHttpClient("simulator", "http");
    }

    /// <summary>Where databases, keys and logs are.</summary>
    public string State { get; }

    /// <summary>The demo tenant's admin key.</summary>
    public string Key { get; private set; } = "";

    /// <summary>The REST API, with <see cref="Key"/>.</summary>
    public HttpClient Gateway { get; }

    public HttpClient Simulator { get; }

    /// <param name="state">A folder of its own.</param>
    /// <param name="collector">Where the services send their telemetry; nowhere without one.</param>
    /// <param name="sourcePort">Of a database server on this machine whose tables may be synced; the usual one when 0.</param>
    public static async Task<Platform> LaunchAsync(string state, Collector? collector = null, int sourcePort = 0)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ZohoPlatform_AppHost>(
            // whatever this machine's environment says, the tests never reach real Zoho
            [
                $"AppHost:StateDirectory={state}", "AppHost:EnvFile=", "ZOHO_CLIENT_ID=", "Gateway:Port=0", "Gateway:GrpcPort=0",
                // what is left behind ends by itself; the tests of the launch look at its end
                "DcpPublisher:WaitForResourceCleanup=false",
                .. sourcePort == 0 ? [] : (string[])[$"Sources:Hosts=127.0.0.1:{sourcePort}"],
            ],
            limit.Token);
        if (collector is not null)
        {
            // no setting of the launch: its own dashboard would be there
            builder.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = collector.Address;
        }

        var app = await builder.BuildAsync(limit.Token);
        await app.StartAsync(limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", limit.Token);
        var platform = new Platform(app, state);
        // where services take their time to start, the gateway answers before it has set up the demo tenant with them
        await Eventually.GetAsync(platform.IsConnectedAsync, isConnected => isConnected);
        return platform;
    }

    /// <summary>The gateway's client goes on with the key that the launch has written down.</summary>
    public void ReadKey()
    {
        Key = File.ReadLines(Path.Combine(State, "demo.env")).First().Split('=', 2)[1];
        Gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    /// <summary>Presses a button of the dashboard.</summary>
    public async Task PressAsync(string resource, string command)
    {
        var result = await _app.ResourceCommands.ExecuteCommandAsync(resource, command).WaitAsync(StartLimit);
        Assert.True(result.Success, $"{command} of {resource}: {result.Message}");
    }

    public Task HealthyAsync(string resource) => _app.ResourceNotifications.WaitForResourceHealthyAsync(resource).WaitAsync(StartLimit);

    /// <summary>Waits until a resource is as <paramref name="condition"/> wants it.</summary>
    public async Task<CustomResourceSnapshot> WaitForAsync(string resource, Predicate<CustomResourceSnapshot> condition)
    {
        try
        {
            return (await _app.ResourceNotifications.WaitForResourceAsync(resource, change => condition(change.Snapshot)).WaitAsync(StartLimit)).Snapshot;
        }
        catch (TimeoutException e)
        {
            _app.ResourceNotifications.TryGetCurrentState(resource, out var last);
            throw new TimeoutException(
                $"{resource} is {last?.Snapshot.State?.Text}: {string.Join(", ", last?.Snapshot.Properties.Select(p => $"{p.Name}={p.Value}") ?? [])}", e);
        }
    }

    public Task<string?> ConnectionStringAsync(string database) => _app.GetConnectionStringAsync(database).AsTask();

    /// <summary>Posts a registered user and answers with the status URL.</summary>
    public async Task<string> RegisterAsync(object fields)
    {
        var answer = await Gateway.PostAsJsonAsync("/api/v1/campaigns/contacts", fields);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status_url").GetString()!;
    }

    /// <summary>Waits until the registration has one of <paramref name="statuses"/>.</summary>
    public Task<JsonElement> OutcomeAsync(string statusUrl, params string[] statuses) => Eventually.GetAsync(
        () => Gateway.GetFromJsonAsync<JsonElement>(statusUrl),
        contact => statuses.Contains(contact.GetProperty("status").GetString()));

    /// <summary>A link that begins a connect in a browser: <c>zoho/oauth?features=campaigns</c>.</summary>
    public async Task<(string Id, Uri Page)> OAuthLinkAsync(string begin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/crm/{begin}");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await Gateway.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        var link = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (link.GetProperty("id").GetString()!, new Uri(Gateway.BaseAddress!, link.GetProperty("url").GetString()));
    }

    /// <summary>What the simulator's demo list holds, by Zoho's display names.</summary>
    public async Task<IReadOnlyList<Dictionary<string, string>>> ListedAsync()
    {
        var world = await Simulator.GetFromJsonAsync<JsonElement>("/_simulator/world");
        var home = world.GetProperty("data_centres").EnumerateArray().First(dc => dc.GetProperty("code").GetString() == "us");
        var contacts = await Simulator.GetFromJsonAsync<JsonElement>($"/_simulator/lists/us/{home.GetProperty("list_key").GetString()}/contacts");
        return [.. contacts.EnumerateArray().Select(contact => contact.GetProperty("fields").Deserialize<Dictionary<string, string>>()!)];
    }

    private async Task<bool> IsConnectedAsync()
    {
        using var answer = await Gateway.GetAsync("/api/v1/connections");
        return answer.IsSuccessStatusCode
            && (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("connections").GetArrayLength() > 0;
    }

    public async ValueTask DisposeAsync()
    {
        Gateway.Dispose();
        Simulator.Dispose();
        await _app.DisposeAsync();
    }
}
