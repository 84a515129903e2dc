using System.Security.Cryptography;

namespace ZohoPlatform.Sealing;

/// <summary>Wraps the keys of the ring with AES-256-GCM; what it wrapped opens with the same key and with no other.</summary>
internal sealed class MasterKey(byte[] key)
{
    public const int Length = 32;

    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>Tells two master keys apart and says nothing about them: 16 hex digits of an HMAC under the key.</summary>
    public string Id { get; } = Convert.ToHexStringLower(HMACSHA256.HashData(key, "zohoplatform.master-key-id"u8))[..16];

    /// <summary>Nonce, ciphertext and tag in one.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> plain)
    {
        var wrapped = new byte[NonceLength + plain.Length + TagLength];
        var nonce = wrapped.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plain, wrapped.AsSpan(NonceLength..^TagLength), wrapped.AsSpan(^TagLength..), Purpose);
        return wrapped;
    }

    /// <exception cref="CryptographicException">It was wrapped with another key or was changed.</exception>
    public byte[] Unwrap(byte[] wrapped)
    {
        if (wrapped.Length < NonceLength + TagLength)
        {
            throw new CryptographicException("A wrapped key is too short to be one.");
        }

        var plain = new byte[wrapped.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(wrapped.AsSpan(0, NonceLength), wrapped.AsSpan(NonceLength..^TagLength), wrapped.AsSpan(^TagLength..), plain, Purpose);
        return plain;
    }

    private static ReadOnlySpan<byte> Purpose => "zohoplatform.key-ring"u8;
}
