using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.MessagingService.WhatsApp;

/// <summary>Meta's signature of a webhook body: <c>X-Hub-Signature-256: sha256=</c> and the HMAC-SHA256 in lower case hex.</summary>
internal static class MetaSignature
{
    private const string Prefix = "sha256=";

    /// <summary>
    /// Did the owner of the app secret sign exactly these bytes? Over the raw body, before anything reads it: Meta writes letters beyond
    /// ASCII as <c>\u00e1</c>, and other bytes have another signature. False for everything that is not written as Meta writes it (none,
    /// SHA-1, another length, upper case) and without a secret. Takes the same time for every signature of the right form.
    /// </summary>
    public static bool Verifies(ReadOnlySpan<byte> body, string? header, string appSecret)
    {
        if (string.IsNullOrWhiteSpace(appSecret) || header is null || !header.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(appSecret), body, hash);
        var expected = Convert.ToHexStringLower(hash);

        return CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(expected.AsSpan()), MemoryMarshal.AsBytes(header.AsSpan(Prefix.Length)));
    }
}
