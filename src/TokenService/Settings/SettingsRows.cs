using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Settings;

/// <summary>A tenant's OAuth client at a provider, without its secrets. Texts are empty where nothing was set.</summary>
internal sealed class SettingsRow
{
    public required TenantId TenantId { get; init; }

    public required Provider Provider { get; init; }

    public string ClientId { get; set; } = "";

    /// <summary>The data centre where the client is registered.</summary>
    public string Region { get; set; } = "us";

    public bool CrmEnabled { get; set; }

    public string OrganizationId { get; set; } = "";

    /// <summary>Overrides the data centre's own; always one of the table.</summary>
    public string ApiDomain { get; set; } = "";
}

/// <summary>A client secret, which Zoho gives per data centre.</summary>
internal sealed class ClientSecretRow
{
    public required TenantId TenantId { get; init; }

    public required Provider Provider { get; init; }

    /// <summary>Empty: the secret serves every data centre that has none of its own.</summary>
    public required string DataCentre { get; init; }

    public required byte[] SecretSealed { get; set; }

    public static SealedColumn Secrets { get; } =
        new("client_secrets", "secret_sealed", "'settings:' || provider || ':' || data_centre", "client_secret");

    public static SecretPlace PlaceOf(TenantId tenant, Provider provider, string dataCentre) =>
        new(tenant, $"settings:{provider:D}:{dataCentre}", Secrets.Field);
}
