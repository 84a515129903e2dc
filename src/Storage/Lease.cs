namespace ZohoPlatform.Storage;

/// <summary>
/// Keeps a hold on something that all replicas share, for as long as work on it lasts: renews it, and says when it is <see cref="Lost"/>.
/// A replica that dies renews nothing, and the hold ends by itself.
/// </summary>
/// <remarks>
/// The hold ends by the database's clock, which nobody moves; so it is renewed by the machine's, also where a test has stopped the service's.
/// </remarks>
public sealed class Lease : IAsyncDisposable
{
    // two renewals may fail before it is given up, with the time of a third to stop the work in
    private const int RenewalsInALife = 4;

    private readonly Func<CancellationToken, Task<bool>> _renew;
    private readonly Action<Exception> _failed;
    private readonly TimeSpan _every;
    private readonly TimeSpan _givenUpAfter;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _renewing;

    /// <param name="length">How long it lasts from each renewal on. It was taken just now.</param>
    /// <param name="renew">Renews it; false where somebody else has it by now.</param>
    /// <param name="failed">Told of a renewal that failed; the next may not.</param>
    public Lease(TimeSpan length, Func<CancellationToken, Task<bool>> renew, Action<Exception> failed)
    {
        (_renew, _failed, _every) = (renew, failed, length / RenewalsInALife);
        _givenUpAfter = length - _every;
        Lost = _lost.Token;
        _lost.CancelAfter(_givenUpAfter);
        _renewing = RenewAsync();
    }

    /// <summary>Cancelled once somebody else may have it: whatever is under way must stop, and must not be written.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Ends the renewals. The hold itself is for its owner to release.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _renewing;
        _ended.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, Lost);
        while (!over.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_every, over.Token);
                // counted from before it was asked for: the database may have done it sooner than it says so
                var asked = TimeProvider.System.GetTimestamp();
                if (!await _renew(over.Token))
                {
                    await _lost.CancelAsync();
                    return;
                }

                var left = _givenUpAfter - TimeProvider.System.GetElapsedTime(asked);
                _lost.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
            catch (Exception) when (over.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _failed(e);
            }
        }
    }
}
