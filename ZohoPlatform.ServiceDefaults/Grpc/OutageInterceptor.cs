using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>A database or Redis that is away makes a call or a stream UNAVAILABLE, not UNKNOWN: the caller may try again.</summary>
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
            throw Unavailable(e, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(requestStream, context);
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            throw Unavailable(e, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            throw Unavailable(e, context);
        }
    }

    private RpcException Unavailable(Exception outage, ServerCallContext context)
    {
        // without its stack: one for each call of an outage would bury all else
        LogOutage(context.Method, ReasonOf(outage).ReplaceLineEndings(" "));
        return StorageOutage.Failure.ToRpcException();
    }

    private static string ReasonOf(Exception e) => e.InnerException is { } cause ? $"{e.Message} {ReasonOf(cause)}" : e.Message;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method}: storage is unavailable: {Reason}")]
    private partial void LogOutage(string method, string reason);
}
