using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using ZohoPlatform.Testing;
using Wire = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Tests.Audit;

public sealed class KilledReplicaTests
{
    /// <summary>What the service's page says that a kill costs, and a second for a busy machine.</summary>
    private static readonly TimeSpan LossLimit = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_killed_replica_loses_the_last_moments_hand_outs_and_leaves_the_chain_whole()
    {
        await using var world = await TokenWorld.StartAsync(TimeProvider.System);
        var connection = await world.ConnectAsync();
        await world.TokenAsync(connection.Id);
        await using var replica = await ReplicaProcess.StartAsync(world.Configuration);
        var answered = new ConcurrentBag<long>();
        var callers = Enumerable.Range(0, 8)
            .Select(_ => CallUntilItEndsAsync(replica.Tokens, connection.Id, world.Service, answered))
            .ToList();
        using var limit = new CancellationTokenSource(Eventually.Limit);
        // until there are many that have to be written by now
        while (answered.Count(at => Stopwatch.GetElapsedTime(at) > LossLimit) < 500)
        {
            await Task.Delay(100, limit.Token);
        }

        var killed = Stopwatch.GetTimestamp();
        await replica.KillAsync();
        await Task.WhenAll(callers);
        await world.StopHostsAsync();
        var written = await world.CountHandOutsAsync();
        var promised = answered.Count(at => Stopwatch.GetElapsedTime(at, killed) > LossLimit);
        Assert.InRange(promised, 500, int.MaxValue);
        Assert.True(written >= promised, $"{answered.Count} answered, {promised} of them before the last moments, {written} written");

        await world.StartHostAsync();
        await world.TokenAsync(connection.Id);
        var chain = await world.Host.Audit.VerifyChainAsync(new(), world.Admin);
        Assert.True(chain.Intact, chain.ToString());
        Assert.True(chain.Last.Sequence > 2);
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
}
