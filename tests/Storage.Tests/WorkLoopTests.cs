using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

/// <summary>A loop over a queue that is played: what it asks for, and when.</summary>
public sealed class WorkLoopTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = StandingClock.Create();
    private readonly RecordedLog _log = new(LogLevel.Information);
    private readonly ConcurrentQueue<DateTimeOffset> _due = new();
    private readonly ConcurrentQueue<TaskCompletionSource> _begun = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly DatabaseSignal _signal;
    private int _claims;
    private int _looks;
    private volatile Exception? _trouble;
    private Task _loop = Task.CompletedTask;

    public WorkLoopTests() => _signal = new DatabaseSignal("work", _clock);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await StopAsync(finish: true);
        _signal.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task While_nothing_is_there_it_asks_nothing_until_it_is_told()
    {
        Start();
        await LookedAsync(1);
        for (var minute = 0; minute < 60; minute++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        _signal.Set();
        await LookedAsync(2);

        // at its start, and when it was told
        Assert.Equal(2, _claims);
    }

    [Fact]
    public async Task It_sleeps_until_the_next_is_due()
    {
        Start();
        await LookedAsync(1);
        _due.Enqueue(_clock.GetUtcNow() + TimeSpan.FromSeconds(20));
        _signal.Set();
        await LookedAsync(2);
        var claims = _claims;

        _clock.Advance(TimeSpan.FromSeconds(19));
        Assert.Empty(_begun);
        Assert.Equal(claims, _claims);
        _clock.Advance(TimeSpan.FromSeconds(1));

        await BegunAsync(1);
    }

    [Fact]
    public async Task What_falls_due_while_it_looks_is_not_slept_through()
    {
        var looking = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        var due = _clock.GetUtcNow() + TimeSpan.FromSeconds(20);
        Start(async () =>
        {
            looking.TrySetResult();
            await answer.Task;
        });
        await looking.Task.WaitAsync(Eventually.Limit);

        // its answer is of before the clock was moved
        _due.Enqueue(due);
        _clock.Advance(TimeSpan.FromSeconds(25));
        answer.SetResult();

        await BegunAsync(1);
    }

    [Fact]
    public async Task It_works_on_no_more_than_it_may_and_takes_the_next_when_one_ends()
    {
        for (var i = 0; i < 5; i++)
        {
            _due.Enqueue(_clock.GetUtcNow());
        }

        Start();
        await BegunAsync(3);
        Assert.Equal(2, _due.Count);

        Finish();
        await BegunAsync(3);
        Assert.Single(_due);
    }

    [Fact]
    public async Task After_an_outage_it_goes_on()
    {
        Start();
        await LookedAsync(1);
        _trouble = new TimeoutException("the database is away");
        _signal.Set();
        await Eventually.GetAsync(() => Task.FromResult(_log.Lines), lines => lines.Any(line => line.Contains("away", StringComparison.Ordinal)));

        _due.Enqueue(_clock.GetUtcNow());
        _trouble = null;
        await Eventually.GetAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(_begun.Count);
            },
            begun => begun == 1);
    }

    [Fact]
    public async Task Work_that_throws_stops_nothing()
    {
        _due.Enqueue(_clock.GetUtcNow());
        Start();
        await BegunAsync(1);
        Assert.True(_begun.TryDequeue(out var first));
        first.SetException(new InvalidOperationException("a bug"));
        await Eventually.GetAsync(() => Task.FromResult(_log.Lines), lines => lines.Any(line => line.Contains("a bug", StringComparison.Ordinal)));

        _due.Enqueue(_clock.GetUtcNow());
        _signal.Set();

        await BegunAsync(1);
    }

    [Fact]
    public async Task Stopped_it_begins_nothing_and_ends_with_what_was_begun()
    {
        _due.Enqueue(_clock.GetUtcNow());
        Start();
        await BegunAsync(1);

        var stopping = StopAsync(finish: false);
        _due.Enqueue(_clock.GetUtcNow());
        _signal.Set();
        Assert.False(_loop.IsCompleted);
        Finish();

        await stopping.WaitAsync(Eventually.Limit);
        Assert.Single(_due);
    }

    private void Start(Func<Task>? whileLooking = null) => _loop = new WorkLoop<DateTimeOffset>("work", _clock, _log.CreateLogger("loop"))
    {
        Signal = _signal,
        AtOnce = 3,
        Claim = (most, _) =>
        {
            Interlocked.Increment(ref _claims);
            if (_trouble is { } trouble)
            {
                throw trouble;
            }

            var claimed = new List<DateTimeOffset>();
            while (claimed.Count < most && _due.TryPeek(out var next) && next <= _clock.GetUtcNow() && _due.TryDequeue(out next))
            {
                claimed.Add(next);
            }

            return Task.FromResult<IReadOnlyList<DateTimeOffset>>(claimed);
        },
        Next = async _ =>
        {
            await (whileLooking?.Invoke() ?? Task.CompletedTask);
            Interlocked.Increment(ref _looks);
            return _due.TryPeek(out var next) ? next : null;
        },
        Run = (_, _) =>
        {
            var work = new TaskCompletionSource();
            _begun.Enqueue(work);
            return work.Task;
        },
    }.RunAsync(_stop.Token);

    private void Finish()
    {
        Assert.True(_begun.TryDequeue(out var work));
        work.SetResult();
    }

    private async Task StopAsync(bool finish)
    {
        await _stop.CancelAsync();
        while (finish && _begun.TryDequeue(out var work))
        {
            work.TrySetResult();
        }

        try
        {
            await _loop.WaitAsync(Eventually.Limit);
        }
        catch (OperationCanceledException)
        {
            // that is how a stopped loop ends
        }
    }

    private Task<int> LookedAsync(int times) => Eventually.GetAsync(() => Task.FromResult(_looks), looks => looks == times);

    private Task<int> BegunAsync(int count) => Eventually.GetAsync(() => Task.FromResult(_begun.Count), begun => begun == count);
}
