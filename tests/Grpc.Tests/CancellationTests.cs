using Grpc.Core;
using Microsoft.AspNetCore.Hosting;

namespace ZohoPlatform.Grpc.Tests;

public sealed class CancellationTests
{
    [Fact]
    public async Task A_caller_that_gives_up_is_told_at_once_and_the_handler_hears_of_it()
    {
        await using var host = await TestHost.StartAsync();
        var (begun, canceled) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Handlers.Unary = async (_, context) =>
        {
            context.CancellationToken.Register(canceled.SetResult);
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new();
        };

        using var source = new CancellationTokenSource();
        using var call = host.Client.UnaryCallAsync(new(), cancellationToken: source.Token);
        await begun.Task.Soon();
        await source.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await call.ResponseAsync.FailsAsync()).StatusCode);
        await canceled.Task.Soon();
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        await call.ResponseHeadersAsync.FailsAsync();
    }

    [Fact]
    public async Task Disposing_a_call_resets_its_stream()
    {
        await using var host = await TestHost.StartAsync();
        var canceled = new TaskCompletionSource();
        host.Handlers.Duplex = async (_, responses, context) =>
        {
            context.CancellationToken.Register(canceled.SetResult);
            await responses.WriteAsync(new());
            await canceled.Task;
        };

        var call = host.Client.FullDuplexCall();
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        call.Dispose();

        await canceled.Task.Soon();
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Cancelling_while_nobody_reads_resets_the_stream()
    {
        await using var host = await TestHost.StartAsync();
        var canceled = new TaskCompletionSource();
        host.Handlers.Output = async (_, responses, context) =>
        {
            context.CancellationToken.Register(canceled.SetResult);
            await responses.WriteAsync(new());
            await canceled.Task;
        };

        using var source = new CancellationTokenSource();
        using var call = host.Client.StreamingOutputCall(new(), cancellationToken: source.Token);
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        await source.CancelAsync();

        await canceled.Task.Soon();
        Assert.Equal(StatusCode.Cancelled, (await call.ResponseStream.MoveNext().FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task Cancelling_one_read_cancels_the_call()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Output = (_, _, context) => Task.Delay(Timeout.Infinite, context.CancellationToken);

        using var source = new CancellationTokenSource();
        using var call = host.Client.StreamingOutputCall(new());
        var read = call.ResponseStream.MoveNext(source.Token);
        await source.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await read.FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task A_handler_that_waits_for_requests_hears_when_the_caller_is_gone()
    {
        await using var host = await TestHost.StartAsync();
        var (begun, seen) = (new TaskCompletionSource(), new TaskCompletionSource<Exception>());
        host.Handlers.Input = async (requests, _) =>
        {
            Assert.True(await requests.MoveNext());
            begun.SetResult();

            try
            {
                await requests.MoveNext();
            }
            catch (Exception e)
            {
                seen.SetResult(e);
                throw;
            }

            return new();
        };

        var call = host.Client.StreamingInputCall();
        await call.RequestStream.WriteAsync(new()).Soon();
        await begun.Task.Soon();
        call.Dispose();

        Assert.IsAssignableFrom<OperationCanceledException>(await seen.Task.Soon());
    }

    [Fact]
    public async Task A_handler_that_writes_to_nobody_is_stopped()
    {
        await using var host = await TestHost.StartAsync();
        var seen = new TaskCompletionSource<Exception>();
        host.Handlers.Output = async (_, responses, _) =>
        {
            try
            {
                while (true)
                {
                    await responses.WriteAsync(new() { Payload = Handlers.Zeros(10_000) });
                }
            }
            catch (Exception e)
            {
                seen.SetResult(e);
                throw;
            }
        };

        var call = host.Client.StreamingOutputCall(new());
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        call.Dispose();

        Assert.IsAssignableFrom<OperationCanceledException>(await seen.Task.Soon());
    }

    [Fact]
    public async Task Calls_that_run_when_their_channel_ends_are_cancelled()
    {
        await using var host = await TestHost.StartAsync();
        var begun = new TaskCompletionSource();
        host.Handlers.Unary = async (_, context) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new();
        };

        using var call = host.Client.UnaryCallAsync(new());
        await begun.Task.Soon();
        host.Channel.Dispose();

        Assert.Equal(StatusCode.Cancelled, (await call.ResponseAsync.FailsAsync()).StatusCode);
        Assert.Throws<ObjectDisposedException>(() => host.Client.UnaryCallAsync(new()));
    }

    [Fact]
    public async Task Calls_cancelled_at_any_moment_end_at_once_with_the_right_status_and_leave_nothing_behind()
    {
        // Kestrel refuses streams, and then the connection, once twice this many were reset and have not finished yet
        await using var host = await TestHost.StartAsync(
            build: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.Http2.MaxStreamsPerConnection = 1000));
        var running = 0;
        var idle = new TaskCompletionSource();
        host.Handlers.Duplex = async (requests, responses, _) =>
        {
            Interlocked.Increment(ref running);

            try
            {
                while (await requests.MoveNext())
                {
                    await responses.WriteAsync(new());
                }
            }
            finally
            {
                if (Interlocked.Decrement(ref running) == 0)
                {
                    idle.TrySetResult();
                }
            }
        };
        var random = new Random(11);

        for (var round = 0; round < 20; round++)
        {
            var moments = Enumerable.Range(0, 50).Select(_ => random.Next(0, 4000)).ToArray();
            var statuses = await Task.WhenAll(moments.Select(PingUntilAsync)).Soon();
            Assert.All(statuses, status => Assert.True(status.StatusCode is StatusCode.Cancelled, $"{status}"));
        }

        idle = new TaskCompletionSource();
        if (Interlocked.Add(ref running, 0) > 0)
        {
            await idle.Task.Soon();
        }

        await host.Client.UnaryCallAsync(new()).ResponseAsync.Soon();

        async Task<Status> PingUntilAsync(int microseconds)
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMicroseconds(microseconds));
            using var call = host.Client.FullDuplexCall(cancellationToken: source.Token);

            try
            {
                while (true)
                {
                    await call.RequestStream.WriteAsync(new());
                    await call.ResponseStream.MoveNext();
                }
            }
            catch (RpcException e)
            {
                return e.Status;
            }
        }
    }
}
