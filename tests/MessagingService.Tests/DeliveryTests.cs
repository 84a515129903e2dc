using System.Globalization;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Tests;

/// <summary>Messages on their way into Zoho CRM.</summary>
public sealed class DeliveryTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string Fields = "External_Id,Lead,Contact,Message_Text,Direction,Phone,Status";

    [Fact]
    public async Task A_hundred_messages_at_once_of_one_new_phone_are_one_lead_a_hundred_records_in_order_and_one_note()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, replicas: 2);
        var tenant = await world.TenantAsync();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => tenant.SubmitAsync(
            tenant.From("+49 30 1234567", string.Create(CultureInfo.InvariantCulture, $"m{n:000}")))));
        await tenant.SettledAsync();

        var lead = Assert.Single(await zoho.RecordsAsync("Leads", "Last_Name,Phone,Lead_Source"));
        Assert.Equal(("Ada", "+49301234567"), (lead.GetProperty("Last_Name").GetString(), lead.GetProperty("Phone").GetString()));
        var records = await zoho.RecordsAsync(Zoho.Module, Fields);
        Assert.All(records, record => Assert.Equal(lead.GetProperty("id").GetString(), record.GetProperty("Lead").GetProperty("id").GetString()));
        // ids count up as records are made
        var stored = (await tenant.MessagesAsync()).OrderBy(message => message.ReceivedAt).ToList();
        var inOrder = (string?)await world.SqlAsync("SELECT string_agg(external_id, ' ' ORDER BY sequence) FROM messages");
        Assert.Equal(inOrder, string.Join(' ', records.OrderBy(record => record.GetProperty("id").GetString(), StringComparer.Ordinal)
            .Select(record => record.GetProperty("External_Id").GetString())));
        Assert.Equal(100, stored.Count);
        Assert.All(stored, message => Assert.Equal((SyncState.Synced, Zoho.Module), (message.SyncState, message.CrmModule)));
        var note = Assert.Single(await zoho.RecordsAsync("Notes", "Note_Title,Note_Content"));
        Assert.Contains("https://wa.me/49301234567", note.GetProperty("Note_Content").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task A_thousand_messages_of_a_hundred_phones_take_few_calls_cold_and_fewer_warm(bool withModule, bool dailyNotes)
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: withModule);
        var tenant = await world.TenantAsync();
        await world.Host.Settings.UpdateSettingsAsync(new() { DailyNotes = dailyNotes }, tenant.As(Role.Admin));

        var cold = await CallsOfAsync(tenant, "cold");
        var warm = await CallsOfAsync(tenant, "warm");

        Assert.Equal(100, (await zoho.RecordsAsync("Leads", "Phone")).Count);
        Assert.Equal(2_000L, await world.SqlAsync($"SELECT count(*) FROM messages WHERE sync_state = {(int)SyncState.Synced}"));
        if (withModule)
        {
            Assert.Equal(2_000, (await zoho.RecordsAsync(Zoho.Module, "External_Id")).Count);
        }

        // of first contact, and of the day
        var notes = await zoho.RecordsAsync("Notes", "Note_Content");
        Assert.Equal(withModule && !dailyNotes ? 100 : 200, notes.Count);
        var lines = notes.Sum(note => note.GetProperty("Note_Content").GetString()!.Split('\n').Count(line => line.Contains("Where is my order?", StringComparison.Ordinal)));
        Assert.Equal(withModule && !dailyNotes ? 0 : 2_000, lines);
        Assert.InRange(cold, 1, 150);
        Assert.InRange(warm, 1, 50);
    }

    [Theory]
    [InlineData("""{"Wanted":"0","Phones":["Phone"]}""")]
    [InlineData("[]")]
    public async Task What_an_earlier_version_kept_of_the_crm_is_read_anew(string kept)
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        await tenant.StoreAsync(tenant.From("+49 30 1234567", "m1"));
        await tenant.SettledAsync();
        await world.SqlAsync($"UPDATE crm_states SET shape = '{kept}'");

        var next = await tenant.StoreAsync(tenant.From("+49 30 1234567", "m2"));
        await tenant.SettledAsync();

        Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(next.Id)).SyncState);
        Assert.Equal(true, await world.SqlAsync("SELECT shape -> 'Leads' ? 'Phones' FROM crm_states"));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\n\t")]
    [InlineData("\u00a0")]
    [InlineData("\u200b\u202e")]
    public async Task A_message_in_which_nothing_is_to_be_seen_is_a_record_all_the_same(string text)
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();

        var stored = await tenant.StoreAsync(tenant.From("+49 30 1234567", "m1", text));
        await tenant.SettledAsync();

        Assert.Equal(SyncState.Synced, (await tenant.MessageAsync(stored.Id)).SyncState);
        Assert.Equal("(text)", Assert.Single(await zoho.RecordsAsync(Zoho.Module, "Name")).GetProperty("Name").GetString());
    }

    [Fact]
    public async Task Messages_whose_ids_differ_in_case_alone_are_as_many_records()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        string[] ids = ["order-1", "Order-1", "ORDER-1", "order-1 ", "wamid.HBgLQUJD"];

        await tenant.SubmitAsync(ids.Select((id, n) => tenant.From("+49 30 1234567", id, string.Create(CultureInfo.InvariantCulture, $"Text {n}"))));
        await tenant.SettledAsync();
        var there = await ThereAsync();
        Assert.Equal(5, there.Select(record => record.Text).Distinct(StringComparer.Ordinal).Count());
        // as they are where they can be
        Assert.All((string[])["order-1", "wamid.HBgLQUJD"], id => Assert.Contains(there, record => record.Key == id));

        foreach (var message in await tenant.MessagesAsync())
        {
            await world.Host.Messages.ResendMessageAsync(new() { Id = message.Id }, tenant.As(Role.Operator));
        }

        await tenant.SettledAsync();
        Assert.Equal(there, await ThereAsync());

        async Task<IReadOnlyList<(string? Key, string? Text)>> ThereAsync() =>
            [.. (await zoho.RecordsAsync(Zoho.Module, "External_Id,Message_Text"))
                .Select(record => (record.GetProperty("External_Id").GetString(), record.GetProperty("Message_Text").GetString()))];
    }

    private async Task<long> CallsOfAsync(MessagingTenant tenant, string name)
    {
        var before = await zoho.CallsAsync();
        for (var n = 0; n < 10; n++)
        {
            await tenant.SubmitAsync(Enumerable.Range(0, 100).Select(phone => tenant.From(
                string.Create(CultureInfo.InvariantCulture, $"+4930{1000000 + phone}"), string.Create(CultureInfo.InvariantCulture, $"{name}-{n}-{phone}"))));
        }

        await tenant.SettledAsync();
        return await zoho.CallsAsync() - before;
    }
}
