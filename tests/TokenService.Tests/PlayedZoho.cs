using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>
/// Zoho Accounts at the other end of the wire: gives tokens as the real one does, or what a test says instead, and keeps what it was sent.
/// </summary>
internal sealed class PlayedZoho : HttpMessageHandler
{
    private readonly ConcurrentQueue<Received> _requests = new();
    private readonly ConcurrentBag<string> _given = [];
    private int _tokens;

    /// <summary>Instead of the usual answer; null for the usual one.</summary>
    public Func<Received, HttpResponseMessage?> Instead { get; set; } = _ => null;

    /// <summary>Every request waits for it before it is answered.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Requests to this path are received and never answered.</summary>
    public string KeepsSilentAt { get; set; } = "";

    /// <summary>Life of the tokens it gives, in seconds.</summary>
    public int ExpiresIn { get; set; } = 3600;

    /// <summary>What it says it granted; nothing when empty.</summary>
    public string Scopes { get; set; } = "";

    /// <summary>What it answers to who asks whose a token is; null where it says so.</summary>
    public string? RefusesTokens { get; set; }

    /// <summary>Whether a code brings a refresh token.</summary>
    public bool Offline { get; set; } = true;

    public IReadOnlyList<Received> Requests => [.. _requests];

    /// <summary>Exchanges and refreshes.</summary>
    public IReadOnlyList<Received> TokenRequests => [.. _requests.Where(request => request.Path == "/oauth/v2/token")];

    public IReadOnlyList<Received> Refreshes =>
        [.. _requests.Where(request => request.Form.GetValueOrDefault("grant_type") == "refresh_token")];

    /// <summary>What it last gave for a code.</summary>
    public string LastRefreshToken { get; private set; } = "";

    public IReadOnlyList<Received> Revocations =>
        [.. _requests.Where(request => request.Path.StartsWith("/oauth/v2/token/revoke", StringComparison.Ordinal))];

    /// <summary>Every token it ever gave.</summary>
    public IReadOnlyCollection<string> Given => _given;

    public static HttpResponseMessage Answer(string body, HttpStatusCode status = HttpStatusCode.OK, string type = "application/json") =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, type) };

    /// <summary>Answers requests for tokens so from now on.</summary>
    public void Refuses(string body, HttpStatusCode status = HttpStatusCode.OK, string type = "application/json") =>
        Instead = request => request.Path == "/oauth/v2/token" ? Answer(body, status, type) : null;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var received = new Received(
            request.RequestUri!.Host,
            request.RequestUri.PathAndQuery,
            request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
        _requests.Enqueue(received);
        if (received.Path == KeepsSilentAt)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        await Gate.WaitAsync(cancellationToken);
        return Instead(received) ?? Usual(received);
    }

    private HttpResponseMessage Usual(Received request) => request.Path.Split('?')[0] switch
    {
        "/oauth/v2/token" => Grant(request),
        "/oauth/v2/token/revoke" => Answer("""{"status":"success"}"""),
        "/oauth/user/info" when RefusesTokens is { } refused => Answer($$"""{"error":"{{refused}}"}""", HttpStatusCode.Unauthorized),
        "/oauth/user/info" => Answer("""{"ZUID":4242,"Email":"owner@example.com","Display_Name":"Owner"}"""),
        _ => Answer("<html>", HttpStatusCode.NotFound, "text/html"),
    };

    private HttpResponseMessage Grant(Received request)
    {
        var number = Interlocked.Increment(ref _tokens);
        var access = Give($"1000.fakeaccess{number:D4}.{Guid.NewGuid():N}");
        var refresh = "";
        if (request.Form["grant_type"] == "authorization_code" && Offline)
        {
            LastRefreshToken = Give($"1000.fake-refresh-{number:D4}.{Guid.NewGuid():N}");
            refresh = $"\"refresh_token\":\"{LastRefreshToken}\",";
        }

        var scope = Scopes.Length > 0 ? $"\"scope\":\"{Scopes}\"," : "";
        return Answer(
            $"{{\"access_token\":\"{access}\",{refresh}{scope}"
            + $"\"api_domain\":\"https://www.zohoapis.com\",\"token_type\":\"Bearer\",\"expires_in\":{ExpiresIn}}}");
    }

    private string Give(string token)
    {
        _given.Add(token);
        return token;
    }

    internal sealed record Received(string Host, string Path, string Body)
    {
        /// <summary>The decoded form.</summary>
        public IReadOnlyDictionary<string, string> Form { get; } = Body.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => WebUtility.UrlDecode(pair[0]), pair => WebUtility.UrlDecode(pair[1]), StringComparer.Ordinal);
    }
}
