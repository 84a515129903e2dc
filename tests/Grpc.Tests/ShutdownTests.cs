using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;

namespace ZohoPlatform.Grpc.Tests;

public sealed class ShutdownTests
{
    private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_running_call_ends_well_and_new_ones_are_refused()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = async (_, _) =>
        {
            _running.SetResult();
            await _release.Task;
            return new() { Username = "done" };
        };
        var call = host.Client.UnaryCallAsync(new());
        await _running.Task.Soon();

        var stopped = host.StopAsync(Waiting.Limit);
        await RefusedAsync(host);
        Assert.False(stopped.IsCompleted);
        _release.SetResult();

        Assert.Equal("done", (await call.ResponseAsync.Soon()).Username);
        await stopped.Soon();
    }

    [Fact]
    public async Task A_running_stream_goes_on_to_its_end()
    {
        await using var host = await TestHost.StartAsync();
        using var call = host.Client.FullDuplexCall();
        await EchoAsync(call);

        var stopped = host.StopAsync(Waiting.Limit);
        await RefusedAsync(host);
        await EchoAsync(call);
        Assert.False(stopped.IsCompleted);
        await call.RequestStream.CompleteAsync().Soon();

        Assert.False(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        await stopped.Soon();
    }

    [Fact]
    public async Task A_call_that_outlasts_the_limit_is_cut_off_and_told_so_on_both_sides()
    {
        await using var host = await TestHost.StartAsync();
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Handlers.Unary = async (_, context) =>
        {
            using var registration = context.CancellationToken.Register(canceled.SetResult);
            _running.SetResult();
            await canceled.Task;
            context.CancellationToken.ThrowIfCancellationRequested();
            return new();
        };
        var call = host.Client.UnaryCallAsync(new());
        await _running.Task.Soon();

        await host.StopAsync(TimeSpan.FromMilliseconds(100)).Soon();

        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.Soon());
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        await canceled.Task.Soon();
    }

    /// <summary>A caller with a connection of its own finds nobody once the server has begun to stop.</summary>
    private static async Task RefusedAsync(TestHost host)
    {
        using var limit = new CancellationTokenSource(Waiting.Limit);

        while (!limit.IsCancellationRequested)
        {
            using var channel = GrpcChannel.ForAddress(host.Address);

            try
            {
                await new TestService.TestServiceClient(channel).EmptyCallAsync(new()).ResponseAsync.Soon();
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable)
            {
                return;
            }
        }

        Assert.Fail("The server still takes calls.");
    }

    private static async Task EchoAsync(AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call)
    {
        await call.RequestStream.WriteAsync(new() { ResponseParameters = { new ResponseParameters { Size = 3 } } }).Soon();
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal(3, call.ResponseStream.Current.Payload.Body.Length);
    }
}
