using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.Health;

public sealed class KilledSenderTests
{
    [Fact]
    public async Task An_event_whose_sender_was_killed_after_it_was_taken_is_told_again_under_the_same_id()
    {
        var taken = new TaskCompletionSource();
        var isFirst = true;
        await using var webhooks = await PlayedWebhooks.StartAsync();
        webhooks.Answer = async (_, cancellationToken) =>
        {
            if (Interlocked.Exchange(ref isFirst, false))
            {
                taken.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        };
        await using var world = await TokenWorld.PrepareAsync(TimeProvider.System);
        await world.StartHostAsync();
        await world.SetClientAsync();
        world.Zoho.Scopes = "ZohoCampaigns.contact.READ";
        var connection = await world.ConnectAsync();
        await world.StopHostsAsync();
        await world.SqlAsync("UPDATE event_queue SET due_at = now(), claimed_by = NULL, claimed_until = NULL");

        // the only replica hands it over, and dies before it hears that it was taken
        world.Configuration["services:webhooks:grpc:0"] = webhooks.Url;
        await using (var replica = await ReplicaProcess.StartAsync(world.Configuration))
        {
            await taken.Task.WaitAsync(Eventually.Limit);
            await replica.KillAsync();
        }

        Assert.Equal(1L, await world.SqlAsync("SELECT count(*) FROM event_outbox"));
        await world.SqlAsync("UPDATE event_queue SET claimed_until = now()");
        await world.StartHostAsync();
        await Eventually.GetAsync(
            () => world.SqlAsync("SELECT (SELECT count(*) FROM event_outbox) + (SELECT count(*) FROM event_queue)"), left => left is 0L);

        Assert.Equal(2, webhooks.Calls.Count);
        Assert.Equal($"connection:{connection.Id}", webhooks.Events[0].Subject);
        Assert.Single(webhooks.Events.Select(told => told.Id).Distinct());
    }
}
