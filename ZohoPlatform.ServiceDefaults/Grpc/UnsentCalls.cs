using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>
/// Has a call whose replica could not be connected to made again, whatever its method: nobody has seen it. To Grpc.Net.Client such a call
/// is as UNAVAILABLE as one that was cut off in the middle; this tells it apart as a server does that wants a call again, by gRPC's pushback.
/// </summary>
internal sealed class UnsentCalls : DelegatingHandler
{
    /// <summary>On a request: what is to be done when it could not be sent.</summary>
    public static readonly HttpRequestOptionsKey<Action> WhenUnsent = new(nameof(WhenUnsent));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
        {
            if (request.Options.TryGetValue(WhenUnsent, out var tell))
            {
                tell();
            }

            return Again(request, e);
        }
    }

    private static HttpResponseMessage Again(HttpRequestMessage request, HttpRequestException cause)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Version = HttpVersion.Version20,
            Content = new ByteArrayContent([]),
        };
        answer.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        answer.Headers.Add("grpc-status", ((int)global::Grpc.Core.StatusCode.Unavailable).ToString(CultureInfo.InvariantCulture));
        answer.Headers.Add("grpc-message", Uri.EscapeDataString(cause.Message));
        answer.Headers.Add("grpc-retry-pushback-ms", "0");
        return answer;
    }
}
