using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.Data;

/// <summary>Where a service's audit of a tenant ended when the gateway last looked: a count and a hash, and nothing of its content.</summary>
internal sealed class KeptHead
{
    public required TenantId TenantId { get; init; }

    public required string Service { get; init; }

    public required long Sequence { get; init; }

    public required string Hash { get; init; }

    /// <summary>The service's own.</summary>
    public required string Signature { get; init; }
}
