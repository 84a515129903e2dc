using System.Globalization;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using ZohoPlatform.Bench.Tokens;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench.Campaigns;

/// <summary>What syncs run on: a <see cref="ZohoBed"/>. Replicas of the campaigns service are each scenario's own.</summary>
internal sealed class CampaignsBed : IAsyncDisposable
{
    private readonly ZohoBed _bed;
    private readonly Line _sources;
    private Dictionary<string, string?> _settings = null!;

    private CampaignsBed(ZohoBed bed)
    {
        _bed = bed;
        // the platform's own server is never a source
        var postgres = new NpgsqlConnectionStringBuilder(bed.Servers.Postgres);
        _sources = new Line($"{postgres.Host}:{postgres.Port}");
    }

    /// <summary>The demo organisation's list.</summary>
    public string ListKey { get; private set; } = "";

    /// <inheritdoc cref="ZohoBed.Statements"/>
    public StatementCount? Statements => _bed.Statements;

    /// <summary>The gateway's database, as one who may see all of it.</summary>
    public string Gateway { get; private set; } = "";

    /// <inheritdoc cref="ZohoBed.Tokens"/>
    public string Tokens => _bed.Tokens;

    /// <summary>The campaigns service's database, as one who may see all of it.</summary>
    public string Campaigns { get; private set; } = "";

    /// <param name="countsStatements">Has PostgreSQL count what it runs.</param>
    public static async Task<CampaignsBed> StartAsync(bool countsStatements = false)
    {
        var bed = new CampaignsBed(await ZohoBed.StartAsync("campaigns", countsStatements: countsStatements));
        bed.Campaigns = await bed._bed.Servers.CreateDatabaseAsync();
        bed._settings = new Dictionary<string, string?>(bed._bed.SettingsOf("campaigns"), StringComparer.Ordinal)
        {
            ["ConnectionStrings:campaigns"] = await new CampaignsDatabase().MigrateAsync(bed.Campaigns),
            ["Sources:Hosts"] = bed._sources.Address,
            ["Secrets:MasterKey"] = TokenBed.NewKey(),
        };
        bed.ListKey = (await bed._bed.Zoho.DataCentreAsync("us")).GetProperty("list_key").GetString()!;
        return bed;
    }

    /// <summary>A fresh ticket of the tenant's admin; it lives for minutes.</summary>
    public Metadata Ticket() => _bed.Ticket("campaigns");

    public async Task<Replica> StartReplicaAsync() => new(this, await ServiceProcess.StartAsync("CampaignsService", _settings));

    /// <summary>The gateway before these, which connects its demo tenant to the same organisation.</summary>
    /// <param name="campaigns">A replica's address.</param>
    /// <param name="adminKey">The secret of the demo tenant's key.</param>
    public async Task<ServiceProcess> StartGatewayAsync(Uri campaigns, string adminKey)
    {
        var us = await _bed.Zoho.DataCentreAsync("us");
        (var process, Gateway) = await _bed.StartGatewayAsync(
            adminKey,
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["services:campaigns:grpc:0"] = campaigns.ToString(),
                ["ZOHO_CLIENT_ID"] = (await _bed.Zoho.WorldAsync()).GetProperty("client").GetProperty("client_id").GetString(),
                ["ZOHO_CLIENT_SECRET"] = us.GetProperty("client_secret").GetString(),
                ["ZOHO_REFRESH_TOKEN"] = us.GetProperty("refresh_token").GetString(),
                ["ZOHO_REGION"] = "us",
                ["ZOHO_CAMPAIGNS_LIST_KEY"] = ListKey,
            });
        return process;
    }

    /// <summary>Asks for the token of the tenant's campaigns, as the campaigns service does.</summary>
    public async Task AskForTokenAsync()
    {
        using var channel = GrpcChannel.ForAddress(_bed.TokensAddress);
        await new AccessTokens.AccessTokensClient(channel).GetAccessTokenAsync(
            new() { Feature = "campaigns", Purpose = "bench" }, TestTickets.For(_bed.Tenant, Role.Service, "tokens"));
    }

    /// <summary>An empty database for somebody's users.</summary>
    public async Task<string> CreateDatabaseAsync() =>
        new NpgsqlConnectionStringBuilder(await _bed.Servers.CreateDatabaseAsync()) { Port = _sources.Port }.ConnectionString;

    /// <summary>Calls of a method that reached Zoho.</summary>
    public Task<long> CallsAsync(string method) => _bed.Zoho.CallsAsync(method);

    /// <summary>Puts <c>user{n}@example.com</c> onto the list, as somebody else would.</summary>
    public async Task HoldAsync(int first, int count, string status) => (await _bed.Zoho.Http.PostAsJsonAsync(
        $"_simulator/lists/us/{ListKey}/generated-contacts", new { count, first, status })).EnsureSuccessStatusCode();

    /// <summary>The addresses on the list, as often as they are on it.</summary>
    public async Task<IReadOnlyList<string>> AddressesAsync()
    {
        var contacts = await _bed.Zoho.Http.GetFromJsonAsync<JsonElement>($"_simulator/lists/us/{ListKey}/contacts");
        return [.. contacts.EnumerateArray().Select(contact => contact.GetProperty("fields").GetProperty("Contact Email").GetString()!)];
    }

    /// <summary>Lines of a file with a header.</summary>
    public static byte[] Csv(string header, IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Join('\n', [header, .. lines, ""]));

    /// <summary><c>user{n}@example.com</c>.</summary>
    public static IEnumerable<string> Users(int first, int count) =>
        Enumerable.Range(first, count).Select(n => string.Create(CultureInfo.InvariantCulture, $"user{n}@example.com"));

    public async ValueTask DisposeAsync()
    {
        await _sources.DisposeAsync();
        await _bed.DisposeAsync();
    }
}
