using Grpc.Core;
using Grpc.Testing;
using Grpc.Wire;

namespace ZohoPlatform.Grpc.Tests;

public sealed class MetadataTests
{
    [Fact]
    public async Task Text_and_bytes_travel_as_headers_and_come_back_as_headers_and_trailers()
    {
        await using var host = await TestHost.StartAsync();
        byte[] bytes = [0, 0xab, 0xab, 0xab, 0xff];
        host.Handlers.Unary = async (_, context) =>
        {
            await context.WriteResponseHeadersAsync(new() { context.RequestHeaders.Get("x-initial")! });
            context.ResponseTrailers.Add("x-trailing-bin", context.RequestHeaders.GetValueBytes("x-trailing-bin")!);
            return new();
        };

        using var call = host.Client.UnaryCallAsync(new(), new Metadata { { "X-Initial", "value" }, { "x-trailing-bin", bytes } });

        Assert.Equal("value", (await call.ResponseHeadersAsync.Soon()).GetValue("x-initial"));
        await call.ResponseAsync.Soon();
        Assert.Equal(bytes, call.GetTrailers().GetValueBytes("x-trailing-bin"));
    }

    [Fact]
    public async Task A_name_may_come_several_times_and_keeps_its_order()
    {
        await using var host = await TestHost.StartAsync();
        Metadata? received = null;
        host.Handlers.Unary = (_, context) =>
        {
            received = context.RequestHeaders;
            context.ResponseTrailers.Add("again-bin", [1]);
            context.ResponseTrailers.Add("again-bin", [2, 3]);
            return Task.FromResult(new SimpleResponse());
        };

        using var call = host.Client.UnaryCallAsync(new(), new Metadata { { "again-bin", [9] }, { "again-bin", [8, 7] } });
        await call.ResponseAsync.Soon();

        Assert.Equal([[9], [8, 7]], received!.GetAll("again-bin").Select(entry => entry.ValueBytes));
        Assert.Equal([[1], [2, 3]], call.GetTrailers().GetAll("again-bin").Select(entry => entry.ValueBytes));
    }

    [Fact]
    public async Task Headers_of_the_protocol_are_nobodys_metadata()
    {
        await using var host = await TestHost.StartAsync();
        Metadata? received = null;
        host.Handlers.Unary = (_, context) =>
        {
            received = context.RequestHeaders;
            context.ResponseTrailers.Add("grpc-status", "7");
            return Task.FromResult(new SimpleResponse());
        };

        using var call = host.Client.UnaryCallAsync(
            new(), new Metadata { { "content-type", "text/plain" }, { "grpc-timeout", "1n" } }, Clock.In(TimeSpan.FromMinutes(1)));
        await call.ResponseAsync.Soon();

        Assert.DoesNotContain(received!, entry => Headers.IsReserved(entry.Key));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.DoesNotContain(call.GetTrailers(), entry => entry.Key.StartsWith("grpc-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_header_whose_name_only_http_allows_is_passed_over()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = (_, context) => Task.FromResult(new SimpleResponse { Username = context.RequestHeaders.GetValue("x-seen") });

        using var raw = new RawCall(host, "UnaryCall");
        raw.Headers.Add("x!y", "1");
        raw.Headers.Add("x-seen", "2");

        Assert.Equal("0", (await raw.SendAsync(RawCall.Frame([])).Soon()).Status);
    }

    [Fact]
    public async Task A_binary_header_that_is_not_base64_fails_the_call_that_reads_it_on_either_side()
    {
        await using var server = await TestHost.StartAsync();
        server.Handlers.Unary = (_, context) => Task.FromResult(new SimpleResponse { Username = $"{context.RequestHeaders.Count}" });
        await using var raw = await TestHost.StartRawAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["x-bin"] = "a";
            context.Response.Headers["grpc-status"] = "5";
            return Task.CompletedTask;
        });

        using var request = new RawCall(server, "UnaryCall");
        request.Headers.Add("x-bin", "a");
        Assert.Equal("13", (await request.SendAsync(RawCall.Frame([])).Soon()).Status);

        using var call = raw.Client.UnaryCallAsync(new());
        var headers = call.ResponseHeadersAsync;
        Assert.Equal(StatusCode.Internal, (await call.ResponseAsync.FailsAsync()).StatusCode);
        await headers.FailsAsync();
    }

    [Theory]
    [InlineData("AAECAw==", new byte[] { 0, 1, 2, 3 })]
    [InlineData("AAECAw", new byte[] { 0, 1, 2, 3 })]
    [InlineData("", new byte[0])]
    public void Bytes_are_read_with_and_without_padding(string header, byte[] expected)
    {
        var metadata = new Metadata();

        metadata.AddReceived("x-bin", header);

        Assert.Equal(expected, metadata.GetValueBytes("x-bin"));
    }

    [Fact]
    public void One_header_may_carry_several_binary_values()
    {
        var metadata = new Metadata();

        metadata.AddReceived("x-bin", "AQ==, AgM");

        Assert.Equal([[1], [2, 3]], metadata.GetAll("x-bin").Select(entry => entry.ValueBytes));
    }

    [Fact]
    public void Bytes_that_are_not_base64_are_refused_by_name()
    {
        var error = Assert.Throws<RpcException>(() => new Metadata().AddReceived("x-bin", "a"));

        Assert.Contains("x-bin", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_say_what_they_carry()
    {
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("x-bin", "text"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("x", [1]));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("x y", "text"));
        Assert.Throws<InvalidOperationException>(() => new Metadata.Entry("x-bin", [1]).Value);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("x", "y"));
        Assert.Equal("mixed", new Metadata.Entry("MiXed", "text").Key);
    }

    [Fact]
    public async Task The_context_tells_who_calls_what_and_until_when()
    {
        await using var host = await TestHost.StartAsync();
        (string Method, string Host, string Peer, DateTime Deadline, bool Authenticated)? seen = null;
        host.Handlers.Unary = (_, context) =>
        {
            seen = (context.Method, context.Host, context.Peer, context.Deadline, context.AuthContext.IsPeerAuthenticated);
            return Task.FromResult(new SimpleResponse());
        };

        var deadline = Clock.In(TimeSpan.FromSeconds(30));
        await host.Client.UnaryCallAsync(new(), deadline: deadline).ResponseAsync.Soon();

        Assert.Equal("/grpc.testing.TestService/UnaryCall", seen!.Value.Method);
        Assert.Equal(host.Address.Authority, seen.Value.Host);
        Assert.StartsWith("ipv4:127.0.0.1:", seen.Value.Peer, StringComparison.Ordinal);
        Assert.Equal(deadline, seen.Value.Deadline, TimeSpan.FromSeconds(5));
        Assert.False(seen.Value.Authenticated);
    }
}
