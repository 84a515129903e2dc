using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Role = ZohoPlatform.ServiceDefaults.Identity.Role;

namespace ZohoPlatform.Testing;

/// <summary>
/// The token service as the others see it, on a port of its own: which tenant is connected, and what is answered instead of a token. Tickets are checked,
/// and the tokens are real ones of the simulator. A tenant has one connection.
/// </summary>
public sealed class PlayedTokens : IAsyncDisposable
{
    public static readonly Failure NotConnected = new(
        FailureKind.Precondition, "not_connected", "Zoho is not connected: connect it first.");

    private readonly ConcurrentDictionary<TenantId, string> _dataCentres = new();
    private readonly ConcurrentDictionary<string, (string RefreshToken, string[] Scopes)> _grants = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TenantId, FeatureSwitch> _switches = new();
    private readonly SimulatorProcess _zoho;
    private WebApplication _app = null!;
    private int _calls;

    private PlayedTokens(SimulatorProcess zoho) => _zoho = zoho;

    public string Url => _app.Urls.Single();

    /// <summary>Calls that came.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What every call is answered with while it is set.</summary>
    public Failure? Refusal { get; set; }

    /// <summary>By whom Zoho counts calls, as every answer says it; empty: nobody knows.</summary>
    public string AccountId { get; set; } = "";

    public static async Task<PlayedTokens> StartAsync(SimulatorProcess zoho, TimeProvider clock)
    {
        var tokens = new PlayedTokens(zoho);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(TestTickets.SettingsOf("tokens"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        // whose tickets it looks at has this clock
        builder.Services.AddSingleton(clock);
        builder.AddServiceDefaults();
        builder.AddGrpcServer("tokens");
        builder.Services.AddSingleton(tokens);
        tokens._app = builder.Build();
        tokens._app.MapDefaultEndpoints();
        tokens._app.MapGrpcService<Script>();
        await tokens._app.StartAsync();
        return tokens;
    }

    /// <summary>Takes the tenant's connection away.</summary>
    public void Disconnect(TenantId tenant) => _dataCentres.TryRemove(tenant, out _);

    /// <summary>Switches what can be switched off for the tenant off, or on from a moment; all is on and always was where nobody says so.</summary>
    public void Switch(TenantId tenant, bool on, DateTimeOffset? since) =>
        _switches[tenant] = new FeatureSwitch { On = on, OnSince = since?.ToTimestamp() };

    /// <summary>Gives the tenant a connection to the demo organisation of a data centre.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="dataCentre">Where.</param>
    /// <param name="scopes">What the grant covers, as Zoho says it; by default the demo's, of which nothing is said.</param>
    public async Task ConnectAsync(TenantId tenant, string dataCentre = "us", params string[] scopes)
    {
        _grants.TryRemove(dataCentre, out _);
        if (scopes.Length > 0)
        {
            _grants[dataCentre] = (await _zoho.GrantAsync(dataCentre, scopes), scopes);
        }

        await RefreshAsync(dataCentre);
        _dataCentres[tenant] = dataCentre;
    }

    /// <summary>The connection to that data centre's demo organisation.</summary>
    public static string ConnectionId(string dataCentre) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(dataCentre)).AsSpan(0, 16)).ToString();

    /// <summary>Says that what was handed out for a connection of the tenant is out of date, as the token service does when one is made.</summary>
    public static async Task TellOfChangeAsync(TenantId tenant, string dataCentre = "us")
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await TestServers.Shared).Redis);
        await redis.GetSubscriber().PublishAsync(
            RedisChannel.Literal("tokens:changed"), $"{tenant} {ConnectionId(dataCentre)} 1");
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task RefreshAsync(string dataCentre) =>
        _tokens[dataCentre] = await _zoho.AccessTokenAsync(dataCentre, _grants.GetValueOrDefault(dataCentre).RefreshToken);

    private string DataCentreOf(ServerCallContext context)
    {
        Interlocked.Increment(ref _calls);
        var caller = context.CallerWith(Role.Service);
        return Refusal is { } refusal ? throw refusal.ToRpcException()
            : _dataCentres.TryGetValue(caller.Tenant, out var dataCentre) ? dataCentre
            : throw NotConnected.ToRpcException();
    }

    private sealed class Script(PlayedTokens tokens, TimeProvider clock) : AccessTokens.AccessTokensBase
    {
        public override Task<GetAccessTokenResponse> GetAccessToken(GetAccessTokenRequest request, ServerCallContext context)
        {
            var dataCentre = tokens.DataCentreOf(context);
            return Task.FromResult(new GetAccessTokenResponse
            {
                AccessToken = tokens._tokens[dataCentre],
                ExpiresAt = (clock.GetUtcNow() + TimeSpan.FromHours(1)).ToTimestamp(),
                AuthorizationScheme = "Zoho-oauthtoken",
                DataCentre = dataCentre,
                ConnectionId = ConnectionId(dataCentre),
                AccountId = tokens.AccountId,
                AccountName = $"owner-{dataCentre}@example.com",
                GrantedScopes = { tokens._grants.GetValueOrDefault(dataCentre).Scopes ?? [] },
            });
        }

        public override Task<FeatureSwitch> GetFeatureSwitch(GetFeatureSwitchRequest request, ServerCallContext context)
        {
            var caller = context.CallerWith(Role.Service);
            return tokens.Refusal is { } refusal
                ? throw refusal.ToRpcException()
                : Task.FromResult(tokens._switches.GetValueOrDefault(caller.Tenant) ?? new FeatureSwitch { On = true });
        }

        public override async Task<ReportRejectedTokenResponse> ReportRejectedToken(ReportRejectedTokenRequest request, ServerCallContext context)
        {
            var dataCentre = tokens.DataCentreOf(context);
            await tokens.RefreshAsync(dataCentre);
            return new ReportRejectedTokenResponse { Replaced = true };
        }
    }
}
