using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;

namespace Grpc.Net.ClientFactory;

/// <summary>The channels of the process, one per registered name; made at first use and ended with the host.</summary>
internal sealed class GrpcClientChannels(
    IServiceProvider services, IOptionsMonitor<GrpcClientFactoryOptions> options, IHttpMessageHandlerFactory handlers) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<(GrpcChannel Channel, CallInvoker Invoker)>> _channels = new(StringComparer.Ordinal);

    /// <summary>The channel's invoker with the interceptors that live as long as it.</summary>
    public CallInvoker InvokerOf(string name) => _channels.GetOrAdd(name, key => new(() => Create(key))).Value.Invoker;

    public void Dispose()
    {
        foreach (var made in _channels.Values.Where(made => made.IsValueCreated))
        {
            made.Value.Channel.Dispose();
        }
    }

    private (GrpcChannel Channel, CallInvoker Invoker) Create(string name)
    {
        var client = options.Get(name);
        var address = client.Address ?? throw new InvalidOperationException($"The gRPC client '{name}' has no address.");
        var channelOptions = new GrpcChannelOptions { HttpHandler = handlers.CreateHandler(name), ServiceProvider = services };

        foreach (var configure in client.ChannelOptionsActions)
        {
            configure(channelOptions);
        }

        var channel = GrpcChannel.ForAddress(address, channelOptions);

        if (client.HasCallCredentials && !channel.SendsCallCredentials)
        {
            channel.Dispose();
            throw new InvalidOperationException(
                $"The gRPC client '{name}' has call credentials and no TLS. Use an https address, or set " +
                $"{nameof(GrpcChannelOptions)}.{nameof(GrpcChannelOptions.UnsafeUseInsecureChannelCallCredentials)}.");
        }

        return (channel, channel.CreateCallInvoker().Intercept(client.InterceptorsOf(InterceptorScope.Channel, services)));
    }
}

/// <summary>Makes a client over its channel's invoker, with what belongs to the services it is resolved from.</summary>
internal sealed class DefaultGrpcClientFactory(
    IServiceProvider services, GrpcClientChannels channels, IOptionsMonitor<GrpcClientFactoryOptions> options) : GrpcClientFactory
{
    public override TClient CreateClient<TClient>(string name)
    {
        var client = options.Get(name);
        var invoker = channels.InvokerOf(name);

        if (client.CallOptionsActions.Count > 0)
        {
            invoker = new CallOptionsInvoker(invoker, client.CallOptionsActions, services);
        }

        return Activate<TClient>.From(invoker.Intercept(client.InterceptorsOf(InterceptorScope.Client, services)));
    }

    private static class Activate<TClient>
        where TClient : class
    {
        private static readonly ObjectFactory<TClient> Factory = ActivatorUtilities.CreateFactory<TClient>([typeof(CallInvoker)]);

        public static TClient From(CallInvoker invoker) => Factory(EmptyServices.Instance, [invoker]);
    }

    /// <summary>A generated client wants its invoker and nothing else.</summary>
    private sealed class EmptyServices : IServiceProvider
    {
        public static readonly EmptyServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }

    private sealed class CallOptionsInvoker(CallInvoker inner, IList<Action<CallOptionsContext>> actions, IServiceProvider services)
        : CallInvoker
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            inner.BlockingUnaryCall(method, host, Apply(options), request);

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            inner.AsyncUnaryCall(method, host, Apply(options), request);

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            inner.AsyncServerStreamingCall(method, host, Apply(options), request);

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            inner.AsyncClientStreamingCall(method, host, Apply(options));

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            inner.AsyncDuplexStreamingCall(method, host, Apply(options));

        private CallOptions Apply(CallOptions options)
        {
            var context = new CallOptionsContext(options, services);

            foreach (var action in actions)
            {
                action(context);
            }

            return context.CallOptions;
        }
    }
}

internal static class InterceptorRegistrations
{
    public static Interceptor[] InterceptorsOf(this GrpcClientFactoryOptions options, InterceptorScope scope, IServiceProvider services) =>
        [.. options.InterceptorRegistrations
            .Where(registration => registration.Scope == scope)
            .Select(registration => registration.Creator(services))];
}
