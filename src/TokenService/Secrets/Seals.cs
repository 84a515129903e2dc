using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Secrets;

/// <summary>Which secret a ciphertext is. It opens only under the place it was sealed for: moved to another row, it stays shut.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Holder">The row: a connection's id, a provider's settings with their data centre.</param>
/// <param name="Field">Which of the row's secrets.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SecretPlace(TenantId Tenant, string Holder, string Field);

/// <summary>Seals what must not be readable in the database, in Redis or in a backup.</summary>
internal sealed class Seals(IDataProtectionProvider protection)
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

/// <summary>What may be told of a secret.</summary>
internal static class Secret
{
    private const string MaskStart = "••••";
    private const int ShownCharacters = 4;

    // of a shorter one, four characters would be too much
    private const int ShortestShown = 8;

    /// <summary>Lower-case hex SHA-256: tells two secrets apart.</summary>
    public static string Sha256(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>The first eight digits of <see cref="Sha256"/>, for people and the audit.</summary>
    public static string Fingerprint(string secret) => Sha256(secret)[..8];

    /// <summary><c>••••</c> and the last four characters; of one shorter than eight only <c>••••</c>.</summary>
    public static string Mask(string secret) => secret.Length < ShortestShown ? MaskStart : MaskStart + secret[^ShownCharacters..];

    public static bool LooksMasked(string text) => text.StartsWith(MaskStart, StringComparison.Ordinal);
}
