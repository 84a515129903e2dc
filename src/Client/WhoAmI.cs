namespace ZohoPlatform.Client;

/// <summary>Whose API key a call was made with.</summary>
/// <param name="TenantId">Of the key's tenant.</param>
/// <param name="Tenant">Its name.</param>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="KeyId">The part of the key that is no secret.</param>
public sealed record WhoAmI(string TenantId, string Tenant, string Role, string KeyId);
