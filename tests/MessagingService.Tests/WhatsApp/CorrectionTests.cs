using System.Text.Json;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests.WhatsApp;

/// <summary>What a person edits or deletes in WhatsApp.</summary>
public sealed class CorrectionTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string Phone = "493012345701";

    [Fact]
    public async Task An_edited_message_says_what_it_says_now_here_and_in_the_CRM_and_a_deleted_one_nothing_any_more()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        await channel.TellAsync(Text("m1", "My card is 4111"), Text("m2", "What is that?"));
        await channel.Tenant.SettledAsync();

        // of one that waits, of the one that was synced, and of the same body
        var told = await channel.TellAsync(Edit("e1", "m1", "My card is here"), Text("m3", "One"), Edit("e3", "m3", "Two"), Edit("e4", "m3", "Three"));
        Assert.Equal((4, 0), (told.Messages, told.Duplicates));
        await channel.Tenant.SettledAsync();
        Assert.Equal(("text", "My card is here", SyncState.Synced), await SaysAsync("m1"));
        Assert.Equal(("text", "Three", SyncState.Synced), await SaysAsync("m3"));
        Assert.Equal(["My card is here", "Three", "What is that?"], await TextsAsync());
        Assert.Equal("Three", (await channel.ConversationAsync("m3")).LastText);
        var again = await channel.TellAsync(Edit("e4", "m3", "Three"));
        Assert.Equal((0, 1), (again.Messages, again.Duplicates));

        // who has the tenant's turn is not waited for with a connection that others need: Meta tells it again
        await using (await world.HoldAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock.KeyOf(Messages.MessageIntake.TurnOf(channel.Tenant.Id))})"))
        {
            Assert.Equal("messages_waiting", (await Refused.ByAsync(() => channel.TellAsync(Revoke("r1", "m1")))).Code);
        }

        await channel.TellAsync(Revoke("r1", "m1"), Revoke("r3", "m3"));
        await channel.TellAsync(Edit("e5", "m1", "It is back"), Revoke("r1", "m1"));
        await channel.Tenant.SettledAsync();
        Assert.Equal(("revoke", "[deleted]", SyncState.Synced), await SaysAsync("m1"));
        Assert.Equal(["What is that?", "[deleted]", "[deleted]"], await TextsAsync());
        Assert.Equal("[deleted]", (await channel.ConversationAsync("m3")).LastText);
        Assert.Equal(3, (await channel.ConversationAsync("m3")).Messages);
        var kept = JsonSerializer.Serialize(await zoho.RecordsAsync(Zoho.Module, "Name,Message_Text,Type"))
            + await world.SqlAsync("SELECT string_agg(content, ' ') FROM message_contents") + await world.SqlAsync("SELECT string_agg(text, ' ') FROM messages");
        Assert.All((string[])["4111", "My card", "Three"], gone => Assert.DoesNotContain(gone, kept, StringComparison.Ordinal));

        async Task<(string, string, SyncState)> SaysAsync(string id)
        {
            var message = await channel.MessageAsync(id);
            return (message.Type, message.Text, message.SyncState);
        }

        async Task<IEnumerable<string?>> TextsAsync() => (await zoho.RecordsAsync(Zoho.Module, "Message_Text"))
            .Select(record => record.GetProperty("Message_Text").GetString()).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task An_earlier_edit_that_is_told_again_does_not_take_a_later_one_back()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        var sent = world.Clock.GetUtcNow().ToUnixTimeSeconds() - 60;
        var (first, second) = (Edit("e1", "m1", "Come at 6", sent + 1), Edit("e2", "m1", "Come at 7", sent + 2));
        await channel.TellAsync(Text("m1", "Come at 5"), first);
        await channel.TellAsync(second);

        var again = await channel.TellAsync(first);

        Assert.Equal((0, 1), (again.Messages, again.Duplicates));
        Assert.Equal("Come at 7", (await channel.MessageAsync("m1")).Text);
        // what is told first, however late it comes, is not the last word
        await channel.TellAsync(Text("m2", "One"), Edit("e4", "m2", "Three", sent + 4), Edit("e3", "m2", "Two", sent + 3));
        Assert.Equal("Three", (await channel.MessageAsync("m2")).Text);
        await channel.Tenant.SettledAsync();
        Assert.Equal(
            ["Come at 7", "Three"],
            (await zoho.RecordsAsync(Zoho.Module, "Message_Text")).Select(record => record.GetProperty("Message_Text").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_edit_that_Zoho_refuses_is_said_at_its_message()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        await channel.TellAsync(Text("m1", "One"));
        await channel.Tenant.SettledAsync();
        await zoho.DisturbAsync(new
        {
            kind = "status",
            path = $"/crm/v8/{Zoho.Module}",
            method = "PUT",
            times = 1,
            status = 400,
            content_type = "application/json",
            body = """{"data":[{"code":"INVALID_DATA","details":{"api_name":"Message_Text"},"message":"invalid data","status":"error"}]}""",
        });

        await channel.TellAsync(Edit("e1", "m1", "Two"));
        await channel.Tenant.SettledAsync();
        var refused = await channel.MessageAsync("m1");
        Assert.Equal((SyncState.Synced, "invalid_value", "Two"), (refused.SyncState, refused.Code, refused.Text));

        await channel.TellAsync(Edit("e2", "m1", "Three"));
        await channel.Tenant.SettledAsync();
        Assert.Equal((SyncState.Synced, ""), ((await channel.MessageAsync("m1")).SyncState, (await channel.MessageAsync("m1")).Code));
        Assert.Equal("Three", Assert.Single(await zoho.RecordsAsync(Zoho.Module, "Message_Text")).GetProperty("Message_Text").GetString());
    }

    [Fact]
    public async Task Where_the_message_is_not_here_or_is_not_the_channels_own_what_is_told_of_it_is_a_message()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        world.Tokens.Switch(channel.Tenant.Id, false, null);
        await channel.Tenant.StoreAsync(channel.Tenant.From($"+{Phone}", "an app's"));
        await channel.Tenant.StoreAsync(channel.Tenant.To($"+{Phone}", "sent"));

        await channel.TellAsync(Edit("e1", "unknown", "New words"), Revoke("r1", "an app's"), Revoke("r2", "sent"));
        var again = await channel.TellAsync(Edit("e1", "unknown", "New words"));

        Assert.Equal((0, 1), (again.Messages, again.Duplicates));
        Assert.Equal(
            [("an app's", "Where is my order?"), ("e1", "[edited] New words"), ("r1", "[deleted a message]"), ("r2", "[deleted a message]"), ("sent", "It is on its way")],
            (await channel.Tenant.MessagesAsync()).Select(message => (message.ExternalId, message.Text)).Order());
    }

    [Fact]
    public async Task A_day_that_was_kept_in_a_note_is_written_anew()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: false);
        var channel = await MetaChannel.OpenAsync(world);
        await channel.TellAsync(Text("m1", "My card is 4111"));
        await channel.Tenant.SettledAsync();
        Assert.Contains("4111", await NotesAsync(), StringComparison.Ordinal);

        await channel.TellAsync(Revoke("r1", "m1"));
        await channel.Tenant.SettledAsync();

        var notes = await NotesAsync();
        Assert.Contains("[deleted]", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("4111", notes, StringComparison.Ordinal);

        async Task<string> NotesAsync() =>
            string.Join('\n', (await zoho.RecordsAsync("Notes", "Note_Content")).Select(note => note.GetProperty("Note_Content").GetString()));
    }

    private static string Text(string id, string text) => $$$"""
        {"from":"{{{Phone}}}","id":"{{{id}}}","type":"text","text":{"body":"{{{text}}}"}}
        """;

    private static string Edit(string id, string original, string text, long? at = null) => $$$"""
        {"from":"{{{Phone}}}","id":"{{{id}}}","timestamp":"{{{at}}}","type":"edit","edit":{"original_message_id":"{{{original}}}",
        "message":{"context":{"id":"M0"},"type":"text","text":{"body":"{{{text}}}"} } } }
        """;

    private static string Revoke(string id, string original) => $$$"""
        {"from":"{{{Phone}}}","id":"{{{id}}}","type":"revoke","revoke":{"original_message_id":"{{{original}}}"}}
        """;
}
