using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;

namespace ZohoPlatform.Sealing;

/// <summary>
/// The ring that secrets are sealed with. Data Protection keeps what it has read for a day; this one is read again as soon as something
/// is met that a newer key sealed, so that no replica fails on what another one wrote.
/// </summary>
internal sealed class SecretRing(KeyRing stored, MasterKeys masterKeys, SealingDatabase db) : IDataProtectionProvider
{
    // a key seals until the next one is made
    private const int KeyYears = 100;

    // a payload begins with four bytes that say what it is and the 16 of its key's id
    private const int KeyIdStart = 4;
    private const int KeyIdLength = 16;

    private readonly Lock _reloading = new();
    private volatile Reading? _reading;

    /// <summary>The id of the key that seals now, as it stands in what it sealed from the fifth byte on.</summary>
    public byte[] SealingKey => Current.CreateProtector("sealing_key").Protect([])[KeyIdStart..(KeyIdStart + KeyIdLength)];

    private IDataProtectionProvider Current
    {
        get
        {
            if (_reading is null)
            {
                Reload();
            }

            return _reading!.Provider;
        }
    }

    public IDataProtector CreateProtector(string purpose) => new Protector(this, [purpose]);

    /// <summary>Reads the ring again where it has grown since; false where it has not.</summary>
    public bool Reload()
    {
        lock (_reloading)
        {
            var upTo = stored.LastId();
            if (_reading is { } reading && reading.UpTo == upTo)
            {
                return false;
            }

            if (upTo == 0)
            {
                MakeKey();
                upTo = stored.LastId();
            }

            var provider = Read().GetRequiredService<IDataProtectionProvider>();
            // reads the ring now: one that it cannot open throws here, and what was read before stays in use
            provider.CreateProtector("sealing_key").Protect([]);
            _reading = new Reading(provider, upTo);
            return true;
        }
    }

    /// <summary>Makes a key that seals from now on, here at once and in other replicas when they read the ring again.</summary>
    public void AddKey()
    {
        MakeKey();
        Reload();
    }

    private void MakeKey()
    {
        using var services = Read();
        // Data Protection goes by the machine's clock
        var now = TimeProvider.System.GetUtcNow();
        services.GetRequiredService<IKeyManager>().CreateNewKey(now, now.AddYears(KeyYears));
    }

    private ServiceProvider Read()
    {
        var services = new ServiceCollection();
        services.AddSingleton(stored);
        services.AddSingleton(masterKeys);
        services.AddRing(db.Service);
        return services.BuildServiceProvider();
    }

    private sealed record Reading(IDataProtectionProvider Provider, long UpTo);

    private sealed class Protector(SecretRing ring, string[] purposes) : IDataProtector
    {
        public IDataProtector CreateProtector(string purpose) => new Protector(ring, [.. purposes, purpose]);

        public byte[] Protect(byte[] plaintext) => Now().Protect(plaintext);

        public byte[] Unprotect(byte[] protectedData)
        {
            try
            {
                return Now().Unprotect(protectedData);
            }
            catch (CryptographicException) when (ring.Reload())
            {
                return Now().Unprotect(protectedData);
            }
        }

        private IDataProtector Now() => ring.Current.CreateProtector(purposes);
    }
}

internal static class RingServices
{
    extension(IServiceCollection services)
    {
        /// <summary>Data Protection on <see cref="KeyRing"/>, wrapped by <see cref="MasterKeys"/>; both must be registered.</summary>
        /// <param name="service">What it seals opens in no other service.</param>
        public void AddRing(string service)
        {
            services.AddDataProtection().SetApplicationName($"zohoplatform.{service}");
            services.AddOptions<KeyManagementOptions>().Configure<KeyRing, MasterKeys>((options, ring, masterKeys) =>
            {
                // by itself Data Protection passes over keys that it cannot open, makes another, and what they sealed is lost quietly
                options.AutoGenerateKeys = false;
                options.XmlRepository = ring;
                options.XmlEncryptor = new MasterKeyXmlEncryptor(masterKeys);
            });
        }
    }
}
