using Grpc.Core;
using Grpc.Net.Client.Balancer;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>
/// Lets calls wait for a moment when no replica can be reached: in a rollout the last one can be lost before this client has found the first
/// one again. After that moment calls fail at once, until a replica is back.
/// </summary>
internal sealed class Patience(IChannelControlHelper channel) : IChannelControlHelper
{
    // longer than a client takes to find a replica that is back
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private ITimer? _waiting;
    private BalancerState? _withheld;
    private bool _isOver;

    public Subchannel CreateSubchannel(SubchannelOptions options) => channel.CreateSubchannel(options);

    public void RefreshResolver() => channel.RefreshResolver();

    public void UpdateState(BalancerState state)
    {
        lock (_gate)
        {
            if (state.ConnectivityState is ConnectivityState.Ready)
            {
                _waiting?.Dispose();
                (_waiting, _withheld, _isOver) = (null, null, false);
            }
            else if (state.ConnectivityState is ConnectivityState.TransientFailure && !_isOver)
            {
                _withheld = state;
                // by the machine's clock, as the channel's own backoff: a clock that stands must not hold calls
                _waiting ??= TimeProvider.System.CreateTimer(_ => End(), state: null, Moment, Timeout.InfiniteTimeSpan);
                state = new BalancerState(ConnectivityState.Connecting, new Queue());
            }

            channel.UpdateState(state);
        }
    }

    private void End()
    {
        lock (_gate)
        {
            if (_withheld is { } state)
            {
                (_withheld, _isOver) = (null, true);
                channel.UpdateState(state);
            }
        }
    }

    private sealed class Queue : SubchannelPicker
    {
        public override PickResult Pick(PickContext context) => PickResult.ForQueue();
    }
}
