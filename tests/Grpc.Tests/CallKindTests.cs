using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;

namespace ZohoPlatform.Grpc.Tests;

public sealed class CallKindTests
{
    [Fact]
    public async Task A_unary_call_brings_its_response()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = (request, _) => Task.FromResult(new SimpleResponse { Payload = request.Payload, Username = "someone" });

        var response = await host.Client.UnaryCallAsync(new() { Payload = Handlers.Zeros(100) }).ResponseAsync.Soon();

        Assert.Equal(100, response.Payload.Body.Length);
        Assert.Equal("someone", response.Username);
    }

    [Fact]
    public async Task A_blocking_call_brings_its_response()
    {
        await using var host = await TestHost.StartAsync();

        var response = await Task.Run(() => host.Client.UnaryCall(new() { ResponseSize = 3 })).Soon();

        Assert.Equal(3, response.Payload.Body.Length);
    }

    [Fact]
    public async Task An_empty_message_is_a_message()
    {
        await using var host = await TestHost.StartAsync();

        Assert.Equal(new Empty(), await host.Client.EmptyCallAsync(new()).ResponseAsync.Soon());
    }

    [Fact]
    public async Task A_large_message_arrives_whole_both_ways()
    {
        await using var host = await TestHost.StartAsync();
        var body = new byte[3_000_000];
        new Random(7).NextBytes(body);
        host.Handlers.Unary = (request, _) => Task.FromResult(new SimpleResponse { Payload = request.Payload });

        var payload = new Payload { Body = ByteString.CopyFrom(body) };
        var response = await host.Client.UnaryCallAsync(new() { Payload = payload }).ResponseAsync.Soon();

        Assert.True(response.Payload.Body.Span.SequenceEqual(body));
    }

    [Fact]
    public async Task A_server_stream_brings_every_response_in_order()
    {
        await using var host = await TestHost.StartAsync();
        int[] sizes = [31415, 9, 2653, 58979, 0];

        using var call = host.Client.StreamingOutputCall(
            new() { ResponseParameters = { sizes.Select(size => new ResponseParameters { Size = size }) } });
        var received = await ReadAllAsync(call.ResponseStream).Soon();

        Assert.Equal(sizes, received.Select(response => response.Payload.Body.Length));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_client_stream_delivers_every_request_in_order()
    {
        await using var host = await TestHost.StartAsync();

        using var call = host.Client.StreamingInputCall();
        foreach (var size in new[] { 27182, 8, 1828, 45904 })
        {
            await call.RequestStream.WriteAsync(new() { Payload = Handlers.Zeros(size) }).Soon();
        }

        await call.RequestStream.CompleteAsync().Soon();

        Assert.Equal(74922, (await call.ResponseAsync.Soon()).AggregatedPayloadSize);
    }

    [Fact]
    public async Task A_duplex_call_answers_each_request_before_the_next_is_sent()
    {
        await using var host = await TestHost.StartAsync();

        using var call = host.Client.FullDuplexCall();
        foreach (var size in new[] { 31415, 9, 2653, 58979 })
        {
            await call.RequestStream.WriteAsync(new() { ResponseParameters = { new ResponseParameters { Size = size } } }).Soon();
            Assert.True(await call.ResponseStream.MoveNext().Soon());
            Assert.Equal(size, call.ResponseStream.Current.Payload.Body.Length);
        }

        await call.RequestStream.CompleteAsync().Soon();

        Assert.False(await call.ResponseStream.MoveNext().Soon());
    }

    [Fact]
    public async Task A_duplex_call_without_messages_ends_well()
    {
        await using var host = await TestHost.StartAsync();

        using var call = host.Client.FullDuplexCall();
        await call.RequestStream.CompleteAsync().Soon();

        Assert.False(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_server_that_ends_a_duplex_call_early_ends_it_for_the_writer_too()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Duplex = (_, _, _) => throw new RpcException(new Status(StatusCode.Aborted, "enough"));

        using var call = host.Client.FullDuplexCall();
        var error = await call.ResponseStream.MoveNext().FailsAsync();
        var late = await call.RequestStream.WriteAsync(new()).FailsAsync();

        Assert.Equal(StatusCode.Aborted, error.StatusCode);
        Assert.Equal(StatusCode.Aborted, late.StatusCode);
    }

    [Fact]
    public async Task A_second_read_or_write_at_the_same_time_is_refused()
    {
        await using var host = await TestHost.StartAsync();

        using var call = host.Client.FullDuplexCall();
        var first = call.ResponseStream.MoveNext();

        await Assert.ThrowsAsync<InvalidOperationException>(() => call.ResponseStream.MoveNext().Soon());
        await call.RequestStream.CompleteAsync().Soon();
        Assert.False(await first.Soon());
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new()).Soon());
    }

    [Fact]
    public async Task A_thousand_calls_at_once_share_the_connection()
    {
        await using var host = await TestHost.StartAsync();

        var calls = Enumerable.Range(0, 1000).Select(i => host.Client.UnaryCallAsync(new() { ResponseSize = i }).ResponseAsync);
        var responses = await Task.WhenAll(calls).Soon();

        Assert.Equal(Enumerable.Range(0, 1000), responses.Select(response => response.Payload.Body.Length));
    }

    private static async Task<List<StreamingOutputCallResponse>> ReadAllAsync(IAsyncStreamReader<StreamingOutputCallResponse> stream)
    {
        var all = new List<StreamingOutputCallResponse>();

        await foreach (var response in stream.ReadAllAsync())
        {
            all.Add(response);
        }

        return all;
    }
}
