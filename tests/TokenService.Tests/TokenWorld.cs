using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>
/// What a test needs: replicas of the service on one database of their own and the shared Redis, a tenant with a client, a clock that the
/// test moves, and Zoho. When it ends, no secret that was used may stand in any line of the log.
/// </summary>
internal sealed class TokenWorld : IAsyncDisposable
{
    public const string ClientId = "1000.FAKECLIENT";
    public const string ClientSecret = "fakesecret-of-all-data-centres-abcd";
    /// <summary>In SQL: what is written into the audit, whether it has its number yet or not.</summary>
    public const string Audit =
        "(SELECT id, actor, action, subject, details FROM audit_entries UNION ALL SELECT id, actor, action, subject, details FROM audit_inbox) audit";

    public const string RefreshToken = "1000.fake-refresh-of-the-tenant";

    private readonly List<TokenHost> _hosts = [];
    private readonly RecordedLog _log = new();
    private readonly Dictionary<string, string?> _settings;

    private readonly string _database;

    private TokenWorld(Dictionary<string, string?> settings, TimeProvider clock, string database) =>
        (_settings, Time, _database) = (settings, clock, database);

    /// <summary>Set by a test that changes the shape of its database: nobody gets it afterwards.</summary>
    public bool DatabaseIsSpoilt { get; set; }

    public PlayedZoho Zoho { get; } = new();

    public PlayedHubSpot HubSpot { get; } = new();

    /// <summary>Providers that the replicas know beside those of the platform.</summary>
    public IList<OAuthProvider> MoreProviders { get; } = [];

    public TimeProvider Time { get; }

    public FakeTimeProvider Clock => (FakeTimeProvider)Time;

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    public TenantId OtherTenant { get; } = new(Guid.CreateVersion7());

    public IReadOnlyCollection<string> LogLines => _log.Lines;

    public TokenHost Host => _hosts[0];

    public Metadata Service => Host.TicketOf(Tenant, Role.Service);

    /// <summary>The gateway on its own account.</summary>
    public Metadata Gateway => Host.TicketOf(TenantId.None, Role.Service);

    public Metadata Admin => Host.TicketOf(Tenant, Role.Admin);

    public Metadata Viewer => Host.TicketOf(Tenant, Role.Viewer);

    /// <summary>The configuration that a replica is started with; a test may change it before it starts one.</summary>
    public IDictionary<string, string?> Configuration => _settings;

    /// <summary>A database and the configuration for it; no replica yet.</summary>
    public static async Task<TokenWorld> PrepareAsync(TimeProvider? clock = null)
    {
        var servers = await TestServers.Shared;
        var database = await new TokensDatabase().RentAsync();
        return new TokenWorld(
            new Dictionary<string, string?>(TestTickets.SettingsOf("tokens"))
            {
                ["ConnectionStrings:tokens"] = database,
                ["ConnectionStrings:redis"] = servers.Redis,
                ["Secrets:MasterKey"] = NewKey(),
                // nobody is there: what is raised waits
                ["services:webhooks:grpc:0"] = "http://127.0.0.1:1",
            },
            clock ?? StandingClock.Create(),
            database);
    }

    /// <summary>One replica, and the tenant's client is set.</summary>
    public static async Task<TokenWorld> StartAsync(TimeProvider? clock = null)
    {
        var world = await PrepareAsync(clock);
        await world.StartHostAsync();
        await world.SetClientAsync();
        return world;
    }

    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public async Task<TokenHost> StartHostAsync(bool simulated = false)
    {
        var host = await TokenHost.StartAsync(_settings, Time, _log, simulated ? null : Zoho, HubSpot, MoreProviders);
        _hosts.Add(host);
        return host;
    }

    public async Task StopHostsAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        _hosts.Clear();
    }

    public async Task SetClientAsync() => await Host.Settings.UpdateSettingsAsync(
        new UpdateSettingsRequest { Provider = "zoho", ClientId = ClientId, ClientSecrets = { [""] = ClientSecret } }, Admin);

    public async Task<Connection> ConnectAsync(string owner = "", string refreshToken = RefreshToken, params string[] features) =>
        await Host.Connections.CreateConnectionAsync(
            new CreateConnectionRequest
            {
                Provider = "zoho",
                Features = { features is [] ? ["campaigns"] : features },
                Owner = owner,
                RefreshToken = refreshToken,
            },
            Admin);

    /// <summary>With a grant that Zoho gives for this connection alone; each has a refresh token of its own.</summary>
    public async Task<Connection> ConnectWithCodeAsync(string owner = "", params string[] features) =>
        await Host.Connections.CreateConnectionAsync(
            new() { Provider = "zoho", Features = { features is [] ? ["campaigns"] : features }, Owner = owner, GrantCode = "1000.fake.code" }, Admin);

    public async Task<GetAccessTokenResponse> TokenAsync(string connection, TokenHost? host = null) =>
        await (host ?? Host).Tokens.GetAccessTokenAsync(new GetAccessTokenRequest { ConnectionId = connection, Purpose = "test" }, Service);

    /// <summary>Moves the clock past the life of every token there is, at once: none is replaced ahead of its end.</summary>
    public void ExpireTokens() => Clock.Advance(TimeSpan.FromHours(2));

    /// <summary>The refusal's code, as callers read it.</summary>
    public static async Task<RpcException> RefusedAsync(string code, Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(code, refused.Trailers.GetValue(GrpcFailures.CodeTrailer));
        return refused;
    }

    /// <summary>The database as it comes back from a copy, under its name; what it was copied from is gone.</summary>
    public async Task BackUpAndRestoreAsync()
    {
        var database = new NpgsqlConnectionStringBuilder(_settings["ConnectionStrings:tokens"]).Database;
        var server = new NpgsqlConnectionStringBuilder(_settings["ConnectionStrings:tokens"]) { Database = "postgres", Pooling = false };
        NpgsqlConnection.ClearAllPools();
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        foreach (var sql in (string[])
            [
                $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'",
                $"CREATE DATABASE \"{database}_copy\" TEMPLATE \"{database}\"",
                $"DROP DATABASE \"{database}\"",
                $"CREATE DATABASE \"{database}\" TEMPLATE \"{database}_copy\"",
                $"DROP DATABASE \"{database}_copy\"",
            ])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Hand-outs that stand in the audit.</summary>
    public async Task<long> CountHandOutsAsync() => (long)(await SqlAsync(
        $"SELECT coalesce(sum((details->>'times')::bigint), 0)::bigint FROM {Audit} WHERE action = 'token.handed_out'"))!;

    /// <summary>SQL as the database's owner of all: below every policy.</summary>
    public async Task<object?> SqlAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_settings["ConnectionStrings:tokens"]);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopHostsAsync();
        var secrets = Zoho.Given
            .Concat(HubSpot.Given)
            .Concat([PlayedHubSpot.ClientSecret, ClientSecret, RefreshToken, _settings["Secrets:MasterKey"] ?? "", _settings["Tickets:SigningKey"]!])
            .Where(secret => secret.Length > 0)
            .ToList();
        if (!DatabaseIsSpoilt)
        {
            await new TokensDatabase().GiveBackAsync(_database);
        }

        Assert.DoesNotContain(_log.Lines, line => secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
    }
}
