using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>
/// A tenant to break and to mend: with an OAuth client of its own at Zoho, the <c>zoho</c> command signed in as its admin, and somebody in front
/// of a browser.
/// </summary>
internal sealed partial class Patient : IAsyncDisposable
{
    private const string DataCentre = "eu";
    private const string Settings = "/api/settings/integrations/zoho";

    private readonly Platform _platform;
    private readonly JsonElement _world;
    private readonly JsonElement _home;
    private readonly HttpClient _admin;
    private readonly ZohoCommand _zoho = new();

    private Patient(Platform platform, JsonElement world, string key)
    {
        (_platform, _world) = (platform, world);
        _home = world.GetProperty("data_centres").EnumerateArray().First(one => one.GetProperty("code").GetString() == DataCentre);
        _admin = new HttpClient { BaseAddress = platform.Gateway.BaseAddress, Timeout = Eventually.Limit };
        _admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public string ClientId { get; private set; } = "";

    /// <summary>Its connection, once there is one.</summary>
    public string Connection { get; private set; } = "";

    private string RefreshToken { get; set; } = "";

    /// <summary>What takes the place of a word that a fix leaves to who runs it.</summary>
    public IReadOnlyDictionary<string, string> Words => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ID"] = ClientId,
        ["CODE"] = DataCentre,
        ["KEY"] = _home.GetProperty("list_key").GetString()!,
    };

    /// <summary>A tenant that has nothing yet but its client at Zoho.</summary>
    public static async Task<Patient> AdmitAsync(Platform platform)
    {
        var world = await platform.Simulator.GetFromJsonAsync<JsonElement>("/_simulator/world");
        var tenant = await ReadAsync(await platform.Gateway.PostAsJsonAsync("/api/v1/admin/tenants", new { name = $"patient-{Guid.NewGuid():N}" }));
        var key = await ReadAsync(await platform.Gateway.PostAsJsonAsync(
            $"/api/v1/admin/tenants/{tenant.GetProperty("id").GetString()}/keys", new { name = "doctor", role = "admin" }));
        var patient = new Patient(platform, world, key.GetProperty("key").GetString()!);
        await patient.RegisterClientAsync();
        var login = await patient._zoho.RunAsync(
            ["login", "--url", platform.Gateway.BaseAddress!.AbsoluteUri], key.GetProperty("key").GetString()!);
        Assert.True(login.Exit == 0, login.Out);
        return patient;
    }

    /// <summary>A tenant with which all is well.</summary>
    /// <param name="platform">Where.</param>
    /// <param name="scopes">What was granted; what campaigns and crm need when null.</param>
    /// <param name="features">What the connection is for.</param>
    public static async Task<Patient> AdmitHealthyAsync(Platform platform, string? scopes = null, params string[] features)
    {
        var patient = await AdmitAsync(platform);
        await patient.SetAsync(new
        {
            client_id = patient.ClientId,
            client_secret = SecretOf(patient.ClientId),
            region = DataCentre,
            crm_enabled = features.Contains("crm", StringComparer.Ordinal),
            campaigns_list_key = patient.Words["KEY"],
        });
        patient.RefreshToken = (await ReadAsync(await platform.Simulator.PostAsJsonAsync(
            "/_simulator/refresh-tokens", new { data_centre = DataCentre, client_id = patient.ClientId, scopes })))
            .GetProperty("refresh_token").GetString()!;
        patient.Connection = (await ReadAsync(await patient._admin.PostAsJsonAsync(
            "/api/v1/connections", new { provider = "zoho", features = features.Append("campaigns"), refresh_token = patient.RefreshToken })))
            .GetProperty("id").GetString()!;
        return patient;
    }

    /// <summary>Changes its settings behind the back of the command line.</summary>
    public async Task SetAsync(object change) => await ReadAsync(await _admin.PostAsJsonAsync(Settings, change));

    public async Task DisconnectAsync()
    {
        using var answer = await _admin.DeleteAsync($"/api/v1/connections/{Connection}?even_if_in_use=true");
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Makes another client in Zoho's API console, which <c>ID</c> and the secret mean from now on.</summary>
    public async Task RegisterClientAsync()
    {
        ClientId = $"1000.fake-client-{Guid.NewGuid():N}";
        await PutClientAsync(DataCentre);
    }

    /// <summary>The client's data centres in the console.</summary>
    public async Task PutClientAsync(params string[] dataCentres) => await ControlAsync(HttpMethod.Put, "clients", new
    {
        client_id = ClientId,
        redirect_uris = _world.GetProperty("client").GetProperty("redirect_uris"),
        secrets = dataCentres.ToDictionary(code => code, _ => SecretOf(ClientId), StringComparer.Ordinal),
    });

    /// <summary>The account's owner takes the grant back at Zoho.</summary>
    public Task RevokeAsync() =>
        ControlAsync(HttpMethod.Post, "tokens/kill", new { kind = "refresh", data_centre = DataCentre, token = RefreshToken });

    /// <summary>The account has no Zoho Campaigns, or has it again.</summary>
    public Task ShutCampaignsAsync(bool isShut) => isShut
        ? ControlAsync(HttpMethod.Post, "faults", new { kind = "status", host = _home.GetProperty("campaigns_host").GetString(), path = "/*", status = 401 })
        : ControlAsync(HttpMethod.Delete, "faults", null);

    /// <summary>Most leads that are followed are gone from its Zoho CRM, and a person is asked.</summary>
    public async Task LoseLeadsAsync()
    {
        var who = await _admin.GetFromJsonAsync<JsonElement>("/api/v1/whoami");
        await PlantedFeed.PlantAsync(_platform, who.GetProperty("tenant_id").GetString()!, Connection, "Leads");
    }

    /// <summary>What the doctor says is wrong because of <paramref name="code"/>; null where it finds no such thing.</summary>
    public async Task<JsonElement?> FindAsync(string code)
    {
        var ran = await _zoho.RunAsync(["doctor", "--json"]);
        var found = JsonElement.Parse(ran.Out.TrimEnd().Split('\n')[^1]).GetProperty("findings").EnumerateArray()
            .Where(finding => finding.TryGetProperty("code", out var cause) && cause.GetString() == code
                && finding.GetProperty("status").GetString() is "failed" or "warning")
            .ToList();
        Assert.True(found.Count <= 1, $"one cause, one finding: {ran.Out}");
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>The commands of a fix, as it spells them.</summary>
    public static IReadOnlyList<string> CommandsOf(JsonElement finding) =>
        [.. Command().Matches(finding.GetProperty("fix").GetString()!).Select(command => command.Value)];

    /// <summary>Runs a command of a fix to the letter; a person copies the secret, and goes through the link and accepts.</summary>
    public async Task RunAsync(string command)
    {
        var arguments = Argument().Matches(command).Skip(1)
            .Select(argument => argument.Value.Trim('"'))
            .Select(argument => Words.GetValueOrDefault(argument, argument))
            .ToArray();
        if (arguments[0] == "connect")
        {
            await ConnectAsync(arguments);
            return;
        }

        var ran = await _zoho.RunAsync(arguments, SecretOf(ClientId));
        Assert.True(ran.Exit == 0, $"{command}: exit code {ran.Exit}\n{ran.Out}");
    }

    public async ValueTask DisposeAsync()
    {
        await PutClientAsync(DataCentre);
        _admin.Dispose();
        _zoho.Dispose();
    }

    private async Task ConnectAsync(string[] arguments)
    {
        await using var connecting = _zoho.Start(arguments);
        await connecting.ReadUntilAsync("\n\n");
        var link = new Uri((await connecting.ReadUntilAsync("\n")).Trim());
        using var browser = new Browser();
        var page = await browser.FinishAsync(link, "accept");
        Assert.True(page.IsSuccessStatusCode, await page.Content.ReadAsStringAsync());
        var ended = await connecting.EndAsync();
        Assert.True(ended.Exit == 0, $"{ended.Out}{ended.Error}");
        Assert.Contains($"account {_home.GetProperty("email").GetString()}", ended.Out, StringComparison.Ordinal);
    }

    private async Task ControlAsync(HttpMethod method, string control, object? body)
    {
        using var request = new HttpRequestMessage(method, $"/_simulator/{control}") { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await _platform.Simulator.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static string SecretOf(string clientId) => $"fake-secret-of-{clientId[^8..]}";

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage!.RequestUri!.AbsolutePath}: {(int)answer.StatusCode} {text}");
            return JsonElement.Parse(text);
        }
    }

    [GeneratedRegex("(?<![\\w.-])zoho [a-z](?:\"[^\"]*\"|,(?! )|[^\",;])*(?<! )")]
    private static partial Regex Command();

    [GeneratedRegex("\"[^\"]*\"|[^ ]+")]
    private static partial Regex Argument();
}
