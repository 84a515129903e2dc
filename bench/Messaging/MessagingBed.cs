using System.Net.Http.Headers;
using System.Security.Cryptography;
using Npgsql;
using ZohoPlatform.Bench.Tokens;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench.Messaging;

/// <summary>
/// What conversations run on: a <see cref="ZohoBed"/> whose tenant is connected to Zoho CRM, and before it the services for CRM and messaging and the
/// gateway, each a process of its own.
/// </summary>
internal sealed class MessagingBed : IAsyncDisposable
{
    // what the platform asks for with the feature crm
    private static readonly string[] Scopes =
    [
        "ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.users.READ", "ZohoCRM.org.READ", "ZohoCRM.coql.READ", "ZohoCRM.notifications.ALL",
        "ZohoSearch.securesearch.READ",
    ];

    private ServiceProcess _crm = null!;

    private MessagingBed(ZohoBed platform) => Platform = platform;

    public ZohoBed Platform { get; }

    public ServiceProcess Messaging { get; private set; } = null!;

    public ServiceProcess Gateway { get; private set; } = null!;

    /// <summary>The messaging service's database, as one who may see all of it.</summary>
    public NpgsqlDataSource Database { get; private set; } = null!;

    /// <summary>The gateway with the demo tenant's key, a tenant without a connection.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <param name="isDurable">Whether PostgreSQL's commits wait for the disk.</param>
    public static async Task<MessagingBed> StartAsync(bool isDurable)
    {
        var bed = new MessagingBed(await ZohoBed.StartAsync("crm", Scopes, isDurable: isDurable));
        try
        {
            await bed.StartServicesAsync();
            return bed;
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first value of what a query of the messaging service's database answers.</summary>
    public async Task<T> AskAsync<T>(string sql, params IEnumerable<object> values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        foreach (var process in new[] { Gateway, Messaging, _crm })
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }

        if (Database is not null)
        {
            await Database.DisposeAsync();
        }

        await Platform.DisposeAsync();
    }

    private async Task StartServicesAsync()
    {
        _crm = await ServiceProcess.StartAsync("CrmService", new Dictionary<string, string?>(Platform.SettingsOf("crm"), StringComparer.Ordinal)
        {
            ["ConnectionStrings:crm"] = await new CrmDatabase().MigrateAsync(await Platform.Servers.CreateDatabaseAsync()),
            // as the app host lets it
            ["Tickets:Issuers:messaging:Calls"] = "zohoplatform.crm.v1.Inbox",
        });
        var database = await Platform.Servers.CreateDatabaseAsync();
        Database = NpgsqlDataSource.Create(database);
        Messaging = await ServiceProcess.StartAsync(
            "MessagingService",
            new Dictionary<string, string?>(Platform.SettingsOf("messaging"), StringComparer.Ordinal)
            {
                ["ConnectionStrings:messaging"] = await new MessagingDatabase().MigrateAsync(database),
                ["Secrets:MasterKey"] = TokenBed.NewKey(),
                ["services:crm:grpc:0"] = _crm.Address.ToString(),
            });
        var adminKey = RandomNumberGenerator.GetHexString(40);
        (Gateway, _) = await Platform.StartGatewayAsync(
            adminKey,
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["services:messaging:grpc:0"] = Messaging.Address.ToString(),
                ["RateLimits:HooksPerChannel"] = "800000",
                ["RateLimits:HooksPerAddress"] = "900000",
                // a moment in which the machine stands still is to be seen as time, and Meta calls from many addresses
                ["RateLimits:HooksAtOncePerAddress"] = "500",
                ["RateLimits:HooksAtOnce"] = "1000",
                ["ZOHO_CRM_ENABLED"] = "true",
            });
        Http = new HttpClient { BaseAddress = Gateway.Address };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"zp_bootstrap_{adminKey}");
        await Eventually.GetAsync(async () => (await Http.GetAsync("health")).IsSuccessStatusCode, healthy => healthy);
    }
}
