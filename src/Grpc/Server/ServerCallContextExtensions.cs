using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>From a gRPC call to its HTTP request.</summary>
public static class ServerCallContextExtensions
{
    /// <summary>
    /// The HTTP request that carries the call. In a test a context of one's own can hold one in its user state, as <c>__HttpContext</c>.
    /// </summary>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
    {
        ArgumentNullException.ThrowIfNull(serverCallContext);

        if (serverCallContext is HttpServerCall call)
        {
            return call.Http;
        }

        return serverCallContext.UserState.TryGetValue("__HttpContext", out var value) && value is HttpContext http
            ? http
            : throw new InvalidOperationException("This call did not come over HTTP.");
    }
}
