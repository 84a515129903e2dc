using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests;

/// <summary>Where a conversation opens in Zoho CRM.</summary>
public sealed class LinkTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string Ada = "+49 30 1234567";

    [Fact]
    public async Task A_conversation_opens_by_its_id_a_phone_and_a_signed_token()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var (tenant, other) = (await world.TenantAsync(), await world.TenantAsync());
        await world.Host.Settings.UpdateSettingsAsync(new() { DefaultRegion = "DE", DailyNotes = true }, tenant.As(Role.Admin));
        var stored = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        var lead = (await tenant.ConversationAsync(stored.ConversationId)).CrmRecordId;

        var link = await LinkAsync(world, tenant, new() { Id = stored.ConversationId });
        Assert.Equal($"https://crm.zoho.com/crm/EntityInfo.do?module=Leads&id={lead}", link.Url);
        Assert.Matches("^https://crm\\.zoho\\.com/crm/org[0-9]+/tab/Messages\\?phone=%2B49301234567$", link.MessagesUrl);
        Assert.Equal($"https://crm.zoho.com/crm/tab/Leads/{lead}/Messages", link.LeadMessagesUrl);
        Assert.Equal(("Leads", lead), (link.CrmModule, link.CrmRecordId));
        foreach (var phone in (string[])["+49301234567", "0049 30 1234567", "030 1234567", "(030) 123-4567", "+49 (0)30 1234567"])
        {
            var same = await LinkAsync(world, tenant, new() { Phone = phone });
            Assert.Equal((phone, link.Url, link.Token), (phone, same.Url, same.Token));
        }

        await world.Host.Settings.UpdateSettingsAsync(new() { CrmOrganizationId = "org1429453822" }, tenant.As(Role.Admin));
        Assert.Contains("/crm/org1429453822/", (await LinkAsync(world, tenant, new() { Id = stored.ConversationId })).MessagesUrl, StringComparison.Ordinal);

        // the token opens it and nothing else does
        Assert.Equal(link.Url, (await OpenAsync(world, link.Token)).Url);
        var theirs = await other.StoreAsync(other.From("+49 30 7654321", "o1"));
        await other.SettledAsync();
        var another = (await LinkAsync(world, other, new() { Id = theirs.ConversationId })).Token;
        Assert.All(
            (string[])
            [
                "", "nonsense", link.Token[..^1], link.Token + "A", (link.Token[0] == 'A' ? 'B' : 'A') + link.Token[1..],
                link.Token[..^1] + (link.Token[^1] == 'A' ? 'B' : 'A'),
                // another's signature behind this conversation, and this one's behind another tenant's
                link.Token[..42] + another[42..], another[..21] + link.Token[21..], another[..42] + link.Token[42..], new string('A', 64),
            ],
            token => Assert.Equal("link_not_found", Refused.ByAsync(() => OpenAsync(world, token)).Result.Code));
        Assert.Equal("conversation_not_found", (await Refused.ByAsync(() => LinkAsync(world, other, new() { Id = stored.ConversationId }))).Code);
        Assert.Equal("conversation_not_found", (await Refused.ByAsync(() => LinkAsync(world, tenant, new() { Phone = "+49 30 9999999" }))).Code);
        Assert.Equal("invalid_field", (await Refused.ByAsync(() => LinkAsync(world, tenant, new() { Phone = "nonsense" }))).Code);
        Assert.Equal("invalid_field", (await Refused.ByAsync(() => LinkAsync(world, tenant, new()))).Code);
    }

    [Theory]
    [InlineData("https://chat.example.com/c/{conversation_id}?tel={phone}")]
    [InlineData("https://chat.example.com/c/{conversation_id}}")]
    [InlineData("https://chat.example.com/c")]
    public async Task A_dialog_url_has_one_placeholder(string url)
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();

        var refused = await Refused.ByAsync(async () => await world.Host.Settings.UpdateSettingsAsync(new() { DialogUrl = url }, tenant.As(Role.Admin)));

        Assert.Equal(("invalid_field", "dialog_url"), (refused.Code, refused.Field));
    }

    [Fact]
    public async Task An_admin_takes_back_all_links_of_the_tenant_and_no_others()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var (tenant, other) = (await world.TenantAsync(), await world.TenantAsync());
        var stored = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        var theirs = await other.StoreAsync(other.From(Ada, "m1"));
        await tenant.SettledAsync();
        await other.SettledAsync();
        var link = await LinkAsync(world, tenant, new() { Id = stored.ConversationId });
        var another = await LinkAsync(world, other, new() { Id = theirs.ConversationId });
        Assert.Equal(
            FailureKind.Forbidden, (await Refused.ByAsync(async () => await world.Host.Settings.RotateLinkKeyAsync(new(), tenant.As(Role.Operator)))).Kind);
        Assert.Equal(link.Url, (await OpenAsync(world, link.Token)).Url);

        await world.Host.Settings.RotateLinkKeyAsync(new(), tenant.As(Role.Admin));

        Assert.Equal("link_not_found", (await Refused.ByAsync(() => OpenAsync(world, link.Token))).Code);
        Assert.Equal(another.Url, (await OpenAsync(world, another.Token)).Url);
        Assert.Equal(link.Url, (await OpenAsync(world, (await LinkAsync(world, tenant, new() { Id = stored.ConversationId })).Token)).Url);
    }

    [Fact]
    public async Task Without_a_lead_the_reason_is_said()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var linked = await tenant.StoreAsync(tenant.From(Ada, "m0"));
        await tenant.SettledAsync();
        var token = (await LinkAsync(world, tenant, new() { Id = linked.ConversationId })).Token;

        var without = await tenant.StoreAsync(new NewMessage
        {
            ExternalId = "m1",
            Direction = MessageDirection.Inbound,
            UserId = "BR.1502576394655843",
            Text = "Who am I to you?",
        });
        Assert.Equal("no_phone", (await Refused.ByAsync(() => LinkAsync(world, tenant, new() { Id = without.ConversationId }))).Code);

        await zoho.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/v8/Leads",
            method = "POST",
            times = 1,
            status = 400,
            content_type = "application/json",
            body = """{"data":[{"code":"MANDATORY_NOT_FOUND","details":{"api_name":"Branch"},"message":"required field not found","status":"error"}]}""",
        });
        var refused = await tenant.StoreAsync(tenant.From("+49 30 1111111", "m2"));
        await tenant.SettledAsync();
        Assert.Equal("mandatory_field_missing", (await Refused.ByAsync(() => LinkAsync(world, tenant, new() { Phone = "+49 30 1111111" }))).Code);

        world.Tokens.Switch(tenant.Id, false, null);
        var off = await tenant.StoreAsync(tenant.From("+49 30 2222222", "m3"));
        await tenant.SettledAsync();
        Assert.Equal("no_lead_yet", (await Refused.ByAsync(() => LinkAsync(world, tenant, new() { Id = off.ConversationId }))).Code);

        // as long as one, and less: space is passed over by who reads base64
        foreach (var none in (string[])[new string(' ', 64), $"AAAA{new string(' ', 60)}", $"{token[..60]}    ", new string('A', 64)])
        {
            Assert.Equal("link_not_found", (await Refused.ByAsync(() => OpenAsync(world, none))).Code);
        }

        // a link that was given out says it, too, once the lead is gone
        await world.SqlAsync($"UPDATE conversations SET crm_module = NULL, crm_record_id = NULL WHERE id = '{linked.ConversationId}'");
        var opened = await OpenAsync(world, token);
        Assert.Equal("", opened.Url);
        Assert.Contains("no lead in Zoho CRM yet", opened.Message, StringComparison.Ordinal);
        Assert.NotEqual(refused.ConversationId, off.ConversationId);
    }

    private static async Task<ConversationLink> LinkAsync(MessagingWorld world, MessagingTenant tenant, GetLinkRequest request) =>
        await world.Host.Conversations.GetLinkAsync(request, tenant.As(Role.Viewer));

    private static async Task<OpenLinkResponse> OpenAsync(MessagingWorld world, string token) => await world.Host.Conversations.OpenLinkAsync(
        new OpenLinkRequest { Token = token }, TestTickets.OwnOf("gateway", TenantId.None, "messaging", world.Clock));
}
