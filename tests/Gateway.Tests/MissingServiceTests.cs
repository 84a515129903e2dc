using System.Net;
using ZohoPlatform.Gateway.Tests.Hosting;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>A gateway that was told no address of a service.</summary>
public sealed class MissingServiceTests
{
    [Theory]
    [InlineData("campaigns", "/api/v1/campaigns/lists", "/api/v1/connections")]
    [InlineData("tokens", "/api/v1/connections", "/api/v1/campaigns/contacts")]
    [InlineData("webhooks", "/api/v1/webhooks", "/api/v1/connections")]
    public async Task Its_own_area_answers_503_and_names_the_setting_and_all_others_go_on(string service, string own, string other)
    {
        await using var gateway = await GatewayHost.StartAsync(($"services:{service}:grpc:0", null));
        gateway.Services.ListConnections = (_, _) => new();
        gateway.Services.ListRegistrations = (_, _) => new();
        using var admin = await gateway.CreateClientOfNewTenantAsync();

        var missing = await admin.GetAsync(own);

        missing.AssertProblem(HttpStatusCode.ServiceUnavailable, "service_not_configured");
        Assert.Contains($"services__{service}__grpc__0", missing.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync(other)).Status);
    }
}
