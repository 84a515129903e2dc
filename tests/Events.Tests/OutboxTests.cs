using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Events.Tests;

public sealed class OutboxTests : IAsyncLifetime
{
    private PlayedWebhooks _webhooks = null!;

    public async Task InitializeAsync() => _webhooks = await PlayedWebhooks.StartAsync();

    public async Task DisposeAsync() => await _webhooks.DisposeAsync();

    [Fact]
    public void The_migrations_hold_the_whole_model()
    {
        using var context = new ShopDatabase().CreateDbContext([]);

        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task An_event_is_told_with_the_services_own_ticket_for_the_tenant_when_its_change_is_committed()
    {
        await using var shop = await Shop.StartAsync(_webhooks.Url);

        await shop.SellAsync(7);
        await shop.EmptyAsync();

        var call = Assert.Single(_webhooks.Calls);
        Assert.Equal(new Caller(shop.Tenant, Role.Service, "service:tokens"), call.Caller);
        var told = Assert.Single(call.Events);
        Assert.Equal(("campaigns.sync.finished", "sale:7", """{"sale":7}"""), (told.Type, told.Subject, told.Data));
        Assert.True(Guid.TryParseExact(told.Id, "D", out _));
        Assert.InRange(told.OccurredAt.ToDateTimeOffset(), TimeProvider.System.GetUtcNow() - Eventually.Limit, TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task A_change_that_is_taken_back_tells_nothing()
    {
        await using var shop = await Shop.StartAsync(_webhooks.Url);
        await using (var context = shop.Db.For(shop.Tenant))
        await using (var transaction = await context.Database.BeginTransactionAsync())
        {
            await Shop.SellAsync(context, 1);
            await transaction.RollbackAsync();
        }

        await shop.SellAsync(2);
        await shop.EmptyAsync();

        Assert.Equal("sale:2", Assert.Single(_webhooks.Events).Subject);
    }

    [Fact]
    public async Task While_the_webhook_service_is_away_changes_are_made_and_their_events_come_later()
    {
        var address = _webhooks.Url;
        await _webhooks.DisposeAsync();
        await using var shop = await Shop.StartAsync(address);

        foreach (var sale in Enumerable.Range(0, 20))
        {
            await shop.SellAsync(sale);
        }

        await Eventually.GetAsync(
            () => Task.FromResult(shop.Log.Lines), lines => lines.Any(line => line.Contains("not handed over", StringComparison.Ordinal)));
        Assert.Equal(20L, await shop.SqlAsync("SELECT count(*) FROM event_outbox"));

        _webhooks = await PlayedWebhooks.StartAsync(port: new Uri(address).Port);
        await shop.EmptyAsync();

        Assert.Equal(20, _webhooks.Events.Select(told => told.Subject).Distinct().Count());
        Assert.Equal(20, _webhooks.Events.Select(told => told.Id).Distinct().Count());
    }

    [Fact]
    public async Task What_was_taken_without_an_answer_comes_again_under_the_same_id()
    {
        var isRefused = true;
        _webhooks.Answer = (_, _) =>
            Interlocked.Exchange(ref isRefused, false) ? throw new RpcException(new Status(StatusCode.Internal, "lost")) : Task.CompletedTask;
        await using var shop = await Shop.StartAsync(_webhooks.Url);

        await shop.SellAsync(1);
        await shop.EmptyAsync();

        Assert.Equal(2, _webhooks.Calls.Count);
        Assert.Single(_webhooks.Events.Select(told => told.Id).Distinct());
    }

    [Fact]
    public async Task A_sender_that_is_gone_between_the_call_and_the_deletion_leaves_one_event_under_one_id()
    {
        // the first one's answer is never seen by anybody
        var taken = new TaskCompletionSource();
        _webhooks.Answer = async (_, cancellationToken) =>
        {
            taken.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        };
        await using var shop = await Shop.StartAsync(_webhooks.Url);
        await shop.SellAsync(1);
        await taken.Task.WaitAsync(Eventually.Limit);
        await shop.StopAllAsync();
        Assert.Equal(1L, await shop.SqlAsync("SELECT count(*) FROM event_outbox"));

        _webhooks.Answer = (_, _) => Task.CompletedTask;
        await shop.AddReplicaAsync(_webhooks.Url);
        await shop.EmptyAsync();

        Assert.Equal(2, _webhooks.Calls.Count);
        Assert.Single(_webhooks.Events.Select(told => told.Id).Distinct());
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_change_a_tenant_at_once_on_many_replicas()
    {
        await using var shop = await Shop.StartAsync(_webhooks.Url, replicas: 3);

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 600), new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (sale, _) => await shop.SellAsync(sale));
        await shop.EmptyAsync();

        Assert.Equal(600, _webhooks.Events.Select(told => told.Subject).Distinct().Count());
        Assert.Equal(600, _webhooks.Events.Select(told => told.Id).Distinct().Count());
        Assert.All(_webhooks.Calls, call => Assert.InRange(call.Events.Count, 1, 100));
    }

    [Fact]
    public async Task Changes_of_a_tenant_that_are_under_way_at_once_do_not_wait_for_each_other()
    {
        await using var shop = await Shop.StartAsync(_webhooks.Url);
        await using var slow = shop.Db.For(shop.Tenant);
        await using var transaction = await slow.Database.BeginTransactionAsync();
        await Shop.SellAsync(slow, 1);

        await shop.SellAsync(2).WaitAsync(Eventually.Limit);
        await shop.EmptyAsync();
        Assert.Equal("sale:2", Assert.Single(_webhooks.Events).Subject);

        await transaction.CommitAsync();
        await shop.EmptyAsync();
        Assert.Equal(["sale:2", "sale:1"], _webhooks.Events.Select(told => told.Subject));
    }

    [Fact]
    public async Task A_tenant_with_very_much_to_tell_is_passed_by_those_with_little()
    {
        var address = _webhooks.Url;
        await using var shop = await Shop.StartAsync(address);
        _webhooks.Answer = (_, _) => throw new RpcException(new Status(StatusCode.Unavailable, "not yet"));
        var order = new ConcurrentQueue<TenantId>();
        await shop.SqlAsync(
            $$"""
            INSERT INTO event_outbox (tenant_id, id, type, occurred_at, subject, data)
            SELECT '{{shop.Tenant.Value}}', gen_random_uuid(), 'campaigns.sync.finished', now() - interval '1 hour', 'sale:' || n, '{}'
            FROM generate_series(1, 5000) n
            """);
        var others = Enumerable.Range(0, 10).Select(_ => new TenantId(Guid.CreateVersion7())).ToList();
        foreach (var other in others)
        {
            await shop.SellAsync(1, other);
        }

        _webhooks.Answer = (call, _) =>
        {
            order.Enqueue(call.Caller.Tenant);
            return Task.CompletedTask;
        };
        await shop.SqlAsync("UPDATE event_queue SET due_at = now() - interval '1 minute'");
        await shop.EmptyAsync();

        // four tenants at once, and a turn is one call: of fifty calls of the one, few come before the last of the others
        var calls = order.ToList();
        Assert.Equal(50, calls.Count(tenant => tenant == shop.Tenant));
        Assert.InRange(calls.FindLastIndex(tenant => tenant != shop.Tenant), 9, 30);
        Assert.All(others, other => Assert.Contains(other, calls));
    }

    [Fact]
    public async Task After_much_that_was_taken_the_first_refusal_waits_as_long_as_any_first_one()
    {
        await using var shop = await Shop.StartAsync("http://127.0.0.1:1");
        await shop.StopAllAsync();
        await shop.SqlAsync(
            $$"""
            INSERT INTO event_outbox (tenant_id, id, type, occurred_at, subject, data)
            SELECT '{{shop.Tenant.Value}}', gen_random_uuid(), 'campaigns.sync.finished', now() - interval '1 hour', 'sale:' || n, '{}'
            FROM generate_series(1, 1000) n
            """);
        var (taken, refused) = (0, new TaskCompletionSource());
        _webhooks.Answer = (_, _) =>
        {
            if (Interlocked.Increment(ref taken) < 10)
            {
                return Task.CompletedTask;
            }

            refused.TrySetResult();
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "enough"));
        };

        await shop.AddReplicaAsync(_webhooks.Url);
        await refused.Task.WaitAsync(Eventually.Limit);
        var wait = await Eventually.GetAsync(
            () => shop.SqlAsync("SELECT extract(epoch FROM due_at - clock_timestamp())::float8 FROM event_queue WHERE claimed_by IS NULL"),
            seconds => seconds is not null);

        // two seconds, and as many as a minute after nine claims that were all good
        Assert.InRange((double)wait!, -Eventually.Limit.TotalSeconds, 2);
    }

    [Fact]
    public async Task What_nobody_would_take_is_refused_where_it_is_raised()
    {
        await using var shop = await Shop.StartAsync(_webhooks.Url);
        await using var context = shop.Db.For(shop.Tenant);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => context.RaiseAsync(
            EventCatalogue.SyncFinished, new string('s', 201), new { }, TimeProvider.System.GetUtcNow(), CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => context.RaiseAsync(
            EventCatalogue.SyncFinished, "s", new { a = new string('a', EventOutbox.MostData) }, TimeProvider.System.GetUtcNow(), CancellationToken.None));

        Assert.Equal(0L, await shop.SqlAsync("SELECT count(*) FROM event_outbox"));
    }

    [Fact]
    public async Task No_tenant_reads_what_another_one_tells()
    {
        await using var shop = await Shop.StartAsync("http://127.0.0.1:1");
        await shop.SellAsync(1);

        await using var other = shop.Db.For(new TenantId(Guid.CreateVersion7()));

        Assert.Equal(0, await other.Database.SqlQuery<int>($"SELECT count(*)::int AS \"Value\" FROM event_outbox").SingleAsync());
    }
}
