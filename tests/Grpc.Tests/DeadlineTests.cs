using Grpc.Core;
using Grpc.Testing;
using Grpc.Wire;

namespace ZohoPlatform.Grpc.Tests;

public sealed class DeadlineTests
{
    [Fact]
    public async Task A_call_past_its_deadline_is_not_sent()
    {
        await using var host = await TestHost.StartAsync();
        var called = false;
        host.Handlers.Unary = (_, _) => Task.FromResult(new SimpleResponse { Username = (called = true).ToString() });

        var error = await host.Client.UnaryCallAsync(new(), deadline: Clock.In(TimeSpan.Zero)).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.False(called);
    }

    [Fact]
    public async Task The_deadline_ends_the_call_for_a_caller_whose_server_sleeps()
    {
        await using var host = await TestHost.StartAsync();
        var release = new TaskCompletionSource();
        host.Handlers.Unary = async (_, _) =>
        {
            await release.Task;
            return new();
        };

        using var call = host.Client.UnaryCallAsync(new(), deadline: Clock.In(TimeSpan.FromMilliseconds(100)));
        var error = await call.ResponseAsync.FailsAsync();
        release.SetResult();

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task The_deadline_ends_a_stream_that_nobody_reads()
    {
        await using var host = await TestHost.StartAsync();
        var canceled = new TaskCompletionSource();
        host.Handlers.Duplex = async (_, responses, context) =>
        {
            await responses.WriteAsync(new());
            context.CancellationToken.Register(canceled.SetResult);
            await canceled.Task;
        };

        using var call = host.Client.FullDuplexCall(deadline: Clock.In(TimeSpan.FromSeconds(2)));
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        await canceled.Task.Soon();

        Assert.Equal(StatusCode.DeadlineExceeded, (await call.ResponseStream.MoveNext().FailsAsync()).StatusCode);
        Assert.Equal(StatusCode.DeadlineExceeded, (await call.RequestStream.WriteAsync(new()).FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task The_server_answers_at_the_deadline_while_its_handler_still_runs()
    {
        await using var host = await TestHost.StartAsync();
        var canceled = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        host.Handlers.Unary = async (_, context) =>
        {
            context.CancellationToken.Register(canceled.SetResult);
            await release.Task;
            return new();
        };

        using var raw = new RawCall(host, "UnaryCall");
        raw.Headers.Add("grpc-timeout", "100m");
        var answer = await raw.SendAsync(RawCall.Frame([])).Soon();
        await canceled.Task.Soon();

        Assert.Equal("4", answer.Status);
        Assert.False(release.Task.IsCompleted);
        release.SetResult();
    }

    [Fact]
    public async Task A_handler_that_gives_up_at_the_deadline_says_so_in_the_status()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Output = async (_, responses, context) =>
        {
            await responses.WriteAsync(new());
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        };

        using var raw = new RawCall(host, "StreamingOutputCall");
        raw.Headers.Add("grpc-timeout", "2000000u");
        var answer = await raw.SendAsync(RawCall.Frame([])).Soon();

        Assert.Equal("4", answer.Status);
        Assert.Equal(RawCall.Frame([]), answer.Body);
    }

    [Theory]
    [InlineData("1n", 1)]
    [InlineData("1000u", 10_000)]
    [InlineData("82m", 820_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("99999999H", 99_999_999L * 36_000_000_000)]
    public void Every_unit_of_a_timeout_is_understood(string header, long ticks)
    {
        Assert.True(Timeouts.TryDecode(header, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("-1S")]
    [InlineData("1.5S")]
    [InlineData("5d")]
    [InlineData("123456789S")]
    public void What_is_not_a_timeout_is_none(string header) => Assert.False(Timeouts.TryDecode(header, out _));

    [Theory]
    [InlineData(-1, "1u")]
    [InlineData(1, "1u")]
    [InlineData(10_000_000, "1000000u")]
    [InlineData(1_000_000_001, "100001m")]
    [InlineData(10_000_000_000_001, "1000001S")]
    [InlineData(long.MaxValue, "99999999H")]
    public void A_timeout_is_sent_in_the_finest_unit_that_holds_it(long ticks, string header) =>
        Assert.Equal(header, Timeouts.Encode(new TimeSpan(ticks)));

    [Fact]
    public async Task A_timeout_that_makes_no_sense_is_no_deadline()
    {
        await using var host = await TestHost.StartAsync();

        using var raw = new RawCall(host, "UnaryCall");
        raw.Headers.Add("grpc-timeout", "soon");

        Assert.Equal("0", (await raw.SendAsync(RawCall.Frame([])).Soon()).Status);
    }

    [Fact]
    public async Task A_local_time_is_no_deadline()
    {
        await using var host = await TestHost.StartAsync();

        Assert.Throws<InvalidOperationException>(() =>
            host.Client.UnaryCallAsync(new(), deadline: DateTime.SpecifyKind(Clock.In(TimeSpan.FromMinutes(1)), DateTimeKind.Local)));
    }
}
