using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
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
                "gateway KeyRing/StartRotation", "gateway TenantData/EraseTenant",
            ],
            await OwnCalls.ThatComeThroughAsync(campaigns.Host.Address, "campaigns", clock));
    }

    [Fact]
    public async Task A_key_that_is_bound_to_an_owner_has_no_business_here()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var campaigns = await Campaigns.StartAsync(zoho, clock);
        var tenant = await campaigns.TenantAsync();
        var owners = TestTickets.For(new Caller(tenant.Id, Role.Operator, "key:1") { Owner = "ada" }, "campaigns", clock);

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await campaigns.Host.Settings.GetSettingsAsync(new(), owners));

        Assert.Equal((StatusCode.PermissionDenied, "key_bound_to_owner"), (refused.StatusCode, refused.Trailers.GetValue(GrpcFailures.CodeTrailer)));
    }
}
