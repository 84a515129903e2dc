using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.TokenService.Connections;

internal static class ConnectionIds
{
    /// <summary>What events and the audit call it.</summary>
    public static string SubjectOf(Guid id) => $"connection:{id}";

    /// <summary>The id of a request. One that is none of ours is an unknown connection like any other.</summary>
    /// <exception cref="RpcException">NOT_FOUND.</exception>
    public static Guid Parse(string id) =>
        Guid.TryParseExact(id, "D", out var parsed) ? parsed : throw ConnectionFailures.NotFound.ToRpcException();
}
