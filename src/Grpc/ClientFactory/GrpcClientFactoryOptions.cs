using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Grpc.Net.ClientFactory;

/// <summary>How the factory makes one named client.</summary>
public class GrpcClientFactoryOptions
{
    /// <summary>Where the service is.</summary>
    public Uri? Address { get; set; }

    /// <summary>Change the channel's options before it is made.</summary>
    public IList<Action<GrpcChannelOptions>> ChannelOptionsActions { get; } = [];

    /// <summary>Change every call's options.</summary>
    public IList<Action<CallOptionsContext>> CallOptionsActions { get; } = [];

    /// <summary>Around every call, the first in the list outermost.</summary>
    public IList<InterceptorRegistration> InterceptorRegistrations { get; } = [];

    /// <summary>
    /// Whether any of <see cref="CallOptionsActions"/> adds credentials, which need TLS or an explicit word that they do not.
    /// </summary>
    internal bool HasCallCredentials { get; set; }
}

/// <summary>How long an interceptor lives.</summary>
public enum InterceptorScope
{
    /// <summary>Made once with the channel and shared by all clients of that name.</summary>
    Channel = 0,

    /// <summary>Made with every client, from the services that the client is resolved from.</summary>
    Client = 1,
}

/// <summary>An interceptor that the factory will make.</summary>
public class InterceptorRegistration(InterceptorScope scope, Func<IServiceProvider, Interceptor> creator)
{
    /// <summary>How long it lives.</summary>
    public InterceptorScope Scope { get; } = scope;

    /// <summary>Makes it.</summary>
    public Func<IServiceProvider, Interceptor> Creator { get; } = creator;
}

/// <summary>One call's options on their way to the channel.</summary>
public sealed class CallOptionsContext
{
    internal CallOptionsContext(CallOptions callOptions, IServiceProvider serviceProvider)
    {
        CallOptions = callOptions;
        ServiceProvider = serviceProvider;
    }

    /// <summary>The options; replace them to change them.</summary>
    public CallOptions CallOptions { get; set; }

    /// <summary>The services that the client was resolved from.</summary>
    public IServiceProvider ServiceProvider { get; }
}

/// <summary>Makes the clients that <c>AddGrpcClient</c> registered.</summary>
public abstract class GrpcClientFactory
{
    /// <summary>A client of that type, registered under that name.</summary>
    /// <exception cref="InvalidOperationException">There is no such registration, or it has no address.</exception>
    public abstract TClient CreateClient<TClient>(string name)
        where TClient : class;
}
