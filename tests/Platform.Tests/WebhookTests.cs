using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>A company's own server is told when somebody takes the company's grant back at Zoho.</summary>
[Collection(OneLaunch.Name)]
public sealed class WebhookTests(SharedPlatform shared) : IAsyncLifetime
{
    private readonly Platform _platform = shared.Platform;
    private readonly Channel<Told> _received = Channel.CreateUnbounded<Told>();
    private readonly List<string> _made = [];
    private WebApplication _receiver = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _receiver = builder.Build();
        _receiver.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync(http.RequestAborted);
            var headers = http.Request.Headers;
            await _received.Writer.WriteAsync(new Told(
                $"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}",
                headers["webhook-signature"].ToString(),
                JsonElement.Parse(body)));
        });
        await _receiver.StartAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var made in _made)
        {
            (await _platform.Gateway.DeleteAsync(made)).EnsureSuccessStatusCode();
        }

        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_grant_that_is_taken_back_at_zoho_is_told_with_a_signature_that_fits()
    {
        var webhook = await MakeAsync(
            "/api/v1/webhooks", new { url = _receiver.Urls.Single(), event_types = new[] { "connection.grant_revoked" } });
        var refreshToken = (await SimulateAsync("refresh-tokens", new { data_centre = "us" })).GetProperty("refresh_token").GetString();
        var connection = (await MakeAsync(
            "/api/v1/connections",
            new { provider = "zoho", features = new[] { "campaigns" }, owner = "leaves@example.com", refresh_token = refreshToken }))
            .GetProperty("id").GetString();

        await SimulateAsync("tokens/kill", new { kind = "refresh", token = refreshToken });
        await Eventually.GetAsync(
            () => PostAsync(_platform.Gateway, $"/api/v1/connections/{connection}/test", new { }),
            tried => !tried.GetProperty("ok").GetBoolean() && tried.GetProperty("code").GetString() == "grant_revoked");

        using var limit = new CancellationTokenSource(Eventually.Limit);
        var told = await _received.Reader.ReadAsync(limit.Token);
        Assert.Equal("connection.grant_revoked", told.Event.GetProperty("type").GetString());
        Assert.Equal(connection, told.Event.GetProperty("data").GetProperty("connection").GetProperty("id").GetString());
        var key = Convert.FromBase64String(webhook.GetProperty("secret").GetString()!["whsec_".Length..]);
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(told.Signed))), told.Signature);
    }

    private async Task<JsonElement> MakeAsync(string path, object body)
    {
        var made = await PostAsync(_platform.Gateway, path, body);
        _made.Add($"{path}/{made.GetProperty("id").GetString()}");
        return made;
    }

    private Task<JsonElement> SimulateAsync(string control, object body) => PostAsync(_platform.Simulator, $"/_simulator/{control}", body);

    private static async Task<JsonElement> PostAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>One request: what its signature is over, the signature, and the event.</summary>
    private sealed record Told(string Signed, string Signature, JsonElement Event);
}
