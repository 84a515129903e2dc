using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests.Delivery;

/// <summary>What is said of how messages get into Zoho CRM.</summary>
public sealed class CheckTests(Zoho zoho) : IClassFixture<Zoho>
{
    [Fact]
    public async Task It_names_the_module_that_messages_become_records_of_and_one_that_is_set_and_is_none_is_in_the_way()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        Assert.Equal(new CheckMessagingResponse { MessagesModule = Zoho.Module }, await CheckAsync(world, tenant));

        // not there, and one of Zoho's own
        foreach (var none in (string[])["Nowhere", "Contacts"])
        {
            await world.Host.Settings.UpdateSettingsAsync(new() { MessagesModule = none }, tenant.As(Role.Admin));
            var answer = await CheckAsync(world, tenant);
            var finding = Assert.Single(answer.Findings);
            Assert.Equal(("", "messages_module_unusable", answer.KeptInNotes), (answer.MessagesModule, finding.Code, finding.Message));
            Assert.StartsWith($"Zoho CRM has no module {none} ", finding.Message, StringComparison.Ordinal);
        }

        await world.Host.Settings.UpdateSettingsAsync(new() { MessagesModule = Zoho.Module }, tenant.As(Role.Admin));
        Assert.Empty((await CheckAsync(world, tenant)).Findings);
        Assert.Equal(
            FailureKind.Forbidden, (await Refused.ByAsync(async () => await world.Host.Check.CheckAsync(new(), tenant.As(Role.Viewer)))).Kind);
    }

    [Fact]
    public async Task Who_has_named_no_module_is_told_that_messages_are_kept_in_notes_and_why_and_that_is_no_fault()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var answer = await CheckAsync(world, await world.TenantAsync());

        Assert.Equal(("", 0), (answer.MessagesModule, answer.Findings.Count));
        Assert.StartsWith("Zoho CRM has no module Messages ", answer.KeptInNotes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_keeps_messages_back_is_told_also_where_looking_alone_does_not_show_it()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await zoho.DisturbAsync(new
        {
            kind = "status",
            path = $"/crm/v8/{Zoho.Module}/upsert",
            method = "POST",
            status = 400,
            content_type = "application/json",
            body = """{"code":"STORAGE_SPACE_EXCEEDED","details":{},"message":"the storage is full","status":"error"}""",
        });
        var stored = await tenant.StoreAsync(tenant.From("+49 30 1234567", "m1"));
        var waiting = await tenant.OnceWaitingAsync(stored.Id, "zoho_storage_full");

        var answer = await CheckAsync(world, tenant);
        var finding = Assert.Single(answer.Findings);
        Assert.Equal((Zoho.Module, waiting.Code, waiting.Message_), (answer.MessagesModule, finding.Code, finding.Message));

        world.Tokens.Disconnect(tenant.Id);
        // what was handed out has run out
        world.Clock.Advance(TimeSpan.FromHours(2));
        var unconnected = await CheckAsync(world, tenant);
        Assert.Equal((1, 0), (unconnected.Waiting, unconnected.Failed));
        var disconnected = Assert.Single(unconnected.Findings);
        Assert.Equal((PlayedTokens.NotConnected.Code, PlayedTokens.NotConnected.Message), (disconnected.Code, disconnected.Message));
    }

    private static async Task<CheckMessagingResponse> CheckAsync(MessagingWorld world, MessagingTenant tenant) =>
        await world.Host.Check.CheckAsync(new(), tenant.As(Role.Operator));
}
