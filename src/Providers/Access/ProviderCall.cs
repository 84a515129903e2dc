using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Providers.Access;

/// <summary>On whose behalf a provider is called, and with which grant.</summary>
/// <param name="Tenant">Whose connection it is.</param>
/// <param name="ConnectionId">The connection whose access token is used.</param>
/// <param name="DataCentre">Where that connection's account lives, as its token says it; empty for a provider that has none. The product's
/// client knows which host that is.</param>
/// <param name="Purpose">What for, as the audit shows it: <c>campaigns.push</c>. At most 100 characters.</param>
public sealed record ProviderCall(TenantId Tenant, string ConnectionId, string DataCentre, string Purpose)
{
    /// <summary>What that connection's grant covers; empty where the provider did not say.</summary>
    public IReadOnlyList<string> GrantedScopes { get; init; } = [];

    /// <summary>By whom the provider counts calls; empty where it is not known.</summary>
    public string AccountId { get; init; } = "";

    /// <summary>Whose account it is, for people; empty where it is not known.</summary>
    public string AccountName { get; init; } = "";

    /// <summary>Whose part of the quota it takes.</summary>
    public QuotaUse Use { get; init; }
}
