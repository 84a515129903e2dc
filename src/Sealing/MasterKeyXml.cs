using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace ZohoPlatform.Sealing;

/// <summary>Wraps a key of the ring before it is stored.</summary>
internal sealed class MasterKeyXmlEncryptor(MasterKeys masterKeys) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(masterKeys.Wrap(plaintextElement), typeof(MasterKeyXmlDecryptor));
}

/// <summary>Opens a key of the ring. Data Protection makes it by the name that is stored beside the key, hence the constructor.</summary>
internal sealed class MasterKeyXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => services.GetRequiredService<MasterKeys>().Unwrap(encryptedElement);
}
