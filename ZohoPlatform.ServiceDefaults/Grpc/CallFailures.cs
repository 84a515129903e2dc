using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>
/// What goes wrong around a method is told as all else is refused. A database or Redis that is away makes a call or a stream UNAVAILABLE, not
/// UNKNOWN: the caller may try again. A message that cannot be read is refused with details: Grpc.AspNetCore says UNKNOWN where one is not
/// protobuf, and has read the only message of a call before any interceptor sees the call, so this looks at the answer too, of calls that no
/// handler was reached by.
/// </summary>
internal sealed partial class CallFailures(ILogger<CallFailures> logger) : Interceptor, IStartupFilter
{
    private static readonly RpcException Unreadable = new Failure(
        FailureKind.Invalid, "message_unreadable",
        "The message cannot be read: send one of the method's request type, encoded as its contract says.")
        .ToRpcException();

    private static readonly RpcException TooLarge = new Failure(
        FailureKind.RateLimited, "message_too_large",
        "The message is larger than what is read here, 4 MiB at most: send less at once.").ToRpcException();

    private static readonly RpcException UnknownEncoding = new Failure(
        FailureKind.Invalid, "encoding_unknown",
        "The message is compressed in a way that is not known here: grpc-accept-encoding names those that are.")
        .ToRpcException(StatusCode.Unimplemented);

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(TellUnreadable);
        next(app);
    };

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Mark(context);
        try
        {
            var answering = continuation(request, context);
            return answering.IsCompletedSuccessfully ? answering : TellOutageAsync(answering, context);
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
        Mark(context);
        try
        {
            await continuation(request, responseStream, context);
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
        Mark(context);
        try
        {
            return await continuation(new Reader<TRequest>(requestStream), context);
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            throw Unavailable(e, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Mark(context);
        try
        {
            await continuation(new Reader<TRequest>(requestStream), responseStream, context);
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            throw Unavailable(e, context);
        }
    }

    private static void Mark(ServerCallContext context) => context.GetHttpContext().Features.Set(Reached.Instance);

    private async Task<T> TellOutageAsync<T>(Task<T> answering, ServerCallContext context)
    {
        try
        {
            return await answering;
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

    private static RequestDelegate TellUnreadable(RequestDelegate next) => context =>
    {
        var answering = next(context);
        if (!answering.IsCompletedSuccessfully)
        {
            return TellUnreadableAsync(answering, context);
        }

        TellUnreadable(context);
        return Task.CompletedTask;
    };

    private static async Task TellUnreadableAsync(Task answering, HttpContext context)
    {
        await answering;
        TellUnreadable(context);
    }

    private static void TellUnreadable(HttpContext context)
    {
        if (context.Features.Get<IServerCallContextFeature>()?.ServerCallContext.Status is { StatusCode: not StatusCode.OK } status
            && context.Features.Get<Reached>() is null
            && !context.Response.HasStarted
            && RefusalOf(status) is { } refusal)
        {
            context.Response.SetGrpcStatus(refusal);
        }
    }

    private static RpcException? RefusalOf(Status status) => status switch
    {
        { StatusCode: StatusCode.Unknown, DebugException: { } e } => RefusalOf(e),
        // a frame that is cut or not as gRPC has it, or bytes behind the only message
        { StatusCode: StatusCode.Internal or StatusCode.InvalidArgument } => Unreadable,
        { StatusCode: StatusCode.ResourceExhausted } => TooLarge,
        { StatusCode: StatusCode.Unimplemented } => UnknownEncoding,
        _ => null,
    };

    private static RpcException? RefusalOf(Exception e) => e switch
    {
        RpcException rpc => RefusalOf(rpc.Status),
        InvalidProtocolBufferException or InvalidDataException => Unreadable,
        // Grpc.AspNetCore's own, of a length above what an int holds; it has no other mark
        IOException { Message: var message } when message.StartsWith("Message too large", StringComparison.Ordinal) => TooLarge,
        // of a host that bounds bodies below what gRPC does
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge,
        _ => null,
    };

    private sealed class Reached
    {
        public static readonly Reached Instance = new();
    }

    private sealed class Reader<T>(IAsyncStreamReader<T> messages) : IAsyncStreamReader<T>
    {
        public T Current => messages.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            try
            {
                return await messages.MoveNext(cancellationToken);
            }
            catch (Exception e) when (RefusalOf(e) is { } refusal)
            {
                throw new RpcException(refusal.Status, refusal.Trailers);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method}: storage is unavailable: {Reason}")]
    private partial void LogOutage(string method, string reason);
}
