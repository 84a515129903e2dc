using System.Threading.Channels;

namespace ZohoPlatform.Simulator.World;

/// <summary>Says that something worth keeping has changed; the state file writes a moment later.</summary>
internal sealed class StateChanges
{
    private readonly Channel<bool> _changed =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Mark() => _changed.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken cancellationToken) => await _changed.Reader.ReadAsync(cancellationToken);
}
