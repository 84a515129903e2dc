using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;

namespace ZohoPlatform.Grpc.Tests;

public sealed class LimitsTests
{
    private const int Limit = 4 * 1024 * 1024;

    [Fact]
    public async Task The_server_takes_four_mebibytes_and_not_more()
    {
        await using var host = await TestHost.StartAsync();

        await host.Client.UnaryCallAsync(new() { Payload = Handlers.Zeros(Limit - 100) }).ResponseAsync.Soon();
        var error = await host.Client.UnaryCallAsync(new() { Payload = Handlers.Zeros(Limit) }).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Fact]
    public async Task The_client_takes_four_mebibytes_and_not_more()
    {
        await using var host = await TestHost.StartAsync();

        await host.Client.UnaryCallAsync(new() { ResponseSize = Limit - 100 }).ResponseAsync.Soon();
        var error = await host.Client.UnaryCallAsync(new() { ResponseSize = Limit }).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Fact]
    public async Task Limits_can_be_lifted()
    {
        await using var host = await TestHost.StartAsync(grpc => grpc.MaxReceiveMessageSize = null);
        using var channel = GrpcChannel.ForAddress(host.Address, new() { MaxReceiveMessageSize = null });

        var response = await new TestService.TestServiceClient(channel)
            .UnaryCallAsync(new() { Payload = Handlers.Zeros(2 * Limit), ResponseSize = 2 * Limit }).ResponseAsync.Soon();

        Assert.Equal(2 * Limit, response.Payload.Body.Length);
    }

    [Fact]
    public async Task A_response_larger_than_the_server_sends_is_refused_there()
    {
        await using var host = await TestHost.StartAsync(grpc => grpc.MaxSendMessageSize = 1000);

        var error = await host.Client.UnaryCallAsync(new() { ResponseSize = 1000 }).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Equal("Sending message exceeds the maximum configured message size.", error.Status.Detail);
    }

    [Fact]
    public async Task A_request_larger_than_the_client_sends_is_refused_here()
    {
        await using var host = await TestHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.Address, new() { MaxSendMessageSize = 1000 });

        var client = new TestService.TestServiceClient(channel);
        var error = await client.UnaryCallAsync(new() { Payload = Handlers.Zeros(1000) }).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Fact]
    public async Task A_writer_waits_for_a_slow_reader()
    {
        await using var host = await TestHost.StartAsync();
        var written = 0;
        var full = new TaskCompletionSource();
        host.Handlers.Output = async (_, responses, _) =>
        {
            for (var i = 0; i < 200; i++)
            {
                var write = responses.WriteAsync(new() { Payload = Handlers.Zeros(100_000) });

                if (!write.IsCompleted)
                {
                    full.TrySetResult();
                }

                await write;
                Interlocked.Increment(ref written);
            }
        };

        using var call = host.Client.StreamingOutputCall(new());
        await full.Task.Soon();
        var before = await SettledAsync(() => Volatile.Read(ref written)).Soon();
        Assert.InRange(before, 0, 100);

        var read = 0;
        while (await call.ResponseStream.MoveNext().Soon())
        {
            read++;
        }

        Assert.Equal((200, 200), (read, written));
    }

    /// <summary>The value once it has stood still for a while.</summary>
    private static async Task<int> SettledAsync(Func<int> value)
    {
        for (var last = -1; ; last = value())
        {
            await Task.Delay(200);

            if (value() == last)
            {
                return last;
            }
        }
    }
}
