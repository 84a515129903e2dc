using ZohoPlatform.Testing;

namespace ZohoPlatform.WebhookService.Tests;

public sealed class OwnCallsTests
{
    [Fact]
    public async Task A_service_on_its_own_account_tells_its_events_and_does_nothing_else()
    {
        await using var world = await WebhooksWorld.PrepareAsync();
        var host = await world.StartHostAsync();

        Assert.Equal(
            [
                "campaigns Events/Raise", "crm Events/Raise", "gateway AuditLog/ListHeads", "gateway KeyRing/GetStatus", "gateway KeyRing/StartRotation",
                "gateway TenantData/EraseTenant", "messaging Events/Raise", "tokens Events/Raise",
            ],
            await OwnCalls.ThatComeThroughAsync(host.Address, "webhooks", world.Clock));
    }
}
