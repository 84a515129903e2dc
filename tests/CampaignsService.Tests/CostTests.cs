using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>What the service asks of its database.</summary>
public sealed class CostTests(Zoho zoho) : IClassFixture<Zoho>
{
    [Fact]
    public async Task A_registration_costs_four_round_trips_from_its_submission_to_its_end()
    {
        await using var campaigns = await Campaigns.StartAsync(zoho, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        var tenant = await campaigns.TenantAsync();
        using var use = Use(campaigns);
        await using var admin = NpgsqlDataSource.Create(campaigns.Database);
        await using var left = admin.CreateCommand("SELECT count(*) FROM registration_queue");
        await PushAsync("first@example.com");
        var before = use.Commands;

        for (var i = 0; i < 20; i++)
        {
            await PushAsync($"user{i}@example.com");
        }

        // stored, claimed, recorded, and what is due next; the worker may ask that a moment later, or find a row before its signal comes
        Assert.InRange(use.Commands - before, 20 * 3, (20 * 4) + 10);

        async Task PushAsync(string email)
        {
            await tenant.SubmitAsync(email);
            await Eventually.GetAsync(async () => (long)(await left.ExecuteScalarAsync())!, waiting => waiting == 0);
        }
    }

    [Fact]
    public async Task A_contact_costs_no_call_of_the_token_service_while_its_token_is_good()
    {
        await using var campaigns = await Campaigns.StartAsync(zoho, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        var tenant = await campaigns.TenantAsync();

        for (var i = 0; i < 20; i++)
        {
            await tenant.EventuallyAsync(await tenant.SubmitAsync($"user{i}@example.com"), RegistrationStatus.Subscribed);
        }

        Assert.Equal(1, campaigns.Tokens.Calls);
    }

    [Fact]
    public async Task While_nothing_happens_a_replica_asks_less_than_eight_times_a_minute()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var campaigns = await Campaigns.StartAsync(zoho, clock);
        using var use = Use(campaigns);
        // all that looks after its start has looked: it asks no more, and only what listens holds a connection
        var (before, still) = (-1L, 0);
        await Eventually.GetAsync(
            () => Task.FromResult(use.Commands),
            asked =>
            {
                (before, still) = (asked, asked == before ? still + 1 : 0);
                return still == 10 && use.UsedConnections == 1;
            });

        for (var second = 0; second < 60; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            // time for a worker that asks more often
            await zoho.CountAsync();
        }

        // no queue is asked by its worker; what listens asks all four together, by the machine's time
        Assert.InRange(use.Commands - before, 0, 7);
    }

    private static DatabaseUse Use(Campaigns campaigns) => new(new NpgsqlConnectionStringBuilder(campaigns.Database).Database!);
}
