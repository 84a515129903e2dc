using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class TenantTurnsTests : IAsyncLifetime
{
    private static readonly TenantId Many = new(Guid.Parse("0199a000-0000-7000-8000-000000000001"));
    private static readonly TenantId Few = new(Guid.Parse("0199a000-0000-7000-8000-000000000002"));
    private static readonly TenantId One = new(Guid.Parse("0199a000-0000-7000-8000-000000000003"));

    private readonly FakeTimeProvider _clock = StandingClock.Create();
    private StorageHost _host = null!;
    private WorkQueue _queue = null!;

    public async Task InitializeAsync()
    {
        _host = await StorageHost.StartAsync(clock: _clock, add: services => services.AddWorkQueue("queue"));
        _queue = _host.Services.GetRequiredKeyedService<WorkQueue>("queue");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_tenant_has_its_share_of_a_workers_places_however_much_it_queued_and_however_long_ago()
    {
        await AddAsync(Many, 30, ago: TimeSpan.FromHours(1));
        await AddAsync(Few, 2);
        var turns = new TenantTurns(_queue);

        var claimed = await turns.ClaimAsync(20, 4, default);

        Assert.Equal([(Many, 4), (Few, 2)], claimed.CountBy(item => item.Tenant).OrderBy(one => one.Key.Value).Select(one => (one.Key, one.Value)));
        Assert.Empty(await turns.ClaimAsync(14, 4, default));
        // another process has places of its own
        Assert.Equal(4, (await new TenantTurns(Replica()).ClaimAsync(20, 4, default)).Count);
    }

    [Fact]
    public async Task A_free_place_goes_to_who_has_the_fewest_and_round_those_who_have_as_few()
    {
        await AddAsync(Many, 10, ago: TimeSpan.FromHours(1));
        await AddAsync(Few, 4, ago: TimeSpan.FromMinutes(1));
        var turns = new TenantTurns(_queue);
        Assert.Equal([Many, Few, Many], await OneByOneAsync(turns, 3));

        await AddAsync(One, 3);

        Assert.Equal([One, Few, One, Many, Few, One], await OneByOneAsync(turns, 6));
    }

    [Fact]
    public async Task Of_a_tenants_own_the_longest_waiting_comes_first_and_what_is_not_due_or_is_held_stays()
    {
        await AddAsync(Many, 1, ago: TimeSpan.FromMinutes(-1));
        var second = await AddAsync(Many, 1, ago: TimeSpan.FromMinutes(1));
        var first = await AddAsync(Many, 1, ago: TimeSpan.FromMinutes(2));
        var turns = new TenantTurns(_queue);

        Assert.Equal(first, Assert.Single(await turns.ClaimAsync(1, 4, default)).Id);
        Assert.Equal(second, Assert.Single(await new TenantTurns(Replica()).ClaimAsync(9, 4, default)).Id);
        Assert.Empty(await turns.ClaimAsync(9, 4, default));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(await turns.ClaimAsync(9, 4, default));
    }

    private static async Task<IReadOnlyList<TenantId>> OneByOneAsync(TenantTurns turns, int places)
    {
        var tenants = new List<TenantId>();
        for (var i = 0; i < places; i++)
        {
            tenants.Add(Assert.Single(await turns.ClaimAsync(1, 4, default)).Tenant);
        }

        return tenants;
    }

    private async Task<Guid> AddAsync(TenantId tenant, int count, TimeSpan ago = default)
    {
        var id = Guid.Empty;
        await using var context = _host.Db.ForNoTenant();
        for (var i = 0; i < count; i++)
        {
            id = Guid.CreateVersion7();
            await context.Database.ExecuteSqlAsync(
                $"INSERT INTO queue (tenant_id, id, due_at) VALUES ({tenant.Value}, {id}, {_clock.GetUtcNow() - ago})");
        }

        return id;
    }

    private WorkQueue Replica() => new(_host.Db.Statements, new DatabaseSignal("queue", _clock), WorkQueue.UsualLease, _clock);
}
