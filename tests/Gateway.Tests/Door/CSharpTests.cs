using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ZohoPlatform.Client;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Door;
using ZohoPlatform.Testing;

// not the tests' own: names in the example mean what they mean to others
namespace ZohoPlatform.Examples;

/// <summary>The example in the checkout's README, with a real gateway.</summary>
public sealed class CSharpTests(DoorHost door) : IClassFixture<DoorHost>
{
    private const string ConnectionId = "0193a2b4-7a11-7c32-8d90-5e6f70819203";

    [Fact]
    public async Task The_example_lists_connections_with_its_key_and_calls_zoho_with_a_token()
    {
        await using var zoho = await StartZohoAsync();
        door.Gateway.Services.ListConnections = (_, _) => new() { Connections = { new Connection { Id = ConnectionId, Provider = "zoho", Owner = "ada" } } };
        door.Gateway.Services.GetAccessToken = (request, _) => new()
        {
            AccessToken = "fake-token",
            AuthorizationScheme = "Zoho-oauthtoken",
            ExpiresAt = (TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1)).ToTimestamp(),
            ApiDomain = zoho.Urls.First(),
            DataCentre = "eu",
            ConnectionId = request.ConnectionId,
        };

        var (connections, leads) = await RunAsync(ArgumentsWith(await CreateKeyAsync()), zoho.Urls.First(), ConnectionId);

        Assert.Equal("ada", Assert.Single(connections.Connections).Owner);
        Assert.Equal("GET /crm/v8/Leads Zoho-oauthtoken fake-token", leads);
    }

    [Fact]
    public async Task A_key_that_is_not_known_is_refused()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => RunAsync(ArgumentsWith("zp_0000000000000000_nosuchsecret"), "http://127.0.0.1:1", ConnectionId));

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task The_readme_shows_what_runs_here()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "README.md"));
        var shown = readme.Split("```csharp\n")[1].Split("```")[0];
        var here = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "tests", "Gateway.Tests", "Door", "CSharpTests.cs"));
        var run = here.Split("// README\n")[1].Split("// end\n")[0];

        Assert.Equal(LinesOf(run), LinesOf(shown));
    }

    private static async Task<(ListConnectionsResponse Connections, string Leads)> RunAsync(string[] args, string apiDomain, string connectionId)
    {
        // README
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddZohoPlatform(builder.Configuration.GetSection("ZohoPlatform").Bind);
        builder.Services.AddHttpClient("crm", http => http.BaseAddress = new Uri(apiDomain)).AddZohoAccessToken(connectionId);
        using var host = builder.Build();
        await host.StartAsync();

        var connections = await host.Services.GetRequiredService<Connections.ConnectionsClient>().ListConnectionsAsync(new());
        using var crm = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("crm");
        var leads = await crm.GetStringAsync("/crm/v8/Leads?fields=Email");
        // end

        await host.StopAsync();
        return (connections, leads);
    }

    private static IEnumerable<string> LinesOf(string code) => code.Trim().Split('\n').Select(line => line.Trim());

    private string[] ArgumentsWith(string key) =>
        [$"--ZohoPlatform:Url={door.Gateway.Address}", $"--ZohoPlatform:GrpcUrl={door.Address}", $"--ZohoPlatform:ApiKey={key}"];

    private async Task<string> CreateKeyAsync()
    {
        using var admin = await door.Gateway.CreateClientOfNewTenantAsync();
        var permissions = new[] { new { name = "tokens:read", connection_ids = new[] { ConnectionId } } };
        var answer = await admin.PostAsync("/api/v1/admin/keys", new { name = "example", role = "viewer", permissions });
        return answer.Json.GetProperty("key").GetString()!;
    }

    // says what it was asked, and with what
    private static async Task<WebApplication> StartZohoAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var zoho = builder.Build();
        zoho.Run(http => http.Response.WriteAsync($"{http.Request.Method} {http.Request.Path} {http.Request.Headers.Authorization}"));
        await zoho.StartAsync();
        return zoho;
    }
}
