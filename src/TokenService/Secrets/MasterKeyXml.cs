using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace ZohoPlatform.TokenService.Secrets;

/// <summary>Wraps a key of the ring before it is stored.</summary>
internal sealed class MasterKeyXmlEncryptor(MasterKey masterKey) : IXmlEncryptor
{
    internal const string Element = "wrappedKey";
    internal const string MasterKeyAttribute = "masterKey";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
        new XElement(
            Element,
            new XAttribute(MasterKeyAttribute, masterKey.Id),
            Convert.ToBase64String(masterKey.Wrap(Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting))))),
        typeof(MasterKeyXmlDecryptor));
}

/// <summary>Opens a key of the ring. Data Protection makes it by the name that is stored beside the key, hence the constructor.</summary>
internal sealed class MasterKeyXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(Encoding.UTF8.GetString(
            services.GetRequiredService<MasterKey>().Unwrap(Convert.FromBase64String(encryptedElement.Value))));
}
