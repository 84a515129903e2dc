using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;

namespace ZohoPlatform.Grpc.Tests;

public sealed class TelemetryTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _activities = [];
    private readonly ConcurrentQueue<(string Instrument, double Value, Dictionary<string, object?> Tags)> _measured = [];
    private readonly ActivitySource _tests = new("Grpc.Tests.Telemetry");
    private readonly ActivityListener _traces;
    private readonly MeterListener _metrics = new();

    public TelemetryTests()
    {
        _traces = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Grpc.Net.Client" or "Microsoft.AspNetCore" or "Grpc.Tests.Telemetry",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _activities.Enqueue,
        };
        ActivitySource.AddActivityListener(_traces);
        _metrics.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name is "Grpc.Net.Client" or "Grpc.AspNetCore.Server")
            {
                Assert.Equal("s", instrument.Unit);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _metrics.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            _measured.Enqueue((instrument.Name, value, tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value))));
        _metrics.Start();
    }

    [Fact]
    public async Task A_call_is_one_trace_from_its_caller_to_its_handler()
    {
        await using var host = await TestHost.StartAsync();
        ActivityTraceId inHandler = default;
        host.Handlers.Empty = (request, _) =>
        {
            inHandler = Activity.Current!.TraceId;
            return Task.FromResult(request);
        };

        using (var caller = _tests.StartActivity("caller")!)
        {
            await host.Client.EmptyCallAsync(new()).ResponseAsync.Soon();

            Assert.Equal(caller.TraceId, inHandler);
            Assert.Same(caller, Activity.Current);
            var client = await ActivityAsync("Grpc.Net.Client", caller.TraceId);
            Assert.Equal("Grpc.Net.Client.GrpcOut", client.OperationName);
            Assert.Equal(("grpc.testing.TestService/EmptyCall", ActivityKind.Client), (client.DisplayName, client.Kind));
            Assert.Equal(caller.SpanId, client.ParentSpanId);
            Assert.Equal(host.Address.Port, client.GetTagItem("server.port"));
            var server = await ActivityAsync("Microsoft.AspNetCore", caller.TraceId);
            Assert.Equal(("grpc.testing.TestService/EmptyCall", ActivityKind.Server), (server.DisplayName, server.Kind));
            Assert.All([client, server], activity =>
            {
                Assert.Equal("grpc", activity.GetTagItem("rpc.system.name"));
                Assert.Equal("grpc.testing.TestService/EmptyCall", activity.GetTagItem("rpc.method"));
                Assert.Equal("OK", activity.GetTagItem("rpc.response.status_code"));
                Assert.Null(activity.GetTagItem("error.type"));
            });
        }
    }

    [Theory]
    [InlineData(StatusCode.DataLoss, "DATA_LOSS", true)]
    [InlineData(StatusCode.OutOfRange, "OUT_OF_RANGE", false)]
    public async Task A_failure_is_always_the_callers_error_and_the_servers_only_where_it_is_its_fault(
        StatusCode code, string name, bool atServer)
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = (_, _) => throw new RpcException(new Status(code, "no"));

        using var caller = _tests.StartActivity("caller")!;
        await Assert.ThrowsAsync<RpcException>(() => host.Client.UnaryCallAsync(new()).ResponseAsync.Soon());

        var client = await ActivityAsync("Grpc.Net.Client", caller.TraceId);
        var server = await ActivityAsync("Microsoft.AspNetCore", caller.TraceId);
        Assert.Equal((name, ActivityStatusCode.Error), (client.GetTagItem("error.type"), client.Status));
        Assert.Equal(name, server.GetTagItem("rpc.response.status_code"));
        Assert.Equal(atServer ? name : null, server.GetTagItem("error.type"));
        Assert.Equal(atServer, server.Status is ActivityStatusCode.Error);
        Assert.Equal([name], Measured("rpc.client.call.duration", name).Select(tags => tags["error.type"]));
        Assert.Equal(
            [atServer ? name : null],
            Measured("rpc.server.call.duration", name).Select(tags => tags.GetValueOrDefault("error.type")));
    }

    [Fact]
    public async Task A_code_that_has_no_name_is_told_by_its_number()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = (_, _) => throw new RpcException(new Status((StatusCode)4242, "no"));

        var error = await Assert.ThrowsAsync<RpcException>(() => host.Client.UnaryCallAsync(new()).ResponseAsync.Soon());

        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.Single(Measured("rpc.server.call.duration", "4242"));
    }

    [Fact]
    public async Task A_stream_is_measured_until_its_status_whoever_ends_it()
    {
        await using var host = await TestHost.StartAsync();
        var written = new TaskCompletionSource();
        host.Handlers.Output = async (_, responses, context) =>
        {
            await responses.WriteAsync(new());
            written.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        };

        using var caller = _tests.StartActivity("caller")!;
        using var call = host.Client.StreamingOutputCall(new());
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.DoesNotContain(_activities, activity => activity.TraceId == caller.TraceId && activity.Source.Name == "Grpc.Net.Client");

        using (var other = _tests.StartActivity("other"))
        {
            call.Dispose();
            Assert.Same(other, Activity.Current);
        }

        Assert.Equal("CANCELLED", (await ActivityAsync("Grpc.Net.Client", caller.TraceId)).GetTagItem("rpc.response.status_code"));
        Assert.Equal("CANCELLED", (await ActivityAsync("Microsoft.AspNetCore", caller.TraceId)).GetTagItem("rpc.response.status_code"));
        Assert.Contains(Measured("rpc.client.call.duration", "CANCELLED"), tags => host.Address.Port.Equals(tags["server.port"]));
    }

    [Fact]
    public async Task A_call_past_its_deadline_is_told_while_its_handler_still_runs()
    {
        await using var host = await TestHost.StartAsync();
        var release = new TaskCompletionSource();
        host.Handlers.Input = async (_, _) =>
        {
            await release.Task;
            return new();
        };

        using var raw = new RawCall(host, "StreamingInputCall");
        raw.Headers.Add("grpc-timeout", "50m");
        await raw.SendAsync(RawCall.Frame([])).Soon();

        Assert.Contains(
            Measured("rpc.server.call.duration", "DEADLINE_EXCEEDED"),
            tags => "grpc.testing.TestService/StreamingInputCall".Equals(tags["rpc.method"])
                && "DEADLINE_EXCEEDED".Equals(tags["error.type"]));
        release.SetResult();
    }

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
        _tests.Dispose();
    }

    private IEnumerable<Dictionary<string, object?>> Measured(string instrument, string status) => _measured
        .Where(one => one.Instrument == instrument && status.Equals(one.Tags["rpc.response.status_code"]))
        .Select(one =>
        {
            Assert.InRange(one.Value, 0, 60);
            Assert.Equal("grpc", one.Tags["rpc.system.name"]);
            return one.Tags;
        });

    /// <summary>The server's activity ends a moment after its caller has the status.</summary>
    private async Task<Activity> ActivityAsync(string source, ActivityTraceId trace)
    {
        using var limit = new CancellationTokenSource(Waiting.Limit);
        Activity? found;

        while ((found = _activities.FirstOrDefault(activity => activity.Source.Name == source && activity.TraceId == trace)) is null)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return found;
    }
}
