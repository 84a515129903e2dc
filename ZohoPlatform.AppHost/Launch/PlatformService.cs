using System.Globalization;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>A service of the platform; the gateway is one.</summary>
/// <param name="Name">What its callers know it by.</param>
/// <param name="Replicas">One resource for each replica.</param>
/// <param name="Key">What it signs with.</param>
internal sealed record PlatformService(string Name, IReadOnlyList<IResourceBuilder<ProjectResource>> Replicas, ServiceKeys Key)
{
    private const string AuditHeads = "zohoplatform.audit.v1.AuditLog/ListHeads";
    private const string TenantData = "zohoplatform.erasure.v1.TenantData";

    /// <summary>Does <paramref name="wire"/> to every replica.</summary>
    public void ForEach(Action<IResourceBuilder<ProjectResource>> wire)
    {
        foreach (var replica in Replicas)
        {
            wire(replica);
        }
    }

    /// <summary>Knows the addresses of <paramref name="service"/>, and may call <paramref name="calls"/> there on its own account.</summary>
    /// <param name="service">The one that is called.</param>
    /// <param name="calls">gRPC services, and methods of some.</param>
    public void MayCall(PlatformService service, params string[] calls)
    {
        Find(service);
        service.ForEach(replica => Key.HeardBy(replica, calls));
    }

    /// <summary>
    /// What a gateway does with <paramref name="service"/>: it calls it for keys and people, on its own account calls <paramref name="calls"/>
    /// there, keeps where the service's audit ends, and has it erase tenants.
    /// </summary>
    /// <param name="service">The one that is called.</param>
    /// <param name="calls">gRPC services, and methods of some.</param>
    public void Fronts(PlatformService service, params string[] calls)
    {
        Find(service);
        service.ForEach(replica => Key.HeardBy(replica, [.. calls, AuditHeads, TenantData], speaksForCallers: true));
        // it reads what the service signs, and serves it nothing
        ForEach(gateway => service.Key.HeardBy(gateway, []));
    }

    private void Find(PlatformService service)
    {
        for (var i = 0; i < service.Replicas.Count; i++)
        {
            var (setting, address) = (
                string.Create(CultureInfo.InvariantCulture, $"services__{service.Name}__grpc__{i}"), service.Replicas[i].GetEndpoint("grpc"));
            ForEach(caller => caller.WithEnvironment(setting, address));
        }
    }
}
