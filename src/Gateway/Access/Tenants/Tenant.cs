using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.Tenants;

/// <summary>One customer of the platform. All data belongs to one.</summary>
internal sealed class Tenant
{
    public required TenantId Id { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when it is being deleted: nobody can call for it any more, and its data go.</summary>
    public DateTimeOffset? DeletingSince { get; set; }

    /// <summary>The tenant whose key asked for that, in whose audit its end is told.</summary>
    public TenantId? DeletedFor { get; set; }
}
