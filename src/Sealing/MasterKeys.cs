using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace ZohoPlatform.Sealing;

/// <summary>The configured master keys. The first one wraps; all of them open.</summary>
internal sealed class MasterKeys(IReadOnlyList<MasterKey> keys)
{
    private const string Element = "wrappedKey";
    private const string MasterKeyAttribute = "masterKey";

    /// <summary>The id of the key that wraps.</summary>
    public string Newest => keys[0].Id;

    public IReadOnlyList<string> Ids { get; } = [.. keys.Select(key => key.Id)];

    public XElement Wrap(XElement plain) => new(
        Element,
        new XAttribute(MasterKeyAttribute, Newest),
        Convert.ToBase64String(keys[0].Wrap(Encoding.UTF8.GetBytes(plain.ToString(SaveOptions.DisableFormatting)))));

    /// <exception cref="CryptographicException">Its key is not configured, or it was changed.</exception>
    public XElement Unwrap(XElement wrapped)
    {
        var id = wrapped.Attribute(MasterKeyAttribute)?.Value;
        var key = keys.FirstOrDefault(key => key.Id == id)
            ?? throw new CryptographicException($"Secrets:MasterKey does not hold the master key {id}.");
        return XElement.Parse(Encoding.UTF8.GetString(key.Unwrap(Convert.FromBase64String(wrapped.Value))));
    }

    /// <summary>Wraps what is inside a key of the ring with the newest master key; what is wrapped with it already stays as it is.</summary>
    public XElement Rewrap(XElement ringKey)
    {
        var renewed = new XElement(ringKey);
        var older = renewed.Descendants(Element).Where(element => element.Attribute(MasterKeyAttribute)?.Value != Newest);
        foreach (var wrapped in older.ToList())
        {
            wrapped.ReplaceWith(Wrap(Unwrap(wrapped)));
        }

        return renewed;
    }

    /// <summary>Which master key opens a key of the ring; null where nothing in it is wrapped.</summary>
    public static string? WrapperOf(XElement ringKey) =>
        ringKey.Descendants(Element).SingleOrDefault()?.Attribute(MasterKeyAttribute)?.Value;
}
