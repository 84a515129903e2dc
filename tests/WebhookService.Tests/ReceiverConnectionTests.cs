using System.Net;
using System.Net.Sockets;
using ZohoPlatform.Testing;
using ZohoPlatform.WebhookService.Receivers;

namespace ZohoPlatform.WebhookService.Tests;

/// <summary>A receiver whose name has several addresses, not all of which lead to it.</summary>
public sealed class ReceiverConnectionTests : IDisposable
{
    private static readonly IPAddress OtherLoopback = IPAddress.Parse("127.0.0.2");

    private readonly Socket _receiver = Listen(IPAddress.Loopback, 0, backlog: 16);

    private int Port => ((IPEndPoint)_receiver.LocalEndPoint!).Port;

    public void Dispose() => _receiver.Dispose();

    [Theory]
    [InlineData("::1")]
    [InlineData("127.0.0.2")]
    public async Task An_address_where_nobody_listens_hides_no_other(string refused) => await ConnectsAsync(IPAddress.Parse(refused));

    [Fact]
    public async Task An_address_that_does_not_answer_hides_no_other()
    {
        using var silent = Listen(OtherLoopback, Port, backlog: 0);
        var waiting = await FillAsync(OtherLoopback);
        try
        {
            await ConnectsAsync(OtherLoopback);
        }
        finally
        {
            waiting.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Where_no_address_takes_it_the_last_ones_error_is_told() => Assert.Equal(
        SocketError.ConnectionRefused,
        (await Assert.ThrowsAsync<SocketException>(
            () => WebhookSender.ConnectAsync([IPAddress.IPv6Loopback, OtherLoopback], Port, CancellationToken.None))).SocketErrorCode);

    [Fact]
    public void Of_many_addresses_four_are_tried_and_of_each_family_one_in_turn()
    {
        List<IPAddress> v6 = [.. Enumerable.Range(1, 5).Select(i => IPAddress.Parse($"2001:db8::{i}"))];
        List<IPAddress> v4 = [.. Enumerable.Range(1, 5).Select(i => IPAddress.Parse($"192.0.2.{i}"))];

        Assert.Equal([v6[0], v4[0], v6[1], v4[1]], WebhookSender.ByTurns([.. v6, .. v4]));
        Assert.Equal(v4.Take(4), WebhookSender.ByTurns(v4));
    }

    private async Task ConnectsAsync(IPAddress dead)
    {
        // the time that a request has for it
        using var limit = new CancellationTokenSource(WebhookSender.ConnectLimit);
        await using var connected = await WebhookSender.ConnectAsync([dead, IPAddress.Loopback], Port, limit.Token);

        using var taken = await _receiver.AcceptAsync().WaitAsync(Eventually.Limit);
        await connected.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, await taken.ReceiveAsync(new byte[8]));
    }

    // a listener that takes nobody, and has as many waiting as it may: to whoever comes next the system says nothing
    private async Task<List<Socket>> FillAsync(IPAddress address)
    {
        List<Socket> waiting = [];
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            waiting.Add(socket);
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                await socket.ConnectAsync(address, Port, limit.Token);
            }
            catch (OperationCanceledException)
            {
                return waiting;
            }
        }
    }

    private static Socket Listen(IPAddress address, int port, int backlog)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen(backlog);
        return socket;
    }
}
