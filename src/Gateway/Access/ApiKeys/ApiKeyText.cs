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

    // the platform key's is somebody's own
    private const int ShortestSecret = 32;
    private const int LongestSecret = 128;

    public static ApiKeyText Create() => CreateFor(RandomNumberGenerator.GetString(IdAlphabet, IdLength));

    /// <summary>A new secret for a key.</summary>
    public static ApiKeyText CreateFor(string id) => new(id, RandomNumberGenerator.GetString(SecretAlphabet, SecretLength));

    /// <summary>False for what cannot be a key: nobody needs to look it up.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ApiKeyText? key)
    {
        key = text.Split('_', 4) is ["zp", { Length: > 0 and <= IdLength } id, { Length: >= ShortestSecret and <= LongestSecret } secret]
            && id.All(IdAlphabet.Contains)
            && secret.All(SecretAlphabet.Contains)
                ? new ApiKeyText(id, secret)
                : null;
        return key is not null;
    }

    public byte[] SecretSha256 => SHA256.HashData(Encoding.UTF8.GetBytes(Secret));

    /// <summary>The whole key: a secret.</summary>
    public string Reveal() => $"{Prefix}{Id}_{Secret}";

    // a record prints its members: this one must not
    public override string ToString() => $"{Prefix}{Id}_***";
}
