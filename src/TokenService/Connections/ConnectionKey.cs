using System.Runtime.InteropServices;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Connections;

/// <summary>
/// A connection of a tenant. Without its tenant a connection id means nothing, in memory and in Redis as in the database.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ConnectionKey(TenantId Tenant, Guid Id)
{
    public override string ToString() => $"{Tenant}:{Id}";
}
