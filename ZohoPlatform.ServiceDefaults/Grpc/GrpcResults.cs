using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>How a result leaves a gRPC method.</summary>
public static class GrpcResults
{
    extension<T>(Result<T> result)
        where T : notnull
    {
        /// <summary>The value.</summary>
        /// <exception cref="RpcException">There is none: the failure as a gRPC status.</exception>
        public T OrThrow() => result.Succeeded(out var value, out var failure) ? value : throw failure.ToRpcException();
    }
}
