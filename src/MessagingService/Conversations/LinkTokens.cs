using System.Buffers.Text;
using System.Security.Cryptography;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Conversations;

/// <summary>
/// The signed name of a conversation, for a link in a chat page: tenant, conversation and half an HMAC-SHA256 of both under the tenant's key, in
/// base64url. It opens the conversation's record and can do nothing else; it holds until the tenant's key is another one.
/// </summary>
internal static class LinkTokens
{
    private const int IdBytes = 16;
    private const int SignatureBytes = 16;
    private const int Length = 64;

    public static string Sign(TenantId tenant, Guid conversation, byte[] key)
    {
        Span<byte> token = stackalloc byte[(2 * IdBytes) + SignatureBytes];
        tenant.Value.TryWriteBytes(token);
        conversation.TryWriteBytes(token[IdBytes..]);
        SignatureOf(token[..(2 * IdBytes)], key).CopyTo(token[(2 * IdBytes)..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Whose conversation a token names, before anybody has looked at its signature; null where it has not the form of one.</summary>
    public static (TenantId Tenant, Guid Conversation)? Read(string token) => BytesOf(token) is { } bytes
        ? (new TenantId(new Guid(bytes.AsSpan(0, IdBytes))), new Guid(bytes.AsSpan(IdBytes, IdBytes)))
        : null;

    /// <summary>Whether the tenant has signed it. Takes the same time whatever is wrong.</summary>
    public static bool IsSigned(string token, byte[] key) => BytesOf(token) is { } bytes
        && CryptographicOperations.FixedTimeEquals(SignatureOf(bytes.AsSpan(0, 2 * IdBytes), key), bytes.AsSpan(2 * IdBytes));

    // space between is passed over by who reads base64: so many characters may be fewer bytes
    private static byte[]? BytesOf(string token) => token.Length == Length && Base64Url.IsValid(token, out var bytes) && bytes == (2 * IdBytes) + SignatureBytes
        ? Base64Url.DecodeFromChars(token)
        : null;

    private static ReadOnlySpan<byte> SignatureOf(ReadOnlySpan<byte> ids, byte[] key) => HMACSHA256.HashData(key, ids).AsSpan(0, SignatureBytes);
}
