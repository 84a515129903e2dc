using System.Text.Json;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests.Delivery;

/// <summary>People work in Zoho CRM, too: leads are there already, go, are merged, become contacts.</summary>
public sealed class GoneLeadsTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string Ada = "+49 30 1234567";

    [Fact]
    public async Task A_lead_that_is_deleted_is_made_again_once_and_no_message_is_lost()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var first = await tenant.StoreAsync(tenant.To(Ada, "m1"));
        await tenant.SettledAsync();
        var old = (await tenant.ConversationAsync(first.ConversationId)).CrmRecordId;
        await zoho.CallAsync(HttpMethod.Delete, $"/Leads/{old}");

        // how far a message came makes no lead of somebody whom a person has deleted
        await world.SqlAsync($"SELECT apply_status(1, '{tenant.Id}', now(), 'm1', {(int)DeliveryStatus.Read}, now(), NULL, NULL)");
        await tenant.SettledAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("Read", Assert.Single(await zoho.RecordsAsync(Zoho.Module, "Status")).GetProperty("Status").GetString());
        Assert.Empty(await LiveAsync());

        await tenant.SubmitAsync(tenant.From(Ada, "m2"), tenant.From(Ada, "m3"), tenant.From("+49 30 7654321", "m4"));
        await tenant.SettledAsync();

        var again = (await tenant.ConversationAsync(first.ConversationId)).CrmRecordId;
        Assert.NotEqual(old, again);
        Assert.Equal(2, (await LiveAsync()).Count);
        Assert.All(await tenant.MessagesAsync(), message => Assert.Equal((message.ExternalId, SyncState.Synced), (message.ExternalId, message.SyncState)));
        // each with its own note of first contact; the deleted one's went with it
        Assert.Contains(
            await zoho.RecordsAsync("Notes", "Parent_Id"),
            note => note.GetProperty("Parent_Id") is { ValueKind: JsonValueKind.Object } parent && parent.GetProperty("id").GetString() == again);
        Assert.Equal([again, again], (await RecordsAsync("m2", "m3")).Select(record => record.GetProperty("Lead").GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_lead_that_is_merged_into_another_goes_on_as_that_one()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var first = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        var child = (await tenant.ConversationAsync(first.ConversationId)).CrmRecordId;
        var master = await zoho.MakeAsync("Leads", new { Last_Name = "Grace", Mobile = "030 1234567", Phone = "+49 30 1234567" });
        await zoho.CallAsync(HttpMethod.Post, $"/Leads/{master}/actions/merge", new { merge = new[] { new { data = new[] { new { id = child } } } } });

        await tenant.StoreAsync(tenant.From(Ada, "m2"));
        await tenant.SettledAsync();

        Assert.Equal(("Leads", master), await LinkAsync(tenant, first));
        Assert.Equal(master, Assert.Single(await RecordsAsync("m2")).GetProperty("Lead").GetProperty("id").GetString());
        Assert.Single(await LiveAsync());
    }

    [Fact]
    public async Task A_lead_that_was_converted_goes_on_as_its_contact()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await world.Host.Settings.UpdateSettingsAsync(new() { DailyNotes = true }, tenant.As(Role.Admin));
        var first = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        var lead = (await tenant.ConversationAsync(first.ConversationId)).CrmRecordId;
        await zoho.CallAsync(HttpMethod.Post, $"/Leads/{lead}/actions/convert", new { data = new[] { new { } } });
        var contact = Assert.Single(await zoho.RecordsAsync("Contacts", "Phone")).GetProperty("id").GetString();

        // the next day's note cannot be written to it, which tells
        await world.PassAsync(TimeSpan.FromDays(1));
        await tenant.StoreAsync(tenant.From(Ada, "m2"));
        await tenant.SettledAsync();
        await tenant.StoreAsync(tenant.From(Ada, "m3"));
        await tenant.SettledAsync();

        Assert.Equal(("Contacts", contact), await LinkAsync(tenant, first));
        Assert.Equal(contact, Assert.Single(await RecordsAsync("m3")).GetProperty("Contact").GetProperty("id").GetString());
        Assert.Single(await zoho.RecordsAsync("Leads", "Phone"));
        Assert.All(await tenant.MessagesAsync(), message => Assert.Equal(SyncState.Synced, message.SyncState));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_written_to_a_lead_after_its_conversion_is_brought_to_the_contact_once_that_is_told(bool withModule)
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: withModule);
        var tenant = await world.TenantAsync();
        await world.Host.Settings.UpdateSettingsAsync(new() { DailyNotes = true }, tenant.As(Role.Admin));
        // in the middle of a day: its note goes on
        await world.PassAsync(world.Clock.GetUtcNow().UtcDateTime.Date.AddDays(1).AddHours(12) - world.Clock.GetUtcNow().UtcDateTime);
        var first = await tenant.StoreAsync(tenant.From(Ada, "m1", "Before"));
        await tenant.SettledAsync();
        var lead = (await tenant.ConversationAsync(first.ConversationId)).CrmRecordId;
        await world.PassAsync(TimeSpan.FromMinutes(10));
        await zoho.CallAsync(HttpMethod.Post, $"/Leads/{lead}/actions/convert", new { data = new[] { new { } } });
        var contact = Assert.Single(await zoho.RecordsAsync("Contacts", "Phone")).GetProperty("id").GetString();
        var converted = world.Clock.GetUtcNow();
        // Zoho takes it
        var between = await tenant.StoreAsync(tenant.From(Ada, "m2", "Between"));
        await tenant.SettledAsync();
        Assert.Equal(("Leads", lead), await LinkAsync(tenant, first));

        world.Inbox.Tell(
            tenant.Id, "Leads", lead, new { Phone = Ada, Last_Name = "Ada", Converted__s = true, Converted_Contact = contact, Converted_Date_Time = converted });
        await Eventually.GetAsync(() => LinkAsync(tenant, first), link => link == ("Contacts", contact));
        await tenant.SettledAsync();
        await tenant.StoreAsync(tenant.From(Ada, "m3", "After"));
        await tenant.SettledAsync();

        Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(between.Id)).SyncState);
        var day = Assert.Single(
            await zoho.RecordsAsync("Notes", "Note_Title,Note_Content,Parent_Id"),
            note => note.GetProperty("Parent_Id") is { ValueKind: JsonValueKind.Object } parent && parent.GetProperty("id").GetString() == contact);
        Assert.All((string[])["Before", "Between", "After"], text => Assert.Contains(text, day.GetProperty("Note_Content").GetString(), StringComparison.Ordinal));
        if (withModule)
        {
            Assert.Equal([contact, contact], (await RecordsAsync("m2", "m3")).Select(record => record.GetProperty("Contact").GetProperty("id").GetString()));
            Assert.Equal(JsonValueKind.Null, Assert.Single(await RecordsAsync("m1")).GetProperty("Contact").ValueKind);
        }
    }

    [Fact]
    public async Task Somebody_whose_lead_nobody_has_told_yet_gets_no_second_one_however_its_phone_is_written()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await world.Host.Settings.UpdateSettingsAsync(new() { DefaultRegion = "GB" }, tenant.As(Role.Admin));
        // all is known up to now
        await tenant.StoreAsync(tenant.From("+44 20 7946 0000", "m0"));
        await tenant.SettledAsync();
        await Eventually.GetAsync(
            () => world.SqlAsync("SELECT count(*) FROM followed_modules WHERE known_until IS NOT NULL AND region = 'GB'"), known => known is 2L);
        (string Phone, string Writes)[] people =
        [
            ("07700 900 419", "+447700900419"), ("+44 (0)7700 900411", "+447700900411"), ("+33.6.12.34.04.21", "+33612340421"),
            ("+49 151-234-50420", "+4915123450420"), ("+31 (0)6 12340417", "+31612340417"),
        ];
        foreach (var (phone, writes) in people)
        {
            var module = phone == people[^1].Phone ? "Contacts" : "Leads";
            var record = await zoho.MakeAsync(module, new { Last_Name = "Told by nobody", Mobile = phone });
            var stored = await tenant.StoreAsync(tenant.From(writes, writes));
            await tenant.SettledAsync();
            Assert.Equal((module, record), await LinkAsync(tenant, stored));
        }

        Assert.Equal(5, (await LiveAsync()).Count);
    }

    [Fact]
    public async Task Where_the_contact_that_a_lead_became_is_gone_there_is_a_new_lead()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var first = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        var lead = (await tenant.ConversationAsync(first.ConversationId)).CrmRecordId;
        await zoho.CallAsync(HttpMethod.Post, $"/Leads/{lead}/actions/convert", new { data = new[] { new { } } });
        var contact = Assert.Single(await zoho.RecordsAsync("Contacts", "Phone")).GetProperty("id").GetString();
        // as the phone map is told of it
        world.Inbox.Tell(tenant.Id, "Leads", lead, new { Phone = Ada, Last_Name = "Ada", Converted__s = true, Converted_Contact = contact });
        await Eventually.GetAsync(() => LinkAsync(tenant, first), link => link == ("Contacts", contact));

        await zoho.CallAsync(HttpMethod.Delete, $"/Contacts/{contact}");
        var second = await tenant.StoreAsync(tenant.From(Ada, "m2"));
        await tenant.SettledAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(second.Id)).SyncState);
        var (module, record) = await LinkAsync(tenant, first);
        Assert.Equal("Leads", module);
        Assert.NotEqual(lead, record);
    }

    [Fact]
    public async Task People_who_are_there_are_found_however_their_phone_is_written()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        // else the search is asked for nobody
        world.Inbox.IsComplete = false;
        var tenant = await world.TenantAsync();
        await world.Host.Settings.UpdateSettingsAsync(new() { DefaultRegion = "DE" }, tenant.As(Role.Admin));
        (string Module, object Record, string Writes)[] people =
        [
            ("Leads", new { Last_Name = "A", Mobile = "+49 30 1000001" }, "+49 30 1000001"),
            ("Leads", new { Last_Name = "B", Phone = "030 1000002" }, "+49301000002"),
            ("Leads", new { Last_Name = "C", Phone = "(030) 10000-03" }, "030 1000003"),
            ("Leads", new { Last_Name = "D", Mobile = "0049301000004" }, "+49 30 1000004"),
            // nine digits since 2012; what WhatsApp knows is older
            ("Leads", new { Last_Name = "E", Phone = "+55 11 98765-4321" }, "+551187654321"),
            ("Leads", new { Last_Name = "F", Phone = "+55 11 8765-4322" }, "+5511987654322"),
            ("Contacts", new { Last_Name = "G", Mobile = "+49301000007" }, "+49 30 1000007"),
        ];
        var ids = new List<(string, string)>();
        foreach (var (module, record, _) in people)
        {
            ids.Add((module, await zoho.MakeAsync(module, record)));
        }

        // the index knows them by then
        await world.PassAsync(TimeSpan.FromMinutes(1));
        var stored = new List<StoredMessage>();
        foreach (var (_, _, phone) in people)
        {
            stored.Add(await tenant.StoreAsync(tenant.From(phone, $"m{stored.Count}")));
        }

        await tenant.SettledAsync();
        var found = new List<(string, string)>();
        foreach (var one in stored)
        {
            found.Add(await LinkAsync(tenant, one));
        }

        Assert.Equal(ids, found);
        Assert.Equal(6, (await zoho.RecordsAsync("Leads", "Phone")).Count);
        Assert.Single(await RecordsAsync("m6"), record => record.GetProperty("Contact").GetProperty("id").GetString() == ids[6].Item2);
    }

    [Fact]
    public async Task A_lead_that_Zoho_shows_and_says_is_gone_is_not_asked_for_all_the_time()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var tenant = await world.TenantAsync();
        await zoho.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/v8/Notes",
            method = "POST",
            status = 400,
            content_type = "application/json",
            body = """{"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"the related id given seems to be invalid","status":"error"}""",
        });
        var stored = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        var waits = await tenant.OnceWaitingAsync(stored.Id, "record_gone");
        Assert.True(waits.NextAttemptAt.ToDateTimeOffset() > world.Clock.GetUtcNow());
        await Eventually.GetAsync(() => world.SqlAsync("SELECT claimed_by IS NULL FROM delivery_queue"), rests => rests is true);
        Assert.InRange(await zoho.CallsAsync(), 1, 30);

        await zoho.CalmAsync();
        await world.PassAsync(TimeSpan.FromMinutes(1));
        await tenant.SettledAsync();
        Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(stored.Id)).SyncState);
        Assert.Equal(0, await world.SqlAsync("SELECT attempts FROM conversations"));
        Assert.Single(await LiveAsync());
    }

    [Fact]
    public async Task A_record_that_is_locked_holds_up_its_own_status_and_no_message()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var first = await tenant.StoreAsync(tenant.To(Ada, "m1"));
        await tenant.SettledAsync();
        await zoho.DisturbAsync(new
        {
            kind = "status",
            path = $"/crm/v8/{Zoho.Module}",
            method = "PUT",
            times = 1,
            status = 400,
            content_type = "application/json",
            body = """{"data":[{"code":"RECORD_LOCKED","details":{},"message":"The record under merge is locked","status":"error"}]}""",
        });

        // PostgreSQL rounds what is finer, and what is a moment ahead is not due while the clock stands
        var now = $"'{world.Clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.ffffffzzz}'";
        await world.SqlAsync($"SELECT apply_status(1, '{tenant.Id}', {now}, 'm1', {(int)DeliveryStatus.Read}, {now}, NULL, NULL)");
        await Eventually.GetAsync(
            () => world.SqlAsync($"SELECT is_stale AND next_attempt_at > {now} FROM messages WHERE id = '{first.Id}'"), held => held is true);
        var second = await tenant.StoreAsync(tenant.From(Ada, "m2"));
        await tenant.OnceAsync(second.Id, SyncState.Synced);
        Assert.Equal("Sent", Status(Assert.Single(await RecordsAsync("m1"))));

        await world.PassAsync(TimeSpan.FromMinutes(5));
        await tenant.SettledAsync();
        Assert.Equal("Read", Status(Assert.Single(await RecordsAsync("m1"))));

        static string? Status(JsonElement record) => record.GetProperty("Status").GetString();
    }

    [Fact]
    public async Task A_record_that_is_locked_is_tried_again_and_so_is_its_lead()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        foreach (var path in (string[])["/crm/v8/Leads", "/crm/v8/Messages1/upsert", "/crm/v8/Notes"])
        {
            await zoho.DisturbAsync(new
            {
                kind = "status",
                path,
                method = "POST",
                times = 1,
                status = 400,
                content_type = "application/json",
                body = """{"data":[{"code":"RECORD_LOCKED","details":{},"message":"The record under merge is locked","status":"error"}]}""",
            });
        }

        var stored = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        foreach (var _ in (string[])["lead", "record"])
        {
            await Eventually.GetAsync(
                () => tenant.MessageAsync(stored.Id),
                message => message is { SyncState: SyncState.Stored, Code: "record_locked" } && message.NextAttemptAt.ToDateTimeOffset() > world.Clock.GetUtcNow());
            await world.PassAsync(TimeSpan.FromMinutes(5));
        }

        await tenant.OnceAsync(stored.Id, SyncState.Synced);
        await tenant.SettledAsync(TimeSpan.FromSeconds(5));
        Assert.Single(await zoho.RecordsAsync("Notes", "Note_Content"));
        Assert.Single(await LiveAsync());
    }

    [Fact]
    public async Task A_lead_whose_end_is_told_while_a_message_meets_it_is_let_go_without_waiting_for_each_other()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var first = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        var lead = (await tenant.ConversationAsync(first.ConversationId)).CrmRecordId;
        world.Inbox.Tell(tenant.Id, "Leads", lead, new { Phone = Ada, Last_Name = "Ada" });
        await Eventually.GetAsync(() => world.SqlAsync("SELECT count(*) FROM people"), count => count is 1L);
        var fault = await zoho.DisturbAsync(new { kind = "hang", path = "/crm/v8/Messages1/upsert" });
        await zoho.CallAsync(HttpMethod.Delete, $"/Leads/{lead}");
        await tenant.StoreAsync(tenant.From(Ada, "m2"));
        await zoho.MetAsync(fault);
        await using (await world.HoldAsync($"SELECT FROM conversations WHERE id = '{first.ConversationId}' FOR UPDATE"))
        {
            world.Inbox.TellGone(tenant.Id, "Leads", lead);
            await world.WaitingAsync(1);
            await zoho.CalmAsync();
            await world.WaitingAsync(2);
        }

        // no time passes: neither is tried again
        await tenant.SettledAsync();
        await Eventually.GetAsync(
            () => Task.FromResult(world.Webhooks.Events.Count(one => one.Type == "crm.lead.changed")), told => told == 1);
        Assert.NotEqual(lead, Assert.Single(await LiveAsync()).GetProperty("id").GetString());
        Assert.All(await tenant.MessagesAsync(), message => Assert.Equal(SyncState.Synced, message.SyncState));
    }

    private static async Task<(string Module, string Id)> LinkAsync(MessagingTenant tenant, StoredMessage message)
    {
        var conversation = await tenant.ConversationAsync(message.ConversationId);
        return (conversation.CrmModule, conversation.CrmRecordId);
    }

    private async Task<IReadOnlyList<JsonElement>> RecordsAsync(params string[] messages) =>
        [.. (await zoho.RecordsAsync(Zoho.Module, "External_Id,Lead,Contact,Status"))
            .Where(record => messages.Contains(record.GetProperty("External_Id").GetString(), StringComparer.Ordinal))];

    private async Task<IReadOnlyList<JsonElement>> LiveAsync() => await zoho.RecordsAsync("Leads", "Phone");
}
