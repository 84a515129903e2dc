using System.Collections.Concurrent;
using System.Diagnostics;

namespace ZohoPlatform.Gateway.Tests;

public sealed class TraceTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task A_clients_trace_and_baggage_end_at_the_door()
    {
        var started = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = started.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var client = shared.Host.CreateClient();

        await client.GetAsync(
            "/alive", ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"), ("tracestate", "theirs=1"), ("baggage", "theirs=1"));

        Assert.NotEmpty(started);
        Assert.DoesNotContain(started, request => request.TraceId.ToHexString() == "0af7651916cd43dd8448eb211c80319c");
        Assert.DoesNotContain(started, request => request.TraceStateString is not null || request.Baggage.Any());
    }
}
