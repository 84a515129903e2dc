using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Tokens;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>Keys of tickets as they are configured.</summary>
public static class TicketKeys
{
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>A new pair, as <see cref="TicketOptions.SigningKey"/> and <see cref="TrustedIssuer.Keys"/> take it.</summary>
    public static (string Private, string Public) NewPair()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (Convert.ToBase64String(key.ExportPkcs8PrivateKey()), Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>The public key that belongs to a private one; null where that is none.</summary>
    public static string? PublicOf(string privateKey)
    {
        using var key = Private(privateKey);
        return key is null ? null : Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    internal static string[] Split(string keys) => keys.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    internal static bool IsPublic(string text)
    {
        using var key = Public(text);
        return key is not null;
    }

    internal static ECDsa? Private(string text) => Import(text, (key, bytes) => key.ImportPkcs8PrivateKey(bytes, out _));

    internal static ECDsa? Public(string text) => Import(text, (key, bytes) => key.ImportSubjectPublicKeyInfo(bytes, out _));

    /// <summary>With an id that both ends make of the public key, so that no key needs a name.</summary>
    internal static ECDsaSecurityKey ToSecurityKey(ECDsa key) =>
        new(key) { KeyId = WebEncoders.Base64UrlEncode(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 16)) };

    private static ECDsa? Import(string text, Action<ECDsa, byte[]> import)
    {
        var key = ECDsa.Create();
        try
        {
            import(key, Convert.FromBase64String(text));
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256)
            {
                return key;
            }
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            // what is no key is told by the options' check, with what makes one
        }

        key.Dispose();
        return null;
    }
}
