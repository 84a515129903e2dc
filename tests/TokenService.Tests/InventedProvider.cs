using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>
/// A provider that nobody has, with a server of its own on loopback: its client signs in with a header, its refresh tokens work once, its
/// errors come with a status, and it has neither data centres nor a budget.
/// </summary>
internal sealed class InventedProvider : OAuthProvider, IAsyncDisposable
{
    public const string ClientId = "fake-slate-client";
    public const string ClientSecret = "fakesecret-of-the-slate-app";

    private readonly ConcurrentDictionary<string, bool> _refreshTokens = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly HttpClient _http = new();
    private readonly WebApplication _server;
    private int _tokens;

    private InventedProvider(WebApplication server)
    {
        _server = server;
        Places = [new ProviderPlace(this, "", "https://api.slate.example")];
    }

    public override string Name => "slate";

    public override string Title => "Slate";

    public override string AuthorizationScheme => "Slate";

    public override IReadOnlyList<ProviderFeature> Features { get; } = [new("slates", ["slates.read", "slates.write"], "slates"), new("chalk", ["chalk"], "chalk")];

    public override IReadOnlyList<ProviderPlace> Places { get; }

    public override RefreshRules Refreshes { get; } = new(InTenMinutes: 100, IsDocumented: false);

    /// <summary>What its server was asked, in order.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    public static async Task<InventedProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.Sources.Clear();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        var provider = new InventedProvider(server);
        server.MapPost("/token", provider.Token);
        server.MapPost("/forget", provider.Forget);
        server.MapGet("/me", (HttpRequest request) =>
            request.Headers.Authorization == "Slate access" ? Results.StatusCode(403) : Results.Json(new { name = "ada" }));
        await server.StartAsync();
        return provider;
    }

    /// <summary>The code that its consent page would give.</summary>
    public string Consent()
    {
        var code = $"fake-code-{Guid.NewGuid():N}";
        _refreshTokens[code] = true;
        return code;
    }

    /// <summary>Its owner takes everything back.</summary>
    public void ForgetAll() => _refreshTokens.Clear();

    public override Uri ConsentPage(
        ProviderPlace place, string clientId, string redirectUri, IReadOnlyCollection<string> scopes, string state) => Page(
        "https://slate.example/consent",
        ("app", clientId),
        ("back", redirectUri),
        ("may", string.Join('+', scopes)),
        ("state", state));

    public override Task<Result<TokenGrant>> ExchangeCodeAsync(ProviderPlace place, OAuthClient client, string code, string? redirectUri) =>
        AskAsync(client, code);

    public override Task<Result<TokenGrant>> RefreshAsync(ProviderPlace place, OAuthClient client, string refreshToken) =>
        AskAsync(client, refreshToken);

    public override async Task<Result<RevokeOutcome>> RevokeAsync(ProviderPlace place, OAuthClient? client, string refreshToken)
    {
        using var answer = await SendAsync(client!, "forget", refreshToken);
        return answer.IsSuccessStatusCode ? RevokeOutcome.Revoked : Away;
    }

    public override async Task<Result<string>> DescribeAsync(ProviderPlace place, string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{_server.Urls.Single()}/me"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Slate", accessToken);
        using var answer = await _http.SendAsync(request);
        return answer.IsSuccessStatusCode ? $"{place} knows the connection." : Away;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    private static Failure Away => new(FailureKind.Unavailable, "slate_unavailable", "Slate does not answer.");

    private async Task<Result<TokenGrant>> AskAsync(OAuthClient client, string proof)
    {
        using var answer = await SendAsync(client, "token", proof);
        switch (answer.StatusCode)
        {
            case HttpStatusCode.OK:
                var body = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
                return new TokenGrant(
                    (string)body["access"]!, (string)body["next"]!, TimeSpan.FromHours(1), ["slates.read", "slates.write"], ApiDomain: null, "slate-7");
            case HttpStatusCode.Gone:
                return new Failure(FailureKind.Precondition, "grant_revoked", "Slate has forgotten this connection. Connect it again.");
            case HttpStatusCode.Unauthorized:
                return new Failure(FailureKind.Precondition, "client_secret_refused", "Slate does not know this app.");
            default:
                return Away;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(OAuthClient client, string path, string proof)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{_server.Urls.Single()}/{path}"))
        {
            Content = new StringContent(proof),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client.Id}:{client.Secret}")));
        return await _http.SendAsync(request);
    }

    private async Task<IResult> Token(HttpRequest request)
    {
        var proof = await ReadAsync(request, "token");
        if (request.Headers.Authorization != $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ClientId}:{ClientSecret}"))}")
        {
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        if (!_refreshTokens.TryRemove(proof, out _))
        {
            return Results.StatusCode(StatusCodes.Status410Gone);
        }

        var number = Interlocked.Increment(ref _tokens);
        var next = $"fake-slate-refresh-{number}-{Guid.NewGuid():N}";
        _refreshTokens[next] = true;
        return Results.Json(new { access = $"fake-slate-access-{number}-{Guid.NewGuid():N}", next });
    }

    private async Task<IResult> Forget(HttpRequest request)
    {
        _refreshTokens.TryRemove(await ReadAsync(request, "forget"), out _);
        return Results.Ok();
    }

    private async Task<string> ReadAsync(HttpRequest request, string what)
    {
        _asked.Enqueue(what);
        using var reader = new StreamReader(request.Body);
        return await reader.ReadToEndAsync();
    }
}
