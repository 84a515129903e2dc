using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests;

public sealed class OwnCallsTests(Zoho zoho) : IClassFixture<Zoho>
{
    [Fact]
    public async Task A_service_on_its_own_account_calls_nothing_but_what_the_gateway_brings_here()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);

        Assert.Equal(
            [
                "gateway AuditLog/ListHeads", "gateway Conversations/OpenLink", "gateway KeyRing/GetStatus", "gateway KeyRing/StartRotation",
                "gateway MessagingSettingsStore/UpdateSettings", "gateway TenantData/EraseTenant", "gateway WhatsAppWebhooks/ReceiveWebhook",
                "gateway WhatsAppWebhooks/VerifyAddress",
            ],
            await OwnCalls.ThatComeThroughAsync(world.Host.Address, "messaging", world.Clock));
    }

    [Fact]
    public async Task A_key_that_is_bound_to_an_owner_has_no_business_here()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var owners = TestTickets.For(new Caller(new TenantId(Guid.NewGuid()), Role.Operator, "key:1") { Owner = "ada" }, "messaging", world.Clock);

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await world.Host.Messages.ListMessagesAsync(new(), owners));

        Assert.Equal((StatusCode.PermissionDenied, "key_bound_to_owner"), (refused.StatusCode, refused.Trailers.GetValue(GrpcFailures.CodeTrailer)));
    }
}
