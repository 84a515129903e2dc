namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>
/// Whether a replica is to be called, by what became of earlier calls. One that is passed over has a call to try it once that time has
/// passed, and all others when it answers that one.
/// </summary>
internal sealed class ReplicaState(TimeProvider clock)
{
    /// <summary>On a request: the replica that it goes to.</summary>
    public static readonly HttpRequestOptionsKey<ReplicaState> OfRequest = new(nameof(ReplicaState));

    // a call that could not be sent goes elsewhere at no cost; one that is not answered is lost, or waits until the replica is given up
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(15);

    // callers leave for reasons of their own too
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly long _begin = clock.GetTimestamp();
    private long _passedOverUntil;      // 0: not at all
    private long _answered;

    /// <summary>Ticks of the clock, for <see cref="Ended"/>.</summary>
    public long Now => clock.GetElapsedTime(_begin).Ticks;

    /// <summary>True for one caller only where the time to pass over it has ended and nobody knows yet how it is.</summary>
    public bool MayBeCalled()
    {
        var until = Volatile.Read(ref _passedOverUntil);
        var now = Now;
        return until == 0
            || (until <= now && Interlocked.CompareExchange(ref _passedOverUntil, now + SilentFor.Ticks, until) == until);
    }

    public void Answered()
    {
        Volatile.Write(ref _answered, Now);
        Volatile.Write(ref _passedOverUntil, 0);
    }

    public void Refused() => PassOver(RefusedFor);

    /// <summary>
    /// A call ended without an answer: its deadline ran out, the caller left, or the connection was given up. That says something only
    /// where nothing else was answered since it was sent.
    /// </summary>
    public void Ended(long sent)
    {
        if (Now - sent >= Silence.Ticks && Volatile.Read(ref _answered) <= sent)
        {
            PassOver(SilentFor);
        }
    }

    private void PassOver(TimeSpan time) => Volatile.Write(ref _passedOverUntil, Now + time.Ticks);
}
