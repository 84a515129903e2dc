using System.Net;
using Grpc.Core;
using Grpc.Testing;
using Grpc.Wire;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ZohoPlatform.Grpc.Tests;

public sealed class StatusTests
{
    [Fact]
    public async Task A_status_that_a_handler_throws_arrives_with_its_message_and_trailers()
    {
        await using var host = await TestHost.StartAsync();
        const string Special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈, 100%\t\n";
        host.Handlers.Unary = (_, context) =>
        {
            context.ResponseTrailers.Add("before", "1");
            throw new RpcException(new Status(StatusCode.FailedPrecondition, Special), new Metadata { { "error-code", "grant_revoked" } });
        };

        using var call = host.Client.UnaryCallAsync(new());
        var error = await call.ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.Equal(Special, error.Status.Detail);
        Assert.Equal("grant_revoked", error.Trailers.GetValue("error-code"));
        Assert.Equal("1", call.GetTrailers().GetValue("before"));
        Assert.Equal(error.Status.Detail, call.GetStatus().Detail);
    }

    [Fact]
    public async Task A_status_that_a_handler_sets_is_sent_without_its_response()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = (_, context) =>
        {
            context.Status = new Status(StatusCode.NotFound, "gone");
            return Task.FromResult(new SimpleResponse { Username = "unseen" });
        };

        using var raw = new RawCall(host, "UnaryCall");
        var answer = await raw.SendAsync(RawCall.Frame([])).Soon();

        Assert.Equal(("5", "gone"), (answer.Status, answer.Message));
        Assert.True(answer.TrailersOnly);
        Assert.Empty(answer.Body);
    }

    [Fact]
    public async Task An_error_after_responses_comes_in_the_trailers()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Output = async (_, responses, _) =>
        {
            await responses.WriteAsync(new());
            throw new RpcException(new Status(StatusCode.DataLoss, "half"));
        };

        using var call = host.Client.StreamingOutputCall(new());
        Assert.True(await call.ResponseStream.MoveNext().Soon());

        var error = await call.ResponseStream.MoveNext().FailsAsync();
        Assert.Equal(new Status(StatusCode.DataLoss, "half"), error.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exception_is_unknown_and_tells_its_text_only_where_that_is_allowed(bool detailed)
    {
        await using var host = await TestHost.StartAsync(grpc => grpc.EnableDetailedErrors = detailed);
        host.Handlers.Unary = (_, _) => throw new FormatException("inner secret");

        var error = await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.Equal(detailed, error.Status.Detail.Contains("inner secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_trailer_that_no_header_can_carry_is_the_handlers_failure()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = (_, context) =>
        {
            context.ResponseTrailers.Add("x", "line\nbreak");
            return Task.FromResult(new SimpleResponse());
        };

        Assert.Equal(StatusCode.Unknown, (await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task A_method_that_nobody_wrote_is_unimplemented()
    {
        await using var host = await TestHost.StartAsync();

        var error = await host.Client.UnimplementedCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Fact]
    public async Task A_method_that_the_service_does_not_have_is_unimplemented()
    {
        await using var host = await TestHost.StartAsync();

        using var raw = new RawCall(host, "NoSuchCall");
        var answer = await raw.SendAsync(RawCall.Frame([])).Soon();

        Assert.Equal(("12", "Method is unimplemented.", HttpStatusCode.OK), (answer.Status, answer.Message, answer.Http));
    }

    [Fact]
    public async Task A_service_that_nobody_mapped_is_unimplemented()
    {
        await using var host = await TestHost.StartAsync();

        var client = new UnimplementedService.UnimplementedServiceClient(host.Channel);
        var error = await client.UnimplementedCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(new Status(StatusCode.Unimplemented, "Service is unimplemented."), error.Status);
    }

    [Fact]
    public async Task A_request_that_is_not_grpc_passes_by_the_unimplemented_answers()
    {
        await using var host = await TestHost.StartAsync();

        using var raw = new RawCall(new Uri(host.Address, "/some/thing")) { ContentType = "application/json" };

        Assert.Equal(HttpStatusCode.NotFound, (await raw.SendAsync([1]).Soon()).Http);
    }

    [Theory]
    [InlineData("application/json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpcx", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc-web", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc+proto", HttpStatusCode.OK)]
    [InlineData("application/grpc; charset=utf-8", HttpStatusCode.OK)]
    public async Task Only_grpc_content_reaches_a_method(string contentType, HttpStatusCode expected)
    {
        await using var host = await TestHost.StartAsync();

        using var raw = new RawCall(host, "UnaryCall") { ContentType = contentType };

        Assert.Equal(expected, (await raw.SendAsync(RawCall.Frame([])).Soon()).Http);
    }

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    [InlineData(200, StatusCode.Unknown)]
    public async Task An_answer_without_a_grpc_status_means_what_http_says(int http, StatusCode expected)
    {
        await using var host = await TestHost.StartRawAsync(context =>
        {
            context.Response.StatusCode = http;
            return context.Response.WriteAsync("not gRPC");
        });

        Assert.Equal(expected, (await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task A_grpc_status_outweighs_the_http_status()
    {
        await using var host = await TestHost.StartRawAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers["grpc-status"] = "10";
            context.Response.Headers["grpc-message"] = "say%20it%21 %zz";
            return Task.CompletedTask;
        });

        var error = await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(new Status(StatusCode.Aborted, "say it! %zz"), error.Status);
    }

    [Fact]
    public async Task An_answer_that_ends_without_a_status_is_unknown()
    {
        await using var host = await TestHost.StartRawAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            return context.Response.Body.WriteAsync(RawCall.Frame([])).AsTask();
        });

        Assert.Equal(StatusCode.Unknown, (await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync()).StatusCode);
    }

    [Theory]
    [InlineData(0x0, StatusCode.Unavailable)]
    [InlineData(0x1, StatusCode.Internal)]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x7, StatusCode.Unavailable)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0xc, StatusCode.PermissionDenied)]
    public async Task A_reset_stream_means_what_its_code_says(int error, StatusCode expected)
    {
        await using var host = await TestHost.StartRawAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.FlushAsync();
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(error);
        });

        Assert.Equal(expected, (await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_made_is_unavailable()
    {
        var host = await TestHost.StartAsync();
        await host.DisposeAsync();
        using var channel = global::Grpc.Net.Client.GrpcChannel.ForAddress(host.Address);

        var error = await new TestService.TestServiceClient(channel).UnaryCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.NotNull(error.Status.DebugException);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_unavailable_and_the_next_call_makes_another()
    {
        await using var host = await TestHost.StartAsync();
        var begun = new TaskCompletionSource<HttpContext>();
        var usual = host.Handlers.Unary;
        host.Handlers.Unary = async (_, context) =>
        {
            begun.SetResult(context.GetHttpContext());
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new();
        };

        using var call = host.Client.UnaryCallAsync(new());
        var connection = (await begun.Task.Soon()).Features.GetRequiredFeature<IConnectionLifetimeFeature>();
        connection.Abort();

        Assert.Equal(StatusCode.Unavailable, (await call.ResponseAsync.FailsAsync()).StatusCode);
        host.Handlers.Unary = usual;
        Assert.Equal(4, (await host.Client.UnaryCallAsync(new() { ResponseSize = 4 }).ResponseAsync.Soon()).Payload.Body.Length);
    }

    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("100 %", "100 %25")]
    [InlineData("ä", "%C3%A4")]
    [InlineData("\r\n", "%0D%0A")]
    public void A_status_message_travels_percent_encoded(string message, string encoded)
    {
        Assert.Equal(encoded, Headers.EncodeMessage(message));
        Assert.Equal(message, Headers.DecodeMessage(encoded));
    }
}
