using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Sync.Tests;

public sealed class CopyTests : IAsyncLifetime
{
    private readonly Random _random = new(20261127);
    private Shelf _shelf = null!;

    private Library Library => _shelf.Library;

    public async Task InitializeAsync() => _shelf = await Shelf.StartAsync();

    public async Task DisposeAsync() => await _shelf.DisposeAsync();

    [Fact]
    public void The_migrations_hold_the_whole_model()
    {
        using var context = new ShelfDatabase().CreateDbContext([]);

        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task A_copy_is_read_once_and_then_follows_what_is_changed_deleted_and_taken_back()
    {
        Library.Add(1_000);
        Library.Pass(3_600);
        var copy = await _shelf.MakeAsync();
        var read = await _shelf.RestedAsync(copy);
        await AssertEqualAsync();
        var first = (await _shelf.RunsAsync(copy)).Single(run => run.Kind is CopyRunKind.Full);
        // a count, five pages, one for changes, one for deletions
        Assert.Equal((CopyRunKind.Full, 1_000L, 8L), (first.Kind, first.Written, first.Calls));
        Assert.Equal(1_000, read.Rows);

        // in the second that was seen last, too
        Library.Edit(_random, 30);
        Library.Pass(90);
        Library.Edit(_random, 500);
        var gone = Library.Delete(_random, 20);
        var second = await _shelf.RunAsync(copy);
        await AssertEqualAsync();
        Assert.Equal(20, second.Deleted);

        Library.Restore(gone[0]);
        Library.Add(3);
        Assert.Equal((4L, 0L), await WrittenAsync(copy));
        await AssertEqualAsync();
        Assert.Equal(984, (await _shelf.GetAsync(copy)).Rows);
    }

    [Fact]
    public async Task Where_nothing_changed_a_look_costs_one_call_and_writes_nothing()
    {
        Library.Add(450);
        Library.Pass(3_600);
        var copy = await _shelf.MakeAsync();
        var rested = await _shelf.RestedAsync(copy);
        Library.Pass(3_600);
        var before = Library.Calls;

        _shelf.Clock.Advance(TimeSpan.FromMinutes(1));
        rested = await _shelf.RestedAsync(copy, rested.LastRunEndedAt);
        _shelf.Clock.Advance(TimeSpan.FromMinutes(1));
        await _shelf.RestedAsync(copy, rested.LastRunEndedAt);

        Assert.Equal(before + 2, Library.Calls);
        // it is no news
        Assert.DoesNotContain(await _shelf.RunsAsync(copy), run => run.Kind is CopyRunKind.Changes);
        Assert.Equal(450L, await _shelf.SqlAsync("SELECT sum(writes) FROM books"));
    }

    [Fact]
    public async Task What_nobody_tells_is_found_when_everything_is_compared()
    {
        Library.Add(700);
        Library.Pass(3_600);
        var copy = await _shelf.MakeAsync();
        await _shelf.RestedAsync(copy);
        Library.Pass(3_600);
        Library.Delete(_random, 20, isMerge: true);
        await _shelf.RunAsync(copy);
        Assert.Equal(700, (await _shelf.BooksAsync()).Count);

        var report = await _shelf.RunAsync(copy, CopyRunKind.Check);

        Assert.Equal((680L, 0L, 20L, 680L), (report.Read, report.Written, report.Deleted, report.Rows));
        await AssertEqualAsync();
    }

    [Fact]
    public async Task Where_not_all_deletions_are_told_everything_is_compared()
    {
        Library.Add(700);
        Library.Pass(3_600);
        var copy = await _shelf.MakeAsync();
        await _shelf.RestedAsync(copy);
        Library.MostDeletions = 5;
        Library.Delete(_random, 20);
        Library.Pass(60);
        _shelf.Clock.Advance(TimeSpan.FromMinutes(10));

        await Eventually.GetAsync(() => _shelf.BooksAsync(), books => books.Count == 680);

        await _shelf.RestedAsync(copy);
        Assert.Contains(await _shelf.RunsAsync(copy), run => run is { Kind: CopyRunKind.Check, Deleted: 15 });
    }

    [Fact]
    public async Task More_deletions_than_may_be_wait_for_a_persons_word()
    {
        Library.Add(600);
        Library.Pass(3_600);
        var copy = await _shelf.MakeAsync();
        await _shelf.RestedAsync(copy);
        Library.Pass(60);
        Library.Delete(_random, 200);

        await _shelf.Copies.RequestAsync(_shelf.Tenant, copy, CopyRunKind.Changes, CancellationToken.None);
        var asking = await Eventually.GetAsync(() => _shelf.GetAsync(copy), status => status.State is CopyState.Asking);
        Assert.Equal(("deletions_to_confirm", 200L), (asking.Code, asking.Vanishing));
        Assert.Contains("200 of 600", asking.Message, StringComparison.Ordinal);
        Assert.Equal(600, (await _shelf.BooksAsync()).Count);
        Assert.Equal("deletions_to_confirm", await _shelf.SqlAsync("SELECT string_agg(code, ' ') FROM told"));

        // refused, it rests, and what is resumed asks again
        await _shelf.ChangeAsync(context => _shelf.Copies.AnswerAsync(context, copy, delete: false, CancellationToken.None));
        Assert.Equal(CopyState.Paused, (await _shelf.GetAsync(copy)).State);
        await _shelf.ChangeAsync(context => _shelf.Copies.ResumeAsync(context, copy, CancellationToken.None));
        await Eventually.GetAsync(() => _shelf.GetAsync(copy), status => status.State is CopyState.Asking);
        await _shelf.ChangeAsync(context => _shelf.Copies.AnswerAsync(context, copy, delete: true, CancellationToken.None));
        await Eventually.GetAsync(() => _shelf.BooksAsync(), books => books.Count == 400);
        await AssertEqualAsync();
        Assert.False((await _shelf.ChangeAsync(context => _shelf.Copies.AnswerAsync(context, copy, delete: true, CancellationToken.None))).Succeeded(out _, out var nothing));
        Assert.Equal("nothing_to_confirm", nothing.Code);
    }

    [Fact]
    public async Task A_source_that_ignores_the_filter_is_not_believed()
    {
        Library.Add(100);
        Library.Pass(3_600);
        var copy = await _shelf.MakeAsync();
        var rested = await _shelf.RestedAsync(copy);
        Library.Pass(3_600);
        Library.IgnoresFilter = true;
        Library.Edit(_random, 5);

        await _shelf.Copies.RequestAsync(_shelf.Tenant, copy, CopyRunKind.Changes, CancellationToken.None);
        var noticed = await Eventually.GetAsync(() => _shelf.GetAsync(copy), status => status.IgnoresFilter);
        Assert.Equal("filter_ignored", noticed.Code);
        _shelf.Clock.Advance(TimeSpan.FromDays(1));
        await _shelf.RestedAsync(copy, rested.LastRunEndedAt);

        Assert.Equal(CopyRunKind.Full, (await _shelf.RunsAsync(copy))[0].Kind);
        await AssertEqualAsync();
    }

    [Fact]
    public async Task A_source_that_gives_one_page_again_and_again_is_noticed()
    {
        Library.Add(500);
        Library.IsStuck = true;
        var copy = await _shelf.MakeAsync();

        var stuck = await Eventually.GetAsync(() => _shelf.GetAsync(copy), status => status.Code is not null);
        Assert.Equal("cursor_stuck", stuck.Code);
        Assert.Equal("cursor_stuck", await _shelf.SqlAsync("SELECT string_agg(code, ' ') FROM told"));

        Library.IsStuck = false;
        await _shelf.Copies.WakeAsync(_shelf.Tenant, "connection", CancellationToken.None);
        await _shelf.RestedAsync(copy);
        await AssertEqualAsync();
    }

    [Fact]
    public async Task A_position_that_expired_begins_its_step_anew_and_an_outage_is_waited_for()
    {
        Library.Add(900);
        var asked = 0;
        Library.Before = what => what == "all" && ++asked is 3 or 5
            ? asked == 3 ? SourceFailures.PositionExpired : new Failure(FailureKind.Unavailable, "away", "The library is closed.")
            : null;
        var copy = await _shelf.MakeAsync();

        await Eventually.GetAsync(() => _shelf.GetAsync(copy), status => status.Code == "away");
        Assert.Equal(0L, await _shelf.SqlAsync("SELECT count(*) FROM told"));
        _shelf.Clock.Advance(TimeSpan.FromSeconds(5));
        var status = await _shelf.RestedAsync(copy);

        Assert.Null(status.Code);
        await AssertEqualAsync();
        Assert.Equal(900L, await _shelf.SqlAsync("SELECT sum(writes) FROM books"));
    }

    [Fact]
    public async Task A_record_of_which_somebody_says_that_it_was_changed_is_read_at_once()
    {
        Library.Add(300);
        Library.Pass(3_600);
        var copy = await _shelf.MakeAsync();
        await _shelf.RestedAsync(copy);
        Library.Pass(60);
        Library.Edit(_random, 1);
        var changed = Library.Books.Single(book => book.Value.StartsWith("Edited", StringComparison.Ordinal)).Key;
        var gone = Library.Delete(_random, 1).Single();
        var before = Library.Calls;

        // the source refuses a call with one that is no id, and the others are read all the same
        await _shelf.Copies.NoteChangedAsync(_shelf.Tenant, copy, [changed, gone, "never-there", Library.WrongId], CancellationToken.None);

        await Eventually.GetAsync(() => _shelf.BooksAsync(), books => books.Count == 299);
        await AssertEqualAsync();
        Assert.Equal(before + 3, Library.Calls);
        Assert.Equal(0L, await _shelf.SqlAsync("SELECT count(*) FROM copy_hints"));
    }

    [Fact]
    public async Task Hints_neither_delete_more_than_may_be_nor_end_a_wait_nor_hide_a_failure()
    {
        Library.Add(300);
        Library.Pass(3_600);
        var copy = await _shelf.MakeAsync();
        await _shelf.RestedAsync(copy);
        var gone = Library.Delete(_random, 100);
        await _shelf.Copies.NoteChangedAsync(_shelf.Tenant, copy, gone, CancellationToken.None);
        var asking = await Eventually.GetAsync(() => _shelf.GetAsync(copy), status => status.State is CopyState.Asking);
        Assert.Equal(("deletions_to_confirm", 300), (asking.Code, (await _shelf.BooksAsync()).Count));
        await _shelf.ChangeAsync(context => _shelf.Copies.AnswerAsync(context, copy, delete: true, CancellationToken.None));
        await Eventually.GetAsync(() => _shelf.BooksAsync(), books => books.Count == 200);
        await _shelf.RestedAsync(copy);

        var other = new TenantId(Guid.CreateVersion7());
        var theirs = await _shelf.MakeAsync(other);
        var rested = await _shelf.RestedAsync(theirs, tenant: other);
        var (isLocked, byId) = (true, 0);
        Library.Before = what =>
        {
            byId += what == "ids" ? 1 : 0;
            return isLocked && what == "changes"
                ? new Failure(FailureKind.RateLimited, "locked", "The library is locked.") { RetryAfter = TimeSpan.FromHours(1) }
                : null;
        };
        await _shelf.Copies.RequestAsync(_shelf.Tenant, copy, CopyRunKind.Changes, CancellationToken.None);
        await Eventually.GetAsync(() => _shelf.GetAsync(copy), status => status.Code == "locked");
        isLocked = false;
        await _shelf.Copies.NoteChangedAsync(_shelf.Tenant, copy, [Library.Books.First().Key], CancellationToken.None);
        // another's copy is looked at twice: behind the moment at which this one would have been
        foreach (var minutes in (int[])[57, 2])
        {
            _shelf.Clock.Advance(TimeSpan.FromMinutes(minutes));
            rested = await _shelf.RestedAsync(theirs, rested.LastRunEndedAt, other);
        }

        Assert.Equal(("locked", 0), ((await _shelf.GetAsync(copy)).Code, byId));
        isLocked = true;
        _shelf.Clock.Advance(TimeSpan.FromMinutes(2));
        await Eventually.GetAsync(() => _shelf.SqlAsync("SELECT count(*) FROM told WHERE code = 'locked'"), told => told is 1L);
        Assert.NotNull((await _shelf.GetAsync(copy)).Code);
    }

    [Fact]
    public async Task Records_that_are_said_to_be_changed_while_everything_is_read_are_no_page_that_comes_again()
    {
        Library.Add(500);
        Library.Pass(3_600);
        // the whole of the last page
        var last = Library.Books.Keys.Order(StringComparer.Ordinal).Skip(400).ToList();
        using var held = HoldAt("all", page: 2);
        var copy = await _shelf.MakeAsync();
        await held.ReachedAsync();
        await _shelf.Copies.NoteChangedAsync(_shelf.Tenant, copy, last, CancellationToken.None);
        held.GoOn();

        Assert.Null((await _shelf.RestedAsync(copy)).Code);
        Assert.Equal(0L, await _shelf.SqlAsync("SELECT count(*) FROM told"));
        await AssertEqualAsync();
    }

    [Fact]
    public async Task A_look_that_is_asked_for_when_the_changes_were_read_already_is_followed_by_another_one()
    {
        Library.Add(50);
        Library.Pass(3_600);
        using var held = HoldAt("deletions", page: 1, () => Library.Edit(_random, 5));
        var copy = await _shelf.MakeAsync();
        await held.ReachedAsync();
        await _shelf.Copies.RequestAsync(_shelf.Tenant, copy, CopyRunKind.Changes, CancellationToken.None);
        held.GoOn();

        await Eventually.GetAsync(() => _shelf.BooksAsync(), books => books.Values.Count(title => title.StartsWith("Edited", StringComparison.Ordinal)) == 5);
        await AssertEqualAsync();
    }

    private Held HoldAt(string what, int page, Action? first = null)
    {
        var (held, asked) = (new Held(), 0);
        Library.Before = now =>
        {
            if (now == what && ++asked == page)
            {
                first?.Invoke();
                held.Hold();
            }

            return null;
        };
        return held;
    }

    /// <summary>Keeps the source from answering until the test has done something.</summary>
    private sealed class Held : IDisposable
    {
        private readonly SemaphoreSlim _reached = new(0);
        private readonly SemaphoreSlim _goOn = new(0);

        public void Hold()
        {
            _reached.Release();
            Assert.True(_goOn.Wait(Eventually.Limit));
        }

        public async Task ReachedAsync() => Assert.True(await _reached.WaitAsync(Eventually.Limit));

        public void GoOn() => _goOn.Release();

        public void Dispose()
        {
            _reached.Dispose();
            _goOn.Dispose();
        }
    }

    [Fact]
    public async Task A_record_that_cannot_be_written_is_a_cause_and_the_copy_goes_on_once_it_can()
    {
        Library.Add(10);
        Library.Pass(3_600);
        await _shelf.SqlAsync("ALTER TABLE books ADD CONSTRAINT no_sevens CHECK (title <> 'Book 7'); SELECT 1");
        var copy = await _shelf.MakeAsync();

        var failed = await Eventually.GetAsync(() => _shelf.GetAsync(copy), status => status.Code is not null);
        Assert.Equal("copy_write_failed", failed.Code);
        Assert.Equal("copy_write_failed", await _shelf.SqlAsync("SELECT string_agg(code, ' ') FROM told"));

        await _shelf.SqlAsync("ALTER TABLE books DROP CONSTRAINT no_sevens; SELECT 1");
        _shelf.Clock.Advance(TimeSpan.FromMinutes(10));
        await _shelf.RestedAsync(copy);
        await AssertEqualAsync();
    }

    [Fact]
    public async Task A_slow_tenant_holds_no_other_and_none_sees_anothers_copy()
    {
        const int More = 9;
        var other = new TenantId(Guid.CreateVersion7());
        Library.Add(250);
        Library.Pass(3_600);
        var (answer, waiting) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0);
        Library.Slow = asked =>
        {
            if (asked.Tenant == other)
            {
                return Task.CompletedTask;
            }

            Interlocked.Increment(ref waiting);
            return answer.Task;
        };
        // more than a replica has places
        var copy = await _shelf.MakeAsync();
        foreach (var n in Enumerable.Range(0, More))
        {
            await _shelf.MakeAsync(subject: $"shelf {n}");
        }

        await Eventually.GetAsync(() => Task.FromResult(Volatile.Read(ref waiting)), now => now >= 2);
        var theirs = await _shelf.MakeAsync(other);
        await _shelf.RestedAsync(theirs, tenant: other);
        Assert.Equal((2, 250), (Volatile.Read(ref waiting), (await _shelf.BooksAsync(other)).Count));
        answer.SetResult();
        await _shelf.RestedAsync(copy);

        Assert.Equal(More + 1, (await _shelf.Copies.ListAsync(_shelf.Tenant, CancellationToken.None)).Count);
        Assert.Equal(theirs, Assert.Single(await _shelf.Copies.ListAsync(other, CancellationToken.None)).Id);
        Assert.False((await _shelf.Copies.GetAsync(other, copy, CancellationToken.None)).Succeeded(out _, out var refused));
        Assert.Equal("copy_not_found", refused.Code);
        Assert.False((await _shelf.ChangeAsync(context => _shelf.Copies.PauseAsync(context, copy, CancellationToken.None), other)).Succeeded(out _, out _));
        Assert.Equal(CopyState.Active, (await _shelf.GetAsync(copy)).State);
    }

    private async Task<(long Written, long Deleted)> WrittenAsync(Guid copy)
    {
        Library.Pass(120);
        var run = await _shelf.RunAsync(copy);
        return (run.Written, run.Deleted);
    }

    private async Task AssertEqualAsync() =>
        Assert.Equal(Library.Books.OrderBy(book => book.Key, StringComparer.Ordinal), (await _shelf.BooksAsync()).OrderBy(book => book.Key, StringComparer.Ordinal));
}
