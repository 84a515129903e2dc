using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>The value of a unique field that stands for a message.</summary>
internal static class MessageKey
{
    // WhatsApp's own, long and random: no two of them differ in case alone
    private const string WhatsApp = "wamid.";

    /// <summary>
    /// Its external id, the same each time. Zoho CRM takes values for one that differ in case or in the space around them: where an id has such, and where
    /// the field is too short, there is a part of its hash.
    /// </summary>
    public static string Of(string externalId, int longest)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(externalId)));
        var isPlain = externalId.StartsWith(WhatsApp, StringComparison.Ordinal)
            || string.Equals(externalId, externalId.Trim().ToLowerInvariant(), StringComparison.Ordinal);
        var key = isPlain ? externalId : $"{externalId.Trim()} ({hash[..16]})";
        return key.Length <= longest ? key
            : $"sha256:{hash}" is var whole && whole.Length > longest ? whole[^longest..]
            : whole;
    }
}
