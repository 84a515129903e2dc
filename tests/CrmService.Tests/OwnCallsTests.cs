using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CrmService.Tests;

public sealed class OwnCallsTests(Crm crm) : IClassFixture<Crm>
{
    [Fact]
    public async Task A_service_on_its_own_account_follows_what_it_may_and_the_gateway_passes_on_what_Zoho_tells()
    {
        await using var world = await CrmWorld.StartAsync(crm);

        Assert.Equal(
            [
                // two that the test lets subscribe
                "campaigns Inbox/Follow", "campaigns Inbox/Subscribe", "campaigns Inbox/Unsubscribe",
                "gateway AuditLog/ListHeads", "gateway Notifications/Receive", "gateway TenantData/EraseTenant",
                "messaging Inbox/Follow", "messaging Inbox/Subscribe", "messaging Inbox/Unsubscribe",
                "webhooks Inbox/Follow", "webhooks Inbox/Subscribe", "webhooks Inbox/Unsubscribe",
            ],
            await OwnCalls.ThatComeThroughAsync(world.Host.Address, "crm", world.Clock));
    }

    [Fact]
    public async Task A_key_that_is_bound_to_an_owner_has_no_business_here()
    {
        await using var world = await CrmWorld.StartAsync(crm);
        var owners = TestTickets.For(new Caller(new TenantId(Guid.NewGuid()), Role.Operator, "key:1") { Owner = "ada" }, "crm", world.Clock);

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await world.Host.Feeds.ListFeedsAsync(new(), owners));

        Assert.Equal((StatusCode.PermissionDenied, "key_bound_to_owner"), (refused.StatusCode, refused.Trailers.GetValue(GrpcFailures.CodeTrailer)));
    }
}
