using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests.Delivery;

/// <summary>Whatever Zoho answers: nothing is lost, nothing is there twice, and what waits says why.</summary>
public sealed class AnswersTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string Blocked = "messaging.messages.blocked";
    private const string OutcomeUnknown = "zoho_outcome_unknown";

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(90);

    private static readonly string[] Paths =
    [
        "/crm/v8/settings/modules", "/crm/v8/settings/fields", "/crm/v8/settings/layouts", "/crm/v8/org", "/crm/v8/coql", "/crm/v8/Leads/search",
        "/crm/v8/Leads", "/crm/v8/Messages1/upsert", "/crm/v8/Notes",
    ];

    [Theory]
    [InlineData("status", 401, """{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}""")]
    [InlineData("status", 429, """{"code":"TOO_MANY_REQUESTS","details":{},"message":"Too many requests fired in concurrency","status":"error"}""")]
    [InlineData("status", 429, """{"code":429,"message":"You have crossed your API limit","status":"error"}""")]
    [InlineData("status", 500, """{"code":"INTERNAL_ERROR","details":{},"message":"internal error","status":"error"}""")]
    [InlineData("status", 204, "")]
    [InlineData("hang", null, null)]
    [InlineData("html500", null, null)]
    [InlineData("html502", null, null)]
    [InlineData("empty", null, null)]
    [InlineData("malformed_json", null, null)]
    [InlineData("reset", null, null)]
    [InlineData("answer_lost", null, null)]
    public async Task What_passes_by_itself_is_got_over_wherever_it_happens(string kind, int? status, string? body)
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        // else the search is asked for nobody
        world.Inbox.IsComplete = false;
        var tenant = await world.TenantAsync();
        var number = 0;
        foreach (var path in Paths)
        {
            var fault = await zoho.DisturbAsync(new { kind, path, times = 1, status, body, content_type = "application/json" });
            // all is read again
            await world.SqlAsync("UPDATE crm_states SET shape_read_at = NULL");
            var phone = string.Create(CultureInfo.InvariantCulture, $"+4930{2000000 + number++}");
            var (first, second) = (tenant.From(phone, $"{path} 1"), tenant.To(phone, $"{path} 2"));
            await tenant.SubmitAsync(first, second);
            await tenant.SettledAsync(Step);
            await zoho.MetAsync(fault);
        }

        await AllIsThereOnceAsync(tenant, Paths.Length, 2 * Paths.Length);
    }

    [Fact]
    public async Task A_lead_whose_answer_was_lost_is_in_doubt_and_is_found_behind_it()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var warm = await tenant.StoreAsync(tenant.From("+49 30 1111111", "warm"));
        await tenant.SettledAsync();

        foreach (var (kind, phone) in ((string, string)[])[("answer_lost", "+49 30 2222222"), ("reset", "+49 30 3333333")])
        {
            var fault = await zoho.DisturbAsync(new { kind, path = "/crm/v8/Leads", method = "POST", times = 1 });
            var stored = await tenant.StoreAsync(tenant.From(phone, kind));
            var waits = await tenant.OnceWaitingAsync(stored.Id, OutcomeUnknown);
            await zoho.MetAsync(fault);
            Assert.True(waits.NextAttemptAt.ToDateTimeOffset() > world.Clock.GetUtcNow());
            var doubtful = await tenant.ConversationAsync(stored.ConversationId);
            Assert.Equal((Conversation.Types.CrmState.Pending, OutcomeUnknown, ""), (doubtful.CrmState, doubtful.Code, doubtful.CrmRecordId));
            // who else has something to say is not held by it
            await tenant.OnceAsync((await tenant.StoreAsync(tenant.From("+49 30 1111111", $"{kind} other"))).Id, SyncState.Synced);
            await tenant.StoreAsync(tenant.From(phone, $"{kind} more"));

            await world.PassAsync(Doubt);
            await tenant.SettledAsync();
            var synced = await tenant.MessageAsync(stored.Id);
            Assert.Equal((SyncState.Synced, "", 1), (synced.SyncState, synced.Code, synced.Attempts));
            var linked = await tenant.ConversationAsync(stored.ConversationId);
            Assert.Equal((Conversation.Types.CrmState.Linked, ""), (linked.CrmState, linked.Code));
        }

        Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(warm.Id)).SyncState);
        await AllIsThereOnceAsync(tenant, 3, 7);
    }

    [Fact]
    public async Task Who_stood_still_before_asking_for_a_lead_writes_down_anew_that_it_was_asked_for()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await tenant.StoreAsync(tenant.From("+49 30 1111111", "warm"));
        await tenant.SettledAsync();
        var query = await zoho.DisturbAsync(new { kind = "hang", path = "/crm/v8/coql" });
        var stored = await tenant.StoreAsync(tenant.From("+49 30 2222222", "m1"));
        await zoho.MetAsync(query);
        int asked;
        await using (await world.HoldAsync($"SELECT FROM conversations WHERE id = '{stored.ConversationId}' FOR UPDATE"))
        {
            await zoho.CalmAsync();
            await world.WaitingAsync(1);
            asked = await zoho.DisturbAsync(new { kind = "hang", path = "/crm/v8/Leads", method = "POST" });
            world.Clock.Advance(Doubt);
        }

        await zoho.MetAsync(asked);
        Assert.Equal(world.Clock.GetUtcNow().UtcDateTime, (DateTime)(await world.SqlAsync(
            $"SELECT lead_asked_at FROM conversations WHERE id = '{stored.ConversationId}'"))!, TimeSpan.FromSeconds(30));
        await zoho.CalmAsync();
        await tenant.SettledAsync();
        await AllIsThereOnceAsync(tenant, 2, 2);
    }

    [Fact]
    public async Task A_note_or_record_whose_answer_was_lost_is_there_once()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var note = await zoho.DisturbAsync(new { kind = "answer_lost", path = "/crm/v8/Notes", method = "POST", times = 1 });
        var record = await zoho.DisturbAsync(new { kind = "answer_lost", path = "/crm/v8/Messages1/upsert", times = 3 });

        var stored = await tenant.StoreAsync(tenant.From("+49 30 1111111", "m1"));
        await Eventually.GetAsync(
            async () =>
            {
                world.Clock.Advance(Step);
                return await tenant.MessageAsync(stored.Id);
            },
            message => message.SyncState is SyncState.Synced);
        Assert.Single(await zoho.RecordsAsync(Zoho.Module, "Name"));
        await world.PassAsync(Doubt);
        await tenant.SettledAsync(Step);

        await zoho.MetAsync(note);
        await zoho.MetAsync(record, 3);
        await AllIsThereOnceAsync(tenant, 1, 1);
    }

    [Fact]
    public async Task Of_several_messages_the_one_that_is_refused_fails_and_so_does_a_lead_of_several()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        await zoho.AddModuleAsync(
            Zoho.Module,
            "Messages",
            new { api_name = "External_Id", type = "text", length = 120, unique = true },
            new { api_name = "Lead", type = "lookup", lookup_module = "Leads" },
            new { api_name = "Message_Text", type = "textarea", mandatory = true });
        var tenant = await world.TenantAsync();
        var stored = await tenant.SubmitAsync(
            tenant.From("+49 30 1111111", "m1"), tenant.From("+49 30 1111111", "m2", text: ""), tenant.From("+49 30 1111111", "m3"));
        await tenant.SettledAsync();

        Assert.Equal([SyncState.Synced, SyncState.Failed, SyncState.Synced], await StatesAsync(tenant, stored));
        var failed = await tenant.MessageAsync(stored[1].Id);
        Assert.Equal("mandatory_field_missing", failed.Code);
        Assert.Contains("Message_Text", failed.Message_, StringComparison.Ordinal);
        var conversation = await tenant.ConversationAsync(stored[1].ConversationId);
        Assert.Equal((Conversation.Types.CrmState.Linked, 0, 1), (conversation.CrmState, conversation.Waiting, conversation.Failed));

        var there = await zoho.MakeAsync("Leads", new { Last_Name = "Grace" });
        var half = await zoho.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/v8/Leads",
            method = "POST",
            times = 1,
            status = 207,
            content_type = "application/json",
            body = $$"""
                {"data":[{"code":"SUCCESS","details":{"id":"{{there}}"},"message":"record added","status":"success"},
                {"code":"MANDATORY_NOT_FOUND","details":{"api_name":"Branch","json_path":"$.data[1].Branch"},"message":"required field not found","status":"error"}]}
                """,
        });
        var two = await tenant.SubmitAsync(tenant.From("+49 30 2222222", "m4"), tenant.From("+49 30 3333333", "m5"));
        await tenant.SettledAsync();
        await zoho.MetAsync(half);
        Assert.Equal([SyncState.Synced, SyncState.Failed], await StatesAsync(tenant, two));
        Assert.Equal(there, (await tenant.ConversationAsync(two[0].ConversationId)).CrmRecordId);
        var without = await tenant.ConversationAsync(two[1].ConversationId);
        Assert.Equal((Conversation.Types.CrmState.Failed, "mandatory_field_missing"), (without.CrmState, without.Code));

        await world.Host.Messages.RetryMessagesAsync(new() { Code = "mandatory_field_missing" }, tenant.As(ServiceDefaults.Identity.Role.Operator));
        await tenant.SettledAsync();
        Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(two[1].Id)).SyncState);
        Assert.Equal(SyncState.Failed, (await tenant.MessageAsync(stored[1].Id)).SyncState);
        Assert.Equal(3, (await zoho.RecordsAsync("Leads", "Phone")).Count);
    }

    [Theory]
    [InlineData("Phone", true)]
    [InlineData("Email", false)]
    public async Task A_duplicate_is_the_persons_lead_only_where_it_has_their_phone(string field, bool isTheirs)
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var there = await zoho.MakeAsync("Leads", new { Last_Name = "Grace" });
        var fault = await zoho.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/v8/Leads",
            method = "POST",
            times = 1,
            status = 400,
            content_type = "application/json",
            body = $$$"""
                {"data":[{"code":"DUPLICATE_DATA","details":{"api_name":"{{{field}}}","json_path":"$.data[0].{{{field}}}","id":"{{{there}}}"},"message":"duplicate data","status":"error"}]}
                """,
        });
        var stored = await tenant.StoreAsync(tenant.From("+49 30 1111111", "m1"));
        await tenant.SettledAsync();
        await zoho.MetAsync(fault);

        var conversation = await tenant.ConversationAsync(stored.ConversationId);
        Assert.Equal(isTheirs ? there : "", conversation.CrmRecordId);
        Assert.Equal(isTheirs ? SyncState.Synced : SyncState.Failed, (await tenant.MessageAsync(stored.Id)).SyncState);
    }

    [Theory]
    [InlineData("/crm/v8/Leads")]
    [InlineData("/crm/v8/Messages1/upsert")]
    public async Task What_Zoho_says_of_the_organisation_at_one_record_holds_all_and_fails_none(string path)
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var fault = await zoho.DisturbAsync(new
        {
            kind = "status",
            path,
            method = "POST",
            times = 1,
            status = 400,
            content_type = "application/json",
            body = """{"data":[{"code":"MAX_RECORDS_LIMIT_REACHED","details":{"max_no_of_records":100000},"message":"maximum number of records limit reached","status":"error"}]}""",
        });
        var stored = await tenant.StoreAsync(tenant.From("+49 30 1111111", "m1"));
        var waits = await tenant.OnceWaitingAsync(stored.Id, "zoho_storage_full");
        Assert.Equal(SyncState.Stored, waits.SyncState);
        await zoho.MetAsync(fault);
        await EventsAsync(world, "zoho_storage_full");
        await tenant.SettledAsync(Step);
        await AllIsThereOnceAsync(tenant, 1, 1);
    }

    [Fact]
    public async Task What_a_layout_demands_since_it_was_read_is_given()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await DemandAsync();
        await tenant.StoreAsync(tenant.From("+49 30 1111111", "m1"));
        await tenant.SettledAsync();
        Assert.Null(Assert.Single(await zoho.RecordsAsync("Leads", "Company")).GetProperty("Company").GetString());

        await DemandAsync("Company");
        await world.PassAsync(TimeSpan.FromMinutes(2));
        await tenant.SubmitAsync(tenant.From("+49 30 2222222", "m2"), tenant.From("+49 30 3333333", "m3"));
        await tenant.SettledAsync();
        await AllIsThereOnceAsync(tenant, 3, 3);
        Assert.Equal(2, (await zoho.RecordsAsync("Leads", "Company")).Count(lead => lead.GetProperty("Company").GetString() == "Ada"));

        Task<JsonElement> DemandAsync(params string[] fields) =>
            zoho.ControlAsync(HttpMethod.Put, "/Leads/layouts", new { name = "Standard", active = true, required = fields });
    }

    [Fact]
    public async Task What_somebody_must_set_up_is_told_once_and_goes_on_when_the_connection_changes()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync(scopes: [.. Zoho.Scopes.Except(["ZohoCRM.coql.READ"])]);
        var first = await tenant.StoreAsync(tenant.From("+49 30 1111111", "m1"));
        var waits = await tenant.OnceWaitingAsync(first.Id, "scopes_missing");
        Assert.Contains("ZohoCRM.coql.READ", waits.Message_, StringComparison.Ordinal);
        var listed = Assert.Single(await tenant.MessagesAsync());
        Assert.Equal((waits.Code, waits.Message_, waits.NextAttemptAt), (listed.Code, listed.Message_, listed.NextAttemptAt));
        // tried again each minute, and not told again
        await FailuresAsync(world, 2, passing: true);
        await EventsAsync(world, "scopes_missing");
        await ConnectAsync(world, tenant);

        foreach (var (code, apart) in ((string, Action<bool>)[])
        [
            ("not_connected", on => { if (on) { world.Tokens.Disconnect(tenant.Id); } }),
            ("connection_revoked", on => world.Tokens.Refusal = on ? new Failure(FailureKind.Precondition, "connection_revoked", "Connect again.") : null),
        ])
        {
            apart(true);
            // what was handed out has run out
            world.Clock.Advance(TimeSpan.FromHours(2));
            var stored = await tenant.StoreAsync(tenant.From("+49 30 2222222", code));
            await tenant.OnceWaitingAsync(stored.Id, code);
            await EventsAsync(world, code);
            apart(false);
            await ConnectAsync(world, tenant);
            Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(stored.Id)).SyncState);
        }

        // refused, and refused again with a new token
        var token = await zoho.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/*",
            status = 401,
            content_type = "application/json",
            body = """{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}""",
        });
        var refused = await tenant.StoreAsync(tenant.From("+49 30 2222222", "refused"));
        await tenant.OnceWaitingAsync(refused.Id, "zoho_token_refused");
        await EventsAsync(world, "zoho_token_refused");
        await zoho.MetAsync(token, 2);
        await zoho.CalmAsync();
        await ConnectAsync(world, tenant);

        Assert.Equal(4, world.Webhooks.Events.Count(one => one.Type == Blocked));
        await AllIsThereOnceAsync(tenant, 2, 4);
    }

    [Fact]
    public async Task A_connection_that_changes_while_it_is_tried_is_tried_at_once()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync(scopes: [.. Zoho.Scopes.Except(["ZohoCRM.coql.READ"])]);
        var fault = await zoho.DisturbAsync(new { kind = "hang", path = "/crm/v8/settings/modules", times = 1 });
        await tenant.StoreAsync(tenant.From("+49 30 1111111", "m1"));
        await zoho.MetAsync(fault);

        await world.Tokens.ConnectAsync(tenant.Id, "us", Zoho.Scopes);
        await PlayedTokens.TellOfChangeAsync(tenant.Id);
        await Eventually.GetAsync(() => world.SqlAsync("SELECT not_before = '-infinity' FROM delivery_queue"), told => told is true);
        await zoho.CalmAsync();
        // no time passes
        await tenant.SettledAsync();

        await AllIsThereOnceAsync(tenant, 1, 1);
    }

    [Fact]
    public async Task Credits_that_are_used_up_are_waited_for_and_told_to_nobody()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        foreach (var legacy in (bool[])[false, true])
        {
            await zoho.SetAsync(new { legacy_limit_body = legacy });
            var used = (await zoho.ControlAsync(HttpMethod.Get, "")).GetProperty("use").GetProperty("credits_used").GetInt32();
            await zoho.ControlAsync(HttpMethod.Put, "/plan", new { credits = used + 3 });
            var tenant = await world.TenantAsync();
            var stored = await tenant.StoreAsync(tenant.From("+49 30 1111111", $"credits {legacy}"));
            var waits = await Eventually.GetAsync(() => tenant.MessageAsync(stored.Id), message => message.Code.Length > 0);
            Assert.Equal((SyncState.Stored, "quota_reached"), (waits.SyncState, waits.Code));
            Assert.True(waits.NextAttemptAt.ToDateTimeOffset() > world.Clock.GetUtcNow());
            // the day is over: what Zoho said of it is forgotten
            await zoho.ControlAsync(HttpMethod.Put, "/plan", new { credits = 1_000_000 });
            await ForgetQuotaAsync(world, tenant);
            await tenant.SettledAsync(TimeSpan.FromMinutes(10));
            var synced = await tenant.MessageAsync(stored.Id);
            Assert.Equal((SyncState.Synced, ""), (synced.SyncState, synced.Code));
        }

        Assert.Empty(world.Webhooks.Events);
    }

    [Fact]
    public async Task Two_tenants_whose_Zoho_hangs_or_refuses_do_not_hold_a_third()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var hang = await zoho.DisturbAsync(new { kind = "hang", host = "www.zohoapis.eu", path = "/crm/*" });
        var page = await zoho.DisturbAsync(new { kind = "html502", host = "www.zohoapis.in", path = "/crm/*" });
        var (hangs, refuses, works) = (await world.TenantAsync("eu"), await world.TenantAsync("in"), await world.TenantAsync());
        var stuck = new List<string>();
        foreach (var tenant in (MessagingTenant[])[hangs, refuses])
        {
            stuck.AddRange((await tenant.SubmitAsync(Enumerable.Range(0, 100).Select(n =>
                tenant.From(string.Create(CultureInfo.InvariantCulture, $"+4930{4000000 + n}"), string.Create(CultureInfo.InvariantCulture, $"stuck {n}")))))
                .Select(one => one.Id));
        }

        await works.SubmitAsync(Enumerable.Range(0, 20).Select(n =>
            works.From(string.Create(CultureInfo.InvariantCulture, $"+4930{4000000 + n}"), string.Create(CultureInfo.InvariantCulture, $"m{n}"))));
        await works.SettledAsync();

        await AllIsThereOnceAsync(works, 20, 20);
        Assert.Equal(SyncState.Stored, (await hangs.MessageAsync(stuck[0])).SyncState);
        await zoho.MetAsync(hang);
        await zoho.MetAsync(page);
        await zoho.CalmAsync();
    }

    private static Task<RedisResult> ForgetQuotaAsync(MessagingWorld world, MessagingTenant tenant) => world.Host.Services.GetRequiredService<RedisServer>().AskAsync(
        database => database.ScriptEvaluateAsync(
            "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end", values: [$"quota:*{tenant.Id}*"]),
        CancellationToken.None);

    private static async Task<IReadOnlyList<SyncState>> StatesAsync(MessagingTenant tenant, IEnumerable<StoredMessage> messages)
    {
        var states = new List<SyncState>();
        foreach (var message in messages)
        {
            states.Add((await tenant.MessageAsync(message.Id)).SyncState);
        }

        return states;
    }

    private static async Task FailuresAsync(MessagingWorld world, int failures, bool passing) => await Eventually.GetAsync(
        async () =>
        {
            world.Clock.Advance(passing ? TimeSpan.FromSeconds(20) : TimeSpan.Zero);
            return (int)(await world.SqlAsync("SELECT failures FROM crm_states"))!;
        },
        count => count >= failures);

    private static async Task EventsAsync(MessagingWorld world, string code) => Assert.Single(await Eventually.GetAsync(
        () => Task.FromResult(world.Webhooks.Events.Where(one => one.Type == Blocked && one.ToString().Contains(code, StringComparison.Ordinal)).ToList()),
        events => events.Count > 0));

    // no time passes
    private static async Task ConnectAsync(MessagingWorld world, MessagingTenant tenant)
    {
        await world.Tokens.ConnectAsync(tenant.Id, "us", Zoho.Scopes);
        await PlayedTokens.TellOfChangeAsync(tenant.Id);
        await tenant.SettledAsync();
    }

    private async Task AllIsThereOnceAsync(MessagingTenant tenant, int people, int messages)
    {
        Assert.All(await tenant.MessagesAsync(), message => Assert.Equal((message.ExternalId, SyncState.Synced), (message.ExternalId, message.SyncState)));
        var leads = await zoho.RecordsAsync("Leads", "Phone");
        Assert.Equal((people, people), (leads.Count, leads.Select(lead => lead.GetProperty("Phone").GetString()).Distinct(StringComparer.Ordinal).Count()));
        var records = await zoho.RecordsAsync(Zoho.Module, "External_Id");
        Assert.Equal(messages, records.Count);
        var notes = await zoho.RecordsAsync("Notes", "Note_Content");
        Assert.Equal((people, people), (notes.Count, notes.Select(note => note.GetProperty("Note_Content").GetString()).Distinct(StringComparer.Ordinal).Count()));
    }
}
