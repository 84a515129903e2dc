using Google.Protobuf;
using Grpc.Net.Client;
using ZohoPlatform.Bench.Grpc;
using ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Bench.Tokens;

/// <summary>What a hand-out costs over the call that brings it: ticket, look-up and audit.</summary>
internal static class TokenHandOut
{
    private const int Connections = 100;
    private const int Callers = 50;
    private const int Calls = 80_000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var bed = await TokenBed.StartAsync();
        await using var tokens = await bed.StartServiceAsync();
        await using var service = bed.BuildService();
        var keys = await TokenBed.SeedAsync(service, tenants: 1, Connections);
        await using var grpc = await ServerProcess.StartAsync(EchoServer.Name);
        using var tokenChannel = GrpcChannel.ForAddress(tokens.Address);
        using var echoChannel = GrpcChannel.ForAddress(grpc.Address);
        var client = new AccessTokens.AccessTokensClient(tokenChannel);
        var echo = new Echo.EchoClient(echoChannel);
        var requests = keys
            .Select(key => new GetAccessTokenRequest { ConnectionId = key.Id.ToString(), Purpose = "bench.hand-out" })
            .ToList();
        var answer = await client.GetAccessTokenAsync(requests[0], bed.TicketOf(keys[0].Tenant));
        var message = MessageOf(answer.CalculateSize());

        var contest = await Contest.RunAsync(
            rounds,
            new Contender("hand-out", _ => Task.FromResult(new Usage(tokens.CpuTime, AllocatedBytes: 0)), async ct =>
            {
                var ticket = bed.TicketOf(keys[0].Tenant);
                return await RunAsync(async i =>
                {
                    var token = await client.GetAccessTokenAsync(requests[i % Connections], ticket, cancellationToken: ct);
                    return token.AccessToken.Length == answer.AccessToken.Length;
                });
            }),
            new Contender("echo", grpc.ReadUsageAsync, ct => RunAsync(async _ =>
            {
                var same = await echo.UnaryAsync(message, cancellationToken: ct);
                return same.Body.Length == message.Body.Length;
            })));

        return
        [
            .. contest.Compare("calls", "1/s", m => m.PerSecond, new Target(AtLeast: 0.80)),
            .. contest.Compare("p99", "us", m => m.Slow, new Target(AtMost: 1.5)),
            .. contest.Compare("server CPU per call", "us", m => m.ServerCpu),
            .. contest.Compare("client CPU per call", "us", m => m.ClientCpu),
        ];
    }

    /// <summary>An echo that is as long as the token's answer.</summary>
    private static EchoMessage MessageOf(int size)
    {
        var message = new EchoMessage { Body = ByteString.CopyFrom(new byte[size]) };
        return new EchoMessage { Body = ByteString.CopyFrom(new byte[size - (message.CalculateSize() - size)]) };
    }

    private static Task<Lap> RunAsync(Func<int, Task<bool>> call) => CallerLap.RunAsync(Callers, Calls, call);
}
