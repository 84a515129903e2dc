using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>What a company's webhooks are told of.</summary>
public sealed class TellTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string UnknownList = "3zfade0000000000000000000000000000000000000000000000000000000bad";

    [Fact]
    public async Task The_end_of_a_sync_is_told_once_with_its_counts_and_without_a_person()
    {
        await using var campaigns = await Campaigns.StartAsync(zoho);
        var tenant = await campaigns.TenantAsync();
        var syncing = new Syncing(campaigns.Host, tenant.Id);

        var done = await syncing.EventuallyAsync(await syncing.CreateAsync(["ada@example.com", "nobody", "ada@example.com"]), SyncState.Completed);

        var told = Assert.Single(await ToldAsync(campaigns, 1));
        Assert.Equal(("campaigns.sync.finished", $"sync:{done.Id}"), (told.Type, told.Subject));
        var sync = JsonElement.Parse(told.Data).GetProperty("sync");
        Assert.Equal(
            (done.Id, "completed", 3, 1, 1, 1),
            (sync.GetProperty("id").GetString(), sync.GetProperty("state").GetString(), sync.GetProperty("total").GetInt32(),
                sync.GetProperty("added").GetInt32(), sync.GetProperty("invalid").GetInt32(), sync.GetProperty("duplicate").GetInt32()));
        Assert.DoesNotContain("@", told.Data, StringComparison.Ordinal);
        Assert.Equal((tenant.Id, "service:campaigns"), (campaigns.Webhooks.Calls[0].Caller.Tenant, campaigns.Webhooks.Calls[0].Caller.Subject));
    }

    [Fact]
    public async Task A_sync_that_stops_by_itself_is_told_and_one_that_a_person_stops_is_not()
    {
        await using var campaigns = await Campaigns.StartAsync(zoho);
        var tenant = await campaigns.TenantAsync(connected: false);
        var syncing = new Syncing(campaigns.Host, tenant.Id);
        var created = await syncing.CreateAsync(["ada@example.com"]);
        await syncing.EventuallyAsync(created, SyncState.Paused);

        var told = Assert.Single(await ToldAsync(campaigns, 1));
        Assert.Equal(("campaigns.sync.paused", $"sync:{created.Id}"), (told.Type, told.Subject));
        Assert.Equal("not_connected", JsonElement.Parse(told.Data).GetProperty("code").GetString());

        var stopped = await syncing.CreateAsync(["ada@example.com"]);
        await syncing.PauseAsync(stopped);
        await syncing.CancelAsync(stopped);
        await syncing.CancelAsync(created);
        Assert.DoesNotContain(campaigns.Webhooks.Events, other => other.Subject == $"sync:{stopped.Id}" && other.Type != "campaigns.sync.paused");
    }

    [Fact]
    public async Task A_sync_that_cannot_go_on_is_told()
    {
        await using var campaigns = await Campaigns.StartAsync(zoho);
        var tenant = await campaigns.TenantAsync();
        var syncing = new Syncing(campaigns.Host, tenant.Id);
        var upload = await syncing.UploadAsync("email,size\nada@example.com,38\n");

        var failed = await syncing.EventuallyAsync(
            await syncing.CreateAsync(new CreateSyncRequest
            {
                Source = new SyncSource { UploadId = upload.Id },
                Mapping =
                {
                    new FieldMapping { Column = "email", Field = "Contact Email" }, new FieldMapping { Column = "size", Field = "Shoe Size" },
                },
            }),
            SyncState.Failed);

        var told = Assert.Single(await ToldAsync(campaigns, 1));
        Assert.Equal(("campaigns.sync.failed", $"sync:{failed.Id}"), (told.Type, told.Subject));
        Assert.Equal(failed.Message, JsonElement.Parse(told.Data).GetProperty("message").GetString());
    }

    [Fact]
    public async Task Registrations_that_wait_for_a_person_are_told_once_however_many_wait_and_however_often_is_looked()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var campaigns = await Campaigns.StartAsync(zoho, clock);
        var tenant = await campaigns.TenantAsync(listSet: false);
        var first = await tenant.SubmitAsync("ada@example.com");
        await tenant.EventuallyAsync(first, RegistrationStatus.NotConfigured);
        foreach (var i in Enumerable.Range(0, 5))
        {
            await tenant.SubmitAsync($"user{i}@example.com");
        }

        var told = Assert.Single(await ToldAsync(campaigns, 1));
        Assert.Equal(("campaigns.registrations.blocked", "registrations"), (told.Type, told.Subject));
        Assert.Equal("list_key_missing", JsonElement.Parse(told.Data).GetProperty("code").GetString());
        clock.Advance(TimeSpan.FromMinutes(5));

        // another cause is another event
        await tenant.SetListKeyAsync(UnknownList);
        var events = await Eventually.GetAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(campaigns.Webhooks.Events);
            },
            events => events.Count >= 2);
        Assert.Equal(
            ["list_key_missing", "list_not_found"],
            events.Select(one => JsonElement.Parse(one.Data).GetProperty("code").GetString()));
        Assert.DoesNotContain(events, one => one.Data.Contains('@', StringComparison.Ordinal));
        // however often it was looked at meanwhile
        Assert.Equal(1, Logged(campaigns, "list_key_missing"));
        Assert.Equal(1, Logged(campaigns, "list_not_found"));
    }

    private static int Logged(Campaigns campaigns, string code) => campaigns.Host.Log.Lines.Count(line =>
        line.StartsWith("Information ZohoPlatform.CampaignsService.Registrations.PushWorker", StringComparison.Ordinal)
        && line.Contains($"({code})", StringComparison.Ordinal));

    private static async Task<IReadOnlyList<Event>> ToldAsync(Campaigns campaigns, int count) =>
        await Eventually.GetAsync(() => Task.FromResult(campaigns.Webhooks.Events), events => events.Count >= count);
}
