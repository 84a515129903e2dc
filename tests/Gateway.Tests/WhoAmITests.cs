using System.Net;
using ZohoPlatform.Gateway.Tests.Hosting;

namespace ZohoPlatform.Gateway.Tests;

public sealed class WhoAmITests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string WhoAmI = "/api/v1/whoami";

    private readonly GatewayHost _gateway = shared.Host;

    [Theory]
    [InlineData("viewer")]
    [InlineData("operator")]
    [InlineData("admin")]
    public async Task A_key_is_told_whose_it_is_and_what_it_may_do(string role)
    {
        var (tenant, key) = await _gateway.CreateTenantAsync(role);
        using var client = _gateway.CreateClient(key);

        var answer = (await client.GetAsync(WhoAmI)).Json;

        Assert.Equal(tenant, answer.GetProperty("tenant_id").GetString());
        Assert.StartsWith("t-", answer.GetProperty("tenant").GetString(), StringComparison.Ordinal);
        Assert.Equal(role, answer.GetProperty("role").GetString());
        Assert.Equal(key.Split('_')[1], answer.GetProperty("key_id").GetString());
        Assert.Equal(5, answer.EnumerateObject().Count());
    }

    [Fact]
    public async Task The_platform_key_belongs_to_the_first_tenant()
    {
        using var platform = _gateway.CreateClient();

        var answer = (await platform.GetAsync(WhoAmI)).Json;

        Assert.Equal(("demo", "admin", "bootstrap"), (Text("tenant"), Text("role"), Text("key_id")));

        string? Text(string name) => answer.GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_wrong_key_is_told_so()
    {
        using var stranger = _gateway.CreateClient("zp_k3v9x2m8q7t1c5b0_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample1");

        (await stranger.GetAsync(WhoAmI)).AssertProblem(HttpStatusCode.Unauthorized, "key_invalid");
    }
}
