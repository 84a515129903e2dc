using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

public sealed class OwnCallsTests(Zoho zoho) : IClassFixture<Zoho>
{
    [Fact]
    public async Task A_service_on_its_own_account_calls_nothing_but_what_the_gateway_sets_up()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var campaigns = await Campaigns.StartAsync(zoho, clock);

        Assert.Equal(
            [
                "gateway AuditLog/ListHeads", "gateway CampaignsSettingsStore/UpdateSettings", "gateway KeyRing/GetStatus",
                "gateway KeyRing/StartRotation",
            ],
            await OwnCalls.ThatComeThroughAsync(campaigns.Host.Address, "campaigns", clock));
    }
}
