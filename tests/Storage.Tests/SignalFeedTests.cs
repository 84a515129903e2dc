using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class SignalFeedTests
{
    private static readonly TenantId One = new(Guid.CreateVersion7());
    private static readonly TenantId Other = new(Guid.CreateVersion7());

    [Fact]
    public void Who_has_many_watchers_looks_as_often_as_forty_times_a_second_with_all_of_them()
    {
        var clock = StandingClock.Create();
        using var signal = new DatabaseSignal("work", clock);
        var feed = new SignalFeed(signal, mostOfATenant: 100, mostInAll: 200);
        using var alone = feed.TryWatch(Other, "theirs")!;
        var many = Enumerable.Range(0, 81).Select(_ => feed.TryWatch(One, "ours")!).ToList();

        var pause = many[0].PauseAsync(TimeSpan.FromMilliseconds(250), clock, CancellationToken.None);
        Assert.True(alone.PauseAsync(TimeSpan.Zero, clock, CancellationToken.None).IsCompleted);

        clock.Advance(TimeSpan.FromMilliseconds(1_999));
        Assert.False(pause.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(pause.IsCompleted);

        many.ForEach(watcher => watcher.Dispose());
        using var left = feed.TryWatch(One, "ours")!;
        pause = left.PauseAsync(TimeSpan.FromMilliseconds(250), clock, CancellationToken.None);
        Assert.False(pause.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(250));
        Assert.True(pause.IsCompleted);
    }
}
