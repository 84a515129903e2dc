using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>Which servers are connected to, and what their silence tells.</summary>
public sealed class SourceServersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_refused_connection_and_a_silent_server_and_one_of_something_else_are_told_alike_and_equally_late()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        other.Start();
        closed.Start();
        var ports = new[] { silent, other, closed }.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        closed.Stop();
        var greeting = GreetAsync(other);

        var watch = Stopwatch.StartNew();
        var taken = await Task.WhenAll(ports.Select(async port =>
        {
            var failure = await OpenAsync($"127.0.0.1:{port}", "127.0.0.1", port, own: "Host=127.0.0.1;Port=1");
            Assert.Equal(SourceFailures.Unreachable, failure);
            return watch.Elapsed;
        }));

        // a timer may be early by its own step
        Assert.All(taken, time => Assert.InRange(time, Limit - TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(30)));
        await greeting;

        static async Task GreetAsync(TcpListener listener)
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        }
    }

    [Theory]
    [InlineData("127.0.0.1", "Host=127.0.0.1;Port=5432")]
    [InlineData("localhost", "Host=127.0.0.1;Port=5432")]
    [InlineData("LOCALHOST", "Host=::1;Port=5432")]
    [InlineData("0.0.0.0", "Host=localhost;Port=5432")]
    [InlineData("127.0.0.2", "Host=localhost;Port=5432")]
    [InlineData("127.0.0.1", "Host=127.0.0.1:6000,localhost;Port=5432")]
    [InlineData("127.0.0.1", "Host=127.0.0.1:5432;Port=6000")]
    [InlineData("127.0.0.1", "Host=/var/run/postgresql;Port=5432")]
    public async Task The_platforms_own_server_is_no_source_whatever_it_is_called(string host, string own) =>
        Assert.Equal(SourceFailures.OwnServer, await OpenAsync($"{host}:5432", host, 5432, own));

    [Fact]
    public async Task Every_address_of_this_machine_is_its_own_servers()
    {
        foreach (var address in NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address)
            .Where(address => address.AddressFamily is AddressFamily.InterNetwork))
        {
            Assert.Equal(SourceFailures.OwnServer, await OpenAsync($"{address}:5432", $"{address}", 5432, "Host=localhost;Port=5432"));
        }
    }

    [Theory]
    [InlineData("db.example.com:5432", "db.example.com", 5432, true)]
    [InlineData("a:1, DB.example.com:5433,", "db.Example.com", 5433, true)]
    [InlineData("[::1]:5432", "::1", 5432, true)]
    [InlineData("db.example.com:5432", "db.example.com", 6379, false)]
    [InlineData("db.example.com:5432", "example.com", 5432, false)]
    [InlineData("db.example.com:5432", "db.example.com:5432", 5432, false)]
    [InlineData("a:5432,b:5432", "a,b", 5432, false)]
    public void A_server_is_named_with_its_port(string hosts, string host, int port, bool isNamed)
    {
        var options = new SourceOptions { Hosts = hosts };

        Assert.True(options.AreServers);
        Assert.Equal(isNamed, options.Names(host, port));
    }

    [Theory]
    [InlineData("db.example.com")]
    [InlineData("db.example.com:0")]
    [InlineData("db.example.com:66000")]
    [InlineData("a:1, b")]
    [InlineData("db.example.com:5432/shop")]
    [InlineData("user@db.example.com:5432")]
    [InlineData("/var/run/postgresql")]
    public void A_server_without_a_port_stops_the_start(string hosts) => Assert.False(new SourceOptions { Hosts = hosts }.AreServers);

    private static async Task<Failure?> OpenAsync(string hosts, string host, int port, string own)
    {
        var servers = new SourceServers(
            Options.Create(new SourceOptions { Hosts = hosts, ConnectSeconds = (int)Limit.TotalSeconds }),
            new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:campaigns", own)]).Build(),
            TimeProvider.System);
        Assert.True(servers.Check($"Host={host};Port={port};Database=shop;Username=reader;Password=x").Succeeded(out var server, out _));
        return (await servers.OpenAsync(server, default)).Succeeded(out var connection, out var failure)
            ? throw new InvalidOperationException($"{connection.DataSource} is open.")
            : failure;
    }
}
