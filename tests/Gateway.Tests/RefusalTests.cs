using System.Net;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>A 403 says what is needed and what there is.</summary>
public sealed class RefusalTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("viewer", "/api/v1/audit", "This needs the role admin, and the caller's is viewer:")]
    [InlineData("operator", "/api/v1/admin/keys", "This needs the role admin, and the caller's is operator:")]
    [InlineData("viewer", "/api/v1/crm/zoho/oauth", "This needs the role admin, and the caller's is viewer:")]
    public async Task A_role_that_does_not_suffice_is_told_with_the_one_that_does(string role, string path, string detail)
    {
        using var client = await shared.Host.CreateClientOfNewTenantAsync(role);

        var answer = await client.GetAsync(path);

        answer.AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        Assert.StartsWith(detail, answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/admin/tenants")]
    [InlineData("/api/v1/key-ring")]
    public async Task What_needs_the_platform_key_says_so_and_where_it_is(string path)
    {
        using var admin = await shared.Host.CreateClientOfNewTenantAsync();

        var answer = await admin.GetAsync(path);

        answer.AssertProblem(HttpStatusCode.Forbidden, "platform_key_needed");
        Assert.Contains("a tenant's key never suffices", answer.Text.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Bootstrap:EnvFile", answer.Text, StringComparison.Ordinal);
    }
}
