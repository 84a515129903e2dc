using System.Runtime.CompilerServices;
using Grpc.Net.Client.Balancer;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>
/// Round robin, past replicas that refused a connection a moment ago or went silent. Grpc.Net.Client's own round robin goes on with both:
/// to it, an old connection is the replica.
/// </summary>
internal sealed class ReachableInTurn(TimeProvider clock) : LoadBalancerFactory
{
    public const string Policy = "reachable_in_turn";

    public override string Name => Policy;

    public override LoadBalancer Create(LoadBalancerOptions options) =>
        new Balancer(new Patience(options.Controller), options.LoggerFactory, clock);

    private sealed class Balancer(IChannelControlHelper controller, ILoggerFactory loggerFactory, TimeProvider clock)
        : SubchannelsLoadBalancer(controller, loggerFactory)
    {
        // there is a new picker with every connection that is lost, which must not forget why
        private readonly ConditionalWeakTable<Subchannel, ReplicaState> _replicas = [];

        protected override SubchannelPicker CreatePicker(IReadOnlyList<Subchannel> readySubchannels) =>
            new Picker([.. readySubchannels.Select(ready => (ready, _replicas.GetValue(ready, _ => new ReplicaState(clock))))]);
    }

    private sealed class Picker((Subchannel Subchannel, ReplicaState State)[] ready) : SubchannelPicker
    {
        private uint _next = (uint)Random.Shared.Next();    // or the first replica has a call more with every change of theirs

        public override PickResult Pick(PickContext context)
        {
            var first = (int)(Interlocked.Increment(ref _next) % ready.Length);
            var chosen = first;
            while (!ready[chosen].State.MayBeCalled())
            {
                chosen = (chosen + 1) % ready.Length;
                if (chosen == first)
                {
                    break;
                }
            }

            context.Request?.Options.Set(ReplicaState.OfRequest, ready[chosen].State);
            return PickResult.ForSubchannel(ready[chosen].Subchannel);
        }
    }
}
