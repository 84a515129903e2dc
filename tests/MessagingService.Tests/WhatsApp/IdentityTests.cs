using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests.WhatsApp;

/// <summary>A person whom WhatsApp knows under another id or number from some moment on stays one person.</summary>
public sealed class IdentityTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string Old = "493012345601";
    private const string New = "493012345602";
    private const string Other = "493012345603";

    [Theory]
    // the new id wrote first, without a number and with the new one
    [InlineData(null, "DE.2", false)]
    [InlineData(New, "DE.2", true)]
    // the new number was known without an id
    [InlineData(New, null, true)]
    public async Task Who_wrote_under_the_new_id_or_number_before_the_change_was_told_is_joined(string? phone, string? user, bool hasLead)
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        await channel.TellAsync(Text("m1", Old, "DE.1"));
        await channel.Tenant.SettledAsync();
        await channel.TellAsync(Text("m2", phone, user));
        await channel.Tenant.SettledAsync();
        var (first, second) = (await channel.ConversationAsync("m1"), await channel.ConversationAsync("m2"));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(hasLead, second.CrmRecordId.Length > 0);

        await channel.TellAsync(NumberChange("c1", Old, New, "DE.1", "DE.2"));
        await channel.TellAsync(Text("m3", New, "DE.2"));
        await channel.Tenant.SettledAsync();

        foreach (var id in (string[])["m1", "m2", "m3"])
        {
            var one = await channel.ConversationAsync(id);
            Assert.Equal(
                (first.Id, $"+{New}", "DE.2", 3, first.CrmRecordId), (one.Id, one.Phone, one.UserId, one.Messages, one.CrmRecordId));
        }

        Assert.Equal(first.Id, (await channel.Tenant.ConversationAsync(second.Id)).Id);
        Assert.Equal(SyncState.Synced, (await channel.MessageAsync("m3")).SyncState);
        // told again it says nothing new
        await channel.TellAsync(NumberChange("c1", Old, New, "DE.1", "DE.2"));
        Assert.Equal(3, (await channel.ConversationAsync("m3")).Messages);
    }

    [Fact]
    public async Task The_one_with_a_lead_is_left()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        await channel.TellAsync(Text("m1", null, "DE.1"), Text("m2", New, "DE.2"));
        await channel.Tenant.SettledAsync();
        var withLead = await channel.ConversationAsync("m2");
        Assert.NotEqual("", withLead.CrmRecordId);

        await channel.TellAsync(IdChange("c1", "DE.1", "DE.2"));

        var joined = await channel.ConversationAsync("m1");
        Assert.Equal(
            (withLead.Id, withLead.CrmRecordId, $"+{New}", "DE.2", 2), (joined.Id, joined.CrmRecordId, joined.Phone, joined.UserId, joined.Messages));
    }

    [Fact]
    public async Task Two_phones_stay_two_people_and_a_number_that_another_user_has_stays_that_users()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        world.Tokens.Switch(channel.Tenant.Id, false, null);
        await channel.TellAsync(Text("m1", Old, "DE.1"), Text("m2", Other, "DE.2"), Text("m3", New, "DE.3"));

        // only the ids are told, and each has its phone
        await channel.TellAsync(IdChange("c1", "DE.1", "DE.2"));
        // to a number which another user has, and whose id is a third one's
        await channel.TellAsync(NumberChange("c2", Old, New, "DE.1", "DE.2"));

        Assert.Equal((($"+{Old}", "DE.1"), ($"+{Other}", "DE.2"), ($"+{New}", "DE.3")), (await WhoAsync("m1"), await WhoAsync("m2"), await WhoAsync("m3")));

        // whom nobody knows is no change
        await channel.TellAsync(NumberChange("c3", "493012345609", "493012345608", "DE.8", "DE.9"));
        Assert.Equal(3L, await world.SqlAsync("SELECT count(*) FROM conversations"));

        async Task<(string, string)> WhoAsync(string id)
        {
            var one = await channel.ConversationAsync(id);
            return (one.Phone, one.UserId);
        }
    }

    [Fact]
    public async Task A_change_that_tells_no_ids_goes_by_the_old_number()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        world.Tokens.Switch(channel.Tenant.Id, false, null);
        await channel.TellAsync(Text("m1", Old, null));
        await channel.TellAsync(NumberChange("c1", Old, New, null, null));
        await channel.TellAsync(Text("m2", New, null));

        var one = await channel.ConversationAsync("m1");
        Assert.Equal((one.Id, $"+{New}", 2), ((await channel.ConversationAsync("m2")).Id, one.Phone, one.Messages));
    }

    [Fact]
    public async Task Of_one_body_each_is_stored_in_the_order_in_which_it_is_told_and_a_late_message_of_the_old_id_is_the_same_persons()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        world.Tokens.Switch(channel.Tenant.Id, false, null);

        // nobody is known before it: the change is of whom the first message tells
        var told = await channel.TellAsync(
            Text("m1", Old, null), NumberChange("c1", Old, New, null, "DE.2"), Text("m2", New, "DE.2"),
            NumberChange("c2", New, Other, "DE.2", "DE.3"), Text("m3", Other, "DE.3"));
        Assert.Equal((3, 0, 0), (told.Messages, told.Duplicates, told.Ignored));
        var person = await channel.ConversationAsync("m1");
        Assert.Equal(($"+{Other}", "DE.3", 3), (person.Phone, person.UserId, person.Messages));

        // late; then the number is somebody else's, and one is later still
        await channel.TellAsync(Text("late 1", New, "DE.2"));
        await channel.TellAsync(Text("else", New, "DE.7"));
        await channel.TellAsync(Text("late 2", New, "DE.2"), Text("m4", Other, "DE.3"));

        foreach (var id in (string[])["late 1", "late 2", "m4"])
        {
            var one = await channel.ConversationAsync(id);
            Assert.Equal((person.Id, $"+{Other}", "DE.3", 6), (one.Id, one.Phone, one.UserId, one.Messages));
        }

        var somebody = await channel.ConversationAsync("else");
        Assert.Equal(($"+{New}", "DE.7", 1), (somebody.Phone, somebody.UserId, somebody.Messages));
    }

    [Fact]
    public async Task An_id_that_comes_with_another_phone_and_no_change_was_told_goes_on_with_that_phone()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        world.Tokens.Switch(channel.Tenant.Id, false, null);
        await channel.TellAsync(Text("m1", Old, "DE.1"));
        await channel.TellAsync(Text("m2", New, "DE.1"));
        await channel.TellAsync(Text("m3", null, "DE.1"));

        var (before, after) = (await channel.ConversationAsync("m1"), await channel.ConversationAsync("m2"));
        Assert.Equal(($"+{Old}", 1, $"+{New}", 2), (before.Phone, before.Messages, after.Phone, after.Messages));
        Assert.Equal(after.Id, (await channel.ConversationAsync("m3")).Id);
    }

    [Fact]
    public async Task Who_is_joined_while_Zoho_writes_a_message_loses_nothing_of_what_it_said()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        await channel.TellAsync(Text("m1", Old, null));
        await channel.Tenant.SettledAsync();
        await channel.TellAsync(Text("m2", New, null));
        await channel.Tenant.SettledAsync();
        var slow = await zoho.DisturbAsync(new { kind = "hang", path = $"/crm/v8/{Zoho.Module}/upsert", times = 1 });
        await channel.TellAsync(Text("m3", New, null));
        await zoho.MetAsync(slow);

        await channel.TellAsync(NumberChange("c1", Old, New, null, null));
        await zoho.Simulator.ControlAsync(HttpMethod.Post, $"faults/{slow}/release", new { });
        await channel.Tenant.SettledAsync();

        Assert.Equal((await channel.ConversationAsync("m1")).Id, (await channel.ConversationAsync("m3")).Id);
        Assert.Equal((SyncState.Synced, 1), ((await channel.MessageAsync("m3")).SyncState, (await channel.MessageAsync("m3")).Attempts));
        Assert.Equal(3, (await zoho.RecordsAsync(Zoho.Module, "External_Id")).Count);
    }

    [Fact]
    public async Task A_body_that_would_be_very_many_commits_is_refused_and_nothing_of_it_is_stored()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var channel = await MetaChannel.OpenAsync(world);
        var many = Enumerable.Range(0, 101).SelectMany(n => (string[])[Text($"m{n}", "493012345701", null), NumberChange($"c{n}", "493012345701", "493012345702", null, null)]);

        var refused = await Refused.ByAsync(() => channel.TellAsync([.. many]));

        Assert.Equal(("invalid_field", "body"), (refused.Code, refused.Field));
        Assert.Equal(0L, await world.SqlAsync("SELECT count(*) FROM messages"));
    }

    private static string Text(string id, string? from, string? user) => $$$"""
        {{{{Field("from", from)}}}{{{Field("from_user_id", user)}}}"id":"{{{id}}}","timestamp":"1790000000","type":"text","text":{"body":"Hello"}}
        """;

    private static string NumberChange(string id, string from, string to, string? user, string? newUser) => $$$"""
        {"from":"{{{from}}}","id":"{{{id}}}","timestamp":"1790000100","type":"system","system":{"type":"user_changed_number","body":"...",
        {{{Field("user_id", newUser)}}}{{{Field("previous_user_id", user)}}}"wa_id":"{{{to}}}"}}
        """;

    private static string IdChange(string id, string user, string newUser) => $$$"""
        {"id":"{{{id}}}","timestamp":"1790000100","type":"system",
        "system":{"type":"user_changed_user_id","body":"...","user_id":"{{{newUser}}}","previous_user_id":"{{{user}}}"}}
        """;

    private static string Field(string name, string? value) => value is null ? "" : $"\"{name}\":\"{value}\",";
}
