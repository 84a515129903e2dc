namespace Grpc.Core;

/// <summary>Adds headers to a call before it is sent, usually an authorization header.</summary>
public delegate Task AsyncAuthInterceptor(AuthInterceptorContext context, Metadata metadata);

/// <summary>Which call the headers are for.</summary>
public class AuthInterceptorContext
{
    /// <summary>The context of one call.</summary>
    public AuthInterceptorContext(string serviceUrl, string methodName)
        : this(serviceUrl, methodName, CancellationToken.None)
    {
    }

    /// <summary>The context of one call that can be given up.</summary>
    public AuthInterceptorContext(string serviceUrl, string methodName, CancellationToken cancellationToken)
    {
        ServiceUrl = serviceUrl;
        MethodName = methodName;
        CancellationToken = cancellationToken;
    }

    /// <summary>The service's address, <c>https://host/package.Service</c>.</summary>
    public string ServiceUrl { get; }

    /// <summary>The method alone.</summary>
    public string MethodName { get; }

    /// <summary>Cancelled with the call.</summary>
    public CancellationToken CancellationToken { get; }
}

/// <summary>Headers that every call gets just before it is sent.</summary>
public abstract class CallCredentials
{
    private protected CallCredentials()
    {
    }

    /// <summary>Credentials that call a delegate.</summary>
    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor)
    {
        ArgumentNullException.ThrowIfNull(interceptor);
        return new Delegating(interceptor);
    }

    /// <summary>Credentials that add the headers of each, in order.</summary>
    public static CallCredentials Compose(params CallCredentials[] credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        return new Composite([.. credentials]);
    }

    internal abstract Task ApplyAsync(AuthInterceptorContext context, Metadata metadata);

    private sealed class Delegating(AsyncAuthInterceptor interceptor) : CallCredentials
    {
        internal override Task ApplyAsync(AuthInterceptorContext context, Metadata metadata) => interceptor(context, metadata);
    }

    private sealed class Composite(CallCredentials[] parts) : CallCredentials
    {
        internal override async Task ApplyAsync(AuthInterceptorContext context, Metadata metadata)
        {
            foreach (var part in parts)
            {
                await part.ApplyAsync(context, metadata);
            }
        }
    }
}

/// <summary>Whether a channel uses TLS, and the headers that all its calls get.</summary>
public abstract class ChannelCredentials
{
    private protected ChannelCredentials()
    {
    }

    /// <summary>No TLS.</summary>
    public static ChannelCredentials Insecure { get; } = new InsecureCredentials();

    /// <summary>TLS, checked against the machine's roots.</summary>
    public static ChannelCredentials SecureSsl { get; } = new SslCredentials();

    internal virtual CallCredentials? Call => null;

    internal abstract bool IsSecure { get; }

    /// <summary>Transport credentials together with headers for all calls.</summary>
    public static ChannelCredentials Create(ChannelCredentials channelCredentials, CallCredentials callCredentials)
    {
        ArgumentNullException.ThrowIfNull(channelCredentials);
        ArgumentNullException.ThrowIfNull(callCredentials);
        return new Composite(channelCredentials, callCredentials);
    }

    private sealed class InsecureCredentials : ChannelCredentials
    {
        internal override bool IsSecure => false;
    }

    private sealed class Composite(ChannelCredentials transport, CallCredentials call) : ChannelCredentials
    {
        internal override CallCredentials Call =>
            transport.Call is { } inner ? CallCredentials.Compose(inner, call) : call;

        internal override bool IsSecure => transport.IsSecure;
    }
}

/// <summary>TLS, checked against the machine's roots; client certificates belong to the HTTP handler.</summary>
public sealed class SslCredentials : ChannelCredentials
{
    internal override bool IsSecure => true;
}
