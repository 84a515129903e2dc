using System.Globalization;
using Grpc.Net.Client;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Wire = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.Tests.Delivery;

/// <summary>Replicas end and connections break between any two steps: nothing is lost, and nothing is there twice.</summary>
public sealed class KillTests(Zoho zoho) : IClassFixture<Zoho>
{
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(90);
    private static readonly object Hang = new { kind = "hang", path = "/crm/*" };

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task A_replica_that_ends_while_Zoho_works_on_any_of_its_calls_is_gone_on_for_by_another(bool withModule, bool cut)
    {
        await using var world = await MessagingWorld.StartAsync(zoho, withModule: withModule);
        await zoho.SetAsync(new { index_delay_seconds = 0 });
        var before = await zoho.CallsAsync();
        await (await SubmitAsync(await world.TenantAsync(), 0)).SettledAsync();
        var calls = (int)(await zoho.CallsAsync() - before);
        Assert.InRange(calls, 8, 20);

        for (var call = 1; call <= calls; call++)
        {
            // cold each time
            var tenant = await world.TenantAsync();
            var fault = await zoho.DisturbAsync(Hang);
            await SubmitAsync(tenant, call);
            await zoho.MetAsync(fault);
            for (var passed = 1; passed < call; passed++)
            {
                // the next one hangs, and this one goes on
                var next = await zoho.DisturbAsync(Hang);
                await zoho.Simulator.ControlAsync(HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"faults/{fault}"));
                await zoho.MetAsync(fault = next);
            }

            await (cut ? world.CutAsync() : world.ReplaceOneAsync());
            await zoho.CalmAsync();
            await world.PassAsync(Doubt);
            await tenant.SettledAsync(TimeSpan.FromSeconds(2));
            Assert.Equal([SyncState.Synced, SyncState.Synced], (await tenant.MessagesAsync()).Select(message => message.SyncState));
        }

        var people = calls + 1;
        Assert.Equal(people, (await zoho.RecordsAsync("Leads", "Phone")).Count);
        var notes = await zoho.RecordsAsync("Notes", "Note_Content");
        Assert.Equal(withModule ? people : 2 * people, notes.Select(note => note.GetProperty("Note_Content").GetString()!.Split('\n')[^1]).Distinct().Count());
        Assert.Equal(withModule ? people : 2 * people, notes.Count);
        if (withModule)
        {
            Assert.Equal(2 * people, (await zoho.RecordsAsync(Zoho.Module, "External_Id")).Count);
        }
    }

    [Fact]
    public async Task Killed_in_the_middle_of_three_hundred_messages_another_goes_on()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, replicas: 0);
        var tenant = await world.TenantAsync();
        var replica = await ServiceProcess.StartAsync("MessagingService", await world.SettingsAsync());
        await using (replica)
        using (var channel = GrpcChannel.ForAddress(replica.Address))
        {
            var fault = await zoho.DisturbAsync(new { kind = "latency", milliseconds = 200, path = "/crm/v8/Messages1/upsert" });
            var ticket = TestTickets.For(tenant.Id, Role.Operator, "messaging", world.Clock);
            await new Wire.Messages.MessagesClient(channel).SubmitMessagesAsync(
                new SubmitMessagesRequest
                {
                    Messages =
                    {
                        Enumerable.Range(0, 300).Select(n => tenant.From(
                            string.Create(CultureInfo.InvariantCulture, $"+4930{6000000 + (n % 30)}"), string.Create(CultureInfo.InvariantCulture, $"m{n}"))),
                    },
                },
                ticket);
            await zoho.MetAsync(fault, 2);
            await replica.KillAsync();
        }

        await zoho.CalmAsync();
        await world.SqlAsync("UPDATE delivery_queue SET claimed_until = now()");
        await world.AddReplicaAsync();
        await tenant.SettledAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(0L, await world.SqlAsync($"SELECT count(*) FROM messages WHERE sync_state <> {(int)SyncState.Synced}"));
        Assert.Equal(30, (await zoho.RecordsAsync("Leads", "Phone")).Count);
        Assert.Equal(300, (await zoho.RecordsAsync(Zoho.Module, "External_Id")).Count);
        Assert.Equal(30, (await zoho.RecordsAsync("Notes", "Note_Content")).Count);
    }

    private static async Task<MessagingTenant> SubmitAsync(MessagingTenant tenant, int person)
    {
        var phone = string.Create(CultureInfo.InvariantCulture, $"+4930{5000000 + person}");
        await tenant.SubmitAsync(tenant.From(phone, $"{phone} 1"), tenant.From(phone, $"{phone} 2"));
        return tenant;
    }
}
