using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Sealing;

/// <summary>Which secret a ciphertext is. It opens only under the place it was sealed for: moved to another row, it stays shut.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Holder">The row: a connection's id, a provider's settings with their data centre.</param>
/// <param name="Field">Which of the row's secrets.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SecretPlace(TenantId Tenant, string Holder, string Field);

/// <summary>Seals what must not be readable in the database, in Redis or in a backup.</summary>
public sealed class Seals(IDataProtectionProvider protection)
{
    public byte[] Seal(SecretPlace place, string secret) => At(place).Protect(Encoding.UTF8.GetBytes(secret));

    /// <exception cref="CryptographicException">It was sealed for another place, was changed, or its key is gone.</exception>
    public string Open(SecretPlace place, byte[] sealedSecret) => Encoding.UTF8.GetString(At(place).Unprotect(sealedSecret));

    /// <summary>The same secret, sealed with the key that seals now.</summary>
    /// <exception cref="CryptographicException">As <see cref="Open"/>.</exception>
    public byte[] Reseal(SecretPlace place, byte[] sealedSecret) => At(place).Protect(At(place).Unprotect(sealedSecret));

    private IDataProtector At(SecretPlace place) =>
        protection.CreateProtector("secret", place.Tenant.ToString(), place.Holder, place.Field);
}
