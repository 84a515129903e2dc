using System.Text.Json;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests;

/// <summary>What the CRM tells of leads and contacts.</summary>
public sealed class PeopleTests(Zoho zoho) : IClassFixture<Zoho>
{
    [Fact]
    public async Task Who_is_in_the_CRM_under_another_spelling_is_found_and_what_changes_there_is_told_to_webhooks_but_not_what_was_made_here()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        // has the tenant's leads followed
        var first = await tenant.SubmitAsync(tenant.From("+49 30 1234500", "m0"));
        await tenant.OnceAsync(first[0].Id, SyncState.Synced);
        await Eventually.GetAsync(() => Task.FromResult(world.Inbox.Subscribed.Count), count => count == 2);

        var (ada, bob, other) = (await MadeAsync("Leads"), await MadeAsync("Contacts"), await MadeAsync("Contacts"));
        world.Inbox.Tell(tenant.Id, "Leads", ada, new { Phone = "(0049) 30/12345-01", Last_Name = "Ada" });
        world.Inbox.Tell(tenant.Id, "Contacts", bob, new { Mobile = "+49 30 1234502", Last_Name = "Bob" });
        await CountAsync(world, "people", 2);
        var found = await tenant.SubmitAsync(tenant.From("+49301234501", "m1"), tenant.From("+49301234502", "m2"));
        var lead = await LinkedAsync(tenant, found[0].ConversationId);
        var contact = await LinkedAsync(tenant, found[1].ConversationId);
        Assert.Equal(("Leads", ada, "Contacts", bob), (lead.CrmModule, lead.CrmRecordId, contact.CrmModule, contact.CrmRecordId));

        // told again as it is known, then as another one; converted; gone
        world.Inbox.Tell(tenant.Id, "Leads", ada, new { Phone = "+49301234501", Last_Name = "Ada" });
        world.Inbox.Tell(tenant.Id, "Leads", ada, new { Phone = "+49301234501", Last_Name = "Ada B." });
        world.Inbox.Tell(
            tenant.Id, "Leads", ada, new { Phone = "+49301234501", Last_Name = "Ada B.", Converted__s = true, Converted_Contact = other });
        world.Inbox.TellGone(tenant.Id, "Contacts", bob);
        // nobody has talked with this one, and one was gone before anybody knew of it
        world.Inbox.Tell(tenant.Id, "Contacts", "7010", new { Mobile = "+49 30 1234503", Last_Name = "Cem" });
        world.Inbox.Tell(tenant.Id, "Contacts", "7010", new { Mobile = "+49 30 1234504", Last_Name = "Cem" });
        world.Inbox.TellGone(tenant.Id, "Contacts", "7009");

        var told = await Eventually.GetAsync(
            () => Task.FromResult(world.Webhooks.Events.Where(one => one.Type == "crm.lead.changed").ToList()), events => events.Count == 4);
        Assert.Equal(
            ["converted", "deleted", "name", "phone"],
            told.SelectMany(one => JsonElement.Parse(one.Data).GetProperty("changes").EnumerateArray().Select(change => change.GetString())).Order(StringComparer.Ordinal));
        Assert.Equal(("Contacts", other), await PlaceAsync(tenant, found[0].ConversationId));
        Assert.Equal(("", ""), await PlaceAsync(tenant, found[1].ConversationId));
        Assert.Equal(
            (found[0].ConversationId, null),
            (ConversationOf(told.First(one => one.Subject == $"crm:Leads/{ada}")), ConversationOf(Assert.Single(told, one => one.Subject == $"crm:Contacts/7010"))));
        Assert.DoesNotContain(told, one => one.Data.Contains("Ada", StringComparison.Ordinal) || one.Data.Contains("1234501", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_not_all_people_were_told_the_search_is_asked_for_those_whom_a_query_does_not_find(bool isComplete)
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        world.Inbox.IsComplete = isComplete;
        var tenant = await world.TenantAsync();
        // has the tenant's leads followed
        await tenant.StoreAsync(tenant.From("+49 30 1234500", "m0"));
        await tenant.SettledAsync();
        await Eventually.GetAsync(() => world.SqlAsync("SELECT count(known_until) FROM followed_modules"), known => known is long all && all == (isComplete ? 2 : 0));
        await Eventually.GetAsync(() => Task.FromResult(world.Inbox.Subscribed.Count), count => count == 2);
        // nobody writes it like that but this one
        var ada = await zoho.MakeAsync("Leads", new { Last_Name = "Ada", Phone = "+49 (30) 12-34-501" });
        // the index knows it by then, and it is told, or changed before all was told
        await world.PassAsync(TimeSpan.FromMinutes(5));
        await world.SqlAsync($"UPDATE followed_modules SET known_until = '{world.Clock.GetUtcNow():yyyy-MM-dd HH:mm:ss}+00' WHERE known_until IS NOT NULL");
        var search = await zoho.DisturbAsync(new { kind = "latency", milliseconds = 0, path = "/crm/v8/Leads/search" });

        var stored = await tenant.StoreAsync(tenant.From("+49301234501", "m1"));
        await tenant.SettledAsync();
        Assert.Equal(isComplete ? 0 : 1, await zoho.HitsAsync(search));
        Assert.Equal(!isComplete, (await tenant.ConversationAsync(stored.ConversationId)).CrmRecordId == ada);
    }

    [Fact]
    public async Task Phones_without_a_country_are_read_anew_once_a_region_is_set()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await tenant.StoreAsync(tenant.From("+49 30 1234500", "m0"));
        await tenant.SettledAsync();
        await Eventually.GetAsync(() => Task.FromResult(world.Inbox.Subscribed.Count), count => count == 2);
        // nobody writes it like that but this one
        var ada = await zoho.MakeAsync("Leads", new { Last_Name = "Ada", Phone = "0 (30) 12-34-501" });
        world.Inbox.Tell(tenant.Id, "Leads", ada, new { Phone = "0 (30) 12-34-501", Last_Name = "Ada" });
        await CountAsync(world, "people", 1);
        Assert.Equal(0, await world.SqlAsync("SELECT cardinality(phone_keys) FROM people"));

        await world.Host.Settings.UpdateSettingsAsync(new() { DefaultRegion = "DE" }, tenant.As(ServiceDefaults.Identity.Role.Admin));
        await world.ReconnectAsync();
        await Eventually.GetAsync(() => world.SqlAsync("SELECT cardinality(phone_keys) FROM people"), phones => phones is 1);

        var stored = await tenant.StoreAsync(tenant.From("+49301234501", "m1"));
        Assert.Equal(ada, (await LinkedAsync(tenant, stored.ConversationId)).CrmRecordId);
    }

    [Fact]
    public async Task Switched_off_nothing_is_followed_and_the_phone_map_is_forgotten()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var sent = await tenant.SubmitAsync(tenant.From("+49 30 1234500", "m0"));
        await tenant.OnceAsync(sent[0].Id, SyncState.Synced);
        world.Inbox.Tell(tenant.Id, "Leads", "7001", new { Phone = "+49301234501", Last_Name = "Ada" });
        await CountAsync(world, "people", 1);

        world.Tokens.Switch(tenant.Id, on: false, since: null);
        // a stream lives as long as its ticket
        world.Clock.Advance(TimeSpan.FromMinutes(6));
        await world.ReconnectAsync();

        await CountAsync(world, "people", 0);
        await CountAsync(world, "followed_modules", 0);
        Assert.Empty(world.Inbox.Subscribed);
    }

    private static string? ConversationOf(Event told) =>
        JsonElement.Parse(told.Data).TryGetProperty("conversation_id", out var conversation) ? conversation.GetString() : null;

    // without a phone that anybody asks for
    private async Task<string> MadeAsync(string module)
    {
        var before = (await zoho.RecordsAsync(module, "Last_Name")).Select(record => record.GetProperty("id").GetString()).ToHashSet(StringComparer.Ordinal);
        await zoho.ControlAsync(HttpMethod.Post, $"/{module}/generated-records", new { count = 1, seed = before.Count + 1 });
        return (await zoho.RecordsAsync(module, "Last_Name")).Select(record => record.GetProperty("id").GetString()!).Single(id => !before.Contains(id));
    }

    private static Task<long> CountAsync(MessagingWorld world, string table, long count) =>
        Eventually.GetAsync(async () => (long)(await world.SqlAsync($"SELECT count(*) FROM {table}"))!, found => found == count);

    private static Task<Conversation> LinkedAsync(MessagingTenant tenant, string id) =>
        Eventually.GetAsync(() => tenant.ConversationAsync(id), one => one.CrmState is Conversation.Types.CrmState.Linked);

    private static async Task<(string, string)> PlaceAsync(MessagingTenant tenant, string id)
    {
        var conversation = await tenant.ConversationAsync(id);
        return (conversation.CrmModule, conversation.CrmRecordId);
    }
}
