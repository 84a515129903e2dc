using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.Sealing;

/// <summary>What may be told of a secret.</summary>
public static class Secret
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
