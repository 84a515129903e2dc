using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests.WhatsApp;

/// <summary>Who is taken for a person that talks, and by which name.</summary>
public sealed class SenderTests(Zoho zoho) : IClassFixture<Zoho>
{
    [Fact]
    public async Task Who_only_opens_the_chat_is_nobody_yet()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);

        var told = await channel.TellAsync(Message("w1", "493012345801", "request_welcome"), Message("m1", "493012345802", "text"));
        await channel.Tenant.SettledAsync();

        Assert.Equal((1, 1), (told.Messages, told.Ignored));
        Assert.Equal("m1", Assert.Single(await channel.Tenant.MessagesAsync()).ExternalId);
        Assert.Single(await zoho.RecordsAsync("Leads", "Phone"));
    }

    [Fact]
    public async Task A_name_that_cannot_be_seen_is_none_and_the_lead_has_the_phone_for_it()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        var tenant = channel.Tenant;
        (string Told, string Name)[] names =
        [
            ("\u200B\u2060\u3164", ""),
            ("\u202E\u2066\u200F", ""),
            ("\uFE0F\u2800 \u00A0\u00AD", ""),
            ("\U000E0041\U000E007F", ""),
            ("\u202Egnp.adA\u202C", "gnp.adA"),
            (" \u200D\u3164 Ada \u2060 ", "Ada"),
            ("\u2764\uFE0F", "\u2764\uFE0F"),
            ("\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645", "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645"),
        ];

        await tenant.SubmitAsync(names.Select((name, n) => tenant.From($"+49301234581{n}", $"m{n}", name: name.Told)));
        channel.Contacts = """ {"profile":{"name":"\u202E\u0007\n","username":"ada.555"},"wa_id":"493012345820"},{"profile":{"name":"Ada\nB\u200F."},"wa_id":"493012345821"} """;
        await channel.TellAsync(Message("u1", "493012345820", "text"), Message("u2", "493012345821", "text"));
        await tenant.SettledAsync();

        foreach (var (name, n) in names.Select((name, n) => (name, n)))
        {
            Assert.Equal((n, name.Name), (n, (await channel.ConversationAsync($"m{n}")).Name));
        }

        Assert.Equal(("ada.555", "Ada B."), ((await channel.ConversationAsync("u1")).Name, (await channel.ConversationAsync("u2")).Name));
        Assert.Equal(
            names.Select((name, n) => name.Name.Length > 0 ? name.Name : $"+49301234581{n}").Concat(["ada.555", "Ada B."]).Order(StringComparer.Ordinal),
            (await zoho.RecordsAsync("Leads", "Last_Name")).Select(lead => lead.GetProperty("Last_Name").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_id_that_is_no_number_is_one_person_and_more_updates_than_Meta_sends_are_none()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);

        var told = await channel.TellAsync(Message("m1", "1", "text"), Message("m2", "1", "text"));
        var refused = await Refused.ByAsync(() => channel.TellAsync([.. Enumerable.Range(0, 5_001).Select(n => Message($"many {n}", "1", "text"))]));

        Assert.Equal((2, "invalid_field", "body"), (told.Messages, refused.Code, refused.Field));
        Assert.Equal((await channel.ConversationAsync("m1")).Id, (await channel.ConversationAsync("m2")).Id);
        Assert.Equal(2L, await world.SqlAsync("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task What_the_business_writes_in_the_app_is_a_message_to_the_person()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        await channel.TellAsync(Message("m1", "493012345831", "text"));

        var told = await channel.EchoAsync(
            """ {"from":"15550001234","to":"493012345831","id":"out 1","timestamp":"1790000000","type":"text","text":{"body":"Good morning"}} """,
            """ {"from":"15550001234","to":"+493012345831","id":"out 2","type":"image","image":{"id":"1","caption":"The roof"}} """,
            """ {"from":"15550001234","id":"out 3","type":"text","text":{"body":"To nobody"}} """);
        await channel.Tenant.SettledAsync();

        Assert.Equal((2, 1), (told.Messages, told.Ignored));
        var message = await channel.MessageAsync("out 1");
        Assert.Equal(
            (MessageDirection.Outbound, DeliveryStatus.Sent, "Good morning", DateTimeOffset.FromUnixTimeSeconds(1_790_000_000)),
            (message.Direction, message.Status, message.Text, message.SentAt.ToDateTimeOffset()));
        var person = await channel.ConversationAsync("out 2");
        Assert.Equal(((await channel.MessageAsync("m1")).ConversationId, 3, 1), (person.Id, person.Messages, person.Unread));
    }

    private static string Message(string id, string from, string type) => $$$"""
        {"from":"{{{from}}}","id":"{{{id}}}","type":"{{{type}}}","text":{"body":"Hello"}}
        """;
}
