using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// Seals the connection strings of table sources (AES-256-GCM). The text belongs to one sync of one tenant: moved to another row it does
/// not open. Layout: version, key id, nonce, tag, ciphertext.
/// </summary>
internal sealed class SourceSecrets(IOptions<SourceOptions> options)
{
    public const int KeySize = 32;

    private const byte Version = 1;
    private const int KeyIdSize = 8;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int HeaderSize = 1 + KeyIdSize;

    private readonly IReadOnlyList<byte[]> _keys = options.Value.Keys;

    public byte[] Seal(TenantId tenant, Guid sync, string connectionString)
    {
        var key = _keys.Count > 0 ? _keys[0] : throw new InvalidOperationException("Sources:Key is not set.");
        var plain = Encoding.UTF8.GetBytes(connectionString);
        var sealedText = new byte[HeaderSize + NonceSize + TagSize + plain.Length];
        sealedText[0] = Version;
        KeyIdOf(key).CopyTo(sealedText, 1);
        var nonce = sealedText.AsSpan(HeaderSize, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(
            nonce, plain, sealedText.AsSpan(HeaderSize + NonceSize + TagSize), sealedText.AsSpan(HeaderSize + NonceSize, TagSize),
            Belonging(tenant, sync));
        return sealedText;
    }

    /// <summary>Null where none of the keys that are set sealed it.</summary>
    /// <exception cref="CryptographicException">It was changed, or belongs to another sync.</exception>
    public string? Open(TenantId tenant, Guid sync, byte[] sealedText)
    {
        if (sealedText.Length < HeaderSize + NonceSize + TagSize || sealedText[0] != Version)
        {
            throw new CryptographicException("This is no sealed connection string.");
        }

        var keyId = sealedText.AsSpan(1, KeyIdSize).ToArray();
        if (_keys.FirstOrDefault(key => KeyIdOf(key).AsSpan().SequenceEqual(keyId)) is not { } key)
        {
            return null;
        }

        var body = sealedText.AsSpan(HeaderSize);
        var plain = new byte[body.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(body[..NonceSize], body[(NonceSize + TagSize)..], body.Slice(NonceSize, TagSize), plain, Belonging(tenant, sync));
        return Encoding.UTF8.GetString(plain);
    }

    private static byte[] Belonging(TenantId tenant, Guid sync) => Encoding.UTF8.GetBytes($"{tenant}|{sync}|connection_string");

    private static byte[] KeyIdOf(byte[] key) => SHA256.HashData(key)[..KeyIdSize];
}
