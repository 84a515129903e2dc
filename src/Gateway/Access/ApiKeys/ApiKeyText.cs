using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>A key as its owner holds it: <c>zp_{id}_{secret}</c>.</summary>
internal sealed record ApiKeyText(string Id, string Secret)
{
    private const string Prefix = "zp_";
    private const string IdAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const string SecretAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    // 43 of 62 characters are 256 bits
    private const int SecretLength = 43;
    private const int IdLength = 16;
    private const int MaxLength = 200;

    public static ApiKeyText Create() =>
        new(RandomNumberGenerator.GetString(IdAlphabet, IdLength), RandomNumberGenerator.GetString(SecretAlphabet, SecretLength));

    public static bool TryParse(string text, [NotNullWhen(true)] out ApiKeyText? key)
    {
        key = null;
        if (text.Length > MaxLength || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var separator = text.IndexOf('_', Prefix.Length);
        if (separator <= Prefix.Length || separator == text.Length - 1)
        {
            return false;
        }

        key = new ApiKeyText(text[Prefix.Length..separator], text[(separator + 1)..]);
        return true;
    }

    public byte[] SecretSha256 => SHA256.HashData(Encoding.UTF8.GetBytes(Secret));

    /// <summary>The whole key: a secret.</summary>
    public string Reveal() => $"{Prefix}{Id}_{Secret}";

    // a record prints its members: this one must not
    public override string ToString() => $"{Prefix}{Id}_***";
}
