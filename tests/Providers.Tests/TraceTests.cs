using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.HubSpot.OAuth;
using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.Providers.Zoho.Accounts;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Providers.Tests;

/// <summary>What a collector is sent of calls over real sockets, by every client of a provider.</summary>
public sealed class TraceTests : IAsyncLifetime
{
    private const string Secret = "1000.fake.secret";
    private const string Email = "ada@example.com";

    private readonly ConcurrentQueue<ICollection<string>> _headers = new();

    private WebApplication _provider = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _provider = builder.Build();
        _provider.MapFallback((HttpRequest request) =>
        {
            _headers.Enqueue(request.Headers.Keys);
            return Results.Json(new { status = "success", code = "0" });
        });
        await _provider.StartAsync();
    }

    public Task DisposeAsync() => _provider.DisposeAsync().AsTask();

    [Theory]
    [InlineData("2026-03")]
    [InlineData("v1")]
    public async Task No_secret_and_no_person_is_in_what_is_exported_of_calls_to_providers(string hubSpotVersion)
    {
        using var host = await StartAsync(hubSpotVersion);
        var (zoho, hubSpot) = (Get<ZohoAccountsClient>(host), Get<HubSpotOAuthClient>(host));
        var (eu, spans) = (DataCentres.Find("eu")!, Get<ExportedSpans>(host));
        using var test = ExportedSpans.StartTrace();

        await zoho.ExchangeCodeAsync(eu, "client", Secret, Secret, null, default);
        await zoho.RefreshAsync(eu, "client", Secret, Secret, default);
        await zoho.RevokeAsync(eu, Secret, default);
        await zoho.GetUserAsync(eu, Secret, default);
        await hubSpot.ExchangeCodeAsync("client", Secret, Secret, "https://app.example", default);
        await hubSpot.RefreshAsync("client", Secret, Secret, default);
        await hubSpot.InspectAsync("client", Secret, Secret, default);
        await hubSpot.RevokeAsync("client", Secret, Secret, default);
        await hubSpot.GetAccountAsync(Secret, default);
        var call = new ProviderCall(new TenantId(Guid.NewGuid()), "connection-1", eu.Code, "campaigns.push");
        await Get<CampaignsClient>(host).UnsubscribeAsync(call, "list", Email, default);
        await Get<CrmClient>(host).SearchAsync(call, "Leads", CrmSearch.ByEmail(Email), [], null, 1, default);

        var exported = spans.Of(test.TraceId);
        Assert.Equal(
            ["token", "token", "revoke", "info", "listunsubscribe", "search"],
            exported.Where(span => span.Kind is ActivityKind.Client)
                .Select(span => new Uri(span.GetTagItem("url.full")!.ToString()!).Segments[^1]));
        Assert.DoesNotContain(
            exported.SelectMany(span => span.TagObjects.Select(tag => tag.Value?.ToString() ?? "").Append(span.DisplayName)),
            text => text.Contains(Secret, StringComparison.Ordinal) || text.Contains("ada", StringComparison.OrdinalIgnoreCase));
        // nor is a trace in what a provider is sent
        Assert.NotEmpty(_headers);
        Assert.DoesNotContain(
            _headers.SelectMany(names => names), name => name.ToLowerInvariant() is "traceparent" or "tracestate" or "baggage" or "request-id");
    }

    private async Task<IHost> StartAsync(string hubSpotVersion)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(TestTickets.SettingsOf("campaigns"), StringComparer.Ordinal)
        {
            ["ConnectionStrings:redis"] = (await TestServers.Shared).Redis,
            ["Providers:SimulatorUrl"] = _provider.Urls.Single(),
            ["Providers:HubSpot:OAuthVersion"] = hubSpotVersion,
        });
        builder.Services.AddSingleton(ExportedSpans.Of(builder));
        builder.AddServiceDefaults();
        builder.AddTickets("campaigns");
        builder.AddRedisServer();
        builder.AddZohoAccounts();
        builder.AddHubSpotOAuth();
        builder.AddZohoCampaigns();
        builder.AddZohoCrm();
        builder.Services.AddSingleton(new AccessTokens.AccessTokensClient(new PlayedTokenService(TimeProvider.System)));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static T Get<T>(IHost host)
        where T : notnull => host.Services.GetRequiredService<T>();
}
