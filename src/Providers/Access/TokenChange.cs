using System.Globalization;
using System.Runtime.InteropServices;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Providers.Access;

/// <summary>
/// The token service's word, through Redis, that what it handed out for a connection is out of date: a new token, a new grant, other settings,
/// another choice of connections, a deletion.
/// </summary>
/// <param name="Tenant">Whose connection it is.</param>
/// <param name="ConnectionId">The connection.</param>
/// <param name="Version">Answers of an older version are out of date.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TokenChange(TenantId Tenant, Guid ConnectionId, long Version)
{
    /// <summary>Where it is said.</summary>
    public const string Channel = "tokens:changed";

    /// <summary>False where <paramref name="message"/> is none.</summary>
    public static bool TryParse(string message, out TokenChange change)
    {
        change = default;
        if (message.Split(' ') is not [var tenantText, var idText, var versionText]
            || !TenantId.TryParse(tenantText, null, out var tenant)
            || !Guid.TryParse(idText, out var id)
            || !long.TryParse(versionText, CultureInfo.InvariantCulture, out var version))
        {
            return false;
        }

        change = new TokenChange(tenant, id, version);
        return true;
    }

    /// <summary>The message.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Tenant} {ConnectionId} {Version}");
}
