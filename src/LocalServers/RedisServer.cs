using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace ZohoPlatform.LocalServers;

/// <summary>Redis, from the <c>redis-server</c> in PATH. Kept data are written on its own schedule and when it stops.</summary>
/// <param name="name">The server's name.</param>
/// <param name="data">Where its data are.</param>
/// <param name="port">Where it listens, on loopback.</param>
/// <param name="password">Of the user that may do everything.</param>
/// <param name="users">Those that may not.</param>
public sealed class RedisServer(string name, DataFolder data, int port, string password, params IReadOnlyList<RedisUser> users)
    : LocalServer(name, data, port, password)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string PidFile = "redis.pid";

    public override string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port},password={Password}");

    /// <summary>The connection string of one of its users.</summary>
    public string LoginOf(RedisUser user) =>
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port},user={user.Name},password={user.Password}");

    public override async Task<ServerCommand> PrepareAsync(CancellationToken cancellationToken)
    {
        var binary = ShellCommand.Find("redis-server")
            ?? throw new InvalidOperationException("Redis is not installed (no redis-server in PATH). Run: sudo apt-get install redis-server");
        var folder = await Data.PrepareAsync(user: null, cancellationToken);
        await DataFolder.WaitForFormerAsync(folder, PidFile, cancellationToken);

        var settings = Path.Combine(folder, "redis.conf");
        // in a file of its owner alone: arguments can be read by every user of the machine
        await using var file = new FileStream(
            settings, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        await file.WriteAsync(
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"""
                bind 127.0.0.1
                port {Port}
                requirepass "{Password}"
                dir "{folder}"
                pidfile "{Path.Combine(folder, PidFile)}"
                save {(Data.IsKept ? "3600 1 300 100 60 10000" : "\"\"")}
                appendonly no
                daemonize no
                {string.Join('\n', users.Select(user => user.Rule))}

                """)),
            cancellationToken);
        return new ServerCommand("TERM", User: null, [binary, settings]);
    }

    public override async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        var options = ConfigurationOptions.Parse(ConnectionString);
        options.ConnectTimeout = 5000;
        options.ConnectRetry = 1;
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken);
            await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
            return null;
        }
        catch (RedisConnectionException e) when (e.FailureType is ConnectionFailureType.AuthenticationFailure)
        {
            throw new InvalidOperationException($"'{Name}' refuses its password: something else listens on port {Port}.", e);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return $"no answer from Redis: {e.Message}";
        }
    }
}
