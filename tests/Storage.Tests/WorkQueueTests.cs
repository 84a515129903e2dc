using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class WorkQueueTests : IAsyncLifetime
{
    private static readonly TenantId Tenant = new(Guid.Parse("0199a000-0000-7000-8000-00000000000a"));

    private readonly FakeTimeProvider _clock = StandingClock.Create();
    private readonly RecordedLog _log = new(LogLevel.Information);
    private StorageHost _host = null!;
    private WorkQueue _queue = null!;

    public async Task InitializeAsync()
    {
        _host = await StorageHost.StartAsync(clock: _clock, log: _log, add: services => services.AddWorkQueue("queue"));
        _queue = _host.Services.GetRequiredKeyedService<WorkQueue>("queue");
        // the first "look" says that it listens
        Assert.True(await WaitAsync().WaitAsync(Eventually.Limit));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Replicas_claim_each_item_once()
    {
        for (var i = 0; i < 60; i++)
        {
            await AddAsync();
        }

        var claimed = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Replica().ClaimAsync(10, default)));

        Assert.Equal(60, claimed.SelectMany(items => items).DistinctBy(item => item.Id).Count());
        Assert.Empty(await _queue.ClaimAsync(10, default));
    }

    [Fact]
    public async Task What_waits_longest_comes_first_and_what_is_not_due_stays()
    {
        var later = await AddAsync(TimeSpan.FromMinutes(10));
        var second = await AddAsync(TimeSpan.FromMinutes(-1));
        var first = await AddAsync(TimeSpan.FromMinutes(-2));

        Assert.Equal([first], Ids(await _queue.ClaimAsync(1, default)));
        Assert.Equal([second], Ids(await _queue.ClaimAsync(10, default)));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal([later], Ids(await _queue.ClaimAsync(10, default)));
    }

    [Fact]
    public async Task The_next_is_what_is_due_or_comes_back_from_a_replica_that_is_dead()
    {
        Assert.Null(await _queue.NextAsync(default));
        await AddAsync();
        await SqlAsync("UPDATE queue SET due_at = 'infinity'");
        Assert.Null(await _queue.NextAsync(default));
        await AddAsync();
        await _queue.ClaimAsync(1, default);
        Assert.InRange(
            (await _queue.NextAsync(default))!.Value,
            _clock.GetUtcNow() + TimeSpan.FromSeconds(1), _clock.GetUtcNow() + WorkQueue.UsualLease);

        await AddAsync(TimeSpan.FromMinutes(-3));
        Assert.Equal(_clock.GetUtcNow() - TimeSpan.FromMinutes(3), await _queue.NextAsync(default));
    }

    [Theory]
    [InlineData("claimed_by = NULL, claimed_until = NULL")]
    [InlineData("claimed_until = clock_timestamp()")]
    public async Task What_is_due_and_was_not_said_is_found_by_who_listens(string change)
    {
        await AddAsync();
        Assert.True(await WaitAsync().WaitAsync(Eventually.Limit));
        Assert.Single(await _queue.ClaimAsync(1, default));
        using var listener = new DatabaseSignalListener(
            _host.Services.GetRequiredService<StoragePools>(), [new("queue")], [new("queue")], _host.Services, _clock,
            NullLogger<DatabaseSignalListener>.Instance)
        {
            LookEvery = TimeSpan.FromMilliseconds(200),
        };
        await listener.StartAsync(default);
        // it says that it listens; what is claimed is no reason to look
        Assert.True(await WaitAsync().WaitAsync(Eventually.Limit));
        var told = WaitAsync();
        Assert.NotSame(told, await Task.WhenAny(told, Task.Delay(3 * listener.LookEvery)));

        await SqlAsync($"UPDATE queue SET {change}");

        Assert.True(await told.WaitAsync(Eventually.Limit));
        await listener.StopAsync(default);
    }

    [Fact]
    public async Task What_a_dead_replica_had_comes_back_when_its_lease_ends_and_is_no_longer_the_dead_ones()
    {
        await AddAsync();
        var dead = Replica();
        var item = Assert.Single(await dead.ClaimAsync(1, default));
        Assert.Empty(await _queue.ClaimAsync(1, default));

        await EndLeasesAsync();
        await using var context = _host.Db.ForNoTenant();
        Assert.False(await dead.CompleteAsync(item, default));
        Assert.False(await dead.DeferAsync(context, item, _clock.GetUtcNow(), default));

        Assert.Equal(2, Assert.Single(await _queue.ClaimAsync(1, default)).Attempts);
        Assert.False(await dead.CompleteAsync(context, item, default));
        await dead.ReleaseAsync(item, default);
        Assert.Empty(await _queue.ClaimAsync(1, default));
    }

    [Fact]
    public async Task A_claim_that_this_replica_has_taken_anew_is_not_its_first_one()
    {
        await AddAsync();
        var first = Assert.Single(await _queue.ClaimAsync(1, default));
        await EndLeasesAsync();
        var second = Assert.Single(await _queue.ClaimAsync(1, default));

        Assert.False(await _queue.CompleteAsync(first, default));
        Assert.True(await _queue.CompleteAsync(second, default));
    }

    [Fact]
    public async Task Work_that_comes_forward_in_parts_counts_its_attempts_anew_with_each_and_waits_behind_the_others()
    {
        await using var context = _host.Db.For(Tenant);
        var item = await AddAsync(TimeSpan.FromMinutes(-2));
        var other = await AddAsync(TimeSpan.FromMinutes(-1));
        var first = Assert.Single(await _queue.ClaimAsync(1, default));
        Assert.True(await _queue.DeferAsync(first, _clock.GetUtcNow() - TimeSpan.FromMinutes(2), default));
        var second = Assert.Single(await _queue.ClaimAsync(1, default));
        Assert.Equal((item, 2), (second.Id, second.Attempts));

        Assert.True(await _queue.ContinueAsync(context, second, _clock.GetUtcNow(), default));

        Assert.False(await _queue.ContinueAsync(context, second, _clock.GetUtcNow(), default));
        foreach (var next in (Guid[])[other, item])
        {
            var claimed = Assert.Single(await _queue.ClaimAsync(1, default));
            Assert.Equal((next, 1), (claimed.Id, claimed.Attempts));
        }
    }

    [Fact]
    public async Task Completing_holds_only_with_the_transaction_that_it_is_part_of()
    {
        await AddAsync();
        var item = Assert.Single(await _queue.ClaimAsync(1, default));
        await using (var context = _host.Db.For(Tenant))
        await using (await context.Database.BeginTransactionAsync())
        {
            Assert.True(await _queue.CompleteAsync(context, item, default));
        }

        Assert.True(await _queue.DeferAsync(item, _clock.GetUtcNow() + TimeSpan.FromSeconds(5), default));
        Assert.Empty(await _queue.ClaimAsync(1, default));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2, Assert.Single(await _queue.ClaimAsync(1, default)).Attempts);
    }

    [Fact]
    public async Task What_is_added_claimed_is_its_makers_until_the_lease_ends_and_is_claimed_again_where_nobody_has_it()
    {
        await using var context = _host.Db.For(Tenant);
        var (id, undone) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using (await context.Database.BeginTransactionAsync())
        {
            Assert.NotNull(await _queue.AddClaimedAsync(context, Tenant, undone, default));
        }

        var added = await _queue.AddClaimedAsync(context, Tenant, id, default);

        Assert.Equal(new WorkItem(Tenant, id, 1), added);
        Assert.Null(await Replica().AddClaimedAsync(context, Tenant, id, default));
        Assert.Empty(await Replica().ClaimAsync(10, default));
        Assert.True(await _queue.DeferAsync(added!, _clock.GetUtcNow() + TimeSpan.FromMinutes(1), default));
        Assert.Equal(2, (await Replica().AddClaimedAsync(context, Tenant, id, default))!.Attempts);
        await EndLeasesAsync();
        Assert.Equal(new WorkItem(Tenant, id, 3), await _queue.AddClaimedAsync(context, Tenant, id, default));
        Assert.True(await _queue.CompleteAsync(new WorkItem(Tenant, id, 3), default));
    }

    [Fact]
    public async Task What_is_added_or_due_earlier_or_given_back_is_said_and_what_is_due_later_is_not()
    {
        await HeardAsync(() => AddAsync(TimeSpan.FromMinutes(10)));
        await HeardAsync(() => SqlAsync("UPDATE queue SET due_at = due_at - interval '10 minutes'"));
        await SqlAsync("UPDATE queue SET due_at = due_at + interval '1 second'");
        _clock.Advance(TimeSpan.FromSeconds(1));
        var item = Assert.Single(await _queue.ClaimAsync(1, default));
        var told = WaitAsync();
        // what is said is heard in order: nothing was before this
        await SqlAsync("NOTIFY queue, 'this'");
        Assert.True(await told.WaitAsync(Eventually.Limit));

        await HeardAsync(() => _queue.ReleaseAsync(item, default));
        Assert.Equal(1, Assert.Single(await _queue.ClaimAsync(1, default)).Attempts);
    }

    [Fact]
    public async Task A_worker_runs_what_is_due_and_tries_again_what_threw()
    {
        var tries = 0;
        await using var worker = Worker(Replica(), async (queue, item, _, lost) =>
        {
            if (Interlocked.Increment(ref tries) == 1)
            {
                throw new InvalidOperationException("a bug");
            }

            await queue.CompleteAsync(item, lost);
        });
        await AddAsync();
        worker.Queue.Signal.Set();
        await Eventually.GetAsync(
            () => SqlAsync($"SELECT count(*) FROM queue WHERE due_at > '{_clock.GetUtcNow():O}' AND claimed_by IS NULL"), waiting => waiting is 1L);
        Assert.Contains(_log.Lines, line => line.Contains("a bug", StringComparison.Ordinal));

        _clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.GetAsync(() => SqlAsync("SELECT count(*) FROM queue"), left => left is 0L);
        Assert.Equal(2, tries);
    }

    [Fact]
    public async Task Work_that_a_stop_cuts_off_is_given_back_and_not_counted()
    {
        await AddAsync();
        var begun = new TaskCompletionSource();
        await using (Worker(Replica(), async (_, _, stopping, _) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, stopping);
        }))
        {
            await begun.Task.WaitAsync(Eventually.Limit);
        }

        Assert.Equal(1, Assert.Single(await _queue.ClaimAsync(1, default)).Attempts);
    }

    [Fact]
    public async Task A_claim_is_renewed_while_the_work_lasts_and_lost_when_another_one_has_it()
    {
        await AddAsync();
        var short1 = Replica(TimeSpan.FromSeconds(2));
        var (begun, cutOff) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var worker = Worker(short1, async (_, _, _, lost) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, lost);
            }
            finally
            {
                cutOff.SetResult();
            }
        });
        await begun.Task.WaitAsync(Eventually.Limit);
        var until = (DateTime)(await SqlAsync("SELECT claimed_until FROM queue"))!;
        await Eventually.GetAsync(
            async () => (DateTime)(await SqlAsync("SELECT claimed_until FROM queue"))!, renewed => renewed > until + TimeSpan.FromSeconds(2));
        Assert.False(cutOff.Task.IsCompleted);

        await SqlAsync("UPDATE queue SET claimed_by = gen_random_uuid()");

        await cutOff.Task.WaitAsync(Eventually.Limit);
        await Eventually.GetAsync(() => Task.FromResult(_log.Lines), lines => lines.Any(line => line.Contains("was lost", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_lease_that_cannot_be_renewed_is_given_up_before_it_ends()
    {
        var began = TimeProvider.System.GetTimestamp();
        var failures = 0;
        await using var lease = new Lease(
            TimeSpan.FromSeconds(2), _ => throw new TimeoutException("away"), _ => Interlocked.Increment(ref failures));
        var lost = new TaskCompletionSource();
        await using var registered = lease.Lost.Register(() => lost.SetResult());

        await lost.Task.WaitAsync(Eventually.Limit);

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(1), Eventually.Limit);
        Assert.InRange(failures, 1, 3);
    }

    private WorkQueue Replica(TimeSpan? lease = null) =>
        new(_host.Db.Statements, new DatabaseSignal("queue", _clock), lease ?? WorkQueue.UsualLease, _clock);

    private RunningWorker Worker(WorkQueue queue, Func<WorkQueue, WorkItem, CancellationToken, CancellationToken, Task> run) =>
        new(queue, new QueueWorker(queue, _clock, _log.CreateLogger("worker"))
        {
            AtOnce = 4,
            Run = (item, stopping, lost) => run(queue, item, stopping, lost),
            RetryAfter = _ => TimeSpan.FromMinutes(1),
        });

    private async Task<Guid> AddAsync(TimeSpan dueIn = default)
    {
        var id = Guid.CreateVersion7();
        await using var context = _host.Db.ForNoTenant();
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO queue (tenant_id, id, due_at) VALUES ({Tenant.Value}, {id}, {_clock.GetUtcNow() + dueIn})");
        return id;
    }

    private Task<object?> EndLeasesAsync() => SqlAsync("UPDATE queue SET claimed_until = clock_timestamp()");

    private async Task<object?> SqlAsync(string sql)
    {
        await using var command = _host.Db.DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private Task<bool> WaitAsync() => _queue.Signal.WaitAsync(_clock.GetUtcNow() + TimeSpan.FromDays(1), default);

    private async Task HeardAsync(Func<Task> what)
    {
        var told = WaitAsync();
        await what();
        Assert.True(await told.WaitAsync(Eventually.Limit));
    }

    private static IEnumerable<Guid> Ids(IEnumerable<WorkItem> items) => items.Select(item => item.Id);

    private sealed class RunningWorker : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public RunningWorker(WorkQueue queue, QueueWorker worker) => (Queue, _running) = (queue, worker.RunAsync(_stop.Token));

        public WorkQueue Queue { get; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            try
            {
                await _running.WaitAsync(Eventually.Limit);
            }
            catch (OperationCanceledException)
            {
                // that is how a stopped worker ends
            }

            _stop.Dispose();
        }
    }
}
