using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>A database or Redis that is away makes a call UNAVAILABLE, not UNKNOWN: the caller may try again.</summary>
internal sealed partial class OutageInterceptor(ILogger<OutageInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            LogOutage(e, context.Method);
            throw StorageOutage.Failure.ToRpcException();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method}: storage is unavailable")]
    private partial void LogOutage(Exception exception, string method);
}
