using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Simulator.Tests;

/// <summary>The real simulator on a real port, a fresh world for each test, and the words tests speak to it.</summary>
internal sealed class SimulatorHost : IDisposable
{
    public const string ClientId = "1000.fake-demo-client";
    public const string ListKey = "3zfade00000000000000000000000000000000000000000000000000000000de70";
    public const string RedirectUri = "http://127.0.0.1:8080/api/v1/crm/zoho/callback";

    private readonly ServiceHost _host;

    public SimulatorHost(params (string Setting, string Value)[] settings)
    {
        _host = ServiceHost.Start<Program>(
            [new("urls", "http://127.0.0.1:0"), .. settings.Select(one => KeyValuePair.Create(one.Setting, (string?)one.Value))],
            new RecordedLog());
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = _host.Address,
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    public HttpClient Http { get; }

    public static string Secret(string dataCentre = "us") => $"fake-demo-secret-{dataCentre}";

    public static string DemoRefreshToken(string dataCentre = "us") => $"1000.fake-demo-refresh-{dataCentre}";

    public static string Accounts(string dataCentre = "us") => dataCentre is "us" ? "accounts.zoho.com" : $"accounts.zoho.{dataCentre}";

    public static string Api(string dataCentre = "us") => dataCentre is "us" ? "www.zohoapis.com" : $"www.zohoapis.{dataCentre}";

    public static string Campaigns(string dataCentre = "us") => dataCentre is "us" ? "campaigns.zoho.com" : $"campaigns.zoho.{dataCentre}";

    public async Task<HttpResponseMessage> PostFormAsync(string path, params (string Name, string? Value)[] parameters)
    {
        using var form = Form(parameters);
        return await Http.PostAsync(path, form);
    }

    public Task<HttpResponseMessage> RefreshAsync(string? refreshToken = null, string dataCentre = "us", string? secret = null, string clientId = ClientId) =>
        PostFormAsync(
            $"/{Accounts(dataCentre)}/oauth/v2/token",
            ("grant_type", "refresh_token"), ("client_id", clientId), ("client_secret", secret ?? Secret(dataCentre)),
            ("refresh_token", refreshToken ?? DemoRefreshToken(dataCentre)));

    public async Task<string> AccessTokenAsync(string? refreshToken = null, string dataCentre = "us")
    {
        using var response = await RefreshAsync(refreshToken, dataCentre);
        return (await JsonAsync(response)).GetProperty("access_token").GetString()!;
    }

    public Task<HttpResponseMessage> ExchangeAsync(string code, string dataCentre = "us", string? redirectUri = null) => PostFormAsync(
        $"/{Accounts(dataCentre)}/oauth/v2/token",
        ("grant_type", "authorization_code"), ("client_id", ClientId), ("client_secret", Secret(dataCentre)), ("code", code), ("redirect_uri", redirectUri));

    public async Task<string> MintCodeAsync(string dataCentre = "us", string? scopes = null) =>
        (await ControlAsync(HttpMethod.Post, "grant-codes", new { data_centre = dataCentre, scopes })).GetProperty("code").GetString()!;

    public async Task<string> MintRefreshTokenAsync(string dataCentre = "us", string? scopes = null) =>
        (await ControlAsync(HttpMethod.Post, "refresh-tokens", new { data_centre = dataCentre, scopes })).GetProperty("refresh_token").GetString()!;

    /// <summary>A call to a Campaigns method; null as the token sends none.</summary>
    public async Task<HttpResponseMessage> CampaignsAsync(
        HttpMethod verb, string method, string? token, IEnumerable<(string Name, string? Value)> parameters, string dataCentre = "us")
    {
        using var form = Form([.. parameters]);
        using var request = new HttpRequestMessage(verb, $"/{Campaigns(dataCentre)}/api/v1.1/{method}");
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Zoho-oauthtoken", token);
        }

        if (verb == HttpMethod.Get)
        {
            request.RequestUri = new($"{request.RequestUri}?{await form.ReadAsStringAsync()}", UriKind.Relative);
        }
        else
        {
            request.Content = form;
        }

        return await Http.SendAsync(request);
    }

    public Task<HttpResponseMessage> SubscribeAsync(string? token, string contactInfo, string listKey = ListKey, params (string Name, string? Value)[] more) =>
        CampaignsAsync(HttpMethod.Post, "json/listsubscribe", token, [("resfmt", "JSON"), ("listkey", listKey), ("contactinfo", contactInfo), .. more]);

    public async Task<JsonElement> ContactsAsync(string dataCentre = "us", string listKey = ListKey) =>
        await ControlAsync(HttpMethod.Get, $"lists/{dataCentre}/{listKey}/contacts");

    public Task SeedAsync(params object[] contacts) => ControlAsync(HttpMethod.Post, $"lists/us/{ListKey}/contacts", new { contacts });

    public Task AdvanceAsync(TimeSpan by) => ControlAsync(HttpMethod.Post, "clock", new { advance_seconds = by.TotalSeconds });

    public Task FreezeAsync() => ControlAsync(HttpMethod.Post, "clock", new { frozen = true });

    public Task SetAsync(object settings) => ControlAsync(HttpMethod.Patch, "settings", settings);

    /// <summary>A control that must succeed.</summary>
    public async Task<JsonElement> ControlAsync(HttpMethod method, string path, object? body = null)
    {
        using var response = await SendControlAsync(method, path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length > 0 ? JsonDocument.Parse(text).RootElement : default;
    }

    public async Task<HttpResponseMessage> SendControlAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/_simulator/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        return await Http.SendAsync(request);
    }

    public async Task<long> CallsAsync(string operation, string outcome) =>
        (await ControlAsync(HttpMethod.Get, $"calls?operation={operation}&outcome={outcome}")).GetProperty("total").GetInt64();

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    public static async Task<string> CodeAsync(Task<HttpResponseMessage> call)
    {
        using var response = await call;
        return (await JsonAsync(response)).GetProperty("code").GetString()!;
    }

    /// <summary>A stop as on SIGTERM, with everything that is done then.</summary>
    public Task StopAsync() => _host.DisposeAsync().AsTask();

    public void Dispose()
    {
        Http.Dispose();
        _host.Dispose();
    }

    private static FormUrlEncodedContent Form((string Name, string? Value)[] parameters) =>
        new(parameters.Where(parameter => parameter.Value is not null).Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value!)));
}
