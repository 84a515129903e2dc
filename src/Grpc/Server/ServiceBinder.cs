using System.Reflection;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// Turns the methods that the generated code tells into endpoints. All reflection happens here, once: a call runs through delegates that
/// were put together when it was mapped, interceptors outside, the service inside.
/// </summary>
internal sealed class ServiceBinder<TService>(IEndpointRouteBuilder routes) : ServiceBinderBase
    where TService : class
{
    private readonly GrpcServiceOptions _options = routes.ServiceProvider.GetRequiredService<IOptions<GrpcServiceOptions>>().Value;
    private readonly ILogger _logger = routes.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("Grpc.AspNetCore.Server.ServerCallHandler");
    private readonly PerCallActivator<TService> _service = new(routes.ServiceProvider, typeof(TService), []);
    private readonly List<IEndpointConventionBuilder> _endpoints = [];
    private PerCallActivator<Interceptor>[]? _interceptors;

    public IReadOnlyList<IEndpointConventionBuilder> Endpoints => _endpoints;

    public string ServiceName { get; private set; } = "";

    /// <summary>Innermost first, as they are wrapped.</summary>
    private PerCallActivator<Interceptor>[] Interceptors =>
        _interceptors ??= [.. _options.Interceptors.Reverse().Select(i => new PerCallActivator<Interceptor>(routes.ServiceProvider, i.Type, i.Arguments))];

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var implementation = Find(method, typeof(TRequest), typeof(ServerCallContext));
        var invoke = implementation.CreateDelegate<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>();
        UnaryServerMethod<TRequest, TResponse> pipeline = async (request, context) =>
        {
            await using var service = _service.Take(context.GetHttpContext());
            return await invoke(service.Instance, request, context);
        };

        foreach (var interceptor in Interceptors)
        {
            var next = pipeline;
            pipeline = async (request, context) =>
            {
                await using var lease = interceptor.Take(context.GetHttpContext());
                return await lease.Instance.UnaryServerHandler(request, context, next);
            };
        }

        Map(method, implementation, async call =>
        {
            var request = await call.ReadSingleAsync(method.RequestMarshaller);
            call.WriteSingle(await pipeline(request, call), method.ResponseMarshaller);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var implementation = Find(method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        var invoke = implementation.CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>();
        ClientStreamingServerMethod<TRequest, TResponse> pipeline = async (requests, context) =>
        {
            await using var service = _service.Take(context.GetHttpContext());
            return await invoke(service.Instance, requests, context);
        };

        foreach (var interceptor in Interceptors)
        {
            var next = pipeline;
            pipeline = async (requests, context) =>
            {
                await using var lease = interceptor.Take(context.GetHttpContext());
                return await lease.Instance.ClientStreamingServerHandler(requests, context, next);
            };
        }

        Map(method, implementation, async call =>
            call.WriteSingle(await pipeline(call.CreateReader(method.RequestMarshaller), call), method.ResponseMarshaller));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var implementation = Find(method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        var invoke = implementation.CreateDelegate<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
        ServerStreamingServerMethod<TRequest, TResponse> pipeline = async (request, responses, context) =>
        {
            await using var service = _service.Take(context.GetHttpContext());
            await invoke(service.Instance, request, responses, context);
        };

        foreach (var interceptor in Interceptors)
        {
            var next = pipeline;
            pipeline = async (request, responses, context) =>
            {
                await using var lease = interceptor.Take(context.GetHttpContext());
                await lease.Instance.ServerStreamingServerHandler(request, responses, context, next);
            };
        }

        Map(method, implementation, async call =>
        {
            var request = await call.ReadSingleAsync(method.RequestMarshaller);
            await pipeline(request, call.CreateWriter(method.ResponseMarshaller), call);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var implementation = Find(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        var invoke = implementation
            .CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
        DuplexStreamingServerMethod<TRequest, TResponse> pipeline = async (requests, responses, context) =>
        {
            await using var service = _service.Take(context.GetHttpContext());
            await invoke(service.Instance, requests, responses, context);
        };

        foreach (var interceptor in Interceptors)
        {
            var next = pipeline;
            pipeline = async (requests, responses, context) =>
            {
                await using var lease = interceptor.Take(context.GetHttpContext());
                await lease.Instance.DuplexStreamingServerHandler(requests, responses, context, next);
            };
        }

        Map(method, implementation, call =>
            pipeline(call.CreateReader(method.RequestMarshaller), call.CreateWriter(method.ResponseMarshaller), call));
    }

    private static MethodInfo Find(IMethod method, params Type[] parameters) =>
        typeof(TService).GetMethod(method.Name, parameters)
        ?? throw new InvalidOperationException($"{typeof(TService)} has no method for {method.FullName}.");

    private void Map(IMethod method, MethodInfo implementation, Func<HttpServerCall, Task> run)
    {
        ServiceName = method.ServiceName;

        var endpoint = routes.MapPost(method.FullName, http => HttpServerCall.RunAsync(http, method, _options, _logger, run));

        endpoint.Add(builder =>
        {
            builder.DisplayName = $"gRPC - {method.FullName}";
            builder.Metadata.Add(new GrpcMethodMetadata(typeof(TService), method));

            foreach (var attribute in typeof(TService).GetCustomAttributes(true).Concat(implementation.GetCustomAttributes(true)))
            {
                builder.Metadata.Add(attribute);
            }
        });
        _endpoints.Add(endpoint);
    }
}
