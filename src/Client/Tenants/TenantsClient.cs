using ZohoPlatform.Api.Keys;
using ZohoPlatform.Api.Tenants;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Tenants;

/// <summary>The platform's tenants. Only the platform key may.</summary>
public sealed class TenantsClient
{
    private const string Path = "api/v1/admin/tenants";

    private readonly GatewayCalls _calls;

    internal TenantsClient(GatewayCalls calls) => _calls = calls;

    /// <param name="tenant">What to make.</param>
    /// <param name="idempotencyKey">1 to 200 visible ASCII characters; one of this call alone when null.</param>
    /// <param name="cancellationToken">Ends the wait; a tenant that was made already stays.</param>
    public Task<Tenant> CreateAsync(NewTenant tenant, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        _calls.PostAsync(Path, tenant, PlatformJson.Default.NewTenant, PlatformJson.Default.Tenant, idempotencyKey, cancellationToken);

    /// <summary>Oldest first.</summary>
    public Task<IReadOnlyList<Tenant>> ListAsync(CancellationToken cancellationToken = default) => Pages.AllAsync(
        (token, cancel) => _calls.GetAsync(
            Paths.With(Path, ("page_size", "200"), ("page_token", token)), PlatformJson.Default.TenantList, cancel),
        page => (page.Tenants, page.NextPageToken),
        cancellationToken);

    public Task<Tenant> GetAsync(string tenantId, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(tenantId)}", PlatformJson.Default.Tenant, cancellationToken);

    /// <summary>
    /// Deletes a tenant with all that is kept of it, for which there is no way back. The answer says since when it is being deleted; it is
    /// done, five minutes later at the soonest, when the tenant is in no list any more.
    /// </summary>
    public Task<Tenant> DeleteAsync(string tenantId, CancellationToken cancellationToken = default) =>
        _calls.DeleteAsync($"{Path}/{Paths.Part(tenantId)}", PlatformJson.Default.Tenant, cancellationToken);

    /// <summary>
    /// A tenant's first key, with which it makes its others. The answer holds the key's secret, this once: it is not given again, also not
    /// to a repetition.
    /// </summary>
    public Task<CreatedApiKey> CreateKeyAsync(
        string tenantId, NewApiKey key, string? idempotencyKey = null, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(tenantId)}/keys",
        key,
        PlatformJson.Default.NewApiKey,
        PlatformJson.Default.CreatedApiKey,
        idempotencyKey,
        cancellationToken);
}
