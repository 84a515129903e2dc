using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Wire = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Tests.Audit;

public sealed class KilledReplicaTests
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    /// <summary>What the service's page says that a kill costs, and a second for a busy machine.</summary>
    private static readonly TimeSpan LossLimit = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_killed_replica_loses_the_last_moments_hand_outs_and_leaves_the_chain_whole()
    {
        await using var world = await TokenWorld.StartAsync(TimeProvider.System);
        var connection = await world.ConnectAsync();
        await world.TokenAsync(connection.Id);
        using var replica = Process.Start(StartInfo(world))!;
        try
        {
            using var channel = GrpcChannel.ForAddress(await AddressAsync(replica));
            var tokens = new Wire.AccessTokens.AccessTokensClient(channel);
            var answered = new ConcurrentBag<long>();
            var callers = Enumerable.Range(0, 8).Select(_ => CallUntilItEndsAsync(tokens, connection.Id, world.Service, answered)).ToList();
            using var limit = new CancellationTokenSource(StartLimit);
            while (answered.Count < 2_000)
            {
                await Task.Delay(10, limit.Token);
            }

            replica.Kill();
            var killed = Stopwatch.GetTimestamp();
            await replica.WaitForExitAsync(limit.Token);
            await Task.WhenAll(callers);
            await world.StopHostsAsync();
            var written = (long)(await world.SqlAsync("SELECT count(*) FROM audit_entries WHERE action = 'token.handed_out'"))!;
            Assert.True(
                written >= answered.Count(at => Stopwatch.GetElapsedTime(at, killed) > LossLimit),
                $"{answered.Count} answered, {written} written");
        }
        finally
        {
            replica.Kill();
        }

        await world.StartHostAsync();
        await world.TokenAsync(connection.Id);
        var chain = await world.Host.Audit.VerifyChainAsync(new(), world.Admin);
        Assert.True(chain.Intact, chain.ToString());
        Assert.True(chain.LastSequence > 2);
    }

    private static async Task CallUntilItEndsAsync(
        Wire.AccessTokens.AccessTokensClient tokens, string connection, Metadata ticket, ConcurrentBag<long> answered)
    {
        try
        {
            while (true)
            {
                await tokens.GetAccessTokenAsync(new() { ConnectionId = connection, Purpose = "test" }, ticket);
                answered.Add(Stopwatch.GetTimestamp());
            }
        }
        catch (RpcException e) when (e.StatusCode is not StatusCode.Unauthenticated)
        {
            // the replica is gone
        }
    }

    private static ProcessStartInfo StartInfo(TokenWorld world)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TokenService.dll")])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in world.Configuration)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        start.Environment["Kestrel__Endpoints__http__Url"] = "http://127.0.0.1:0";
        start.Environment["Kestrel__Endpoints__http__Protocols"] = "Http2";
        return start;
    }

    private static async Task<string> AddressAsync(Process replica)
    {
        const string Mark = "Now listening on: ";
        using var limit = new CancellationTokenSource(StartLimit);
        while (await replica.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.IndexOf(Mark, StringComparison.Ordinal) is var at and >= 0)
            {
                // what it says from here on is not wanted, and must not fill its pipe
                _ = replica.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return line[(at + Mark.Length)..].Trim();
            }
        }

        throw new InvalidOperationException("The replica ended before it listened.");
    }
}
