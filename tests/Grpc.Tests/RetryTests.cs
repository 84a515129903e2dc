using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Grpc.Testing;

namespace ZohoPlatform.Grpc.Tests;

public sealed class RetryTests
{
    /// <summary>UNAVAILABLE is tried again soon.</summary>
    internal static MethodConfig Policy(int attempts, MethodName? name = null) => new()
    {
        Names = { name ?? MethodName.Default },
        RetryPolicy = new RetryPolicy
        {
            MaxAttempts = attempts,
            InitialBackoff = TimeSpan.FromMilliseconds(50),
            MaxBackoff = TimeSpan.FromSeconds(1),
            BackoffMultiplier = 2,
            RetryableStatusCodes = { StatusCode.Unavailable },
        },
    };

    [Fact]
    public async Task A_method_that_may_be_repeated_is_until_it_succeeds()
    {
        await using var host = await TestHost.StartAsync();
        var attempts = new ConcurrentQueue<string?>();
        host.Handlers.Unary = (request, context) =>
        {
            attempts.Enqueue(context.RequestHeaders.GetValue("grpc-previous-rpc-attempts"));
            return attempts.Count < 3
                ? throw new RpcException(new Status(StatusCode.Unavailable, "busy"))
                : Task.FromResult(new SimpleResponse { Payload = request.Payload });
        };
        using var channel = Channel(host, Policy(4));

        var client = new TestService.TestServiceClient(channel);
        var response = await client.UnaryCallAsync(new() { Payload = Handlers.Zeros(5000) }).ResponseAsync.Soon();

        Assert.Equal(5000, response.Payload.Body.Length);
        Assert.Equal([null, "1", "2"], attempts);
    }

    [Fact]
    public async Task The_last_attempt_decides()
    {
        await using var host = await TestHost.StartAsync();
        var attempts = 0;
        host.Handlers.Unary = (_, _) =>
            throw new RpcException(new Status(StatusCode.Unavailable, $"attempt {++attempts}"), new Metadata { { "code", "x" } });
        using var channel = Channel(host, Policy(3));

        var error = await new TestService.TestServiceClient(channel).UnaryCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(new Status(StatusCode.Unavailable, "attempt 3"), error.Status);
        Assert.Equal("x", error.Trailers.GetValue("code"));
    }

    [Fact]
    public async Task A_stream_of_responses_is_repeated_only_before_its_first_response()
    {
        await using var host = await TestHost.StartAsync();
        var attempts = 0;
        host.Handlers.Output = async (_, responses, _) =>
        {
            if (++attempts == 2)
            {
                await responses.WriteAsync(new());
            }

            throw new RpcException(new Status(StatusCode.Unavailable, "busy"));
        };
        using var channel = Channel(host, Policy(5));

        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new());

        Assert.True(await call.ResponseStream.MoveNext().Soon());
        await call.ResponseStream.MoveNext().FailsAsync();
        Assert.Equal(2, attempts);
    }

    [Theory]
    [InlineData(StatusCode.Internal, "UnaryCall")]
    [InlineData(StatusCode.Unavailable, "EmptyCall")]
    public async Task What_was_not_named_is_not_repeated(StatusCode code, string method)
    {
        await using var host = await TestHost.StartAsync();
        var attempts = 0;
        host.Handlers.Unary = (_, _) =>
        {
            attempts++;
            throw new RpcException(new Status(code, ""));
        };
        using var channel = Channel(host, Policy(5, new MethodName { Service = "grpc.testing.TestService", Method = method }));

        await new TestService.TestServiceClient(channel).UnaryCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task A_stream_of_requests_is_not_repeated()
    {
        await using var host = await TestHost.StartAsync();
        var attempts = 0;
        host.Handlers.Input = (_, _) =>
        {
            attempts++;
            throw new RpcException(new Status(StatusCode.Unavailable, ""));
        };
        using var channel = Channel(host, Policy(5));

        using var call = new TestService.TestServiceClient(channel).StreamingInputCall();
        await call.ResponseAsync.FailsAsync();

        Assert.Equal(1, attempts);
    }

    [Theory]
    [InlineData("1", 3)]
    [InlineData("-1", 1)]
    public async Task The_server_says_when_to_come_back_and_whether(string pushback, int expected)
    {
        await using var host = await TestHost.StartAsync();
        var attempts = 0;
        host.Handlers.Unary = (_, _) =>
        {
            attempts++;
            throw new RpcException(new Status(StatusCode.Unavailable, ""), new Metadata { { "grpc-retry-pushback-ms", pushback } });
        };
        var slow = Policy(3);
        slow.RetryPolicy!.InitialBackoff = slow.RetryPolicy.MaxBackoff = TimeSpan.FromMinutes(1);
        using var channel = Channel(host, slow);

        await new TestService.TestServiceClient(channel).UnaryCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(expected, attempts);
    }

    [Fact]
    public async Task The_deadline_ends_the_wait_for_the_next_attempt()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = (_, _) => throw new RpcException(new Status(StatusCode.Unavailable, ""));
        var slow = Policy(3);
        slow.RetryPolicy!.InitialBackoff = slow.RetryPolicy.MaxBackoff = TimeSpan.FromMinutes(1);
        using var channel = Channel(host, slow);

        var error = await new TestService.TestServiceClient(channel)
            .UnaryCallAsync(new(), deadline: Clock.In(TimeSpan.FromMilliseconds(300))).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
    }

    [Fact]
    public async Task A_channel_on_which_too_much_fails_repeats_no_more()
    {
        await using var host = await TestHost.StartAsync();
        var attempts = 0;
        host.Handlers.Unary = (_, _) =>
        {
            attempts++;
            throw new RpcException(new Status(StatusCode.Unavailable, ""));
        };
        using var channel = Channel(host, Policy(5), new RetryThrottlingPolicy { MaxTokens = 4, TokenRatio = 0.1 });
        var client = new TestService.TestServiceClient(channel);

        await client.UnaryCallAsync(new()).ResponseAsync.FailsAsync();
        Assert.Equal(2, attempts);
        await client.UnaryCallAsync(new()).ResponseAsync.FailsAsync();
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_made_is_tried_again()
    {
        var host = await TestHost.StartAsync();
        await host.DisposeAsync();
        using var channel = Channel(host, Policy(5));

        var waiting = new TestService.TestServiceClient(channel).UnaryCallAsync(new());
        await using var again = await TestHost.StartAsync(port: host.Address.Port);

        await waiting.ResponseAsync.Soon();
    }

    [Fact]
    public void A_policy_that_makes_no_sense_is_refused_with_the_channel()
    {
        var policy = Policy(1);
        Assert.Throws<InvalidOperationException>(() => Options(policy));
        policy = Policy(2);
        policy.RetryPolicy!.RetryableStatusCodes.Clear();
        Assert.Throws<InvalidOperationException>(() => Options(policy));
        Assert.Throws<InvalidOperationException>(() => Options(Policy(2), new RetryThrottlingPolicy()));

        static void Options(MethodConfig policy, RetryThrottlingPolicy? throttling = null)
        {
            var config = new ServiceConfig { MethodConfigs = { policy }, RetryThrottling = throttling };
            GrpcChannel.ForAddress("http://localhost", new() { ServiceConfig = config }).Dispose();
        }
    }

    private static GrpcChannel Channel(TestHost host, MethodConfig policy, RetryThrottlingPolicy? throttling = null) =>
        GrpcChannel.ForAddress(host.Address, new() { ServiceConfig = new() { MethodConfigs = { policy }, RetryThrottling = throttling } });
}
