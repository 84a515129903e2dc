using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests.Delivery;

/// <summary>What is not for Zoho CRM, what it refuses, and what people say to that.</summary>
public sealed class DeadLetterTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string Ada = "+49 30 1234567";

    [Fact]
    public async Task What_is_kept_in_notes_is_synced_again_by_its_code_and_has_an_end_where_there_is_no_module_still()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var tenant = await world.TenantAsync();
        await tenant.StoreAsync(tenant.From("+49 30 1111111", "m1"));
        await tenant.SettledAsync();
        async Task<int> RetryAsync() =>
            (await world.Host.Messages.RetryMessagesAsync(new() { Code = "kept_in_note" }, tenant.As(Role.Operator))).Retried;

        Assert.Equal(0, await RetryAsync());
        await world.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await RetryAsync());
        await tenant.SettledAsync();
        Assert.Equal(0, await RetryAsync());
    }

    [Fact]
    public async Task What_is_skipped_says_why_and_is_synced_when_somebody_wants_it()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();

        // a person whose phone nobody knows
        var without = await tenant.StoreAsync(new NewMessage
        {
            ExternalId = "m1",
            Direction = MessageDirection.Inbound,
            UserId = "BR.1502576394655843",
            Text = "Who am I to you?",
        });
        Assert.Equal((SyncState.Skipped, "no_phone"), await StateAsync(tenant, without));
        Assert.Equal("message_without_phone", (await Refused.ByAsync(() => ResendAsync(world, tenant, without))).Code);
        var told = tenant.From(Ada, "m2");
        told.UserId = "BR.1502576394655843";
        await tenant.StoreAsync(told);
        await ResendAsync(world, tenant, without);
        await tenant.SettledAsync();
        Assert.Equal((SyncState.Synced, ""), await StateAsync(tenant, without));

        // switched on a minute ago: what was sent before is a thing of the past
        world.Tokens.Switch(tenant.Id, true, world.Clock.GetUtcNow() - TimeSpan.FromMinutes(1));
        var old = await tenant.StoreAsync(tenant.From("+49 30 7654321", "m3", sentAt: world.Clock.GetUtcNow() - TimeSpan.FromHours(1)));
        await tenant.SettledAsync();
        Assert.Equal((SyncState.Skipped, "before_enabled"), await StateAsync(tenant, old));
        Assert.Equal(Conversation.Types.CrmState.None, (await tenant.ConversationAsync(old.ConversationId)).CrmState);
        await ResendAsync(world, tenant, old);
        await tenant.SettledAsync();
        Assert.Equal((SyncState.Synced, ""), await StateAsync(tenant, old));

        // switched off, and on again
        world.Tokens.Switch(tenant.Id, false, null);
        var off = await tenant.StoreAsync(tenant.From("+49 30 1111111", "m4"));
        await tenant.SettledAsync();
        Assert.Equal((SyncState.Skipped, "crm_disabled"), await StateAsync(tenant, off));
        // it would be skipped again
        Assert.Equal("crm_disabled", (await Refused.ByAsync(() => ResendAsync(world, tenant, off))).Code);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Tokens.Switch(tenant.Id, true, world.Clock.GetUtcNow());
        var on = await tenant.StoreAsync(tenant.From("+49 30 1111111", "m5"));
        await tenant.SettledAsync();
        Assert.Equal((SyncState.Synced, ""), await StateAsync(tenant, on));
        Assert.Equal((SyncState.Skipped, "crm_disabled"), await StateAsync(tenant, off));
        await ResendAsync(world, tenant, off);
        await tenant.SettledAsync();
        Assert.Equal((SyncState.Synced, ""), await StateAsync(tenant, off));

        // one that is there is written again, and is one record
        await ResendAsync(world, tenant, on);
        await tenant.SettledAsync();
        Assert.Equal(5, (await zoho.RecordsAsync(Zoho.Module, "External_Id")).Count);
        Assert.Equal(3, (await zoho.RecordsAsync("Leads", "Phone")).Count);
    }

    [Fact]
    public async Task Switched_off_while_a_note_is_in_doubt_nothing_is_left_to_do()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await zoho.DisturbAsync(new { kind = "answer_lost", path = "/crm/v8/Notes", method = "POST", times = 1 });
        var stored = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.OnceAsync(stored.Id, SyncState.Synced);
        await Eventually.GetAsync(
            () => world.SqlAsync("SELECT q.claimed_by IS NULL AND c.note_asked_at IS NOT NULL FROM delivery_queue q, conversations c"), rests => rests is true);
        world.Tokens.Switch(tenant.Id, false, null);

        var off = await tenant.StoreAsync(tenant.From(Ada, "m2"));
        await tenant.OnceAsync(off.Id, SyncState.Skipped);
        await world.PassAsync(TimeSpan.FromMinutes(2));
        await tenant.SettledAsync();

        Assert.Single(await zoho.RecordsAsync("Notes", "Note_Content"));
    }

    [Fact]
    public async Task Dead_letters_are_retried_or_discarded_one_by_one_by_their_code_or_all()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var stored = await tenant.StoreAsync(tenant.From(Ada, "m0"));
        await tenant.SettledAsync();
        Assert.Equal("message_not_failed", (await Refused.ByAsync(() => DiscardAsync(world, tenant, stored))).Code);
        Assert.Equal("message_not_found", (await Refused.ByAsync(() => DiscardAsync(world, tenant, new StoredMessage { Id = "nonsense" }))).Code);
        var letters = new List<StoredMessage>();
        foreach (var (id, code, field) in ((string, string, string)[])
        [
            ("m1", "INVALID_DATA", "Message_Text"), ("m2", "INVALID_DATA", "Phone"),
            ("m3", "MANDATORY_NOT_FOUND", "Branch"), ("m4", "MANDATORY_NOT_FOUND", "Branch"),
        ])
        {
            await RefuseAsync(code, field);
            letters.Add(await tenant.StoreAsync(tenant.From(Ada, id)));
            await tenant.SettledAsync();
        }

        Assert.Equal((SyncState.Failed, "invalid_value"), await StateAsync(tenant, letters[0]));
        Assert.Contains("Message_Text", (await tenant.MessageAsync(letters[0].Id)).Message_, StringComparison.Ordinal);
        Assert.Equal((SyncState.Failed, "mandatory_field_missing"), await StateAsync(tenant, letters[2]));
        Assert.Equal(4, (await tenant.MessagesAsync(SyncState.Failed)).Count);

        // it fails again with another reason
        await RefuseAsync("MANDATORY_NOT_FOUND", "Branch");
        Assert.Equal(2, await RetryAsync(world, tenant, "invalid_value"));
        await tenant.SettledAsync();
        Assert.Equal(4, (await tenant.MessagesAsync(SyncState.Failed)).Count(message => message.Code == "mandatory_field_missing"));
        Assert.Equal(0, await RetryAsync(world, tenant, "invalid_value"));

        await DiscardAsync(world, tenant, letters[0]);
        Assert.Equal((SyncState.Skipped, "discarded"), await StateAsync(tenant, letters[0]));
        await DiscardAsync(world, tenant, letters[0]);
        await ResendAsync(world, tenant, letters[1]);
        await tenant.SettledAsync();
        Assert.Equal((SyncState.Synced, ""), await StateAsync(tenant, letters[1]));
        var discarded = await world.Host.Messages.DiscardMessagesAsync(new() { Code = "invalid_value" }, tenant.As(Role.Operator));
        Assert.Equal(0, discarded.Discarded);
        discarded = await world.Host.Messages.DiscardMessagesAsync(new(), tenant.As(Role.Operator));
        Assert.Equal((2, false), (discarded.Discarded, discarded.HasMore));

        // whoever wants a discarded one after all has it
        await ResendAsync(world, tenant, letters[0]);
        await tenant.SettledAsync();
        Assert.Equal(["m0", "m1", "m2"], (await zoho.RecordsAsync(Zoho.Module, "External_Id"))
            .Select(record => record.GetProperty("External_Id").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_dead_letter_from_before_the_switch_is_synced_when_somebody_wants_it_again()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await RefuseAsync("INVALID_DATA", "Message_Text");
        var letter = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        Assert.Equal((SyncState.Failed, "invalid_value"), await StateAsync(tenant, letter));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Tokens.Switch(tenant.Id, true, world.Clock.GetUtcNow());

        Assert.Equal("code", (await Refused.ByAsync(() => RetryAsync(world, tenant, "\0"))).Field);
        await using (await world.HoldAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock.KeyOf(Messages.MessageIntake.TurnOf(tenant.Id))})"))
        {
            Assert.Equal("messages_busy", (await Refused.ByAsync(() => RetryAsync(world, tenant, "invalid_value"))).Code);
        }

        Assert.Equal(1, await RetryAsync(world, tenant, "invalid_value"));
        await tenant.SettledAsync();
        Assert.Equal((SyncState.Synced, ""), await StateAsync(tenant, letter));
    }

    [Fact]
    public async Task What_was_skipped_is_synced_by_its_code_where_the_phone_is_known()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        world.Tokens.Switch(tenant.Id, false, null);
        var off = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        var unknown = new NewMessage { ExternalId = "m2", Direction = MessageDirection.Inbound, UserId = "BR.1", Text = "Who?" };
        var without = await tenant.StoreAsync(unknown);
        var known = await tenant.StoreAsync(new NewMessage(unknown) { ExternalId = "m3", UserId = "BR.2" });
        Assert.Equal("crm_disabled", (await Refused.ByAsync(() => RetryAsync(world, tenant, "crm_disabled"))).Code);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Tokens.Switch(tenant.Id, true, world.Clock.GetUtcNow());
        await tenant.StoreAsync(new NewMessage(tenant.From("+49 30 1111111", "m4")) { UserId = "BR.2" });
        var old = await tenant.StoreAsync(tenant.From("+49 30 2222222", "m5", sentAt: world.Clock.GetUtcNow() - TimeSpan.FromHours(1)));
        await tenant.SettledAsync();
        await RefuseAsync("INVALID_DATA", "Message_Text");
        var givenUp = await tenant.StoreAsync(tenant.From(Ada, "m6"));
        await tenant.OnceAsync(givenUp.Id, SyncState.Failed);
        await DiscardAsync(world, tenant, givenUp);
        await tenant.SettledAsync();

        // what failed, and nothing else
        Assert.Equal(0, await RetryAsync(world, tenant, ""));
        // what somebody gave up is had again one by one
        Assert.Equal(0, await RetryAsync(world, tenant, "discarded"));
        foreach (var (code, stored) in ((string, StoredMessage)[])[("crm_disabled", off), ("before_enabled", old), ("no_phone", known)])
        {
            Assert.Equal((SyncState.Skipped, code), await StateAsync(tenant, stored));
            Assert.Equal((code, 1), (code, await RetryAsync(world, tenant, code)));
            await tenant.SettledAsync();
            Assert.Equal((SyncState.Synced, ""), await StateAsync(tenant, stored));
            Assert.Equal((code, 0), (code, await RetryAsync(world, tenant, code)));
        }

        Assert.Equal((SyncState.Skipped, "no_phone"), await StateAsync(tenant, without));
        Assert.Equal((SyncState.Skipped, "discarded"), await StateAsync(tenant, givenUp));
    }

    private static async Task<(SyncState State, string Code)> StateAsync(MessagingTenant tenant, StoredMessage stored)
    {
        var message = await tenant.MessageAsync(stored.Id);
        return (message.SyncState, message.Code);
    }

    private static async Task ResendAsync(MessagingWorld world, MessagingTenant tenant, StoredMessage stored) =>
        await world.Host.Messages.ResendMessageAsync(new() { Id = stored.Id }, tenant.As(Role.Operator));

    private static async Task DiscardAsync(MessagingWorld world, MessagingTenant tenant, StoredMessage stored) =>
        await world.Host.Messages.DiscardMessageAsync(new() { Id = stored.Id }, tenant.As(Role.Operator));

    private static async Task<int> RetryAsync(MessagingWorld world, MessagingTenant tenant, string code) =>
        (await world.Host.Messages.RetryMessagesAsync(new() { Code = code }, tenant.As(Role.Operator))).Retried;

    // all that comes with the next call
    private async Task RefuseAsync(string code, string field) => await zoho.DisturbAsync(new
    {
        kind = "status",
        path = "/crm/v8/Messages1/upsert",
        times = 1,
        status = 400,
        content_type = "application/json",
        body = $$"""{"code":"{{code}}","details":{"api_name":"{{field}}","json_path":"$.data[0].{{field}}"},"message":"invalid data","status":"error"}""",
    });
}
