using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;

namespace ZohoPlatform.Grpc.Interop.Tests;

/// <summary>A server process that is killed while it works, and one that takes its place.</summary>
public sealed class ServerKilledTests
{
    private const int Calls = 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Calls_on_a_server_that_is_killed_are_unavailable_and_reach_the_next_one()
    {
        using var first = await StartAsync(port: 0);
        using var channel = GrpcChannel.ForAddress(first.Address);
        var client = new TestService.TestServiceClient(channel);

        var ends = new List<Task>();
        var begun = new List<Task>();

        for (var i = 0; i < Calls; i++)
        {
            // one that the server is writing on, one that waits for both sides, one that the server only reads
            var output = client.StreamingOutputCall(new() { ResponseParameters = { Answer(1000, wait: false), Answer(1000, wait: true) } });
            begun.Add(ReadAsync(output.ResponseStream, 1));
            ends.Add(EndsAsync(begun[^1], () => output.ResponseStream.MoveNext()));

            var duplex = client.FullDuplexCall();
            begun.Add(PingAsync(duplex));
            ends.Add(EndsAsync(begun[^1], () => duplex.ResponseStream.MoveNext()));

            var input = client.StreamingInputCall();
            begun.Add(input.RequestStream.WriteAsync(new() { Payload = Standard.Zeros(1000) }));
            ends.Add(EndsAsync(begun[^1], () => input.ResponseAsync));
        }

        await Task.WhenAll(begun).WaitAsync(Limit);
        Assert.All(ends, end => Assert.False(end.IsCompleted));
        await first.KillAsync();
        await Task.WhenAll(ends).WaitAsync(Limit);

        await UnavailableAsync(() => client.EmptyCallAsync(new()).ResponseAsync.WaitAsync(Limit));

        using var second = await StartAsync(first.Address.Port);
        await client.EmptyCallAsync(new()).ResponseAsync.WaitAsync(Limit);
        await second.KillAsync();
    }

    private static ResponseParameters Answer(int size, bool wait) => new() { Size = size, IntervalUs = wait ? int.MaxValue : 0 };

    private static async Task ReadAsync(IAsyncStreamReader<StreamingOutputCallResponse> responses, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await responses.MoveNext());
        }
    }

    private static async Task PingAsync(AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call)
    {
        await call.RequestStream.WriteAsync(new() { ResponseParameters = { Answer(1000, wait: false) } });
        await ReadAsync(call.ResponseStream, 1);
    }

    private static async Task EndsAsync(Task begun, Func<Task> next)
    {
        await begun;
        await UnavailableAsync(next);
    }

    private static async Task UnavailableAsync(Func<Task> call) =>
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(call)).StatusCode);

    private static async Task<ServerProcess> StartAsync(int port)
    {
        string[] arguments = [typeof(InteropServer).Assembly.Location, port.ToString(CultureInfo.InvariantCulture)];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

        try
        {
            return new ServerProcess(process, new Uri((await process.StandardOutput.ReadLineAsync().WaitAsync(Limit))!));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    private sealed class ServerProcess(Process process, Uri address) : IDisposable
    {
        public Uri Address => address;

        public async Task KillAsync()
        {
            process.Kill();
            await process.WaitForExitAsync().WaitAsync(Limit);
        }

        public void Dispose()
        {
            process.Kill();
            process.Dispose();
        }
    }
}
