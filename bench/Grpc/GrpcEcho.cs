namespace ZohoPlatform.Bench.Grpc;

/// <summary>The anchor: what gRPC itself costs over Kestrel, seen by a client that shares no line with either.</summary>
internal static class GrpcEcho
{
    private const int Calls = 200_000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var grpc = await ServerProcess.StartAsync(EchoServer.Name);
        await using var bare = await ServerProcess.StartAsync(BareServer.Name);

        var echo = new Uri(grpc.Address, "/zohoplatform.bench.v1.Echo/Unary");

        var contest = await Contest.RunAsync(
            rounds,
            new Contender("gRPC", grpc.ReadUsageAsync, ct => H2load.RunAsync(echo, Payload.Frame, Calls, ct)),
            new Contender("bare", bare.ReadUsageAsync, ct => H2load.RunAsync(bare.Address, Payload.Frame, Calls, ct)));

        return
        [
            .. contest.Compare("calls", "1/s", m => m.PerSecond),
            .. contest.Compare("server CPU per call", "us", m => m.ServerCpu),
            .. contest.Show("server allocated per call", "bytes", m => m.ServerAllocated),
        ];
    }
}
