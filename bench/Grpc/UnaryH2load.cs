namespace ZohoPlatform.Bench.Grpc;

/// <summary>What the server's runtime costs over Kestrel's own, seen by a client that is not ours.</summary>
internal static class UnaryH2load
{
    private const int Calls = 200_000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var grpc = await ServerProcess.StartAsync(GrpcServer.Name);
        await using var bare = await ServerProcess.StartAsync(BareServer.Name);

        var echo = new Uri(grpc.Address, "/zohoplatform.bench.v1.Echo/Unary");

        var contest = await Contest.RunAsync(
            rounds,
            new Contender("gRPC", grpc.ReadUsageAsync, ct => H2load.RunAsync(echo, Payload.Frame, Calls, ct)),
            new Contender("bare", bare.ReadUsageAsync, ct => H2load.RunAsync(bare.Address, Payload.Frame, Calls, ct)));

        return
        [
            .. contest.Compare("calls", "1/s", m => m.PerSecond, new Target(AtLeast: 0.80)),
            .. contest.Compare("server CPU per call", "us", m => m.ServerCpu, new Target(AtMost: 1.3)),
            .. contest.Show("server allocated per call", "bytes", m => m.ServerAllocated, new Target(AtMost: 3000)),
        ];
    }
}
