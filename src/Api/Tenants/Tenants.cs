namespace ZohoPlatform.Api.Tenants;

/// <summary>A tenant to make.</summary>
/// <param name="Name">1 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit.</param>
public sealed record NewTenant(string Name);

/// <summary>One customer of the platform. All data belongs to one.</summary>
/// <param name="Id">Of the tenant.</param>
/// <param name="Name">Of the tenant.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="DeletingSince">Since when it is being deleted; null while it is not. One that is gone is in no list.</param>
public sealed record Tenant(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? DeletingSince);

/// <summary>A page of the tenants.</summary>
/// <param name="Tenants">Oldest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="Total">On all pages together.</param>
public sealed record TenantList(IReadOnlyList<Tenant> Tenants, string? NextPageToken, int Total)
{
    public IReadOnlyList<Tenant> Tenants { get; init; } = Tenants ?? [];
}
