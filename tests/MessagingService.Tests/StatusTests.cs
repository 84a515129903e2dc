using ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.Tests;

/// <summary>How far messages came.</summary>
public sealed class StatusTests(Zoho zoho) : IClassFixture<Zoho>
{
    [Fact]
    public async Task A_message_only_goes_forward_and_what_was_delivered_cannot_fail()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var all = Enum.GetValues<DeliveryStatus>().Where(status => status is not DeliveryStatus.Unspecified).ToList();

        var told = new List<string>();
        foreach (var now in all)
        {
            foreach (var next in all)
            {
                if ((bool)(await world.SqlAsync($"SELECT status_replaces({(int)now}, {(int)next})"))!)
                {
                    told.Add($"{now}>{next}");
                }
            }
        }

        Assert.Equal(
            [
                "Queued>Sent", "Queued>Delivered", "Queued>Read", "Queued>Played", "Queued>Failed",
                "Sent>Delivered", "Sent>Read", "Sent>Played", "Sent>Failed",
                "Delivered>Read", "Delivered>Played",
                "Read>Played",
            ],
            told);
    }
}
