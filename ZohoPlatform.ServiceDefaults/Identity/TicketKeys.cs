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
/// A Data Protection ring whose keys are the configured secrets: every replica of every service opens what any of them sealed,
/// without a store that they would have to share.
/// </summary>
internal static class TicketKeys
{
    public static IDataProtectionProvider CreateProvider(IReadOnlyList<byte[]> secrets)
    {
        // a container of its own: a service's own ring (sealed secrets) must not be this one
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName("zohoplatform.tickets");
        services.Configure<KeyManagementOptions>(options =>
        {
            options.AutoGenerateKeys = false;
            options.XmlRepository = new ConfiguredKeys(secrets);
        });
        return services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>();
    }

    private sealed class ConfiguredKeys(IReadOnlyList<byte[]> secrets) : IXmlRepository
    {
        private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public IReadOnlyCollection<XElement> GetAllElements() => [.. secrets.Select((secret, index) => Key(secret, secrets.Count - index))];

        public void StoreElement(XElement element, string friendlyName) =>
            throw new InvalidOperationException("The ticket ring's keys come from Tickets:Key and are not generated.");

        // the ring seals with the key that became active last: the first configured one
        private static XElement Key(byte[] secret, int rank)
        {
            using var master = new Secret(secret);
            var descriptor = new AuthenticatedEncryptorDescriptor(new AuthenticatedEncryptorConfiguration(), master).ExportToXml();
            return new XElement(
                "key",
                new XAttribute("id", new Guid(SHA256.HashData(secret).AsSpan(0, 16))),
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
