using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Grpc.Core;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>
/// Says of a call that got no answer what may be done about it, and tells its replica's state. One that could not be sent is to be made again,
/// whatever its method: nobody has seen it. To Grpc.Net.Client it is as UNAVAILABLE as one that was cut off in the middle; this tells it apart
/// as a server does that wants a call again, by gRPC's pushback. One whose connection was given up may have been done: it is UNAVAILABLE too,
/// where Grpc.Net.Client says INTERNAL, so that it is made again if its method may be.
/// </summary>
internal sealed class LostCalls : DelegatingHandler
{
    private const long Http2Cancel = 8;

    // gRPC's own: how often this call was sent before
    private const string EarlierAttempts = "grpc-previous-rpc-attempts";

    // the first time another replica may be there at once; later ones wait until the channel has seen which are gone and which are back
    private const int LaterAttemptsWaitMs = 300;

    // each may have been done, and what ends three connections will end a fourth
    private const int MostCutOff = 3;

    /// <summary>
    /// Whether the connection ended, or the replica with it: it closed in the middle, or answered no ping, which HttpClient reports as an
    /// error of the protocol. A call that was cancelled at the other end is not one of them.
    /// </summary>
    public static bool IsTransportsEnd(Exception? e) => e switch
    {
        HttpProtocolException protocol => protocol.ErrorCode != Http2Cancel,
        HttpIOException io => io.HttpRequestError is HttpRequestError.ResponseEnded,
        HttpRequestException request => request.HttpRequestError is HttpRequestError.ResponseEnded || IsTransportsEnd(request.InnerException),
        IOException io => IsTransportsEnd(io.InnerException),
        SocketException => true,
        _ => false,
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.TryGetValue(ReplicaState.OfRequest, out var replica);
        var sent = replica?.Now ?? 0;
        try
        {
            var answer = await base.SendAsync(request, cancellationToken);
            replica?.Answered();
            return answer;
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
        {
            replica?.Refused();
            return Unavailable(request, e, again: true);
        }
        catch (HttpRequestException e) when (IsTransportsEnd(e))
        {
            replica?.Ended(sent);
            return Unavailable(request, e, again: false);
        }
        catch (OperationCanceledException)
        {
            replica?.Ended(sent);
            throw;
        }
    }

    private static int AttemptsBefore(HttpRequestMessage request) =>
        request.Headers.TryGetValues(EarlierAttempts, out var values)
            && int.TryParse(values.First(), CultureInfo.InvariantCulture, out var attempts)
            ? attempts
            : 0;

    private static HttpResponseMessage Unavailable(HttpRequestMessage request, HttpRequestException cause, bool again)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Version = HttpVersion.Version20,
            Content = new ByteArrayContent([]),
        };
        answer.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        answer.Headers.Add("grpc-status", ((int)StatusCode.Unavailable).ToString(CultureInfo.InvariantCulture));
        answer.Headers.Add("grpc-message", Uri.EscapeDataString(cause.Message));
        var earlier = AttemptsBefore(request);
        if (again || earlier >= MostCutOff - 1)
        {
            var wait = again ? earlier * LaterAttemptsWaitMs : -1;      // -1: not again
            answer.Headers.Add("grpc-retry-pushback-ms", wait.ToString(CultureInfo.InvariantCulture));
        }

        return answer;
    }
}
