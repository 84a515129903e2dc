using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests;

/// <summary>Conversations as people list, search and read them.</summary>
public sealed class ConversationTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string Ada = "+49 30 1234567";
    private const string Grace = "+44 20 7946 0001";

    [Fact]
    public async Task What_is_no_id_of_a_message_is_no_filter_that_lets_all_through()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await tenant.StoreAsync(tenant.From("+49 30 1234567", "m1"));

        var refused = await Refused.ByAsync(async () => await world.Host.Messages.ListMessagesAsync(new() { ExternalId = "\0" }, tenant.As(Role.Viewer)));

        Assert.Equal(("invalid_field", "external_id"), (refused.Code, refused.Field));
    }

    [Fact]
    public async Task A_tenant_searches_twice_at_once_and_a_search_too_many_is_refused()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        List<Task> searches;
        await using (await world.HoldAsync("LOCK TABLE messages, conversations IN ACCESS EXCLUSIVE MODE"))
        {
            // two that stand still, ten that wait for them, and one more
            searches = [.. Enumerable.Range(0, 13).Select(n => SearchAsync(n % 2 == 0))];
            var refused = await Task.WhenAny(searches).WaitAsync(Eventually.Limit);
            Assert.Equal("search_busy", (await Refused.ByAsync(() => refused)).Code);
            searches.Remove(refused);
            await world.WaitingAsync(2);
            Assert.DoesNotContain(searches, search => search.IsCompleted);
        }

        await Task.WhenAll(searches);

        async Task SearchAsync(bool isOfMessages)
        {
            if (isOfMessages)
            {
                await world.Host.Messages.ListMessagesAsync(new() { Query = "engine" }, tenant.As(Role.Viewer));
            }
            else
            {
                await world.Host.Conversations.ListConversationsAsync(new() { Query = "engine" }, tenant.As(Role.Viewer));
            }
        }
    }

    [Fact]
    public async Task They_are_listed_page_by_page_the_one_with_the_last_message_first()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var (tenant, other) = (await world.TenantAsync(), await world.TenantAsync());
        var now = world.Clock.GetUtcNow();
        var sent = (int[])[5, 1, 3, 3, 3, 2];
        var stored = await tenant.SubmitAsync(sent.Select((ago, i) => tenant.From($"+49 30 123456{i}", $"m{i}", sentAt: now - TimeSpan.FromHours(ago))));
        await other.StoreAsync(other.From(Ada, "theirs"));

        var pages = new List<IReadOnlyList<Conversation>>();
        var request = new ListConversationsRequest { PageSize = 2 };
        do
        {
            var page = await ListAsync(world, tenant, request);
            pages.Add(page.Conversations);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal([2, 2, 2], pages.Select(page => page.Count));
        Assert.Equal(
            stored.Zip(sent).OrderBy(one => one.Second).ThenByDescending(one => one.First.ConversationId, StringComparer.Ordinal).Select(one => one.First.ConversationId),
            pages.SelectMany(page => page).Select(one => one.Id));
        Assert.Equal("page_size", (await Refused.ByAsync(() => ListAsync(world, tenant, new() { PageSize = 201 }))).Field);
        Assert.Equal("page_token", (await Refused.ByAsync(() => ListAsync(world, tenant, new() { PageToken = "nonsense" }))).Field);
    }

    [Fact]
    public async Task They_are_filtered_by_what_is_unread_and_how_they_stand_in_the_crm()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var linked = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.SettledAsync();
        world.Tokens.Switch(tenant.Id, false, null);
        var off = await tenant.StoreAsync(tenant.To(Grace, "m2"));
        await tenant.SettledAsync();

        Assert.Equal([linked.ConversationId], await IdsAsync(world, tenant, new() { UnreadOnly = true }));
        Assert.Equal([linked.ConversationId], await IdsAsync(world, tenant, new() { CrmState = Conversation.Types.CrmState.Linked }));
        Assert.Equal([off.ConversationId], await IdsAsync(world, tenant, new() { CrmState = Conversation.Types.CrmState.None }));
        Assert.Empty(await IdsAsync(world, tenant, new() { CrmState = Conversation.Types.CrmState.None, UnreadOnly = true }));
        Assert.Equal("crm_state", (await Refused.ByAsync(() => ListAsync(world, tenant, new() { CrmState = (Conversation.Types.CrmState)9 }))).Field);
    }

    [Fact]
    public async Task What_is_searched_is_text_and_no_pattern()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var names = (string[])["100% Ada", "A_da Byron", @"Back\Slash", "Axda Byron"];
        var stored = await tenant.SubmitAsync(names.Select((name, i) => tenant.From($"+49 30 123456{i}", $"m{i}", text: $"I am {name}", name: name)));

        foreach (var (query, found) in ((string, int[])[])
            [("0%", [0]), ("a_D", [1]), (@"k\s", [2]), ("da", [0, 1, 3]), ("% ad", [0]), ("%_", []), (@"\%", []), ("  Byron ", [1, 3])])
        {
            Assert.Equal(
                (query, string.Join(' ', found.Select(i => stored[i].ConversationId).Order(StringComparer.Ordinal))),
                (query, string.Join(' ', (await IdsAsync(world, tenant, new() { Query = query })).Order(StringComparer.Ordinal))));
            var messages = await world.Host.Messages.ListMessagesAsync(new() { Query = query }, tenant.As(Role.Viewer));
            Assert.Equal(
                (query, string.Join(' ', found.Select(i => $"m{i}"))),
                (query, string.Join(' ', messages.Messages.Select(message => message.ExternalId).Order(StringComparer.Ordinal))));
        }

        Assert.Equal("query", (await Refused.ByAsync(() => ListAsync(world, tenant, new() { Query = "%" }))).Field);
    }

    [Fact]
    public async Task A_phone_is_found_by_its_last_digits_and_in_any_spelling()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var ada = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        var grace = await tenant.StoreAsync(tenant.From(Grace, "m2", name: "Grace 4567"));
        // whose phone has the digits of Ada's behind another country
        var alan = await tenant.StoreAsync(tenant.From("+43 1 301234567", "m3", name: "Alan"));

        Assert.Equal([ada.ConversationId, alan.ConversationId, grace.ConversationId], await FoundAsync("4567"));
        Assert.Equal([grace.ConversationId], await FoundAsync("0001"));
        Assert.Equal([grace.ConversationId], await FoundAsync("7946-0001"));
        Assert.Equal([grace.ConversationId], await FoundAsync("(020) 7946 0001"));
        Assert.Equal([ada.ConversationId], await FoundAsync("+49 (0)30 1234567"));
        Assert.Empty(await FoundAsync("9876"));
        Assert.Empty(await FoundAsync("001"));
        Assert.Empty(await FoundAsync("+49 30 7654321"));

        // nobody can tell whose it is without a country
        var hint = await Refused.ByAsync(() => FoundAsync("0171 1234500"));
        Assert.Equal((FailureKind.Invalid, "query"), (hint.Kind, hint.Field));
        Assert.Contains("default_region", hint.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("1234500", hint.Message, StringComparison.Ordinal);

        await world.Host.Settings.UpdateSettingsAsync(new() { DefaultRegion = "DE" }, tenant.As(Role.Admin));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(await FoundAsync("0171 1234500"));
        // one that is known is the one that was meant
        Assert.Equal([ada.ConversationId], await FoundAsync("030 1234567"));
        Assert.Equal([ada.ConversationId, alan.ConversationId], await FoundAsync("01234567"));

        async Task<IEnumerable<string>> FoundAsync(string query)
        {
            world.KeepOutOfLogs(query, string.Concat(query.Where(char.IsAsciiDigit)));
            return (await ListAsync(world, tenant, new() { Query = query })).Conversations.OrderBy(one => one.Name, StringComparer.Ordinal).Select(one => one.Id);
        }
    }

    [Fact]
    public async Task What_came_in_is_unread_until_somebody_says_that_it_was_read()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var (tenant, other) = (await world.TenantAsync(), await world.TenantAsync());
        var first = await tenant.StoreAsync(tenant.From(Ada, "m1"));
        await tenant.StoreAsync(tenant.From("0049 30 1234567", "m2"));
        await tenant.SubmitAsync(tenant.From(Ada, "m2"), tenant.To(Ada, "m3"));
        var grace = await tenant.StoreAsync(tenant.From(Grace, "m4"));
        Assert.Equal((3, 2), await CountsAsync(first));

        Assert.Equal("role_missing", (await Refused.ByAsync(() => ReadAsync(tenant, first, Role.Viewer))).Code);
        Assert.Equal("conversation_not_found", (await Refused.ByAsync(() => ReadAsync(other, first))).Code);
        Assert.Equal("conversation_not_found", (await Refused.ByAsync(() => ReadAsync(tenant, new StoredMessage { ConversationId = "nonsense" }))).Code);
        Assert.Equal((3, 2), await CountsAsync(first));
        var read = await ReadAsync(tenant, first);

        Assert.Equal((first.ConversationId, 3, 0), (read.Id, read.Messages, read.Unread));
        Assert.Equal((3, 0), await CountsAsync(first));
        Assert.Equal((1, 1), await CountsAsync(grace));
        Assert.Equal(0, (await ReadAsync(tenant, first)).Unread);
        await tenant.StoreAsync(tenant.From(Ada, "m5"));
        Assert.Equal((4, 1), await CountsAsync(first));

        async Task<(int Messages, int Unread)> CountsAsync(StoredMessage stored)
        {
            var conversation = await tenant.ConversationAsync(stored.ConversationId);
            return (conversation.Messages, conversation.Unread);
        }

        async Task<Conversation> ReadAsync(MessagingTenant who, StoredMessage stored, Role role = Role.Operator) =>
            await world.Host.Conversations.MarkReadAsync(new MarkReadRequest { Id = stored.ConversationId }, who.As(role));
    }

    private static async Task<ListConversationsResponse> ListAsync(MessagingWorld world, MessagingTenant tenant, ListConversationsRequest request) =>
        await world.Host.Conversations.ListConversationsAsync(request, tenant.As(Role.Viewer));

    private static async Task<IReadOnlyList<string>> IdsAsync(MessagingWorld world, MessagingTenant tenant, ListConversationsRequest request) =>
        [.. (await ListAsync(world, tenant, request)).Conversations.Select(one => one.Id)];
}
