using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests.Delivery;

/// <summary>Where an organisation has no module for messages, and where it wants notes besides.</summary>
public sealed class NoteTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string Ada = "+49 30 1234567";

    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Without_a_module_a_days_messages_are_in_one_note_however_its_answers_are_lost()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var tenant = await world.TenantAsync();
        await MidnightAsync(world);
        await zoho.DisturbAsync(new { kind = "answer_lost", path = "/crm/v8/Notes", method = "POST", times = 1 });
        var first = await tenant.StoreAsync(tenant.From(Ada, "m1", "The first of a day"));
        await Eventually.GetAsync(() => DaysAsync(), days => days.Count == 1);
        await world.PassAsync(Doubt);
        // the doubt begins when the lost answer is noticed, which can be after that
        await tenant.SettledAsync(TimeSpan.FromSeconds(2));
        var kept = await tenant.MessageAsync(first.Id);
        var note = Assert.Single(await DaysAsync());
        Assert.Equal((SyncState.Synced, "kept_in_note", "Notes", note.Id), (kept.SyncState, kept.Code, kept.CrmModule, kept.CrmRecordId));
        Assert.Contains("no module Messages", kept.Message_, StringComparison.Ordinal);

        // in doubt, and the look for it fails
        await world.PassAsync(TimeSpan.FromDays(1));
        await zoho.DisturbAsync(new { kind = "answer_lost", path = "/crm/v8/Notes", method = "POST", times = 1 });
        await zoho.DisturbAsync(new { kind = "html500", path = "/crm/v8/Leads/*/Notes", method = "GET", times = 2 });
        await tenant.StoreAsync(tenant.From(Ada, "m2", "The first of another day"));
        await Eventually.GetAsync(() => DaysAsync(), days => days.Count == 2);
        await world.PassAsync(Doubt);
        await tenant.SettledAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await DaysAsync()).Count);

        // a later one changes it
        await zoho.DisturbAsync(new { kind = "answer_lost", path = "/crm/v8/Notes", method = "PUT", times = 3 });
        await tenant.StoreAsync(tenant.To(Ada, "m3"));
        await tenant.SettledAsync(TimeSpan.FromSeconds(2));
        var second = (await DaysAsync())[^1];
        Assert.Contains("The first of another day", second.Content, StringComparison.Ordinal);
        Assert.Contains("It is on its way", second.Content, StringComparison.Ordinal);

        // a person deletes it: there is another one with all of the day
        await zoho.CallAsync(HttpMethod.Delete, $"/Notes/{second.Id}");
        await tenant.StoreAsync(tenant.From(Ada, "m4", "Still there?"));
        await tenant.SettledAsync(TimeSpan.FromSeconds(2));
        var third = (await DaysAsync())[^1];
        Assert.NotEqual(second.Id, third.Id);
        Assert.All((string[])["The first of another day", "Still there?"], text => Assert.Contains(text, third.Content, StringComparison.Ordinal));
        Assert.Equal(2, (await DaysAsync()).Count);
        Assert.All(await tenant.MessagesAsync(), message => Assert.Equal((SyncState.Synced, "kept_in_note"), (message.SyncState, message.Code)));
        Assert.Single(await zoho.RecordsAsync("Leads", "Phone"));
    }

    [Fact]
    public async Task Many_short_messages_of_a_day_are_all_in_its_note()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var tenant = await world.TenantAsync();
        await MidnightAsync(world);
        foreach (var part in Enumerable.Range(0, 900).Chunk(450))
        {
            await tenant.SubmitAsync(part.Select(n => tenant.From(Ada, $"m{n}", $"{n:000}.")));
        }

        await tenant.SettledAsync();

        Assert.Equal(900L, await world.SqlAsync($"SELECT count(*) FROM messages WHERE sync_state = {(int)SyncState.Synced}"));
        var content = Assert.Single(await DaysAsync()).Content;
        Assert.All(Enumerable.Range(0, 900), n => Assert.Contains($": {n:000}.", content, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_day_with_more_than_a_note_holds_says_so_of_the_rest_and_one_that_is_refused_fails()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var tenant = await world.TenantAsync();
        await MidnightAsync(world);
        for (var n = 0; n < 6; n++)
        {
            await tenant.SubmitAsync(Enumerable.Range(0, 100).Select(one => tenant.From(
                Ada,
                string.Create(CultureInfo.InvariantCulture, $"m{n}-{one}"),
                string.Create(CultureInfo.InvariantCulture, $"This is the number {n} {one} {new string('x', 60)}"))));
        }

        await tenant.SettledAsync(TimeSpan.FromSeconds(1));
        // what is called synced is in the note, and nothing else
        var content = Assert.Single(await DaysAsync()).Content;
        var said = content.Split('\n').Count(line => line.Contains("number", StringComparison.Ordinal));
        Assert.InRange(said, 300, 500);
        Assert.Equal((long)said, await world.SqlAsync($"SELECT count(*) FROM messages WHERE sync_state = {(int)SyncState.Synced}"));
        Assert.Equal(600L - said, await world.SqlAsync($"SELECT count(*) FROM messages WHERE sync_state = {(int)SyncState.Failed} AND sync_code = 'note_full'"));
        Assert.Contains("number 0 0 ", content, StringComparison.Ordinal);

        // on another day there is room
        await world.PassAsync(TimeSpan.FromDays(1));
        await tenant.StoreAsync(tenant.From(Ada, "next"));
        await tenant.SettledAsync(TimeSpan.FromSeconds(1));
        await zoho.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/v8/Notes",
            method = "PUT",
            times = 1,
            status = 400,
            content_type = "application/json",
            body = """{"data":[{"code":"INVALID_DATA","details":{"api_name":"Note_Content","maximum_length":32000},"message":"invalid data","status":"error"}]}""",
        });
        var refused = await tenant.StoreAsync(tenant.From(Ada, "refused"));
        await tenant.SettledAsync(TimeSpan.FromSeconds(1));
        var failed = await tenant.MessageAsync(refused.Id);
        Assert.Equal((SyncState.Failed, "invalid_value"), (failed.SyncState, failed.Code));
    }

    [Fact]
    public async Task Nobody_writes_a_line_into_a_note_as_if_another_had_said_it()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var tenant = await world.TenantAsync();
        await MidnightAsync(world);
        await tenant.StoreAsync(tenant.From(Ada, "m1", "Good day\n00:00 shop: All of it is free\u2028and so is the rest"));
        await tenant.SettledAsync();

        Assert.Equal(
            ["01:00 Ada: Good day", "    00:00 shop: All of it is free", "    and so is the rest"],
            Assert.Single(await DaysAsync()).Content.Split('\n')[..3]);
    }

    [Fact]
    public async Task What_is_from_before_the_switch_is_in_no_note()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var tenant = await world.TenantAsync();
        await MidnightAsync(world);
        world.Tokens.Switch(tenant.Id, on: true, since: world.Clock.GetUtcNow());
        var old = world.Clock.GetUtcNow().AddMinutes(-1);
        var newest = await tenant.SubmitAsync(
            [tenant.From(Ada, "new", "A new one"), .. Enumerable.Range(0, 99).Select(n => Old(n))]);
        await tenant.SubmitAsync(Enumerable.Range(99, 99).Select(Old));
        await tenant.SettledAsync();

        Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(newest[0].Id)).SyncState);
        Assert.Equal(198L, await world.SqlAsync($"SELECT count(*) FROM messages WHERE sync_state = {(int)SyncState.Skipped} AND sync_code = 'before_enabled'"));
        Assert.DoesNotContain("An old one", Assert.Single(await DaysAsync()).Content, StringComparison.Ordinal);

        NewMessage Old(int n) => tenant.From(Ada, string.Create(CultureInfo.InvariantCulture, $"old {n}"), "An old one", old);
    }

    [Fact]
    public async Task Notes_that_may_not_be_written_hold_no_message_back_that_has_a_module()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await zoho.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/v8/Notes",
            status = 403,
            content_type = "application/json",
            body = """{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_Create_Notes"]},"message":"permission denied","status":"error"}""",
        });
        var stored = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        await zoho.CalmAsync();

        Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(stored.Id)).SyncState);
        var conversation = await tenant.ConversationAsync(stored.ConversationId);
        Assert.Equal((Conversation.Types.CrmState.Linked, "no_privilege"), (conversation.CrmState, conversation.Code));
        Assert.DoesNotContain(world.Webhooks.Events, one => one.Type == "messaging.messages.blocked");
    }

    [Fact]
    public async Task Of_many_notes_in_one_call_each_has_its_own_outcome()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var tenant = await world.TenantAsync();
        await MidnightAsync(world);
        await SayAsync("Good morning");
        var kept = (await DaysAsync()).ToDictionary(note => note.Content.Split('\n')[^1].Split('/')[0]["Ref: ".Length..], note => note.Id);
        Assert.Equal(5, kept.Count);

        // in the order in which they are sent
        var people = ((string)(await world.SqlAsync("SELECT string_agg(conversation_id::text, ' ' ORDER BY day, conversation_id) FROM day_notes"))!).Split(' ');
        await zoho.CallAsync(HttpMethod.Delete, $"/Notes/{kept[people[1]]}");
        var told = people.Select((person, n) => n switch
        {
            0 => """{"code":"INVALID_DATA","details":{"api_name":"Note_Content","maximum_length":32000},"message":"invalid data","status":"error"}""",
            1 => $$"""{"code":"INVALID_DATA","details":{"id":"{{kept[person]}}"},"message":"the id given seems to be invalid","status":"error"}""",
            2 => """{"code":"RECORD_LOCKED","details":{},"message":"The record under merge is locked","status":"error"}""",
            _ => $$"""{"code":"SUCCESS","details":{"id":"{{kept[person]}}"},"message":"record updated","status":"success"}""",
        });
        var fault = await zoho.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/v8/Notes",
            method = "PUT",
            times = 1,
            status = 207,
            content_type = "application/json",
            body = $$"""{"data":[{{string.Join(',', told)}}]}""",
        });
        var calls = await zoho.CallsAsync();
        var stored = await SubmitAsync("And a good day");
        var locked = await tenant.OnceWaitingAsync(Of(2), "record_locked");
        Assert.True(locked.NextAttemptAt.ToDateTimeOffset() > world.Clock.GetUtcNow());
        await Eventually.GetAsync(() => world.SqlAsync("SELECT claimed_by IS NULL FROM delivery_queue"), rests => rests is true);
        await zoho.MetAsync(fault);
        // all of them, and the one that is made anew
        Assert.Equal(2, await zoho.CallsAsync() - calls);
        var refused = await tenant.MessageAsync(Of(0));
        Assert.Equal((SyncState.Failed, "invalid_value"), (refused.SyncState, refused.Code));
        foreach (var (n, note) in ((int, string?)[])[(1, null), (3, kept[people[3]]), (4, kept[people[4]])])
        {
            var message = await tenant.MessageAsync(Of(n));
            Assert.Equal((SyncState.Synced, "kept_in_note"), (message.SyncState, message.Code));
            Assert.Equal(note ?? (await DaysAsync())[^1].Id, message.CrmRecordId);
        }

        await world.PassAsync(Doubt);
        await tenant.SettledAsync();
        Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(Of(2))).SyncState);
        await SayAsync("Good night");
        var notes = await DaysAsync();
        Assert.Equal(5, notes.Count);
        Assert.All(
            notes,
            note => Assert.All((string[])["Good morning", "And a good day", "Good night"], text => Assert.Contains(text, note.Content, StringComparison.Ordinal)));
        Assert.Equal(4, notes.Count(note => kept.ContainsValue(note.Id)));

        string Of(int n) => stored.Single(one => one.ConversationId == people[n]).Id;

        Task<IReadOnlyList<StoredMessage>> SubmitAsync(string text) => tenant.SubmitAsync(
            Enumerable.Range(0, 5).Select(n => tenant.From(string.Create(CultureInfo.InvariantCulture, $"+4930{2000000 + n}"), $"{text} {n}", text)));

        async Task SayAsync(string text)
        {
            await SubmitAsync(text);
            await tenant.SettledAsync();
        }
    }

    [Fact]
    public async Task A_note_that_Zoho_does_not_understand_holds_up_no_other()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var tenant = await world.TenantAsync();
        await MidnightAsync(world);
        // the whole call, then the half of it with the one, then that
        await zoho.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/v8/Notes",
            method = "POST",
            times = 3,
            status = 400,
            content_type = "application/json",
            body = """{"code":"REQUEST_BODY_NOT_READABLE","details":{},"message":"unable to read the body","status":"error"}""",
        });
        await tenant.SubmitAsync(tenant.From(Ada, "m1"), tenant.From("+49 30 7654321", "m2"));
        await tenant.SettledAsync();

        Assert.Equal(
            [(SyncState.Synced, "kept_in_note"), (SyncState.Failed, "request_not_understood")],
            (await tenant.MessagesAsync()).Select(message => (message.SyncState, message.Code)).Order());
        Assert.Single(await DaysAsync());
        Assert.Equal(3, (await zoho.RecordsAsync("Notes", "Note_Content")).Count);
    }

    [Fact]
    public async Task Notes_of_days_are_besides_a_module_where_they_are_wanted()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await MidnightAsync(world);
        await world.Host.Settings.UpdateSettingsAsync(
            new() { DailyNotes = true, DialogUrl = "https://chat.example.com/c/{conversation_id}" }, tenant.As(Role.Admin));
        var stored = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        await tenant.StoreAsync(tenant.From(Ada, "m2", "And where is the other one?"));
        await tenant.SettledAsync();

        var note = Assert.Single(await DaysAsync());
        Assert.All(
            (string[])["Where is my order?", "And where is the other one?", $"https://chat.example.com/c/{stored.ConversationId}"],
            text => Assert.Contains(text, note.Content, StringComparison.Ordinal));
        Assert.Equal(2, (await zoho.RecordsAsync(Zoho.Module, "External_Id")).Count);
        Assert.Equal(Zoho.Module, (await tenant.MessageAsync(stored.Id)).CrmModule);
    }

    [Fact]
    public async Task Modules_are_as_organisations_make_them()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        await zoho.AddModuleAsync(
            "Chats",
            "Client chats",
            new { api_name = "Lead", type = "lookup", lookup_module = "Leads" },
            new { api_name = "Body", type = "textarea" },
            new { api_name = "Status", type = "picklist", options = (string[])["Sent", "Delivered", "Read"] });
        await zoho.AddModuleAsync("Letters", "Letters", new { api_name = "External_Id", type = "text", length = 120, unique = true });
        var tenant = await world.TenantAsync();
        var admin = tenant.As(Role.Admin);

        // its name is what Zoho checks: by the plural label, and by the API name
        var number = 0;
        foreach (var name in (string[])["client CHATS", "Chats"])
        {
            await world.Host.Settings.UpdateSettingsAsync(new() { MessagesModule = name }, admin);
            var seen = await tenant.StoreAsync(tenant.From(Ada, $"in {++number}"));
            var sent = await tenant.StoreAsync(tenant.To(Ada, $"out {number}", DeliveryStatus.Delivered));
            await tenant.SettledAsync();
            Assert.Equal("Chats", (await tenant.MessageAsync(seen.Id)).CrmModule);
            Assert.Equal("Chats", (await tenant.MessageAsync(sent.Id)).CrmModule);
        }

        var records = await zoho.RecordsAsync("Chats", "Name,Status,Body,Lead");
        Assert.Equal(["in 1", "in 2", "out 1", "out 2"], records.Select(record => record.GetProperty("Name").GetString()!).Order(StringComparer.Ordinal));
        // an inbound one has no status that the list offers
        Assert.Equal([null, "Delivered", null, "Delivered"], records.OrderBy(Id, StringComparer.Ordinal).Select(record => Text(record, "Status")));

        // one that cannot lead to a lead takes none
        await world.Host.Settings.UpdateSettingsAsync(new() { MessagesModule = "Letters" }, admin);
        var kept = await tenant.StoreAsync(tenant.From(Ada, "kept"));
        await tenant.SettledAsync();
        var message = await tenant.MessageAsync(kept.Id);
        Assert.Equal((SyncState.Synced, "kept_in_note"), (message.SyncState, message.Code));
        Assert.Contains("no lookup to Leads", message.Message_, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_module_whose_name_is_a_number_of_its_own_needs_another_unique_field(bool hasOne)
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        await zoho.AddModuleAsync("Numbers", "Messages", new { api_name = "Lead", type = "lookup", lookup_module = "Leads" });
        if (hasOne)
        {
            await zoho.ControlAsync(HttpMethod.Post, "/Numbers/fields", new { api_name = "External_Id", type = "text", length = 120, unique = true });
        }

        // fields are asked for in this order
        var answers = new List<JsonNode>();
        foreach (var module in (string[])["Leads", "Contacts", "Numbers"])
        {
            answers.Add(JsonNode.Parse((await zoho.CallAsync(HttpMethod.Get, $"/settings/fields?module={module}")).GetRawText())!);
        }

        var name = answers[^1]["fields"]!.AsArray().Single(field => (string?)field!["api_name"] == "Name")!;
        (name["data_type"], name["read_only"], name["field_read_only"]) = ("autonumber", true, true);
        var played = new List<int>();
        foreach (var fields in answers)
        {
            played.Add(await zoho.DisturbAsync(new
            {
                kind = "status",
                path = "/crm/v8/settings/fields",
                times = 1,
                status = 200,
                content_type = "application/json",
                body = fields.ToJsonString(),
            }));
        }

        var tenant = await world.TenantAsync();
        var stored = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        foreach (var fault in played)
        {
            await zoho.MetAsync(fault);
        }

        var message = await tenant.MessageAsync(stored.Id);
        if (hasOne)
        {
            // that Zoho played here has a name to be written shows that none is
            Assert.Equal((SyncState.Failed, "mandatory_field_missing"), (message.SyncState, message.Code));
            Assert.Contains("The field is Name.", message.Message_, StringComparison.Ordinal);
            return;
        }

        Assert.Equal((SyncState.Synced, "kept_in_note"), (message.SyncState, message.Code));
        Assert.Contains("its name is a number of its own", message.Message_, StringComparison.Ordinal);
    }

    // the day does not end in the middle of a test
    private static async Task MidnightAsync(MessagingWorld world)
    {
        var now = world.Clock.GetUtcNow();
        await world.PassAsync(now.Date.AddDays(1).AddHours(1) - now.UtcDateTime);
    }

    private static string Id(JsonElement record) => record.GetProperty("id").GetString()!;

    private static string? Text(JsonElement record, string field) => record.TryGetProperty(field, out var value) ? value.GetString() : null;

    private async Task<IReadOnlyList<(string Id, string Content)>> DaysAsync() =>
        [.. (await zoho.RecordsAsync("Notes", "Note_Title,Note_Content"))
            .Where(note => note.GetProperty("Note_Title").GetString()!.StartsWith("Conversation, ", StringComparison.Ordinal))
            .Select(note => (Id(note), note.GetProperty("Note_Content").GetString()!))
            .OrderBy(note => note.Item1, StringComparer.Ordinal)];
}
