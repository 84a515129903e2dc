using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Tests.Hosting;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>A gateway that was told no address of a service.</summary>
public sealed partial class MissingServiceTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("campaigns")]
    [InlineData("crm")]
    [InlineData("messaging")]
    [InlineData("tokens")]
    [InlineData("webhooks")]
    public async Task Every_endpoint_that_needs_it_answers_503(string service)
    {
        await using var gateway = await GatewayHost.StartAsync(($"services:{service}:grpc:0", null));
        using var platform = gateway.CreateClient();
        var needing = gateway.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetOrderedMetadata<NeededService>().Any(needed => needed.Name == service)
                && endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("GET", StringComparer.Ordinal))
            .ToList();

        Assert.NotEmpty(needing);
        foreach (var endpoint in needing)
        {
            var path = PlaceHolder.Replace(endpoint.RoutePattern.RawText!, "zoho");
            var answer = await platform.GetAsync(path);
            if (endpoint.Metadata.GetMetadata<ForPeople>() is { OnlyIfAsked: false })
            {
                Assert.Equal((HttpStatusCode.ServiceUnavailable, "text/html; charset=utf-8"), (answer.Status, answer.Header("Content-Type")));
                continue;
            }

            answer.AssertProblem(HttpStatusCode.ServiceUnavailable, "service_not_configured");
        }
    }

    [Fact]
    public void Every_area_says_which_services_it_needs_and_keys_tenants_and_the_audit_need_none()
    {
        var needed = shared.Host.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ITagsMetadata>() is not null)
            .GroupBy(endpoint => endpoint.Metadata.GetMetadata<ITagsMetadata>()!.Tags[0], StringComparer.Ordinal)
            .SelectMany(tag => tag.Select(endpoint => string.Join(
                    '+', endpoint.Metadata.GetOrderedMetadata<NeededService>().Select(service => service.Name).Order(StringComparer.Ordinal)))
                .Distinct(StringComparer.Ordinal)
                .Select(services => $"{tag.Key}: {services}"))
            .Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "Admin: ", "Audit: ", "Campaigns lists: campaigns", "Campaigns reports: campaigns", "Campaigns syncs: campaigns",
                "Campaigns: campaigns", "Connections: tokens", "Crm: crm", "Messaging: messaging", "Notifications: crm", "Notifications: messaging",
                "OAuth: tokens", "Settings: campaigns+tokens", "Webhooks: webhooks",
            ],
            needed);
    }

    [Theory]
    [InlineData("campaigns", "/api/v1/campaigns/lists", "/api/v1/connections")]
    [InlineData("crm", "/api/v1/crm/zoho/feeds", "/api/v1/connections")]
    [InlineData("messaging", "/api/v1/conversations", "/api/v1/connections")]
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

    [GeneratedRegex(@"\{\w+(:[^/]*)?\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlaceHolder { get; }
}
