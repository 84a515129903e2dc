namespace ZohoPlatform.Gateway.Tests.Hosting;

/// <summary>The system's clock, set forward by hand: a test skips a minute or a day while sockets and timers go on as usual.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _shift;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _shift));

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public void Skip(TimeSpan time) => Interlocked.Add(ref _shift, time.Ticks);
}
