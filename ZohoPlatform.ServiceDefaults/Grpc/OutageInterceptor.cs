using System.Data.Common;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>A database or Redis that is away makes a call UNAVAILABLE, not UNKNOWN: the caller may try again.</summary>
internal sealed partial class OutageInterceptor(ILogger<OutageInterceptor> logger) : Interceptor
{
    private static readonly Failure StorageDown = new(
        FailureKind.Unavailable, "storage_unavailable", "The platform's own storage does not answer; try again shortly.");

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e) when (IsOutage(e))
        {
            LogOutage(e, context.Method);
            throw StorageDown.ToRpcException();
        }
    }

    // EF Core wraps a lost connection once it gave up, hence the look inside
    private static bool IsOutage(Exception? e) =>
        e is RedisUnavailableException or DbException { IsTransient: true }
        || (e is InvalidOperationException && IsOutage(e.InnerException));

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method}: storage is unavailable")]
    private partial void LogOutage(Exception exception, string method);
}
