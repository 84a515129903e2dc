using System.Globalization;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using ZohoPlatform.Bench.Tokens;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.Bench.Campaigns;

/// <summary>
/// What syncs run on: PostgreSQL, Redis, the simulator with Zoho's documented limits, a token service, and one tenant that is connected.
/// Replicas of the campaigns service are each scenario's own.
/// </summary>
internal sealed class CampaignsBed : IAsyncDisposable
{
    private readonly SimulatorProcess _simulator;
    private readonly TestServers _servers;
    private readonly Line _sources;
    private readonly Tickets _tickets = TestTickets.Of("gateway");
    private readonly TenantId _tenant = new(Guid.CreateVersion7());
    private ServiceProcess _tokens = null!;
    private Dictionary<string, string?> _settings = null!;

    private CampaignsBed(SimulatorProcess simulator, TestServers servers)
    {
        (_simulator, _servers) = (simulator, servers);
        // the platform's own server is never a source
        var postgres = new NpgsqlConnectionStringBuilder(servers.Postgres);
        _sources = new Line($"{postgres.Host}:{postgres.Port}");
    }

    /// <summary>The demo organisation's list.</summary>
    public string ListKey { get; private set; } = "";

    /// <summary>What its PostgreSQL runs; null where nobody wanted to know.</summary>
    public StatementCount? Statements { get; private set; }

    /// <summary>The gateway's database, as one who may see all of it.</summary>
    public string Gateway { get; private set; } = "";

    /// <summary>The token service's database, as one who may see all of it.</summary>
    public string Tokens { get; private set; } = "";

    /// <summary>The campaigns service's database, as one who may see all of it.</summary>
    public string Campaigns { get; private set; } = "";

    /// <param name="countsStatements">Has PostgreSQL count what it runs.</param>
    public static async Task<CampaignsBed> StartAsync(bool countsStatements = false)
    {
        var bed = new CampaignsBed(await SimulatorProcess.StartAsync(), await TestServers.StartAsync());
        try
        {
            bed.Statements = countsStatements ? await StatementCount.StartAsync(bed._servers.Postgres) : null;
            await bed.ConnectAsync();
            return bed;
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    /// <summary>A fresh ticket of the tenant's admin; it lives for minutes.</summary>
    public Metadata Ticket(string service = "campaigns") => _tickets.For(new Caller(_tenant, Role.Admin, "key:bench"), service);

    public async Task<Replica> StartReplicaAsync() => new(this, await ServiceProcess.StartAsync("CampaignsService", _settings));

    /// <summary>The gateway before these, which connects its demo tenant to the same organisation.</summary>
    /// <param name="campaigns">A replica's address.</param>
    /// <param name="adminKey">The secret of the demo tenant's key.</param>
    public async Task<ServiceProcess> StartGatewayAsync(Uri campaigns, string adminKey)
    {
        var us = await _simulator.DataCentreAsync("us");
        Gateway = await _servers.CreateDatabaseAsync();
        return await ServiceProcess.StartProgramAsync(
            Path.Combine(AppContext.BaseDirectory, "Gateway.dll"),
            new Dictionary<string, string?>(TestTickets.SettingsOf("gateway"), StringComparer.Ordinal)
            {
                ["ConnectionStrings:gateway"] = await new GatewayDatabase().MigrateAsync(Gateway),
                ["ConnectionStrings:redis"] = _servers.Redis,
                ["Secrets:MasterKey"] = TokenBed.NewKey(),
                ["services:tokens:grpc:0"] = _tokens.Address.ToString(),
                ["services:campaigns:grpc:0"] = campaigns.ToString(),
                ["Bootstrap:AdminKey"] = adminKey,
                ["RateLimits:PerMinute"] = "800000",
                ["RateLimits:Burst"] = "800000",
                ["RateLimits:OwnerPerMinute"] = "900000",
                ["RateLimits:TenantPerMinute"] = "1000000",
                // the services' settings file lies beside it, with an endpoint for gRPC, which is told first
                ["Kestrel:Endpoints:grpc:Url"] = "http://127.0.0.1:0",
                ["Kestrel:Endpoints:grpc:Protocols"] = "Http1",
                ["ZOHO_CLIENT_ID"] = (await _simulator.WorldAsync()).GetProperty("client").GetProperty("client_id").GetString(),
                ["ZOHO_CLIENT_SECRET"] = us.GetProperty("client_secret").GetString(),
                ["ZOHO_REFRESH_TOKEN"] = us.GetProperty("refresh_token").GetString(),
                ["ZOHO_REGION"] = "us",
                ["ZOHO_CAMPAIGNS_LIST_KEY"] = ListKey,
            });
    }

    /// <summary>Asks for the token of the tenant's campaigns, as the campaigns service does.</summary>
    public async Task AskForTokenAsync()
    {
        using var channel = GrpcChannel.ForAddress(_tokens.Address);
        await new AccessTokens.AccessTokensClient(channel).GetAccessTokenAsync(
            new() { Feature = "campaigns", Purpose = "bench" }, TestTickets.For(_tenant, Role.Service, "tokens"));
    }

    /// <summary>An empty database for somebody's users.</summary>
    public async Task<string> CreateDatabaseAsync() =>
        new NpgsqlConnectionStringBuilder(await _servers.CreateDatabaseAsync()) { Port = _sources.Port }.ConnectionString;

    /// <summary>Calls of a method that reached Zoho.</summary>
    public Task<long> CallsAsync(string method) => _simulator.CallsAsync(method);

    /// <summary>Puts <c>user{n}@example.com</c> onto the list, as somebody else would.</summary>
    public async Task HoldAsync(int first, int count, string status) => (await _simulator.Http.PostAsJsonAsync(
        $"_simulator/lists/us/{ListKey}/generated-contacts", new { count, first, status })).EnsureSuccessStatusCode();

    /// <summary>The addresses on the list, as often as they are on it.</summary>
    public async Task<IReadOnlyList<string>> AddressesAsync()
    {
        var contacts = await _simulator.Http.GetFromJsonAsync<JsonElement>($"_simulator/lists/us/{ListKey}/contacts");
        return [.. contacts.EnumerateArray().Select(contact => contact.GetProperty("fields").GetProperty("Contact Email").GetString()!)];
    }

    /// <summary>Lines of a file with a header.</summary>
    public static byte[] Csv(string header, IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Join('\n', [header, .. lines, ""]));

    /// <summary><c>user{n}@example.com</c>.</summary>
    public static IEnumerable<string> Users(int first, int count) =>
        Enumerable.Range(first, count).Select(n => string.Create(CultureInfo.InvariantCulture, $"user{n}@example.com"));

    public async ValueTask DisposeAsync()
    {
        if (_tokens is not null)
        {
            await _tokens.DisposeAsync();
        }

        await _sources.DisposeAsync();
        await _servers.DisposeAsync();
        await _simulator.DisposeAsync();
    }

    private async Task ConnectAsync()
    {
        var shared = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:redis"] = _servers.Redis,
            ["Providers:SimulatorUrl"] = _simulator.Http.BaseAddress!.ToString(),
            // nobody is there: what is raised waits
            ["services:webhooks:grpc:0"] = "http://127.0.0.1:1",
        };
        Tokens = await _servers.CreateDatabaseAsync();
        Campaigns = await _servers.CreateDatabaseAsync();
        _tokens = await ServiceProcess.StartAsync("TokenService", new Dictionary<string, string?>(TestTickets.SettingsOf("tokens").Concat(shared), StringComparer.Ordinal)
        {
            ["ConnectionStrings:tokens"] = await new TokensDatabase().MigrateAsync(Tokens),
            ["Secrets:MasterKey"] = TokenBed.NewKey(),
        });
        _settings = new Dictionary<string, string?>(TestTickets.SettingsOf("campaigns").Concat(shared), StringComparer.Ordinal)
        {
            ["ConnectionStrings:campaigns"] = await new CampaignsDatabase().MigrateAsync(Campaigns),
            ["services:tokens:grpc:0"] = _tokens.Address.ToString(),
            ["Sources:Hosts"] = _sources.Address,
            ["Secrets:MasterKey"] = TokenBed.NewKey(),
        };

        var client = (await _simulator.WorldAsync()).GetProperty("client").GetProperty("client_id").GetString();
        var us = await _simulator.DataCentreAsync("us");
        ListKey = us.GetProperty("list_key").GetString()!;
        using var channel = GrpcChannel.ForAddress(_tokens.Address);
        await new IntegrationSettingsStore.IntegrationSettingsStoreClient(channel).UpdateSettingsAsync(
            new()
            {
                Provider = "zoho",
                ClientId = client,
                ClientSecrets = { ["us"] = us.GetProperty("client_secret").GetString() },
            },
            Ticket("tokens"));
        await new Connections.ConnectionsClient(channel).CreateConnectionAsync(
            new()
            {
                Provider = "zoho",
                Features = { "campaigns" },
                DataCentre = "us",
                RefreshToken = us.GetProperty("refresh_token").GetString(),
            },
            Ticket("tokens"));
    }
}
