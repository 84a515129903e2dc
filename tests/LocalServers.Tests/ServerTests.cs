using System.Globalization;
using Npgsql;
using StackExchange.Redis;
using ZohoPlatform.Testing;

namespace ZohoPlatform.LocalServers.Tests;

/// <summary>Servers as plain processes, as tests and benchmarks use them.</summary>
public sealed class ServerTests : IDisposable
{
    private const string Password = "fakepassword0123456789";

    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(2));
    private readonly string _folder = Directory.CreateTempSubdirectory("zoho-platform-").FullName;

    public ServerTests() =>
        // the server's own user passes through
        File.SetUnixFileMode(_folder, File.GetUnixFileMode(_folder) | UnixFileMode.OtherExecute);

    public void Dispose()
    {
        _limit.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Postgres_takes_its_own_password_and_no_other()
    {
        await using var process = await ServerProcess.StartAsync(Postgres(isKept: false));
        Assert.Equal(1, await ScalarAsync(process.Server, "SELECT 1"));

        var wrong = new NpgsqlConnectionStringBuilder(process.Server.ConnectionString) { Password = "fake-other" };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(_limit.Token));

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    public async Task Redis_takes_its_own_password_and_shows_it_to_nobody()
    {
        await using var process = await ServerProcess.StartAsync(Redis(isKept: false));
        await using var connection = await ConnectionMultiplexer.ConnectAsync(process.Server.ConnectionString);
        Assert.True(await connection.GetDatabase().PingAsync() > TimeSpan.Zero);

        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(
            $"127.0.0.1:{process.Server.Port},password=fake-other,connectRetry=1,connectTimeout=3000"));

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(process.Server.Data.Path, "redis.conf")));
        var pid = await PidAsync(process.Server, "redis.pid");
        Assert.DoesNotContain(Password, await File.ReadAllTextAsync($"/proc/{pid}/cmdline"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_of_Redis_reaches_its_own_keys_and_channels_and_administers_nothing_also_after_a_restart()
    {
        RedisUser[] users =
            [new("tokens", "fakepasswordtokens", "~tokens:* &tokens:changed"), new("gateway", "fakepasswordgateway", "~{gateway:*")];
        var server = new RedisServer("redis", Data("redis", isKept: false), Ports.TakeFree(), Password, users);
        await using var process = await ServerProcess.StartAsync(server);
        foreach (var restarted in (bool[])[false, true])
        {
            if (restarted)
            {
                Signals.Send("KILL", await PidAsync(server, "redis.pid"));
            }

            await using var tokens = await Eventually.GetAsync(
                () => TryConnectAsync(server.LoginOf(users[0])), connected => connected is not null);
            await using var gateway = await ConnectionMultiplexer.ConnectAsync($"{server.LoginOf(users[1])},allowAdmin=true");
            await tokens!.GetDatabase().StringSetAsync("tokens:{a}:access", "sealed");
            await gateway.GetDatabase().HashSetAsync("{gateway:bucket:a}", "at", 1);
            await tokens.GetSubscriber().PublishAsync(RedisChannel.Literal("tokens:changed"), "a");

            await RefusedAsync(() => gateway.GetDatabase().StringGetAsync("tokens:{a}:access"));
            await RefusedAsync(() => tokens.GetDatabase().HashGetAllAsync("{gateway:bucket:a}"));
            await RefusedAsync(() => gateway.GetDatabase().ScriptEvaluateAsync("return redis.call('GET', KEYS[1])", ["tokens:{a}:access"]));
            await RefusedAsync(() => gateway.GetSubscriber().PublishAsync(RedisChannel.Literal("tokens:changed"), "a"));
            foreach (var command in (string[])["KEYS *", "SCAN 0", "CONFIG GET *", "FLUSHALL", "ACL LIST", "MONITOR", "SCRIPT FLUSH", "SCRIPT KILL", "FUNCTION FLUSH", "FCALL f 0"])
            {
                var words = command.Split(' ');
                await RefusedAsync(() => gateway.GetDatabase().ExecuteAsync(words[0], [.. words.Skip(1)]));
            }
        }

        var settings = await File.ReadAllTextAsync(Path.Combine(server.Data.Path, "redis.conf"));
        Assert.All(users, user => Assert.DoesNotContain(user.Password, settings + user, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_knows_nothing_of_the_secrets_around_it()
    {
        Environment.SetEnvironmentVariable("ZOHO_FAKE_SECRET_OF_A_TEST", "fake-secret");
        await using var process = await ServerProcess.StartAsync(Postgres(isKept: false));

        // what a program that the server starts inherits
        const string Ask = "CREATE TEMP TABLE inherited (line text); COPY inherited FROM PROGRAM 'env'; SELECT count(*)::int FROM inherited WHERE line LIKE ";
        Assert.Equal(0, await ScalarAsync(process.Server, $"{Ask} 'ZOHO%'"));
        Assert.Equal(1, await ScalarAsync(process.Server, $"{Ask} 'PATH=%'"));
    }

    [Fact]
    public async Task Kept_data_are_there_at_the_next_start()
    {
        var (postgres, redis) = (Postgres(isKept: true), Redis(isKept: true));
        await using (await ServerProcess.StartAsync(postgres))
        await using (await ServerProcess.StartAsync(redis))
        {
            await ScalarAsync(postgres, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7); SELECT 7");
            await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
            await connection.GetDatabase().StringSetAsync("kept", 8);
        }

        await using var postgresAgain = await ServerProcess.StartAsync(postgres);
        await using var redisAgain = await ServerProcess.StartAsync(redis);

        Assert.Equal(7, await ScalarAsync(postgres, "SELECT id FROM kept"));
        await using var again = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        Assert.Equal(8, (int)await again.GetDatabase().StringGetAsync("kept"));
    }

    [Fact]
    public async Task Data_that_nobody_keeps_go_with_the_server()
    {
        var process = await ServerProcess.StartAsync(Postgres(isKept: false));
        Assert.True(Directory.Exists(process.Server.Data.Path));

        await process.DisposeAsync();

        Assert.False(Directory.Exists(process.Server.Data.Path));
    }

    [Fact]
    public async Task Data_of_another_password_are_told_apart_from_a_server_that_is_down()
    {
        await (await ServerProcess.StartAsync(Postgres(isKept: true))).DisposeAsync();
        var other = new PostgresServer("postgres", Data("postgres", isKept: true), Ports.TakeFree(), "fakeother0123456789");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(other));

        Assert.Contains("refuses its password", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Bring back the secrets", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_killed_comes_back_on_its_port_with_its_data()
    {
        var server = Postgres(isKept: false);
        await using var process = await ServerProcess.StartAsync(server);
        await ScalarAsync(server, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7); SELECT 7");
        await ScalarAsync(server, "CHECKPOINT; SELECT 1");

        for (var i = 0; i < 2; i++)
        {
            var pid = await PidAsync(server, "postmaster.pid");
            Signals.Send("KILL", pid);
            await Eventually.GetAsync(async () => await AnswersAsync(server) && await PidAsync(server, "postmaster.pid") != pid, again => again);
        }

        Assert.Equal(7, await ScalarAsync(server, "SELECT id FROM kept"));
    }

    [Fact]
    public async Task Who_starts_a_server_on_a_folder_that_is_in_use_waits_for_its_end()
    {
        var first = Redis(isKept: true);
        var running = await ServerProcess.StartAsync(first);
        var pid = await PidAsync(first, "redis.pid");
        var second = new RedisServer("redis", first.Data, Ports.TakeFree(), Password);

        var starting = ServerProcess.StartAsync(second);
        // far longer than a Redis takes that waits for nobody
        await Assert.ThrowsAsync<TimeoutException>(() => starting.WaitAsync(TimeSpan.FromSeconds(2)));
        Assert.Equal(pid, await PidAsync(first, "redis.pid"));
        await running.DisposeAsync();

        await using var next = await starting;
        Assert.NotEqual(pid, await PidAsync(second, "redis.pid"));
    }

    [Fact]
    public async Task What_a_crash_leaves_of_a_data_folder_does_not_stop_the_next_start()
    {
        // cut off while it was made
        var data = Data("postgres", isKept: true);
        Directory.CreateDirectory($"{data.Path}.new");
        await File.WriteAllTextAsync(Path.Combine($"{data.Path}.new", "PG_VERSION"), "15");
        await (await ServerProcess.StartAsync(Postgres(isKept: true))).DisposeAsync();

        await File.WriteAllTextAsync(Path.Combine(data.Path, "postmaster.pid"), "");
        await using var next = await ServerProcess.StartAsync(Postgres(isKept: true));

        Assert.Equal(1, await ScalarAsync((PostgresServer)next.Server, "SELECT 1"));
    }

    [Fact]
    public async Task A_link_in_place_of_a_data_folder_is_refused_and_what_it_leads_to_is_left_alone()
    {
        var target = Directory.CreateDirectory(Path.Combine(_folder, "theirs"));
        var mode = target.UnixFileMode;
        Directory.CreateSymbolicLink(Path.Combine(_folder, "postgres"), target.FullName);
        var server = Postgres(isKept: false);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(server));
        server.Data.Delete();

        Assert.Contains($"is a link to '{target.FullName}'", failure.Message, StringComparison.Ordinal);
        target.Refresh();
        Assert.Equal((true, mode), (target.Exists, target.UnixFileMode));
        Assert.Empty(target.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task A_server_that_cannot_start_is_given_up_with_its_last_lines()
    {
        await using var taken = await ServerProcess.StartAsync(Redis(isKept: false));
        var second = new RedisServer("redis-2", Data("redis-2", isKept: false), taken.Server.Port, "fakeother0123456789");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(second));

        Assert.Contains($"port {taken.Server.Port}", failure.Message, StringComparison.Ordinal);
    }

    private PostgresServer Postgres(bool isKept) => new("postgres", Data("postgres", isKept), Ports.TakeFree(), Password);

    private RedisServer Redis(bool isKept) => new("redis", Data("redis", isKept), Ports.TakeFree(), Password);

    private DataFolder Data(string name, bool isKept) => new(Path.Combine(_folder, name), isKept);

    private async Task<bool> AnswersAsync(LocalServer server) => await server.AskAsync(_limit.Token) is null;

    private async Task<int> ScalarAsync(LocalServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString);
        await connection.OpenAsync(_limit.Token);
        await using var command = new NpgsqlCommand(sql, connection);
        return (int)(await command.ExecuteScalarAsync(_limit.Token))!;
    }

    private static async Task<ConnectionMultiplexer?> TryConnectAsync(string login)
    {
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(login);
        }
        catch (RedisConnectionException)
        {
            return null;
        }
    }

    // of a script that has the command it is no NOPERM
    private static async Task RefusedAsync(Func<Task> ask) => Assert.Matches(
        "NOPERM|can't|ACL failure", (await Assert.ThrowsAsync<RedisServerException>(ask)).Message);

    private async Task<int> PidAsync(LocalServer server, string file) => int.Parse(
        (await File.ReadAllLinesAsync(Path.Combine(server.Data.Path, file), _limit.Token))[0], CultureInfo.InvariantCulture);
}
