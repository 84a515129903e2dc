using System.Security.Cryptography;
using System.Text.Json;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;
using ZohoPlatform.TokenService;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.Bench.Tokens;

/// <summary>What a token service runs on: a PostgreSQL and a Redis of its own, its configuration, and connections that live long.</summary>
internal sealed class TokenBed : IAsyncDisposable
{
    // far beyond any run: nothing is refreshed, there is no Zoho here
    private static readonly TimeSpan TokenLife = TimeSpan.FromDays(1);

    private readonly TestServers _servers;
    private readonly Tickets _campaigns = TestTickets.Of("campaigns");
    private readonly Tickets _gateway = TestTickets.Of("gateway");

    private TokenBed(TestServers servers, string database)
    {
        _servers = servers;
        MasterKey = NewKey();
        Settings = new(TestTickets.SettingsOf("tokens"), StringComparer.Ordinal)
        {
            ["ConnectionStrings:tokens"] = database,
            ["ConnectionStrings:redis"] = servers.Redis,
            ["Secrets:MasterKey"] = MasterKey,
            ["Providers:SimulatorUrl"] = "http://127.0.0.1:1/",
            ["services:webhooks:grpc:0"] = "http://127.0.0.1:1",
        };
    }

    /// <summary>StackExchange.Redis connection string.</summary>
    public string Redis => _servers.Redis;

    public string MasterKey { get; }

    /// <summary>A replica's configuration.</summary>
    public Dictionary<string, string?> Settings { get; }

    public static async Task<TokenBed> StartAsync()
    {
        var servers = await TestServers.StartAsync();
        return new TokenBed(servers, await new TokensDatabase().MigrateAsync(await servers.CreateDatabaseAsync()));
    }

    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public Task<ServiceProcess> StartServiceAsync() => ServiceProcess.StartAsync("TokenService", Settings);

    /// <summary>A fresh ticket of a service that asks for the tenant's tokens; it lives for minutes.</summary>
    public Metadata TicketOf(TenantId tenant) => _campaigns.For(_campaigns.OwnCaller(tenant), "tokens");

    /// <summary>A fresh ticket of the gateway, which rotates keys; it lives for minutes.</summary>
    public Metadata GatewaysTicket() => _gateway.For(_gateway.OwnCaller(TenantId.None), "tokens");

    /// <summary>The service's own classes in this process; nothing of them runs by itself.</summary>
    public WebApplication BuildService()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.AddServiceDefaults();
        builder.AddTokenService();
        return builder.Build();
    }

    /// <summary>Stores connections, sealed as the service seals; its database must have been made ready.</summary>
    public static async Task<IReadOnlyList<ConnectionKey>> SeedAsync(WebApplication service, int tenants, int each)
    {
        var db = service.Services.GetRequiredService<TenantDb<TokensDbContext>>();
        var seals = service.Services.GetRequiredService<Seals>();
        var keys = new List<ConnectionKey>(tenants * each);
        for (var i = 0; i < tenants; i++)
        {
            var tenant = new TenantId(Guid.CreateVersion7());
            await using var context = db.For(tenant);
            context.Connections.AddRange(Enumerable.Range(0, each).Select(_ => NewRow(tenant, seals)));
            keys.AddRange(context.Connections.Local.Select(row => new ConnectionKey(tenant, row.Id)));
            await context.SaveChangesAsync();
        }

        return keys;
    }

    /// <summary>Names of connections that nobody stored.</summary>
    public static IReadOnlyList<ConnectionKey> NewKeys(int tenants, int each) =>
    [
        .. Enumerable.Range(0, tenants)
            .Select(_ => new TenantId(Guid.CreateVersion7()))
            .SelectMany(tenant => Enumerable.Range(0, each).Select(_ => new ConnectionKey(tenant, Guid.CreateVersion7()))),
    ];

    /// <summary>Puts a token for each into Redis, as a replica does that has refreshed it.</summary>
    public static async Task ShareAsync(WebApplication service, IReadOnlyList<ConnectionKey> keys)
    {
        var cache = service.Services.GetRequiredService<TokenCache>();
        await Parallel.ForEachAsync(keys, async (key, _) => await cache.PutAsync(key, NewToken()));
    }

    /// <summary>As many bytes as stand in Redis for a connection.</summary>
    public static byte[] SealedLikeInRedis(WebApplication service)
    {
        var key = new ConnectionKey(TenantId.None, Guid.Empty);
        return service.Services.GetRequiredService<Seals>().Seal(TokenCache.PlaceOf(key), JsonSerializer.Serialize(NewToken()));
    }

    public async ValueTask DisposeAsync() => await _servers.DisposeAsync();

    private static HandOut NewToken() =>
        new(NewSecret(), TimeProvider.System.GetUtcNow() + TokenLife, 1, "https://www.zohoapis.com", "us", "Zoho-oauthtoken", [], [], "", "");

    private static ConnectionRow NewRow(TenantId tenant, Seals seals)
    {
        var (refreshToken, token, id) = (NewSecret(), NewToken(), Guid.CreateVersion7());
        var row = new ConnectionRow
        {
            TenantId = tenant,
            Id = id,
            Provider = "zoho",
            Owner = id.ToString(),
            DataCentre = token.DataCentre,
            ApiDomain = token.ApiDomain,
            ClientId = "1000.fake-client",
            Features = ["campaigns"],
            GrantedScopes = ["ZohoCampaigns.contact.ALL"],
            State = ConnectionState.Active,
            RefreshTokenSealed = [],
            GrantSha256 = Secret.Sha256(refreshToken),
            AccessTokenSha256 = Secret.Sha256(token.AccessToken),
            AccessTokenExpiresAt = token.ExpiresAt,
            Version = token.Version,
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        row.RefreshTokenSealed = seals.Seal(row.Place(ConnectionRow.RefreshTokenField), refreshToken);
        row.AccessTokenSealed = seals.Seal(row.Place(ConnectionRow.AccessTokenField), token.AccessToken);
        return row;
    }

    // the shape and the length of Zoho's own
    private static string NewSecret() =>
        $"1000.{RandomNumberGenerator.GetHexString(32, lowercase: true)}.{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
}
