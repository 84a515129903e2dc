using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Grpc.AspNetCore.Server;

/// <summary>Writes a status where it belongs: into trailers, or into the headers of an answer that has nothing else.</summary>
internal static class ServerStatus
{
    public static void Set(IHeaderDictionary target, Status status)
    {
        target.GrpcStatus = status.StatusCode.ToHeaderValue();
        target.GrpcMessage = string.IsNullOrEmpty(status.Detail) ? StringValues.Empty : Headers.EncodeMessage(status.Detail);
    }

    /// <summary>Answers a request that reaches no method.</summary>
    public static void Refuse(HttpResponse response, int httpStatus, Status status)
    {
        response.StatusCode = httpStatus;
        response.ContentType = Headers.ContentType;
        Set(response.Headers, status);
    }
}
