using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>
/// A Data Protection ring whose keys are configured secrets: every replica opens what any of them sealed, without a store that they would
/// have to share. The first secret seals and all of them open, so that one is replaced in two rollouts: added second, then moved first.
/// </summary>
public sealed class ConfiguredKeyRing : IDataProtectionProvider
{
    // a payload begins with four bytes that say what it is and the 16 of its key's id
    private const int KeyIdStart = 4;
    private const int KeyIdLength = 16;

    private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly IReadOnlyList<Guid> _ids;
    private readonly IDataProtectionProvider _ring;

    /// <param name="applicationName">Whose ring it is: what is sealed under one name opens under no other.</param>
    /// <param name="secrets">32 bytes or more each.</param>
    public ConfiguredKeyRing(string applicationName, IReadOnlyList<byte[]> secrets)
    {
        _ids = [.. secrets.Select(IdOf)];
        // a container of its own: a service may have several rings
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName(applicationName);
        services.Configure<KeyManagementOptions>(options =>
        {
            options.AutoGenerateKeys = false;
            options.XmlRepository = new Keys(secrets);
        });
        _ring = services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>();
    }

    public IDataProtector CreateProtector(string purpose) => _ring.CreateProtector(purpose);

    /// <summary>
    /// Whether one of the secrets that are set sealed it; Data Protection throws the same for one that is gone and for a forgery.
    /// </summary>
    public bool HasKeyOf(ReadOnlySpan<byte> payload) =>
        payload.Length >= KeyIdStart + KeyIdLength && _ids.Contains(new Guid(payload.Slice(KeyIdStart, KeyIdLength)));

    private static Guid IdOf(byte[] secret) => new(SHA256.HashData(secret).AsSpan(0, KeyIdLength));

    private sealed class Keys(IReadOnlyList<byte[]> secrets) : IXmlRepository
    {
        public IReadOnlyCollection<XElement> GetAllElements() => [.. secrets.Select((secret, index) => Key(secret, secrets.Count - index))];

        public void StoreElement(XElement element, string friendlyName) =>
            throw new InvalidOperationException("The ring's keys are configured and not generated.");

        // the ring seals with the key that became active last: the first configured one
        private static XElement Key(byte[] secret, int rank)
        {
            using var master = new Secret(secret);
            var descriptor = new AuthenticatedEncryptorDescriptor(new AuthenticatedEncryptorConfiguration(), master).ExportToXml();
            return new XElement(
                "key",
                new XAttribute("id", IdOf(secret)),
                new XAttribute("version", 1),
                new XElement("creationDate", Epoch.ToString("o", CultureInfo.InvariantCulture)),
                new XElement("activationDate", Epoch.AddDays(rank).ToString("o", CultureInfo.InvariantCulture)),
                new XElement("expirationDate", Epoch.AddYears(1000).ToString("o", CultureInfo.InvariantCulture)),
                new XElement(
                    "descriptor",
                    new XAttribute("deserializerType", descriptor.DeserializerType.AssemblyQualifiedName!),
                    descriptor.SerializedDescriptorElement));
        }
    }
}
