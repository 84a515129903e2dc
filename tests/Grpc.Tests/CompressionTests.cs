using System.IO.Compression;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;

namespace ZohoPlatform.Grpc.Tests;

public sealed class CompressionTests
{
    private const int Size = 100_000;

    [Fact]
    public async Task Responses_are_packed_for_a_caller_that_takes_it()
    {
        await using var host = await TestHost.StartAsync(grpc => grpc.ResponseCompressionAlgorithm = "gzip");

        using var raw = new RawCall(host, "UnaryCall");
        raw.Headers.Add("grpc-accept-encoding", "identity, deflate, gzip");
        var answer = await raw.SendAsync(RawCall.Frame(new SimpleRequest { ResponseSize = Size }.ToByteArray())).Soon();

        Assert.Equal("gzip", answer.Headers.GetValues("grpc-encoding").Single());
        Assert.Equal(1, answer.Body[0]);
        Assert.True(answer.Body.Length < Size / 10);
        Assert.Equal(Size, (await host.Client.UnaryCallAsync(new() { ResponseSize = Size }).ResponseAsync.Soon()).Payload.Body.Length);
    }

    [Fact]
    public async Task Responses_are_not_packed_for_a_caller_that_does_not_take_it()
    {
        await using var host = await TestHost.StartAsync(grpc => grpc.ResponseCompressionAlgorithm = "gzip");

        using var raw = new RawCall(host, "UnaryCall");
        var answer = await raw.SendAsync(RawCall.Frame(new SimpleRequest { ResponseSize = Size }.ToByteArray())).Soon();

        Assert.False(answer.Headers.Contains("grpc-encoding"));
        Assert.Equal(0, answer.Body[0]);
    }

    [Fact]
    public async Task A_single_response_can_be_left_unpacked()
    {
        await using var host = await TestHost.StartAsync(grpc => grpc.ResponseCompressionAlgorithm = "gzip");
        host.Handlers.Output = async (_, responses, _) =>
        {
            await responses.WriteAsync(new() { Payload = Handlers.Zeros(Size) });
            responses.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
            await responses.WriteAsync(new() { Payload = Handlers.Zeros(Size) });
        };

        using var raw = new RawCall(host, "StreamingOutputCall");
        raw.Headers.Add("grpc-accept-encoding", "gzip");
        var body = (await raw.SendAsync(RawCall.Frame([])).Soon()).Body;

        Assert.Equal(1, body[0]);
        Assert.InRange(body.Length, Size, Size + (Size / 10));
    }

    [Fact]
    public async Task One_call_can_ask_for_packed_responses()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = async (request, context) =>
        {
            await context.WriteResponseHeadersAsync(new() { { "grpc-internal-encoding-request", "gzip" } });
            return new() { Payload = Handlers.Zeros(request.ResponseSize) };
        };

        using var raw = new RawCall(host, "UnaryCall");
        raw.Headers.Add("grpc-accept-encoding", "gzip");
        var answer = await raw.SendAsync(RawCall.Frame(new SimpleRequest { ResponseSize = Size }.ToByteArray())).Soon();

        Assert.Equal(1, answer.Body[0]);
        Assert.False(answer.Headers.Contains("grpc-internal-encoding-request"));
    }

    [Fact]
    public async Task Requests_are_packed_where_the_caller_asks_for_it()
    {
        await using var host = await TestHost.StartAsync();
        var encodings = new List<string?>();
        host.Handlers.Unary = (request, context) =>
        {
            encodings.Add(context.GetHttpContext().Request.Headers.GrpcEncoding);
            return Task.FromResult(new SimpleResponse { Payload = request.Payload });
        };
        var gzip = new Metadata { { "grpc-internal-encoding-request", "gzip" } };

        var packed = await host.Client.UnaryCallAsync(new() { Payload = Handlers.Zeros(Size) }, gzip).ResponseAsync.Soon();
        var unpacked = new CallOptions(gzip, writeOptions: new WriteOptions(WriteFlags.NoCompress));
        var plain = await host.Client.UnaryCallAsync(new() { Payload = Handlers.Zeros(Size) }, unpacked).ResponseAsync.Soon();

        Assert.Equal((Size, Size), (packed.Payload.Body.Length, plain.Payload.Body.Length));
        Assert.Equal(["gzip", "gzip"], encodings);
    }

    [Fact]
    public async Task A_stream_of_requests_is_packed_message_by_message()
    {
        await using var host = await TestHost.StartAsync();

        using var call = host.Client.StreamingInputCall(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        await call.RequestStream.WriteAsync(new() { Payload = Handlers.Zeros(27182) }).Soon();
        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
        await call.RequestStream.WriteAsync(new() { Payload = Handlers.Zeros(45904) }).Soon();
        await call.RequestStream.CompleteAsync().Soon();

        Assert.Equal(73086, (await call.ResponseAsync.Soon()).AggregatedPayloadSize);
    }

    [Fact]
    public async Task An_encoding_that_the_server_does_not_know_is_unimplemented_and_told_what_it_knows()
    {
        await using var host = await TestHost.StartAsync();

        using var raw = new RawCall(host, "UnaryCall");
        raw.Headers.Add("grpc-encoding", "br");
        var answer = await raw.SendAsync(RawCall.Frame([])).Soon();

        Assert.Equal("12", answer.Status);
        Assert.Equal("identity,gzip", answer.Headers.GetValues("grpc-accept-encoding").Single());
    }

    [Fact]
    public async Task A_small_frame_that_unpacks_beyond_the_limit_is_refused()
    {
        await using var host = await TestHost.StartAsync();
        var packed = Gzip(new SimpleRequest { Payload = Handlers.Zeros(50_000_000) }.ToByteArray());

        using var raw = new RawCall(host, "UnaryCall");
        raw.Headers.Add("grpc-encoding", "gzip");
        var answer = await raw.SendAsync(RawCall.Frame(packed, flag: 1)).Soon();

        Assert.True(packed.Length < 100_000);
        Assert.Equal("8", answer.Status);
    }

    [Fact]
    public async Task What_is_not_gzip_is_internal()
    {
        await using var host = await TestHost.StartAsync();

        using var raw = new RawCall(host, "UnaryCall");
        raw.Headers.Add("grpc-encoding", "gzip");

        Assert.Equal("13", (await raw.SendAsync(RawCall.Frame([1, 2, 3], flag: 1)).Soon()).Status);
    }

    [Fact]
    public async Task A_message_without_bytes_is_not_packed()
    {
        await using var host = await TestHost.StartAsync(grpc => grpc.ResponseCompressionAlgorithm = "gzip");

        using var raw = new RawCall(host, "EmptyCall");
        raw.Headers.Add("grpc-accept-encoding", "gzip");

        Assert.Equal(RawCall.Frame([]), (await raw.SendAsync(RawCall.Frame([])).Soon()).Body);
    }

    [Fact]
    public async Task A_packed_message_without_bytes_is_an_empty_message()
    {
        await using var host = await TestHost.StartAsync();

        using var raw = new RawCall(host, "StreamingInputCall");
        raw.Headers.Add("grpc-encoding", "gzip");
        host.Handlers.Input = async (requests, _) => new() { AggregatedPayloadSize = await requests.ReadAllAsync().CountAsync() };
        var answer = await raw.SendAsync([.. RawCall.Frame([], flag: 1), .. RawCall.Frame([], flag: 1), .. RawCall.Frame([])]).Soon();

        Assert.Equal("0", answer.Status);
        Assert.Equal(RawCall.Frame(new StreamingInputCallResponse { AggregatedPayloadSize = 3 }.ToByteArray()), answer.Body);
    }

    [Fact]
    public async Task An_encoding_that_the_client_does_not_know_cannot_be_asked_for()
    {
        await using var host = await TestHost.StartAsync();

        Assert.Throws<InvalidOperationException>(
            () => host.Client.UnaryCallAsync(new(), new Metadata { { "grpc-internal-encoding-request", "br" } }));
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();

        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
