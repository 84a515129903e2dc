using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// Connects to databases of customers: to servers that the operator named, and never to the platform's own. One that refuses and one that
/// is silent are told alike and equally late, so that nobody learns from an answer what else runs in the platform's network.
/// </summary>
internal sealed class SourceServers(IOptions<SourceOptions> options, IConfiguration configuration, TimeProvider clock)
{
    /// <summary>
    /// Only what says where the database is and who asks: no files of this machine, no certificates, no pool of its own.
    /// </summary>
    public Result<NpgsqlConnectionStringBuilder> Check(string connectionString)
    {
        if (!options.Value.HasServers)
        {
            return SourceFailures.HostsNotSet;
        }

        NpgsqlConnectionStringBuilder given;
        try
        {
            given = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            return SourceFailures.Connection(
                "connection_string cannot be read: send Host=...;Port=5432;Database=...;Username=...;Password=..., with values in quotes "
                + "that hold a semicolon.");
        }

        if (string.IsNullOrEmpty(given.Host) || string.IsNullOrEmpty(given.Database)
            || string.IsNullOrEmpty(given.Username) || string.IsNullOrEmpty(given.Password))
        {
            return SourceFailures.Connection("connection_string must have Host, Database, Username and Password.");
        }

        if (!options.Value.Names(given.Host, given.Port))
        {
            return SourceFailures.HostNotAllowed(given.Host, given.Port);
        }

        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = given.Host,
            Port = given.Port,
            Database = given.Database,
            Username = given.Username,
            Password = given.Password,
            SslMode = given.SslMode,
            Pooling = false,
            Timeout = options.Value.ConnectSeconds,
            ApplicationName = "ZohoPlatform sync",
        };
        connection.PinForeignSession();
        return connection;
    }

    /// <param name="server">As <see cref="Check"/> gave it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>An open connection, the caller's to dispose of.</returns>
    public async Task<Result<NpgsqlConnection>> OpenAsync(NpgsqlConnectionStringBuilder server, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.Value.ConnectSeconds), clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var connection = new NpgsqlConnection(server.ConnectionString);
        Failure failure;
        try
        {
            if (!await IsOwnAsync(server.Host!, server.Port, end.Token))
            {
                await connection.OpenAsync(end.Token);
                return connection;
            }

            failure = SourceFailures.OwnServer;
        }
        catch (PostgresException e)
        {
            failure = TableFailures.Of(e);
        }
        catch (Exception e) when (
            e is NpgsqlException or SocketException or TimeoutException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            failure = SourceFailures.Unreachable;
        }

        await connection.DisposeAsync();
        if (failure == SourceFailures.Unreachable)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return failure;
    }

    private async Task<bool> IsOwnAsync(string host, int port, CancellationToken cancellationToken)
    {
        var own = new NpgsqlConnectionStringBuilder(configuration.GetConnectionString("campaigns"));
        var asked = await AddressesAsync(host, cancellationToken);
        foreach (var server in (own.Host ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            // Npgsql takes a port behind each host, too
            var (name, ownPort) = Uri.TryCreate($"tcp://{server}", UriKind.Absolute, out var both) && both.Port > 0
                ? (both.IdnHost, both.Port)
                : (server, own.Port);
            if (ownPort == port && asked.Overlaps(await AddressesAsync(name, cancellationToken)))
            {
                return true;
            }
        }

        return false;
    }

    // every name of this machine is one address
    private static async Task<HashSet<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        if (host.StartsWith('/'))
        {
            return [IPAddress.Loopback];
        }

        var own = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address)
            .Concat([IPAddress.Any, IPAddress.IPv6Any])
            .ToHashSet();
        var addresses = IPAddress.TryParse(host, out var given) ? [given] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        return [.. addresses
            .Select(address => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            .Select(address => IPAddress.IsLoopback(address) || own.Contains(address) ? IPAddress.Loopback : address)];
    }
}
