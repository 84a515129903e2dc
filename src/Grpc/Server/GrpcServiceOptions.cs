using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>How this host's gRPC services answer.</summary>
public class GrpcServiceOptions
{
    /// <summary>The largest message in bytes that is accepted, before and after unpacking; 4 MiB by default, null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>The largest message in bytes that is sent; null, the default, for no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Whether the text of an exception that a handler let escape goes to the caller. Off by default.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>
    /// Whether paths of unknown services are left to the rest of the application instead of being answered UNIMPLEMENTED.
    /// </summary>
    public bool? IgnoreUnknownServices { get; set; }

    /// <summary><c>gzip</c> to compress responses for callers that accept it; null, the default, to send them as they are.</summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    /// <summary>How hard to compress; the fastest by default.</summary>
    public CompressionLevel? ResponseCompressionLevel { get; set; }

    /// <summary>Around every call, the first in the list outermost.</summary>
    public InterceptorCollection Interceptors { get; } = [];
}

/// <summary>Interceptor types in the order in which they see a call.</summary>
public class InterceptorCollection : Collection<InterceptorRegistration>
{
    /// <summary>Adds a type; taken from the call's services where it is registered, made for the call otherwise.</summary>
    public void Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>(params object[] args)
        where TInterceptor : Interceptor => Add(typeof(TInterceptor), args);

    /// <summary>Adds a type with arguments for its constructor.</summary>
    public void Add(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type interceptorType, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(interceptorType);

        if (!interceptorType.IsSubclassOf(typeof(Interceptor)))
        {
            throw new ArgumentException($"{interceptorType} is not an {nameof(Interceptor)}.", nameof(interceptorType));
        }

        Add(new InterceptorRegistration(interceptorType, args));
    }
}

/// <summary>An interceptor type with arguments for its constructor.</summary>
public class InterceptorRegistration
{
    internal InterceptorRegistration(Type type, object[] arguments)
    {
        Type = type;
        Arguments = arguments;
    }

    /// <summary>The interceptor's type.</summary>
    public Type Type { get; }

    /// <summary>Constructor arguments that do not come from the services.</summary>
    public IReadOnlyList<object> Arguments { get; }
}

/// <summary>What <c>AddGrpc</c> returns, for further registrations.</summary>
public interface IGrpcServerBuilder
{
    /// <summary>The host's services.</summary>
    IServiceCollection Services { get; }
}

/// <summary>On every gRPC endpoint: which method of which service it answers.</summary>
public sealed class GrpcMethodMetadata(Type serviceType, IMethod method)
{
    /// <summary>The type that <c>MapGrpcService</c> was given.</summary>
    public Type ServiceType { get; } = serviceType;

    /// <summary>The method.</summary>
    public IMethod Method { get; } = method;
}
