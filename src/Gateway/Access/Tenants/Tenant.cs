using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.Tenants;

/// <summary>One customer of the platform. All data belongs to one.</summary>
internal sealed class Tenant
{
    public required TenantId Id { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
