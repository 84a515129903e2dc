using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.CampaignsService.Gates;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>Several workers, several tenants, and workers that die.</summary>
public sealed class QueueTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private Campaigns _campaigns = null!;

    public async Task InitializeAsync() => _campaigns = await Campaigns.StartAsync(zoho, _clock, pushes: false);

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task Registrations_of_one_address_are_pushed_in_the_order_they_came_whichever_replica_pushes()
    {
        await _campaigns.AddReplicaAsync();
        await _campaigns.AddReplicaAsync();
        var tenant = await _campaigns.TenantAsync();
        await zoho.DisturbAsync("latency", milliseconds: 30);

        var submitted = new List<Registration>();
        for (var i = 0; i < 20; i++)
        {
            submitted.Add(await tenant.SubmitAsync(new RegistrationFields { Email = "ada@example.com", FirstName = $"Ada {i}" }));
        }

        var pushed = new List<Registration>();
        foreach (var one in submitted)
        {
            pushed.Add(await Eventually.GetAsync(
                () => tenant.GetAsync(one.Id), now => now.Status is RegistrationStatus.Subscribed or RegistrationStatus.AlreadySubscribed));
        }

        Assert.Equal(RegistrationStatus.Subscribed, pushed[0].Status);
        Assert.All(pushed.Skip(1), one => Assert.Equal(RegistrationStatus.AlreadySubscribed, one.Status));
        Assert.Equal("Ada 19", Assert.Single(await zoho.ContactsAsync())["First Name"]);
        Assert.Equal(20, await zoho.PushesAsync());
    }

    [Fact]
    public async Task Two_replicas_share_the_work_and_push_every_contact_once()
    {
        await _campaigns.AddReplicaAsync();
        await _campaigns.AddReplicaAsync();
        var tenant = await _campaigns.TenantAsync();

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => tenant.SubmitAsync($"user{i}@example.com")));

        await Eventually.GetAsync(() => tenant.ListAsync(RegistrationStatus.Subscribed, pageSize: 200), page => page.Registrations.Count == 60);
        Assert.Equal(60, await zoho.CountAsync());
        Assert.Equal(60, await zoho.PushesAsync());
    }

    [Fact]
    public async Task What_waits_behind_an_older_one_of_its_address_is_looked_for_when_that_is_due()
    {
        var (queue, tenant) = (QueueOf(), await _campaigns.TenantAsync());
        var (_, older) = await ClaimedByAsync(queue, tenant, "ada@example.com");
        await tenant.SubmitAsync("ada@example.com");
        var later = _clock.GetUtcNow() + TimeSpan.FromMinutes(5);
        await using (var context = _campaigns.Host.Db.For(older.Tenant))
        {
            Assert.True(await queue.DeferAsync(context, older, later, inDoubt: false, CancellationToken.None));
        }

        Assert.Equal(later, (await queue.NextAsync(CancellationToken.None))!.Value, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task What_a_dead_worker_had_claimed_comes_back_when_its_lease_ends_and_is_subscribed()
    {
        await zoho.SetAsync(new { ExistingContactRefused = true });
        var tenant = await _campaigns.TenantAsync();
        var dead = QueueOf();
        var (submitted, claim) = await ClaimedByAsync(dead, tenant, "ada@example.com");
        // it had pushed, and died before it could record that
        await zoho.SeedAsync("ada@example.com");

        await _campaigns.AddReplicaAsync();
        await tenant.EventuallyAsync(await tenant.SubmitAsync("grace@example.com"), RegistrationStatus.Subscribed);
        Assert.Equal(RegistrationStatus.Pending, (await tenant.GetAsync(submitted.Id)).Status);

        await EndLeasesAsync();
        await tenant.EventuallyAsync(submitted, RegistrationStatus.Subscribed, _clock);

        Assert.Null(await new PushRecorder(_campaigns.Host.Db, dead, _clock).RecordAsync(
            claim, new PushOutcome(PushVerdict.Taken, zoho.ListKey, Asked: true), CancellationToken.None));
    }

    [Fact]
    public async Task An_outcome_that_comes_after_the_lease_is_not_recorded()
    {
        var tenant = await _campaigns.TenantAsync();
        var slow = QueueOf();
        var (submitted, claim) = await ClaimedByAsync(slow, tenant, "ada@example.com");
        await EndLeasesAsync();

        var recorded = await new PushRecorder(_campaigns.Host.Db, slow, _clock).RecordAsync(
            claim, new PushOutcome(PushVerdict.Taken, zoho.ListKey, Asked: true), CancellationToken.None);

        Assert.Null(recorded);
        await _campaigns.AddReplicaAsync();
        Assert.Equal(1, (await tenant.EventuallyAsync(submitted, RegistrationStatus.Subscribed)).Attempts);
    }

    [Fact]
    public async Task What_a_dead_worker_had_claimed_is_not_the_one_try_of_a_gate_that_opens_again()
    {
        var tenant = await _campaigns.TenantAsync();
        var dead = QueueOf();
        var (_, claim) = await ClaimedByAsync(dead, tenant, "ada@example.com");
        await using var context = _campaigns.Host.Db.For(tenant.Id);
        await PushGate.CloseAsync(
            context,
            RegistrationStatus.Retrying,
            new Failure(FailureKind.Unavailable, "zoho_unavailable", "Zoho is away."),
            _clock.GetUtcNow(),
            _clock.GetUtcNow() + TimeSpan.FromSeconds(5),
            claim.GateFailures,
            failures: 1,
            through: null,
            CancellationToken.None);
        foreach (var email in new[] { "b@example.com", "c@example.com" })
        {
            await tenant.SubmitAsync(email);
        }

        var alive = QueueOf();
        Assert.Empty(await alive.ClaimAsync(10, 4, CancellationToken.None));
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Single(await alive.ClaimAsync(10, 4, CancellationToken.None));
        Assert.Empty(await alive.ClaimAsync(10, 4, CancellationToken.None));
        Assert.Empty(await QueueOf().ClaimAsync(10, 4, CancellationToken.None));
    }

    [Fact]
    public async Task A_tenant_with_many_registrations_leaves_room_for_one_with_a_single_one()
    {
        await _campaigns.AddReplicaAsync();
        var (big, small) = (await _campaigns.TenantAsync(), await _campaigns.TenantAsync());
        await zoho.DisturbAsync("latency", milliseconds: 300);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => big.SubmitAsync($"user{i}@example.com")));

        await small.EventuallyAsync(await small.SubmitAsync("ada@example.com"), RegistrationStatus.Subscribed, _clock);

        Assert.True((await big.ListAsync(RegistrationStatus.Pending, pageSize: 200)).Registrations.Count > 100);
    }

    [Fact]
    public async Task Claims_go_round_the_tenants_and_take_only_the_oldest_of_an_address()
    {
        var tenants = new[] { await _campaigns.TenantAsync(), await _campaigns.TenantAsync(), await _campaigns.TenantAsync() };
        foreach (var tenant in tenants)
        {
            foreach (var email in new[] { "a@example.com", "A@example.com", "b@example.com", "c@example.com" })
            {
                await tenant.SubmitAsync(email);
            }
        }

        var queue = QueueOf();
        var first = await queue.ClaimAsync(2, 4, CancellationToken.None);
        var second = await queue.ClaimAsync(2, 4, CancellationToken.None);
        var rest = await queue.ClaimAsync(100, 4, CancellationToken.None);

        Assert.Equal(2, first.DistinctBy(claim => claim.Tenant).Count());
        Assert.Equal(3, first.Concat(second).DistinctBy(claim => claim.Tenant).Count());
        var claims = first.Concat(second).Concat(rest).ToList();
        Assert.Equal(9, claims.Count);
        Assert.Equal(9, claims.DistinctBy(claim => Convert.ToHexString(claim.Subject), StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData(1, 1.6, 2.4)]
    [InlineData(4, 12.8, 19.2)]
    [InlineData(9, 240, 360)]
    [InlineData(1000, 240, 360)]
    public void Waits_double_up_to_five_minutes(int failures, double shortest, double longest)
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.InRange(Backoff.After(failures, null).TotalSeconds, shortest, longest);
        }

        Assert.Equal(TimeSpan.FromMinutes(30), Backoff.After(failures, TimeSpan.FromMinutes(30)));
    }

    private RegistrationQueue QueueOf() => new(
        _campaigns.Host.Db,
        new WorkQueue(
            _campaigns.Host.Db.Statements, new DatabaseSignal(RegistrationQueue.Table, _clock), RegistrationQueue.Lease, _clock),
        _clock);

    // they go by the database's clock, which a test cannot move
    private async Task EndLeasesAsync()
    {
        await using var end = _campaigns.Host.Db.DataSource.CreateCommand(
            "UPDATE registration_queue SET claimed_until = clock_timestamp() WHERE claimed_by IS NOT NULL");
        Assert.NotEqual(0, await end.ExecuteNonQueryAsync());
    }

    private static async Task<(Registration Registration, Claim Claim)> ClaimedByAsync(RegistrationQueue queue, Tenant tenant, string email) =>
        (await tenant.SubmitAsync(email), Assert.Single(await queue.ClaimAsync(1, 1, CancellationToken.None)));
}
