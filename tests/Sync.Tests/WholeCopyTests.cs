using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Sync.Tests;

/// <summary>Copies of a source that tells neither times nor deletions and gives nothing by its id: it can be counted, and read as a whole.</summary>
public sealed class WholeCopyTests : IAsyncLifetime
{
    private readonly Random _random = new(20261127);
    private Shelf _shelf = null!;

    private Library Library => _shelf.Library;

    public async Task InitializeAsync()
    {
        _shelf = await Shelf.StartAsync();
        (Library.KnowsTimes, Library.Tells) = (false, false);
    }

    public async Task DisposeAsync() => await _shelf.DisposeAsync();

    [Fact]
    public async Task It_is_counted_each_time_and_read_only_where_the_number_is_another_one_or_a_day_has_passed()
    {
        Library.Add(450);
        var copy = await _shelf.MakeAsync();
        var rested = await _shelf.RestedAsync(copy);
        // a count and three pages: as many as it counts
        Assert.Equal((450L, 4), (rested.Rows, Library.Calls));
        Assert.Equal(CopyRunKind.Full, Assert.Single(await _shelf.RunsAsync(copy)).Kind);

        // four calls, of which each is followed by half a minute of rest
        _shelf.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(4, Library.Calls);
        _shelf.Clock.Advance(TimeSpan.FromMinutes(1));
        rested = await _shelf.RestedAsync(copy, rested.LastRunEndedAt);
        Assert.Equal((5, true), (Library.Calls, rested.ChangesUntil > _shelf.Clock.GetUtcNow() - TimeSpan.FromSeconds(1)));

        Library.Add(3);
        _shelf.Clock.Advance(TimeSpan.FromMinutes(1));
        rested = await _shelf.RestedAsync(copy, rested.LastRunEndedAt);
        Assert.Equal((453L, 9), (rested.Rows, Library.Calls));
        Assert.Equal((453L, 3L, 0L, 4L), ReportOf((await _shelf.RunsAsync(copy))[0]));

        // one for another is no other number, and the service knows where it had a hand in that itself
        Library.Delete(_random, 1);
        Library.Add(1);
        await _shelf.Copies.RequestAsync(_shelf.Tenant, copy, CopyRunKind.Changes, CancellationToken.None);
        await _shelf.RestedAsync(copy);
        Assert.Equal(10, Library.Calls);
        await using (var context = _shelf.Db.For(_shelf.Tenant))
        {
            await context.DistrustCountsAsync([copy], _shelf.Clock.GetUtcNow(), CancellationToken.None);
        }

        await _shelf.RunAsync(copy);
        await AssertEqualAsync();

        Library.Edit(_random, 5);
        Assert.Equal(CopyRunKind.Full, (await _shelf.RunAsync(copy, CopyRunKind.Check)).Kind);
        await AssertEqualAsync();
    }

    [Fact]
    public async Task A_record_is_gone_when_two_readings_to_the_end_have_not_shown_it()
    {
        Library.Add(500);
        var copy = await _shelf.MakeAsync();
        await _shelf.RestedAsync(copy);
        var overlooked = Library.Books.Last().Key;

        // a reading that is cut off and begun anew is not one, and the next one shows it
        Library.Overlooked = overlooked;
        var asked = 0;
        Library.Before = what => what == "all" && ++asked == 3 ? new Failure(FailureKind.Unavailable, "away", "The library is closed.")
            : what == "count" && asked > 3 ? Shown()
            : null;
        await _shelf.Copies.RequestAsync(_shelf.Tenant, copy, CopyRunKind.Full, CancellationToken.None);
        var failed = await Eventually.GetAsync(() => _shelf.GetAsync(copy), status => status.Failure is not null);
        Assert.Equal(("away", FailureKind.Unavailable), (failed.Failure!.Code, failed.Failure.Kind));
        var before = failed.LastRunEndedAt;
        _shelf.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await _shelf.ChangeAsync(context => _shelf.Copies.ReadAnewAsync(context, copy, CancellationToken.None));
        await _shelf.RestedAsync(copy, before);
        Assert.Null((await _shelf.GetAsync(copy)).Failure);
        // the one that was asked for, and the one behind it
        Assert.Equal([(499, 0, 0, 4), (500, 0, 0, 4)], await LastTwoAsync(copy));
        Assert.Equal(500L, await _shelf.SqlAsync("SELECT sum(writes) FROM books"));

        Library.Before = _ => null;
        Library.Delete(_random, 40);
        await _shelf.RunAsync(copy);
        Assert.Equal([(460, 0, 0, 4), (460, 0, 40, 4)], await LastTwoAsync(copy));
        await AssertEqualAsync();

        Failure? Shown()
        {
            Library.Overlooked = null;
            return null;
        }
    }

    [Fact]
    public async Task Nothing_can_be_said_of_single_records_and_a_copy_that_nobody_wants_goes()
    {
        Library.Add(10);
        var copy = await _shelf.MakeAsync();
        await _shelf.RestedAsync(copy);

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _shelf.Copies.NoteChangedAsync(_shelf.Tenant, copy, [Library.Books.First().Key], CancellationToken.None));

        Library.Before = what => what == "count" ? SourceFailures.NotWanted : null;
        await _shelf.Copies.RequestAsync(_shelf.Tenant, copy, CopyRunKind.Changes, CancellationToken.None);
        await Eventually.GetAsync(() => _shelf.SqlAsync("SELECT count(*) FROM copies"), copies => copies is 0L);
        Assert.Equal(0L, await _shelf.SqlAsync(
            "SELECT (SELECT count(*) FROM books) + (SELECT count(*) FROM copy_records) + (SELECT count(*) FROM copy_runs) + (SELECT count(*) FROM copy_queue)"));

        Library.Before = _ => null;
        await _shelf.RestedAsync(await _shelf.MakeAsync());
        await AssertEqualAsync();
    }

    // of one moment: the clock stands
    private async Task<IEnumerable<(long Read, long Written, long Deleted, long Calls)>> LastTwoAsync(Guid copy) =>
        (await _shelf.RunsAsync(copy)).Take(2).Select(ReportOf).Order();

    private static (long Read, long Written, long Deleted, long Calls) ReportOf(CopyRun run) => (run.Read, run.Written, run.Deleted, run.Calls);

    private async Task AssertEqualAsync() =>
        Assert.Equal(Library.Books.OrderBy(book => book.Key, StringComparer.Ordinal), (await _shelf.BooksAsync()).OrderBy(book => book.Key, StringComparer.Ordinal));
}
