using Microsoft.Extensions.Options;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Tests.Http;

public sealed class ProviderAddressTests
{
    private static readonly Uri Consent =
        new("https://accounts.zoho.eu/oauth/v2/auth?scope=a,b&redirect_uri=http%3A%2F%2F127.0.0.1%2Fback");

    [Fact]
    public void Without_a_simulator_an_address_leads_where_it_says() => Assert.Equal(Consent, At(null).ForBrowser(Consent));

    [Theory]
    [InlineData("http://127.0.0.1:8200")]
    [InlineData("http://127.0.0.1:8200/")]
    public void With_a_simulator_the_host_becomes_the_first_part_of_the_path(string simulator) => Assert.Equal(
        "http://127.0.0.1:8200/accounts.zoho.eu/oauth/v2/auth?scope=a,b&redirect_uri=http%3A%2F%2F127.0.0.1%2Fback",
        At(simulator).ForBrowser(Consent).AbsoluteUri);

    [Theory]
    [InlineData("http://127.0.0.1:8200", true)]
    [InlineData("http://localhost:8200", true)]
    [InlineData("http://[::1]:8200", true)]
    [InlineData("https://simulator.example/zoho", true)]
    [InlineData("http://simulator.example", false)]
    [InlineData("http://10.0.0.1:8200", false)]
    [InlineData("ftp://127.0.0.1", false)]
    [InlineData("127.0.0.1:8200", false)]
    [InlineData("simulator", false)]
    [InlineData("https://user:word@simulator.example", false)]
    [InlineData("https://simulator.example/?a=b", false)]
    public async Task A_simulator_address_that_could_leak_secrets_stops_the_start(string simulator, bool accepted)
    {
        using var host = await ProviderHost.CreateAsync(("Providers:SimulatorUrl", simulator));
        var read = () => host.Get<IOptions<ProvidersOptions>>().Value;

        if (accepted)
        {
            Assert.Equal(new Uri(simulator), read().SimulatorUrl);
        }
        else
        {
            Assert.Contains("Providers:SimulatorUrl", Assert.Throws<OptionsValidationException>(read).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1.1")]
    [InlineData("-1")]
    public async Task A_ceiling_that_is_no_share_stops_the_start(string ceiling)
    {
        using var host = await ProviderHost.CreateAsync(("Providers:Quota:Ceiling", ceiling));

        var refused = Assert.Throws<OptionsValidationException>(() => host.Get<IOptions<ProvidersOptions>>().Value);

        Assert.Contains("Providers:Quota:Ceiling", refused.Message, StringComparison.Ordinal);
    }

    private static ProviderAddress At(string? simulator) =>
        new(Options.Create(new ProvidersOptions { SimulatorUrl = simulator is null ? null : new Uri(simulator) }));
}
