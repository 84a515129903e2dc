using System.Net;
using Microsoft.Extensions.Options;
using ZohoPlatform.WebhookService.Receivers;

namespace ZohoPlatform.WebhookService.Tests;

public sealed class ReceiverAddressTests
{
    private static readonly ReceiverAddresses Addresses = With();

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.9")]
    [InlineData("224.0.0.1")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:10.1.2.3")]
    [InlineData("::10.1.2.3")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void What_is_not_public_is_refused(string address) => Assert.False(Addresses.Allows(IPAddress.Parse(address), plain: false));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2606:4700::1111")]
    public void What_is_public_is_allowed_with_tls_and_not_without(string address)
    {
        Assert.True(Addresses.Allows(IPAddress.Parse(address), plain: false));
        Assert.False(Addresses.Allows(IPAddress.Parse(address), plain: true));
    }

    [Fact]
    public void Every_address_of_a_special_network_is_refused_however_it_is_written()
    {
        var random = new Random(20261121);
        (string Network, int Bits)[] networks =
            [("10.0.0.0", 8), ("100.64.0.0", 10), ("127.0.0.0", 8), ("169.254.0.0", 16), ("172.16.0.0", 12), ("192.168.0.0", 16), ("224.0.0.0", 3)];
        foreach (var (network, bits) in networks)
        {
            foreach (var _ in Enumerable.Range(0, 500))
            {
                var bytes = IPAddress.Parse(network).GetAddressBytes();
                for (var bit = bits; bit < 32; bit++)
                {
                    bytes[bit / 8] |= (byte)(random.Next(2) << (7 - (bit % 8)));
                }

                var address = new IPAddress(bytes);
                Assert.False(Addresses.Allows(address, plain: false), address.ToString());
                Assert.False(Addresses.Allows(address.MapToIPv6(), plain: false), address.ToString());
            }
        }
    }

    [Fact]
    public void Networks_that_the_settings_name_are_allowed_with_tls_and_nothing_beside_them()
    {
        var addresses = With("10.20.0.0/16", "fd12:3456::/32");

        Assert.True(addresses.Allows(IPAddress.Parse("10.20.30.40"), plain: false));
        Assert.True(addresses.Allows(IPAddress.Parse("::ffff:10.20.30.40"), plain: false));
        Assert.True(addresses.Allows(IPAddress.Parse("fd12:3456::9"), plain: false));
        Assert.False(addresses.Allows(IPAddress.Parse("10.20.30.40"), plain: true));
        Assert.False(addresses.Allows(IPAddress.Parse("10.21.0.1"), plain: false));
        Assert.False(addresses.Allows(IPAddress.Parse("127.0.0.1"), plain: false));
    }

    [Theory]
    [InlineData("https://hooks.example.com/zoho?x=1", true)]
    [InlineData("https://1.1.1.1/", true)]
    [InlineData("https://[2606:4700::1111]:8443/", true)]
    [InlineData("http://hooks.example.com/", false)]
    [InlineData("ftp://hooks.example.com/", false)]
    [InlineData("https://user:pass@hooks.example.com/", false)]
    [InlineData("https://hooks.example.com/#fragment", false)]
    [InlineData("/events", false)]
    [InlineData("", false)]
    [InlineData("https://127.0.0.1/", false)]
    [InlineData("https://2130706433/", false)]
    [InlineData("https://0x7f.1/", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:169.254.169.254]/latest/meta-data", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    [InlineData("http://127.0.0.1/", false)]
    public void A_url_is_looked_at_before_it_is_stored(string url, bool allowed) => Assert.Equal(allowed, Addresses.Problem(url) is null);

    [Theory]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("everything", false)]
    public void A_network_that_is_none_stops_the_start(string network, bool valid)
    {
        var options = new WebhookOptions { AllowedNetworks = { network } };

        Assert.Equal(valid, new WebhookOptionsValidator().Validate(null, options).Succeeded);
    }

    private static ReceiverAddresses With(params string[] networks)
    {
        var options = new WebhookOptions();
        foreach (var network in networks)
        {
            options.AllowedNetworks.Add(network);
        }

        return new ReceiverAddresses(Options.Create(options));
    }
}
