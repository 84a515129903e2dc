using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Providers.Http;

/// <summary>On whose behalf a provider is called, and with which grant.</summary>
/// <param name="Tenant">Whose connection it is.</param>
/// <param name="ConnectionId">The connection whose access token is used.</param>
/// <param name="DataCentre">Where that connection's account lives; null for a provider that has none (HubSpot).</param>
/// <param name="Purpose">What for, as the audit shows it: <c>campaigns.push</c>. At most 100 characters.</param>
public sealed record ProviderCall(TenantId Tenant, string ConnectionId, DataCentre? DataCentre, string Purpose);
