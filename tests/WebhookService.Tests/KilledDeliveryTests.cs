using Grpc.Net.Client;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.Testing;
using ZohoPlatform.WebhookService.Data;

namespace ZohoPlatform.WebhookService.Tests;

public sealed class KilledDeliveryTests
{
    [Fact]
    public async Task An_event_whose_replica_was_killed_while_it_was_sent_comes_again_with_the_same_id()
    {
        await using var receiver = new Receiver();
        await receiver.StartAsync();
        await using var world = await WebhooksWorld.PrepareAsync(TimeProvider.System);
        await world.StartHostAsync();
        var webhook = (await world.Host.Webhooks.CreateWebhookAsync(new() { Url = receiver.Url }, world.Admin)).Webhook;
        var first = await world.Host.Webhooks.TestWebhookAsync(new() { Id = webhook.Id }, world.Admin);
        Assert.Equal(WebhookDeliveryState.Delivered, first.State);
        var admin = world.Admin;
        await world.StopHostsAsync();

        // the only replica takes it, and dies before the receiver answers
        var answer = new TaskCompletionSource();
        receiver.Gate = answer.Task;
        await using (var replica = await ServiceProcess.StartAsync(
            "WebhookService", await new WebhooksDatabase().PrepareAsync(world.Configuration)))
        using (var channel = GrpcChannel.ForAddress(replica.Address))
        {
            await new Webhooks.WebhooksClient(channel).RedeliverAsync(new() { DeliveryId = first.Id }, admin);
            await Eventually.GetAsync(() => Task.FromResult(receiver.Requests.Count), count => count == 2);
            await replica.KillAsync();
        }

        answer.SetResult();
        await world.SqlAsync("UPDATE delivery_queue SET claimed_until = now()");
        await world.StartHostAsync();
        var delivered = await Eventually.GetAsync(
            async () => Assert.Single((await world.Host.Webhooks.ListDeliveriesAsync(new() { WebhookId = webhook.Id }, world.Admin)).Deliveries),
            delivery => delivery.State is WebhookDeliveryState.Delivered);

        Assert.Equal(first.EventId, delivered.EventId);
        Assert.Equal(3, receiver.Requests.Count);
        Assert.Equal(first.EventId, Assert.Single(receiver.Requests.Select(request => request.Header("webhook-id")).Distinct()));
        Assert.Equal(0L, await world.SqlAsync("SELECT count(*) FROM delivery_queue"));
    }
}
