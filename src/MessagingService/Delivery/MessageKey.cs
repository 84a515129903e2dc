using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>The value of a unique field that stands for a message.</summary>
internal static class MessageKey
{
    /// <summary>Its external id, or what is made of it where the field is too short; the same each time.</summary>
    public static string Of(string externalId, int longest) =>
        externalId.Length <= longest ? externalId
        : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(externalId)))}" is var hash && hash.Length > longest ? hash[^longest..]
        : hash;
}
