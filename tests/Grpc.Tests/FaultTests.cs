using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;
using Microsoft.AspNetCore.Hosting;
using Xunit.Abstractions;

namespace ZohoPlatform.Grpc.Tests;

/// <summary>Alone, because what these tests count (calls, memory, threads) is the process'.</summary>
[CollectionDefinition(nameof(FaultTests), DisableParallelization = true)]
public sealed class FaultTestsRunAlone;

[Collection(nameof(FaultTests))]
public sealed class FaultTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(Direction.ToServer, Place.BeforeFrame)]
    [InlineData(Direction.ToServer, Place.InHeader)]
    [InlineData(Direction.ToServer, Place.InPayload)]
    [InlineData(Direction.ToClient, Place.BeforeFrame)]
    [InlineData(Direction.ToClient, Place.InHeader)]
    [InlineData(Direction.ToClient, Place.InPayload)]
    public async Task A_connection_cut_anywhere_makes_the_call_unavailable_and_ends_its_handler(Direction direction, Place place)
    {
        await using var host = await TestHost.StartAsync();
        var handlers = new Running(host.Handlers);
        Func<TestService.TestServiceClient, Task>[] calls = [UnaryAsync, PingPongAsync];

        foreach (var call in calls)
        {
            var (cuts, answered) = (0, false);

            for (var frame = 0; !answered; frame++)
            {
                Assert.InRange(frame, 0, 100);
                await using var proxy = CuttingProxy.Start(host.Address.Port, direction, place, frame);
                using var channel = GrpcChannel.ForAddress(proxy.Address);
                StatusCode status;

                try
                {
                    await call(new(channel)).Soon();
                    status = StatusCode.OK;
                }
                catch (RpcException e)
                {
                    status = e.StatusCode;
                }

                answered = proxy.Answered;
                Assert.Equal((frame, answered ? StatusCode.OK : StatusCode.Unavailable), (frame, status));
                cuts += answered ? 0 : 1;
                channel.Dispose();
                await handlers.AllEnded().Soon();
            }

            output.WriteLine($"{call.Method.Name}: {cuts} cuts");
            Assert.InRange(cuts, 3, 100);
        }

        static async Task UnaryAsync(TestService.TestServiceClient client)
        {
            var response = await client.UnaryCallAsync(new() { ResponseSize = 30_000, Payload = Handlers.Zeros(30_000) });
            Assert.Equal(30_000, response.Payload.Body.Length);
        }

        static async Task PingPongAsync(TestService.TestServiceClient client)
        {
            using var call = client.FullDuplexCall();

            foreach (var size in new[] { 1, 20_000, 8 })
            {
                var parameters = new ResponseParameters { Size = size };
                await call.RequestStream.WriteAsync(new() { ResponseParameters = { parameters }, Payload = Handlers.Zeros(size) });
                Assert.True(await call.ResponseStream.MoveNext());
                Assert.Equal(size, call.ResponseStream.Current.Payload.Body.Length);
            }

            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext());
        }
    }

    [Fact]
    public async Task Ten_thousand_calls_cancelled_at_random_moments_leave_nothing_behind()
    {
        const int Warmup = 2_000;
        const int Calls = 10_000;

        using var active = new ActiveRequests();

        // resets that come faster than handlers end are an attack to Kestrel, which tells the connection to calm down; not meant here
        await using var host = await TestHost.StartAsync(
            build: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.Http2.MaxStreamsPerConnection = 2 * Warmup));
        var handlers = new Running(host.Handlers);
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await RunAsync(host.Client, seed, Warmup);
        await handlers.AllEnded().Soon();
        await active.NoneLeft().Soon();
        var (memory, threads) = (Memory(), Threads());

        var ended = await RunAsync(host.Client, seed + 1, Calls);
        output.WriteLine(string.Join(", ", ended.OrderBy(e => e.Key).Select(e => $"{e.Value} {e.Key}")));

        // a call ends well where it was faster than its caller's change of mind
        Assert.Empty(ended.Keys.Except([StatusCode.OK, StatusCode.Cancelled]));
        Assert.Equal(Calls, ended.Values.Sum());
        Assert.InRange(ended[StatusCode.Cancelled], Calls / 4, Calls);

        await handlers.AllEnded().Soon();
        await active.NoneLeft().Soon();
        await host.Client.EmptyCallAsync(new()).ResponseAsync.Soon();

        var (memoryNow, threadsNow) = (Memory(), Threads());
        output.WriteLine($"memory {memory >> 10} KiB, then {memoryNow >> 10} KiB; threads {threads}, then {threadsNow}");
        Assert.InRange(memoryNow - memory, long.MinValue, 300L * Calls);
        Assert.InRange(threadsNow, 0, threads + 32);     // the pool grows and shrinks as it likes; a leak would be thousands
    }

    /// <summary>How many calls ended in which status.</summary>
    private static async Task<Dictionary<StatusCode, int>> RunAsync(TestService.TestServiceClient client, int seed, int calls)
    {
        var ended = new ConcurrentDictionary<StatusCode, int>();
        var left = calls;

        await Task.WhenAll(Enumerable.Range(0, 50).Select(caller => Task.Run(async () =>
        {
            var random = new Random(seed + caller);

            while (Interlocked.Decrement(ref left) >= 0)
            {
                ended.AddOrUpdate(await RunOneAsync(client, random).Soon(), 1, (_, count) => count + 1);
            }
        })));

        return ended.ToDictionary();
    }

    /// <summary>One call of a random kind, given up at a random moment: before it begins, somewhere in it, or too late.</summary>
    private static async Task<StatusCode> RunOneAsync(TestService.TestServiceClient client, Random random)
    {
        using var source = new CancellationTokenSource();
        var (kind, size, yields) = (random.Next(4), random.Next(20_000), random.Next(200));
        var cancel = random.Next(2) == 0
            ? CancelAfterYieldsAsync(source, yields)
            : CancelInAsync(source, TimeSpan.FromMicroseconds(random.Next(8_000)));

        try
        {
            await (kind switch
            {
                0 => UnaryAsync(),
                1 => OutputAsync(),
                2 => InputAsync(),
                _ => DuplexAsync(),
            });
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
        finally
        {
            await cancel;
        }

        async Task UnaryAsync() =>
            await client.UnaryCallAsync(new() { ResponseSize = size, Payload = Handlers.Zeros(size) }, cancellationToken: source.Token);

        async Task OutputAsync()
        {
            var parameters = Enumerable.Repeat(new ResponseParameters { Size = size }, 3);
            using var call = client.StreamingOutputCall(new() { ResponseParameters = { parameters } }, cancellationToken: source.Token);

            while (await call.ResponseStream.MoveNext())
            {
            }
        }

        async Task InputAsync()
        {
            using var call = client.StreamingInputCall(cancellationToken: source.Token);

            for (var i = 0; i < 3; i++)
            {
                await call.RequestStream.WriteAsync(new() { Payload = Handlers.Zeros(size) });
            }

            await call.RequestStream.CompleteAsync();
            await call;
        }

        async Task DuplexAsync()
        {
            using var call = client.FullDuplexCall(cancellationToken: source.Token);

            for (var i = 0; i < 3; i++)
            {
                await call.RequestStream.WriteAsync(new() { ResponseParameters = { new ResponseParameters { Size = size } } });

                if (!await call.ResponseStream.MoveNext())
                {
                    return;
                }
            }

            await call.RequestStream.CompleteAsync();

            while (await call.ResponseStream.MoveNext())
            {
            }
        }
    }

    private static async Task CancelAfterYieldsAsync(CancellationTokenSource source, int yields)
    {
        for (var i = 0; i < yields; i++)
        {
            await Task.Yield();
        }

        await source.CancelAsync();
    }

    private static async Task CancelInAsync(CancellationTokenSource source, TimeSpan time)
    {
        await Task.Delay(time);
        await source.CancelAsync();
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static int Threads()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }

    /// <summary>The handlers that have begun and not ended.</summary>
    private sealed class Running
    {
        private readonly ConcurrentDictionary<Task, bool> _tasks = [];

        public Running(Handlers handlers)
        {
            var (unary, output, input, duplex) = (handlers.Unary, handlers.Output, handlers.Input, handlers.Duplex);
            handlers.Unary = (request, context) => Watch(unary(request, context));
            handlers.Output = (request, responses, context) => Watch(output(request, responses, context));
            handlers.Input = (requests, context) => Watch(input(requests, context));
            handlers.Duplex = (requests, responses, context) => Watch(duplex(requests, responses, context));
        }

        /// <summary>However they ended.</summary>
        public async Task AllEnded()
        {
            foreach (var task in _tasks.Keys)
            {
                await Task.WhenAny(task);
            }
        }

        private T Watch<T>(T handler)
            where T : Task
        {
            _tasks[handler] = true;
            _ = handler.ContinueWith(ended => _tasks.TryRemove(ended, out _), TaskScheduler.Default);
            return handler;
        }
    }

    /// <summary>The requests that run, as Kestrel and HttpClient count them for this process.</summary>
    private sealed class ActiveRequests : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Lock _gate = new();
        private readonly Dictionary<string, long> _running = [];
        private TaskCompletionSource _noneLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ActiveRequests()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name is "http.server.active_requests" or "http.client.active_requests")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, change, _, _) => Changed(instrument.Name, change));
            _listener.Start();
        }

        public Task NoneLeft()
        {
            lock (_gate)
            {
                return _running.Count == 2 && _running.Values.All(count => count == 0) ? Task.CompletedTask : _noneLeft.Task;
            }
        }

        public void Dispose() => _listener.Dispose();

        private void Changed(string name, long change)
        {
            lock (_gate)
            {
                _running[name] = _running.GetValueOrDefault(name) + change;

                if (_running.Values.All(count => count == 0))
                {
                    _noneLeft.TrySetResult();
                    _noneLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }
}
