namespace ZohoPlatform.Simulator;

/// <summary>The provider's clock: the machine's, moved ahead or held still by the controls. Delays and timers run on real time.</summary>
internal sealed class SimulatorClock : TimeProvider
{
    private readonly Lock _gate = new();
    private TimeSpan _ahead;
    private DateTimeOffset? _frozenAt;

    public bool Frozen
    {
        get
        {
            lock (_gate)
            {
                return _frozenAt is not null;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _frozenAt ?? System.GetUtcNow() + _ahead;
        }
    }

    public void Advance(TimeSpan by)
    {
        lock (_gate)
        {
            _ahead += by;
            _frozenAt += by;
        }
    }

    public void Freeze()
    {
        lock (_gate)
        {
            _frozenAt ??= System.GetUtcNow() + _ahead;
        }
    }

    /// <summary>Lets a frozen clock run again from where it stands.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            if (_frozenAt is { } at)
            {
                _ahead = at - System.GetUtcNow();
                _frozenAt = null;
            }
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            (_ahead, _frozenAt) = (TimeSpan.Zero, null);
        }
    }
}
