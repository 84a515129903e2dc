using Grpc.Core;
using Grpc.Net.Client;
using ZohoPlatform.Bench.Tokens;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.Bench;

/// <summary>
/// What services that call Zoho run on: PostgreSQL, Redis, the simulator with Zoho's documented limits, a token service, and one tenant that is
/// connected. Each is a process of its own.
/// </summary>
internal sealed class ZohoBed : IAsyncDisposable
{
    private readonly Tickets _tickets = TestTickets.Of("gateway");
    private ServiceProcess _tokens = null!;

    private ZohoBed(SimulatorProcess zoho, TestServers servers) => (Zoho, Servers) = (zoho, servers);

    public SimulatorProcess Zoho { get; }

    public TestServers Servers { get; }

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    /// <summary>What its PostgreSQL runs; null where nobody wanted to know.</summary>
    public StatementCount? Statements { get; private set; }

    /// <summary>The token service's database, as one who may see all of it.</summary>
    public string Tokens { get; private set; } = "";

    public Uri TokensAddress => _tokens.Address;

    /// <summary>The tenant's connection.</summary>
    public string ConnectionId { get; private set; } = "";

    /// <param name="feature">What the tenant's connection is for.</param>
    /// <param name="scopes">What its grant covers; null for the demo's own grant.</param>
    /// <param name="countsStatements">Has PostgreSQL count what it runs.</param>
    /// <param name="isDurable">Whether PostgreSQL's commits wait for the disk.</param>
    public static async Task<ZohoBed> StartAsync(
        string feature, IReadOnlyList<string>? scopes = null, bool countsStatements = false, bool isDurable = false)
    {
        var bed = new ZohoBed(await SimulatorProcess.StartAsync(), await TestServers.StartAsync(isDurable));
        try
        {
            bed.Statements = countsStatements ? await StatementCount.StartAsync(bed.Servers.Postgres) : null;
            bed.Tokens = await bed.Servers.CreateDatabaseAsync();
            bed._tokens = await ServiceProcess.StartAsync("TokenService", new Dictionary<string, string?>(bed.SharedSettingsOf("tokens"), StringComparer.Ordinal)
            {
                ["ConnectionStrings:tokens"] = await new TokensDatabase().MigrateAsync(bed.Tokens),
                ["Secrets:MasterKey"] = TokenBed.NewKey(),
            });
            await bed.ConnectAsync(feature, scopes);
            return bed;
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    /// <summary>A fresh ticket of the tenant's admin; it lives for minutes.</summary>
    public Metadata Ticket(string service) => _tickets.For(new Caller(Tenant, Role.Admin, "key:bench"), service);

    /// <summary>What a service that calls Zoho is configured with, but for what is its own.</summary>
    public Dictionary<string, string?> SettingsOf(string service) =>
        new(SharedSettingsOf(service), StringComparer.Ordinal) { ["services:tokens:grpc:0"] = _tokens.Address.ToString() };

    /// <summary>The gateway before these, which lets a load in that a single key would not have.</summary>
    /// <param name="adminKey">The secret of the demo tenant's key.</param>
    /// <param name="settings">Whom it calls, and what else it is told.</param>
    /// <returns>The process, and its database as one who may see all of it.</returns>
    public async Task<(ServiceProcess Process, string Database)> StartGatewayAsync(
        string adminKey, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var database = await Servers.CreateDatabaseAsync();
        var all = new Dictionary<string, string?>(TestTickets.SettingsOf("gateway"), StringComparer.Ordinal)
        {
            ["ConnectionStrings:gateway"] = await new GatewayDatabase().MigrateAsync(database),
            ["ConnectionStrings:redis"] = Servers.Redis,
            ["Secrets:MasterKey"] = TokenBed.NewKey(),
            ["services:tokens:grpc:0"] = TokensAddress.ToString(),
            ["Bootstrap:AdminKey"] = adminKey,
            ["RateLimits:PerMinute"] = "800000",
            ["RateLimits:Burst"] = "800000",
            ["RateLimits:OwnerPerMinute"] = "900000",
            ["RateLimits:TenantPerMinute"] = "1000000",
            // the services' settings file lies beside it, with an endpoint for gRPC, which is told first
            ["Kestrel:Endpoints:grpc:Url"] = "http://127.0.0.1:0",
            ["Kestrel:Endpoints:grpc:Protocols"] = "Http1",
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return (await ServiceProcess.StartProgramAsync(Path.Combine(AppContext.BaseDirectory, "Gateway.dll"), all), database);
    }

    public async ValueTask DisposeAsync()
    {
        if (_tokens is not null)
        {
            await _tokens.DisposeAsync();
        }

        await Servers.DisposeAsync();
        await Zoho.DisposeAsync();
    }

    private Dictionary<string, string?> SharedSettingsOf(string service) => new(TestTickets.SettingsOf(service), StringComparer.Ordinal)
    {
        ["ConnectionStrings:redis"] = Servers.Redis,
        ["Providers:SimulatorUrl"] = Zoho.Http.BaseAddress!.ToString(),
        // nobody is there: what is raised waits
        ["services:webhooks:grpc:0"] = "http://127.0.0.1:1",
    };

    private async Task ConnectAsync(string feature, IReadOnlyList<string>? scopes)
    {
        var us = await Zoho.DataCentreAsync("us");
        using var channel = GrpcChannel.ForAddress(_tokens.Address);
        await new IntegrationSettingsStore.IntegrationSettingsStoreClient(channel).UpdateSettingsAsync(
            new()
            {
                Provider = "zoho",
                ClientId = (await Zoho.WorldAsync()).GetProperty("client").GetProperty("client_id").GetString(),
                ClientSecrets = { ["us"] = us.GetProperty("client_secret").GetString() },
            },
            Ticket("tokens"));
        var connection = await new Connections.ConnectionsClient(channel).CreateConnectionAsync(
            new()
            {
                Provider = "zoho",
                Features = { feature },
                DataCentre = "us",
                RefreshToken = scopes is null ? us.GetProperty("refresh_token").GetString() : await Zoho.GrantAsync("us", scopes),
            },
            Ticket("tokens"));
        ConnectionId = connection.Id;
    }
}
