using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ZohoPlatform.CampaignsService.Syncs.Jobs;
using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

public sealed class SourceSecretsTests
{
    private const string Plain = "Host=127.0.0.1;Password=fake-password";

    private static readonly string Old = NewKey();
    private static readonly string New = NewKey();

    private readonly TenantId _tenant = new(Guid.NewGuid());
    private readonly Guid _sync = Guid.NewGuid();

    [Fact]
    public void What_was_sealed_opens_also_behind_a_newer_key_and_not_without_its_own()
    {
        var text = With(Old).Seal(_tenant, _sync, Plain);

        Assert.Equal(Plain, With($"{New},{Old}").Open(_tenant, _sync, text));
        Assert.Null(With(New).Open(_tenant, _sync, text));
        Assert.NotEqual(text, With(Old).Seal(_tenant, _sync, Plain));
    }

    [Fact]
    public void Of_two_keys_the_first_seals()
    {
        var text = With($"{New},{Old}").Seal(_tenant, _sync, Plain);

        Assert.Equal(Plain, With(New).Open(_tenant, _sync, text));
        Assert.Null(With(Old).Open(_tenant, _sync, text));
    }

    [Fact]
    public void It_opens_for_no_other_sync_or_tenant_and_not_when_any_byte_was_changed()
    {
        var secrets = With(Old);
        var text = secrets.Seal(_tenant, _sync, Plain);

        Assert.ThrowsAny<CryptographicException>(() => secrets.Open(_tenant, Guid.NewGuid(), text));
        Assert.ThrowsAny<CryptographicException>(() => secrets.Open(new TenantId(Guid.NewGuid()), _sync, text));
        for (var i = 0; i < text.Length; i++)
        {
            var changed = text.ToArray();
            changed[i] ^= 1;
            if (i is >= 4 and < 20)
            {
                // the id of its key: no key has this one
                Assert.Null(secrets.Open(_tenant, _sync, changed));
                continue;
            }

            Assert.ThrowsAny<CryptographicException>(() => secrets.Open(_tenant, _sync, changed));
        }
    }

    [Theory]
    [InlineData("short", "", false)]
    [InlineData("", "db.example.com", false)]
    [InlineData("", "", true)]
    public void A_wrong_key_or_hosts_without_one_stop_the_start(string key, string hosts, bool isValid)
    {
        var options = new SourceOptions { Key = key, Hosts = hosts };

        Assert.Equal(isValid, !options.Validate(new(options)).Any());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_key_that_also_seals_tickets_stops_the_start(bool isShared)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Sources:Key"] = $"{New},{Old}";
        builder.Configuration["Tickets:Key"] = isShared ? $"{NewKey()}, {Old}" : NewKey();
        builder.AddSyncs();
        using var host = builder.Build();

        var refused = Record.Exception(host.Services.GetRequiredService<IStartupValidator>().Validate);

        Assert.Equal(
            isShared
                ? "Sources:Key and Tickets:Key hold the same key: make another one for Sources:Key with: openssl rand -base64 32"
                : null,
            refused?.Message);
    }

    private static SourceSecrets With(string keys) => new(Options.Create(new SourceOptions { Key = keys }));

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}
