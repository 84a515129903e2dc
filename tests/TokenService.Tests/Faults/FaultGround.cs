using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core;
using Npgsql;
using StackExchange.Redis;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Role = ZohoPlatform.ServiceDefaults.Identity.Role;

namespace ZohoPlatform.TokenService.Tests.Faults;

/// <summary>
/// Three replicas as processes, with a PostgreSQL and a Redis that may be stopped and a Zoho that may be held; one for all tests of a
/// class.
/// </summary>
public sealed class FaultGround : IAsyncLifetime
{
    private readonly Dictionary<string, string?> _configuration = new(TestTickets.SettingsOf("tokens"), StringComparer.Ordinal)
    {
        ["Secrets:MasterKey"] = TokenWorld.NewKey(),
        ["services:webhooks:grpc:0"] = "http://127.0.0.1:1",
    };

    private TestServers _servers = null!;
    private SimulatorProcess _zoho = null!;
    private ConnectionMultiplexer _redis = null!;
    private string _clientId = "";
    private string _clientSecret = "";

    internal IReadOnlyList<ReplicaProcess> Replicas { get; private set; } = [];

    /// <summary>The way to Redis of all replicas but the doomed.</summary>
    internal Line RedisLine { get; private set; } = null!;

    private NpgsqlConnectionStringBuilder Database => new(_configuration["ConnectionStrings:tokens"]);

    private IServer RedisServer => _redis.GetServer(_redis.GetEndPoints()[0]);

    private string RedisAddress => _servers.Redis.Split(',')[0];

    public async Task InitializeAsync()
    {
        _servers = await TestServers.StartAsync();
        _zoho = await SimulatorProcess.StartAsync();
        var dataCentre = await _zoho.DataCentreAsync("us");
        _clientId = (await _zoho.WorldAsync()).GetProperty("client").GetProperty("client_id").GetString()!;
        _clientSecret = dataCentre.GetProperty("client_secret").GetString()!;
        _redis = await ConnectionMultiplexer.ConnectAsync($"{_servers.Redis},allowAdmin=true,abortConnect=false");
        RedisLine = new Line(RedisAddress);
        _configuration["ConnectionStrings:tokens"] = await _servers.CreateDatabaseAsync();
        _configuration["ConnectionStrings:redis"] = RedisThrough(RedisLine);
        _configuration["Providers:SimulatorUrl"] = _zoho.Http.BaseAddress!.ToString();
        Replicas = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ReplicaProcess.StartAsync(_configuration)));
    }

    public async Task DisposeAsync()
    {
        foreach (var replica in Replicas)
        {
            await replica.DisposeAsync();
        }

        await RedisLine.DisposeAsync();
        _redis.Dispose();
        await _zoho.DisposeAsync();
        await _servers.DisposeAsync();
    }

    /// <summary>A tenant with a connection whose token is too old for any caller, and that nobody has in memory.</summary>
    internal async Task<FaultyConnection> ConnectAsync()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        var (admin, ticket) = (TestTickets.For(tenant, Role.Admin, "tokens"), TestTickets.For(tenant, Role.Service, "tokens"));
        await Replicas[0].Settings.UpdateSettingsAsync(
            new() { Provider = "zoho", ClientId = _clientId, ClientSecrets = { [""] = _clientSecret } }, admin);
        await _zoho.Http.PostAsync("_simulator/calls/reset", null);
        using var minted = await _zoho.Http.PostAsJsonAsync("_simulator/refresh-tokens", new { data_centre = "us" });
        var connected = await Replicas[0].Connections.CreateConnectionAsync(
            new()
            {
                Provider = "zoho",
                Features = { "campaigns" },
                DataCentre = "us",
                RefreshToken = (await minted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("refresh_token").GetString(),
            },
            admin);
        var connection = new FaultyConnection(tenant, connected.Id, ticket);
        await SqlAsync($"UPDATE connections SET access_token_expires_at = now() WHERE id = '{connection.Id}'");
        // the call that connected; Zoho may count it after it has answered
        await Eventually.GetAsync(CallsAsync, calls => calls == 1);
        return connection;
    }

    /// <summary>A replica that is to die, with lines of its own.</summary>
    internal async Task<DoomedReplica> StartDoomedAsync()
    {
        var doomed = new DoomedReplica(
            new Line($"{Database.Host}:{Database.Port}"), new Line(RedisAddress), new Line(_zoho.Http.BaseAddress!.Authority));
        var database = Database;
        (database.Host, database.Port) = ("127.0.0.1", doomed.Postgres.Port);
        doomed.Process = await ReplicaProcess.StartAsync(new Dictionary<string, string?>(_configuration)
        {
            ["ConnectionStrings:tokens"] = database.ConnectionString,
            ["ConnectionStrings:redis"] = RedisThrough(doomed.Redis),
            ["Providers:SimulatorUrl"] = $"http://{doomed.Zoho.Address}/",
        });
        return doomed;
    }

    /// <summary>Requests for a token that reached Zoho since the connection was made.</summary>
    internal async Task<long> RefreshesAsync() => await CallsAsync() - 1;

    /// <summary>Zoho takes the next request for a token and keeps it until it is released.</summary>
    internal async Task<HeldZoho> HoldZohoAsync()
    {
        using var made = await _zoho.Http.PostAsJsonAsync("_simulator/faults", new { kind = "hang", path = "/oauth/v2/token", times = 1 });
        made.EnsureSuccessStatusCode();
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32();
        return new HeldZoho(_zoho.Http, string.Create(CultureInfo.InvariantCulture, $"_simulator/faults/{id}"));
    }

    /// <summary>Zoho does not accept this token any more; one that it accepts is not replaced.</summary>
    internal async Task KillTokenAsync(string token)
    {
        using var killed = await _zoho.Http.PostAsJsonAsync("_simulator/tokens/kill", new { kind = "access", token });
        killed.EnsureSuccessStatusCode();
    }

    /// <summary>What the half minute does that a dead replica's leases live.</summary>
    internal async Task EndLeasesAsync(FaultyConnection connection)
    {
        await SqlAsync($"UPDATE connections SET lease_until = now() - interval '1 second' WHERE id = '{connection.Id}'");
        await _redis.GetDatabase().KeyDeleteAsync($"tokens:{{{connection.Tenant}:{connection.Id}}}:lease");
    }

    internal Task FlushRedisAsync() => RedisServer.FlushAllDatabasesAsync();

    /// <summary>It ends now and is back, empty, after a moment.</summary>
    internal void StopRedis() => RedisServer.Shutdown(ShutdownMode.Never);

    internal async Task RedisIsBackAsync() => await Eventually.GetAsync(
        async () =>
        {
            try
            {
                await _redis.GetDatabase().PingAsync();
                return "";
            }
            catch (RedisException e)
            {
                return e.Message;
            }
        },
        problem => problem.Length == 0);

    /// <summary>Ends every session, and is back after a moment.</summary>
    internal async Task StopPostgresAsync()
    {
        var pid = ((string)(await SqlAsync("SELECT pg_read_file('postmaster.pid')"))!).Split('\n')[0];
        Signals.Send("INT", int.Parse(pid, CultureInfo.InvariantCulture));
        await AskPostgresAsync(answers: false);
    }

    internal Task PostgresIsBackAsync() => AskPostgresAsync(answers: true);

    /// <summary>SQL as the owner of all: below every policy.</summary>
    internal async Task<object?> SqlAsync(string sql)
    {
        var database = Database;
        database.Pooling = false;
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private async Task<long> CallsAsync() =>
        // a call that was left while it was held has not been read
        await _zoho.CallsAsync("token.refresh_token") + await _zoho.CallsAsync("token");

    private Task<bool> AskPostgresAsync(bool answers) => Eventually.GetAsync(
        async () =>
        {
            try
            {
                await SqlAsync("SELECT 1");
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        },
        does => does == answers);

    private string RedisThrough(Line line) => _servers.Redis.Replace(RedisAddress, line.Address, StringComparison.Ordinal);
}

internal sealed record FaultyConnection(TenantId Tenant, string Id, Metadata Ticket)
{
    /// <summary>So many callers of this replica at once.</summary>
    public Task<Answer[]> AskAsync(ReplicaProcess replica, int callers) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(_ => AskAsync(replica)));

    public async Task<Answer> AskAsync(ReplicaProcess replica)
    {
        try
        {
            var answer = await replica.Tokens.GetAccessTokenAsync(new() { ConnectionId = Id, Purpose = "test" }, Ticket);
            return new Answer(StatusCode.OK, answer.AccessToken, "");
        }
        catch (RpcException e)
        {
            return new Answer(e.StatusCode, null, e.Trailers.GetValue(GrpcFailures.CodeTrailer) ?? "");
        }
    }
}

/// <summary>What a caller got.</summary>
internal sealed record Answer(StatusCode Status, string? Token, string Code);

internal sealed record DoomedReplica(Line Postgres, Line Redis, Line Zoho) : IAsyncDisposable
{
    public ReplicaProcess Process { get; set; } = null!;

    /// <summary>Nothing that stood on a line arrives any more.</summary>
    public async Task KillAsync()
    {
        await Process.KillAsync();
        Postgres.Cut();
        Redis.Cut();
        Zoho.Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Postgres.DisposeAsync();
        await Redis.DisposeAsync();
        await Zoho.DisposeAsync();
    }
}

internal sealed class HeldZoho(HttpClient controls, string fault)
{
    /// <summary>Completes when it has a request.</summary>
    public async Task ReachedAsync()
    {
        using var hit = await controls.GetAsync($"{fault}?hits=1&timeout_seconds={Eventually.Limit.TotalSeconds}");
        hit.EnsureSuccessStatusCode();
    }

    public async Task ReleaseAsync()
    {
        using var released = await controls.PostAsync($"{fault}/release", null);
        released.EnsureSuccessStatusCode();
    }
}
