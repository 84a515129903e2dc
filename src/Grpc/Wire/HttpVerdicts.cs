using System.Net;
using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>HTTP/2 error codes (RFC 9113, section 7).</summary>
internal enum Http2Error : long
{
    NoError = 0x0,
    RefusedStream = 0x7,
    Cancel = 0x8,
    EnhanceYourCalm = 0xb,
    InadequateSecurity = 0xc,
}

/// <summary>What HTTP's own verdicts mean to a gRPC caller.</summary>
internal static class HttpVerdicts
{
    /// <summary>
    /// A reset stream (gRPC over HTTP/2, Errors), or a closed connection, which HttpClient reports alike. A server that shuts down closes its
    /// connections with NO_ERROR.
    /// </summary>
    public static StatusCode ToStatusCode(this Http2Error error) => error switch
    {
        Http2Error.NoError or Http2Error.RefusedStream => StatusCode.Unavailable,
        Http2Error.Cancel => StatusCode.Cancelled,
        Http2Error.EnhanceYourCalm => StatusCode.ResourceExhausted,
        Http2Error.InadequateSecurity => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };

    /// <summary>An answer without a grpc-status (gRPC, HTTP to gRPC Status Code Mapping).</summary>
    public static StatusCode ToStatusCode(this HttpStatusCode status) => (int)status switch
    {
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    /// <summary>What went wrong between the two sides: a reset stream says it by its code, a connection that broke or never came is UNAVAILABLE.</summary>
    public static Status Explain(Exception exception)
    {
        var code = Chain(exception).Select(Classify).FirstOrDefault(found => found is not null) ?? StatusCode.Internal;
        return new Status(code, string.Join(' ', Chain(exception).Select(e => $"{e.GetType().Name}: {e.Message}")), exception);
    }

    private static StatusCode? Classify(Exception exception) => exception switch
    {
        HttpProtocolException reset => ((Http2Error)reset.ErrorCode).ToStatusCode(),
        HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError } => StatusCode.Internal,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
                or HttpRequestError.ProxyTunnelError or HttpRequestError.ResponseEnded,
        } => StatusCode.Unavailable,
        // a connection that ended before the server's settings came, where HttpClient no longer knows the cause
        HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: null } => StatusCode.Unavailable,
        IOException or SocketException or TimeoutException => StatusCode.Unavailable,
        _ => null,
    };

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException!)
        {
            yield return e;
        }
    }
}
