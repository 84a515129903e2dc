using System.Net;
using Grpc.Core;

namespace Grpc.Net.Client.Balancer;

/// <summary>
/// Finds the addresses of a service. A channel whose address has another scheme than http and https asks the factory of that name among the
/// services in <see cref="GrpcChannelOptions.ServiceProvider"/>.
/// </summary>
public abstract class ResolverFactory
{
    /// <summary>The scheme, <c>static</c> in <c>static:///tokens</c>.</summary>
    public abstract string Name { get; }

    /// <summary>A resolver for one channel.</summary>
    public abstract Resolver Create(ResolverOptions options);
}

/// <summary>Tells one channel its addresses, and tells them again when they change.</summary>
public abstract class Resolver : IDisposable
{
    /// <summary>Begins; the listener takes results until the resolver is disposed. Called once, when the channel is first used.</summary>
    public abstract void Start(Action<ResolverResult> listener);

    /// <summary>An address could not be reached; a good moment to look again. Does not wait.</summary>
    public virtual void Refresh()
    {
    }

    /// <summary>Ends it with its channel.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what <see cref="Start"/> began.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>Which channel a resolver is for.</summary>
public sealed class ResolverOptions
{
    internal ResolverOptions(Uri address, int defaultPort, GrpcChannelOptions channelOptions)
    {
        Address = address;
        DefaultPort = defaultPort;
        ChannelOptions = channelOptions;
    }

    /// <summary>The channel's address.</summary>
    public Uri Address { get; }

    /// <summary>The port where an address has none: 443 with TLS, 80 without.</summary>
    public int DefaultPort { get; }

    /// <summary>The channel's options.</summary>
    public GrpcChannelOptions ChannelOptions { get; }
}

/// <summary>What a resolver found.</summary>
public sealed class ResolverResult
{
    private ResolverResult(Status status, IReadOnlyList<BalancerAddress>? addresses)
    {
        Status = status;
        Addresses = addresses;
    }

    /// <summary>OK, or why there is nothing.</summary>
    public Status Status { get; }

    /// <summary>The addresses; null where the status is not OK.</summary>
    public IReadOnlyList<BalancerAddress>? Addresses { get; }

    /// <summary>Nothing was found. Calls fail with that status unless the channel knows addresses from before.</summary>
    public static ResolverResult ForFailure(Status status) => status.StatusCode is StatusCode.OK
        ? throw new ArgumentException("A failure has another status than OK.", nameof(status))
        : new(status, null);

    /// <summary>These addresses and no others.</summary>
    public static ResolverResult ForResult(IReadOnlyList<BalancerAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        return new(Status.DefaultSuccess, addresses);
    }
}

/// <summary>One address of a service.</summary>
public sealed class BalancerAddress(DnsEndPoint endPoint)
{
    /// <summary>A host, by name or number, and its port.</summary>
    public BalancerAddress(string host, int port)
        : this(new DnsEndPoint(host, port))
    {
    }

    /// <summary>The host and its port.</summary>
    public DnsEndPoint EndPoint { get; } = endPoint;

    /// <inheritdoc />
    public override string ToString() => $"{EndPoint.Host}:{EndPoint.Port}";
}

/// <summary>Addresses that are known beforehand, for the scheme <c>static</c>.</summary>
public sealed class StaticResolverFactory(Func<Uri, IEnumerable<BalancerAddress>> addressesCallback) : ResolverFactory
{
    /// <inheritdoc />
    public override string Name => "static";

    /// <inheritdoc />
    public override Resolver Create(ResolverOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new StaticResolver([.. addressesCallback(options.Address)]);
    }

    private sealed class StaticResolver(IReadOnlyList<BalancerAddress> addresses) : Resolver
    {
        public override void Start(Action<ResolverResult> listener) => listener(ResolverResult.ForResult(addresses));
    }
}
