using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.WebhookService.Receivers;

/// <summary>How an attempt ended.</summary>
/// <param name="Status">Of the answer; 0 where there was none.</param>
/// <param name="Error">A sentence; empty when the receiver took it.</param>
internal sealed record SendOutcome(int Status, string Error)
{
    public bool Succeeded => Error.Length == 0;

    /// <summary>410: the receiver wants no more (Standard Webhooks).</summary>
    public bool IsGone => Status == (int)HttpStatusCode.Gone;
}

/// <summary>
/// Posts an event to a receiver that a tenant named. Connects to the very address that was checked, so that a name which leads elsewhere a
/// moment later gains nothing; follows no redirect, uses no proxy, and leaves the answer's body unread.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    /// <summary>What a secret looks like: this and the key in base64 (Standard Webhooks).</summary>
    public const string SecretPrefix = "whsec_";

    private const int SecondsToAnswer = 10;

    private const int MostAddresses = 4;

    internal static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    private readonly ReceiverAddresses _addresses;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public WebhookSender(ReceiverAddresses addresses, TimeProvider clock)
    {
        (_addresses, _clock) = (addresses, clock);
        _http = new HttpClient(new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,       // no trace: a receiver's address may be its secret
            AllowAutoRedirect = false,
            ConnectCallback = ConnectAsync,
            ConnectTimeout = ConnectLimit,
            MaxResponseDrainSize = 4 * 1024,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            UseCookies = false,
            UseProxy = false,
        })
        {
            Timeout = TimeSpan.FromSeconds(SecondsToAnswer),
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("ZohoPlatform-Webhooks/1.0");
    }

    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>
    /// The value of <c>webhook-signature</c>: HMAC-SHA256 over id, timestamp and body with dots between them, once for each secret, with a space
    /// between them (Standard Webhooks).
    /// </summary>
    public static string Sign(IReadOnlyList<string> secrets, string id, long timestamp, string body)
    {
        var content = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.{body}"));
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(
            HMACSHA256.HashData(Convert.FromBase64String(secret[SecretPrefix.Length..]), content))));
    }

    public async Task<SendOutcome> SendAsync(
        string url, IReadOnlyList<string> secrets, Guid eventId, string body, CancellationToken cancellationToken)
    {
        var (id, timestamp) = (eventId.ToString(), _clock.GetUtcNow().ToUnixTimeSeconds());
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", Sign(secrets, id, timestamp, body));
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)response.StatusCode;
            return new SendOutcome(status, status switch
            {
                >= 200 and < 300 => "",
                >= 300 and < 400 => $"The receiver answered {status}: redirects are not followed.",
                (int)HttpStatusCode.Gone => "The receiver answered 410: it wants no more events.",
                _ => $"The receiver answered {status}.",
            });
        }
        catch (HttpRequestException e)
        {
            return new SendOutcome(0, ErrorOf(e));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new SendOutcome(0, $"The receiver did not answer within {SecondsToAnswer} seconds.");
        }
    }

    public void Dispose() => _http.Dispose();

    private static string ErrorOf(HttpRequestException e) => e switch
    {
        { InnerException: AddressRefusedException } =>
            "The receiver's name leads into a network that is not public; Webhooks:AllowedNetworks names those that may be used all the same.",
        { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } =>
            "The receiver's name was not found.",
        { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            "The receiver's certificate was not accepted, or it speaks no TLS.",
        { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } =>
            "The receiver answered, but not in HTTP that could be read, or with more than 64 KB of headers.",
        _ => "The receiver could not be connected to, or broke the connection off.",
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var plain = context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttp;
        var found = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        List<IPAddress> allowed = [.. ByTurns(found.Where(address => _addresses.Allows(address, plain)))];
        if (allowed.Count == 0)
        {
            throw new AddressRefusedException();
        }

        return await ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
    }

    /// <summary>Connects to the first address that takes it. One that is dead costs its share of the time, and hides no other.</summary>
    internal static async Task<Stream> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            try
            {
                // the last one has what is left
                limit.CancelAfter(i < addresses.Count - 1 ? ConnectLimit / addresses.Count : ConnectLimit);
                await socket.ConnectAsync(addresses[i], port, limit.Token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException
                && i < addresses.Count - 1 && !cancellationToken.IsCancellationRequested)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    // in a network without a way out over IPv6 all of those are dead (RFC 8305, 4), and of many only the first few have time
    internal static IEnumerable<IPAddress> ByTurns(IEnumerable<IPAddress> addresses) => addresses
        .GroupBy(address => address.AddressFamily)
        .SelectMany(family => family.Select((address, turn) => (address, turn)))
        .OrderBy(next => next.turn)
        .Select(next => next.address)
        .Take(MostAddresses);

    private sealed class AddressRefusedException() : Exception("None of the receiver's addresses may be connected to.");
}
