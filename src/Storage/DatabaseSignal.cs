namespace ZohoPlatform.Storage;

/// <summary>
/// Wakes a worker when some replica said <c>NOTIFY channel</c>. A signal says only "look": it may come without cause and is lost while the
/// connection is down, so the waiter is woken after every reconnect, and that of a queue where something is due of which it may not know.
/// </summary>
/// <remarks>
/// Registered with <c>AddDatabaseSignal(channel)</c> and asked for by the channel's name: a keyed service. One waiter and any number of
/// listeners have it.
/// </remarks>
public sealed class DatabaseSignal(string channel, TimeProvider clock) : IDisposable
{
    // holds one "look": many notifications before the next wait are one
    private readonly SemaphoreSlim _look = new(0, 1);

    // a timer takes no more than seven weeks
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private volatile Action<string>? _heard;

    public string Channel { get; } = PlainName.Of(channel);

    /// <summary>True at the next signal, false once the clock shows <paramref name="deadline"/>, or a day has passed.</summary>
    public async Task<bool> WaitAsync(DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var left = deadline - clock.GetUtcNow();
        using var limit = new CancellationTokenSource(left < TimeSpan.Zero ? TimeSpan.Zero : left > Longest ? Longest : left, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        // asked after the timer is set: a clock that was moved in between must not be waited for once more
        if (clock.GetUtcNow() >= deadline)
        {
            await limit.CancelAsync();
        }

        try
        {
            await _look.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the time is up: that is an answer too
            return false;
        }
    }

    /// <summary>
    /// Calls <paramref name="heard"/> with what each signal said, and with nothing once the channel is listened to (again): anything may have
    /// been missed before. It must not block.
    /// </summary>
    public void OnSignal(Action<string> heard) => _heard += heard;

    /// <summary>Wakes the waiter of this process.</summary>
    public void Set()
    {
        try
        {
            _look.Release();
        }
        catch (SemaphoreFullException)
        {
            // a look is due already
        }
    }

    public void Dispose() => _look.Dispose();

    internal void Hear(string said)
    {
        Set();
        _heard?.Invoke(said);
    }
}
