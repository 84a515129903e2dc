using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;
using Microsoft.AspNetCore.Http;

namespace ZohoPlatform.Grpc.Tests;

public sealed class FramingTests
{
    private static readonly byte[] Request = new SimpleRequest { ResponseSize = 7 }.ToByteArray();
    private static readonly byte[] Response = new SimpleResponse { Payload = Handlers.Zeros(7) }.ToByteArray();

    [Fact]
    public async Task A_frame_that_arrives_byte_by_byte_is_one_message()
    {
        await using var host = await TestHost.StartAsync();

        using var raw = new RawCall(host, "UnaryCall");
        var answer = await raw.SendAsync([.. RawCall.Frame(Request).Select(b => new[] { b })]).Soon();

        Assert.Equal("0", answer.Status);
        Assert.Equal(RawCall.Frame(Response), answer.Body);
        Assert.False(answer.TrailersOnly);
    }

    [Fact]
    public async Task Frames_that_arrive_together_are_separate_messages()
    {
        await using var host = await TestHost.StartAsync();
        var part = RawCall.Frame(new StreamingInputCallRequest { Payload = Handlers.Zeros(5) }.ToByteArray());

        using var raw = new RawCall(host, "StreamingInputCall");
        var answer = await raw.SendAsync([.. part, .. part, .. part[..3]], part[3..]).Soon();

        Assert.Equal(RawCall.Frame(new StreamingInputCallResponse { AggregatedPayloadSize = 15 }.ToByteArray()), answer.Body);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public async Task A_request_that_ends_inside_its_frame_is_internal(int sent)
    {
        await using var host = await TestHost.StartAsync();

        using var raw = new RawCall(host, "UnaryCall");
        var answer = await raw.SendAsync(RawCall.Frame(Request)[..sent]).Soon();

        Assert.Equal("13", answer.Status);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public async Task A_stream_of_requests_that_ends_inside_a_frame_is_internal(int sent)
    {
        await using var host = await TestHost.StartAsync();
        var whole = RawCall.Frame(new StreamingInputCallRequest { Payload = Handlers.Zeros(5) }.ToByteArray());

        using var raw = new RawCall(host, "StreamingInputCall");
        var answer = await raw.SendAsync(whole, whole[..sent]).Soon();

        Assert.Equal("13", answer.Status);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public async Task A_stream_of_responses_that_ends_inside_a_frame_is_internal(int sent)
    {
        var whole = RawCall.Frame(Response);
        await using var host = await AnswerAsync([whole, whole[..sent]]);

        using var call = host.Client.StreamingOutputCall(new());

        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal(StatusCode.Internal, (await call.ResponseStream.MoveNext().FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task A_second_message_where_one_belongs_is_internal()
    {
        await using var host = await TestHost.StartAsync();

        using var raw = new RawCall(host, "UnaryCall");
        var answer = await raw.SendAsync(RawCall.Frame(Request), RawCall.Frame(Request)).Soon();

        Assert.Equal("13", answer.Status);
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xff }, 0, null, "13")]
    [InlineData(new byte[0], 2, null, "13")]
    [InlineData(new byte[] { 1 }, 1, null, "13")]
    [InlineData(new byte[0], 0, 0xffffffffu, "8")]
    [InlineData(new byte[0], 0, (4 * 1024 * 1024) + 1u, "8")]
    public async Task A_bad_frame_gets_its_status_without_the_handler(byte[] message, byte flag, uint? length, string expected)
    {
        await using var host = await TestHost.StartAsync();
        var called = false;
        host.Handlers.Unary = (_, _) => Task.FromResult(new SimpleResponse { Username = (called = true).ToString() });

        using var raw = new RawCall(host, "UnaryCall");
        var answer = await raw.SendAsync(RawCall.Frame(message, flag, length)).Soon();

        Assert.Equal(expected, answer.Status);
        Assert.False(called);
    }

    [Fact]
    public async Task The_client_reads_frames_however_they_are_cut()
    {
        var frame = RawCall.Frame(new StreamingOutputCallResponse { Payload = Handlers.Zeros(20_000) }.ToByteArray());
        await using var host = await AnswerAsync([.. frame[..4].Select(b => new[] { b }), [.. frame[4..], .. frame, .. RawCall.Frame([])]]);

        using var call = host.Client.StreamingOutputCall(new());

        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal(20_000, call.ResponseStream.Current.Payload.Body.Length);
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal(20_000, call.ResponseStream.Current.Payload.Body.Length);
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Null(call.ResponseStream.Current.Payload);
        Assert.False(await call.ResponseStream.MoveNext().Soon());
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xff }, 0, null, StatusCode.Internal)]
    [InlineData(new byte[0], 2, null, StatusCode.Internal)]
    [InlineData(new byte[] { 1 }, 1, null, StatusCode.Internal)]
    [InlineData(new byte[] { 1 }, 0, 2u, StatusCode.Internal)]
    [InlineData(new byte[0], 0, 0xffffffffu, StatusCode.ResourceExhausted)]
    public async Task A_bad_frame_from_the_server_is_told_to_the_caller(byte[] message, byte flag, uint? length, StatusCode expected)
    {
        await using var host = await AnswerAsync([RawCall.Frame(message, flag, length)]);

        Assert.Equal(expected, (await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task Two_responses_to_a_unary_call_are_internal()
    {
        await using var host = await AnswerAsync([RawCall.Frame([]), RawCall.Frame([])]);

        Assert.Equal(StatusCode.Internal, (await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task Ok_without_a_response_to_a_unary_call_is_internal()
    {
        await using var host = await AnswerAsync([]);

        Assert.Equal(StatusCode.Internal, (await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task The_servers_status_outweighs_a_frame_that_it_broke_off()
    {
        await using var host = await AnswerAsync([], status: "9");

        Assert.Equal(
            StatusCode.FailedPrecondition, (await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync()).StatusCode);
    }

    private static Task<TestHost> AnswerAsync(byte[][] pieces, string status = "0") => TestHost.StartRawAsync(async context =>
    {
        context.Response.ContentType = "application/grpc";

        foreach (var piece in pieces)
        {
            await context.Response.Body.WriteAsync(piece);
            await context.Response.Body.FlushAsync();
        }

        await context.Response.Body.FlushAsync();
        context.Response.AppendTrailer("grpc-status", status);
    });
}
