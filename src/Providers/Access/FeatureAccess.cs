using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Providers.Access;

/// <summary>
/// What the calls of one feature are made with: <c>crm</c>, <c>campaigns</c>. A connection may appear and go at any time: it is asked for each time.
/// </summary>
public sealed class FeatureAccess
{
    private readonly ProviderAccess _access;
    private readonly string _feature;

    internal FeatureAccess(ProviderAccess access, string feature) => (_access, _feature) = (access, feature);

    /// <summary>
    /// Through the connection that serves the feature for the tenant. Precondition: there is no usable one (<c>not_connected</c> and others of the token
    /// service, whose sentence says what to do). Unavailable: the token service does not answer.
    /// </summary>
    public async Task<Result<ProviderCall>> ForAsync(
        TenantId tenant, string purpose, CancellationToken cancellationToken, QuotaUse use = QuotaUse.Job) =>
        CallWith(tenant, await _access.ForFeatureAsync(tenant, _feature, purpose, cancellationToken), purpose, use);

    /// <summary>Through this connection of the tenant; refused as the other.</summary>
    public async Task<Result<ProviderCall>> ForAsync(
        TenantId tenant, string connectionId, string purpose, CancellationToken cancellationToken, QuotaUse use = QuotaUse.Job) =>
        CallWith(tenant, await _access.ForConnectionAsync(tenant, connectionId, purpose, cancellationToken), purpose, use);

    /// <summary>Whether the tenant has it switched on. Unavailable: the token service does not answer.</summary>
    public Task<Result<FeatureState>> StateAsync(TenantId tenant, CancellationToken cancellationToken) =>
        _access.SwitchOfAsync(tenant, _feature, cancellationToken);

    private static Result<ProviderCall> CallWith(TenantId tenant, Result<ProviderToken> asked, string purpose, QuotaUse use) =>
        asked.Succeeded(out var token, out var failure)
            ? new ProviderCall(tenant, token.ConnectionId, token.DataCentre, purpose)
            {
                GrantedScopes = token.GrantedScopes,
                AccountId = token.AccountId,
                AccountName = token.AccountName,
                Use = use,
            }
            : failure;
}
