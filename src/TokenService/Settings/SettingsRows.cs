using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Settings;

/// <summary>A tenant's OAuth client at a provider, without its secrets. Texts are empty where nothing was set.</summary>
internal sealed class SettingsRow
{
    public required TenantId TenantId { get; init; }

    public required string Provider { get; init; }

    public string ClientId { get; set; } = "";

    /// <summary>The data centre where the client is registered; empty for the provider's usual one.</summary>
    public string Region { get; set; } = "";

    /// <summary>Whether tokens are handed out.</summary>
    public bool Enabled { get; set; } = true;

    public bool CrmEnabled { get; set; }

    /// <summary>When that was last switched on; null where it never was.</summary>
    public DateTimeOffset? CrmEnabledAt { get; set; }

    public string OrganizationId { get; set; } = "";

    /// <summary>Overrides the data centre's own; always one of the table.</summary>
    public string ApiDomain { get; set; } = "";
}

/// <summary>A client secret, which some providers give per data centre.</summary>
internal sealed class ClientSecretRow
{
    public required TenantId TenantId { get; init; }

    public required string Provider { get; init; }

    /// <summary>Empty: the secret serves every data centre that has none of its own.</summary>
    public required string DataCentre { get; init; }

    public required byte[] SecretSealed { get; set; }

    public static SealedColumn Secrets { get; } =
        new("client_secrets", "secret_sealed", "'settings:' || provider || ':' || data_centre", "client_secret");

    public static SecretPlace PlaceOf(TenantId tenant, string provider, string dataCentre) =>
        new(tenant, $"settings:{provider}:{dataCentre}", Secrets.Field);
}

/// <summary>The connection that was chosen for a feature; goes with its connection.</summary>
internal sealed class FeatureConnectionRow
{
    public required TenantId TenantId { get; init; }

    public required string Feature { get; init; }

    public required Guid ConnectionId { get; set; }
}
