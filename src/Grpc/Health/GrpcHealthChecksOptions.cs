using System.Collections;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Which health checks make up the health of which service.</summary>
public sealed class GrpcHealthChecksOptions
{
    /// <summary>By name; at first the empty name, the server as a whole, with all checks.</summary>
    public ServiceMappingCollection Services { get; } = new() { new ServiceMapping("", static _ => true) };
}

/// <summary>Services by name.</summary>
public sealed class ServiceMappingCollection : IEnumerable<ServiceMapping>
{
    private readonly Dictionary<string, ServiceMapping> _mappings = new(StringComparer.Ordinal);

    /// <summary>Gives a service the checks that the predicate picks by name and tags; a service of the same name is replaced.</summary>
    public void Map(string name, Func<HealthCheckMapContext, bool> predicate) => _mappings[name] = new ServiceMapping(name, predicate);

    /// <summary>Adds a service of a name that is not there yet.</summary>
    public void Add(ServiceMapping service)
    {
        ArgumentNullException.ThrowIfNull(service);
        _mappings.Add(service.Name, service);
    }

    /// <summary>Takes a service out.</summary>
    public void Remove(string name) => _mappings.Remove(name);

    /// <summary>Takes all services out.</summary>
    public void Clear() => _mappings.Clear();

    /// <inheritdoc />
    public IEnumerator<ServiceMapping> GetEnumerator() => _mappings.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal ServiceMapping? Find(string name) => _mappings.GetValueOrDefault(name);
}

/// <summary>One service and its checks.</summary>
public sealed class ServiceMapping(string name, Func<HealthCheckMapContext, bool> predicate)
{
    /// <summary>The service's name.</summary>
    public string Name { get; } = name;

    /// <summary>Which checks count.</summary>
    internal Func<HealthCheckMapContext, bool> Predicate { get; } = predicate;
}

/// <summary>A health check that may be picked.</summary>
public sealed class HealthCheckMapContext(string name, IEnumerable<string> tags)
{
    /// <summary>The name it was registered under.</summary>
    public string Name { get; } = name;

    /// <summary>Its tags.</summary>
    public IEnumerable<string> Tags { get; } = tags;
}
