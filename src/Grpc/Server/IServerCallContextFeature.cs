using Grpc.Core;

namespace Grpc.AspNetCore.Server.Features;

/// <summary>On the HTTP request of a gRPC call: the call.</summary>
public interface IServerCallContextFeature
{
    /// <summary>The call.</summary>
    ServerCallContext ServerCallContext { get; }
}
