using Grpc.Net.Client.Balancer;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>
/// Round robin, past replicas that refused a connection a moment ago. Grpc.Net.Client's own round robin goes on with a replica that stops
/// as long as one call still runs there: to it, the old connection is the replica.
/// </summary>
internal sealed class ReachableInTurn : LoadBalancerFactory
{
    public const string Policy = "reachable_in_turn";

    public override string Name => Policy;

    public override LoadBalancer Create(LoadBalancerOptions options) => new Balancer(options.Controller, options.LoggerFactory);

    private sealed class Balancer(IChannelControlHelper controller, ILoggerFactory loggerFactory)
        : SubchannelsLoadBalancer(controller, loggerFactory)
    {
        protected override SubchannelPicker CreatePicker(IReadOnlyList<Subchannel> readySubchannels) => new Picker(readySubchannels);
    }

    private sealed class Picker(IReadOnlyList<Subchannel> ready) : SubchannelPicker
    {
        private const long PassedOverMilliseconds = 1000;

        private readonly long[] _passedOverUntil = new long[ready.Count];
        private uint _next = (uint)Random.Shared.Next();    // or the first replica has a call more with every change of theirs

        public override PickResult Pick(PickContext context)
        {
            var first = Interlocked.Increment(ref _next);
            var now = Environment.TickCount64;
            var chosen = (int)(first % ready.Count);
            for (var i = 0; i < ready.Count && Volatile.Read(ref _passedOverUntil[chosen]) > now; i++)
            {
                chosen = (chosen + 1) % ready.Count;
            }

            var turn = chosen;
            context.Request?.Options.Set(
                UnsentCalls.WhenUnsent,
                () => Volatile.Write(ref _passedOverUntil[turn], Environment.TickCount64 + PassedOverMilliseconds));
            return PickResult.ForSubchannel(ready[turn]);
        }
    }
}
