using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// Seals the connection strings of table sources. The text belongs to one sync of one tenant: moved to another row it does not open.
/// </summary>
internal sealed class SourceSecrets(IOptions<SourceOptions> options)
{
    private readonly ConfiguredKeyRing _ring = new("zohoplatform.sources", options.Value.Keys);

    public byte[] Seal(TenantId tenant, Guid sync, string connectionString) =>
        ProtectorOf(tenant, sync).Protect(Encoding.UTF8.GetBytes(connectionString));

    /// <summary>Null where none of the keys that are set sealed it.</summary>
    /// <exception cref="CryptographicException">It was changed, or belongs to another sync.</exception>
    public string? Open(TenantId tenant, Guid sync, byte[] sealedText) =>
        _ring.HasKeyOf(sealedText) ? Encoding.UTF8.GetString(ProtectorOf(tenant, sync).Unprotect(sealedText)) : null;

    private IDataProtector ProtectorOf(TenantId tenant, Guid sync) =>
        _ring.CreateProtector("source", tenant.ToString(), sync.ToString(), "connection_string");
}
