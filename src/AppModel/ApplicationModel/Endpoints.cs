namespace Aspire.Hosting.ApplicationModel;

/// <summary>One place where a resource listens. With several replicas every replica has its own port for it.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    internal EndpointAnnotation(string name, string uriScheme) => (Name, UriScheme) = (name, uriScheme);

    public string Name { get; }

    /// <summary><c>http</c>, <c>https</c>, or <c>tcp</c> for what speaks something else.</summary>
    public string UriScheme { get; set; }

    /// <summary><c>http</c> or <c>http2</c>; only told to readers, the process decides what it speaks.</summary>
    public string Transport { get; set; } = "http";

    /// <summary>The port others connect to; null or 0: a free one is taken at launch.</summary>
    public int? Port { get; set; }

    /// <summary>The port the process listens on. There is no proxy in between: it must be null or equal to <see cref="Port"/>.</summary>
    public int? TargetPort { get; set; }

    /// <summary>Listed in the launch's last line. The process listens on loopback all the same.</summary>
    public bool IsExternal { get; set; }

    internal string? Variable { get; init; }

    /// <summary>Named in the project's own <c>Kestrel:Endpoints</c>, so its URL is handed over under that name.</summary>
    internal bool FromKestrelConfiguration { get; init; }

    /// <summary>One port per replica; empty until the launch.</summary>
    internal int[] AllocatedPorts { get; set; } = [];

    internal int? FixedPort => (Port is null or 0 ? TargetPort : Port) is { } port and not 0 ? port : null;

    internal string UrlOf(int replica) => $"{UriScheme}://127.0.0.1:{AllocatedPorts[replica]}";
}

/// <summary>The parts of an endpoint's address.</summary>
public enum EndpointProperty
{
    Url = 0,
    Host = 1,
    IPV4Host = 2,
    Port = 3,
    Scheme = 4,
    TargetPort = 5,
    HostAndPort = 6,
}

/// <summary>Somebody's endpoint by name. With several replicas it means the first; <c>WithReference</c> hands over all.</summary>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName) : IValueProvider, IManifestExpressionProvider
{
    public IResourceWithEndpoints Resource { get; } = owner;

    public string EndpointName { get; } = endpointName;

    public bool IsAllocated => Annotation.AllocatedPorts.Length > 0;

    public string Scheme => Annotation.UriScheme;

    public string Host { get; } = "127.0.0.1";

    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public int Port => IsAllocated
        ? Annotation.AllocatedPorts[0]
        : throw new InvalidOperationException(
            $"Endpoint '{EndpointName}' of '{Resource.Name}' has no port yet: the application has not been started.");

    public string Url => $"{Scheme}://{Host}:{Port}";

    public string ValueExpression => $"{{{Resource.Name}.bindings.{EndpointName}.url}}";

    private EndpointAnnotation Annotation =>
        Resource.Annotations.OfType<EndpointAnnotation>()
            .FirstOrDefault(e => string.Equals(e.Name, EndpointName, StringComparison.OrdinalIgnoreCase))
        ?? throw new InvalidOperationException($"Resource '{Resource.Name}' has no endpoint named '{EndpointName}'.");

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);
}

/// <summary>One part of an endpoint's address, to be put into a <see cref="ReferenceExpression"/>.</summary>
public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property)
    : IValueProvider, IManifestExpressionProvider
{
    public EndpointReference Endpoint { get; } = endpointReference;

    public EndpointProperty Property { get; } = property;

    public string ValueExpression =>
        $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{Property.ToString().ToLowerInvariant()}}}";

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Property switch
    {
        EndpointProperty.Url => Endpoint.Url,
        EndpointProperty.Host or EndpointProperty.IPV4Host => Endpoint.Host,
        EndpointProperty.Port or EndpointProperty.TargetPort => Endpoint.Port.ToString(null, null),
        EndpointProperty.Scheme => Endpoint.Scheme,
        EndpointProperty.HostAndPort => $"{Endpoint.Host}:{Endpoint.Port}",
    });
}
