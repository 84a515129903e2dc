namespace ZohoPlatform.Simulator.Traffic;

/// <summary>Whether the provider is there at all.</summary>
internal enum OutageMode
{
    Up,

    /// <summary>Every call is answered 503 with a page for people.</summary>
    Unavailable,

    /// <summary>Calls are taken and never answered.</summary>
    Silent,
}

/// <summary>The provider as a whole, up or down.</summary>
internal sealed class Outage
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OutageMode _mode;

    public OutageMode Mode
    {
        get
        {
            lock (_gate)
            {
                return _mode;
            }
        }
    }

    public void Set(OutageMode mode)
    {
        lock (_gate)
        {
            _mode = mode;
            if (mode is not OutageMode.Silent)
            {
                _over.TrySetResult();
                _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Waits until a silent provider is anything else.</summary>
    public Task UntilOverAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _mode is OutageMode.Silent ? _over.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
        }
    }
}
