using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Received = ZohoPlatform.TokenService.Tests.PlayedZoho.Received;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>HubSpot at the other end of the wire: gives tokens as the real one does, or what a test says instead, and keeps what it was sent.</summary>
internal sealed class PlayedHubSpot : HttpMessageHandler
{
    public const string ClientId = "fake-hubspot-client";
    public const string ClientSecret = "fakesecret-of-the-hubspot-app";
    public const string RefreshToken = "fake-hubspot-refresh-of-the-tenant";

    private readonly ConcurrentQueue<Received> _requests = new();
    private readonly ConcurrentBag<string> _given = [RefreshToken];
    private int _tokens;

    /// <summary>Instead of the usual answer; null for the usual one.</summary>
    public Func<Received, HttpResponseMessage?> Instead { get; set; } = _ => null;

    /// <summary>Whether every refresh brings another refresh token.</summary>
    public bool Rotates { get; set; }

    public IReadOnlyList<Received> Requests => [.. _requests];

    public IReadOnlyList<Received> Refreshes =>
        [.. _requests.Where(request => request.Form.GetValueOrDefault("grant_type") == "refresh_token")];

    /// <summary>Every token it ever gave.</summary>
    public IReadOnlyCollection<string> Given => _given;

    /// <summary>Answers requests for tokens so from now on.</summary>
    public void Refuses(HttpStatusCode status, string body, TimeSpan? retryAfter = null) =>
        Instead = request => request.Path.EndsWith("/token", StringComparison.Ordinal) ? Answer(body, status, retryAfter) : null;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var received = new Received(
            request.RequestUri!.Host,
            request.RequestUri.PathAndQuery,
            request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
        _requests.Enqueue(received);
        return Instead(received) ?? Usual(received);
    }

    private HttpResponseMessage Usual(Received request) => request.Path switch
    {
        "/oauth/2026-03/token" => Grant(request, ""","hub_id":24000001,"scopes":["crm.objects.contacts.read","crm.objects.contacts.write","oauth"]"""),
        "/oauth/v1/token" => Grant(request, ""),
        "/oauth/2026-03/token/revoke" => Answer("{}"),
        "/account-info/v3/details" => Answer("""{"portalId":24000001}"""),
        _ when request.Path.StartsWith("/oauth/v1/access-tokens/", StringComparison.Ordinal) =>
            Answer("""{"hub_id":24000001,"scopes":["crm.objects.contacts.read","oauth"],"token_type":"access"}"""),
        _ => Answer("<html>", HttpStatusCode.NotFound),
    };

    private HttpResponseMessage Grant(Received request, string more)
    {
        var number = Interlocked.Increment(ref _tokens);
        var refresh = request.Form.TryGetValue("refresh_token", out var known) && !Rotates
            ? known
            : Give($"fake-hubspot-refresh-{number:D4}-{Guid.NewGuid():N}");
        var access = Give($"fake-hubspot-access-{number:D4}-{Guid.NewGuid():N}");
        return Answer($"{{\"token_type\":\"bearer\",\"refresh_token\":\"{refresh}\",\"access_token\":\"{access}\",\"expires_in\":1800{more}}}");
    }

    private static HttpResponseMessage Answer(string body, HttpStatusCode status = HttpStatusCode.OK, TimeSpan? retryAfter = null)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        response.Headers.RetryAfter = retryAfter is { } wait ? new RetryConditionHeaderValue(wait) : null;
        return response;
    }

    private string Give(string token)
    {
        _given.Add(token);
        return token;
    }
}
