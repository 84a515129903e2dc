using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests.Launches;

/// <summary>What an operator does on the dashboard, one after the other on one launch.</summary>
public sealed class DashboardTests(LaunchToUpset launch) : IClassFixture<LaunchToUpset>
{
    [Fact]
    public async Task Its_buttons_make_trouble_at_the_simulator_and_take_it_back_and_clear_what_the_platform_keeps()
    {
        var platform = launch.Platform;

        await platform.PressAsync("simulator", "zoho-down");
        Assert.Equal("unavailable", (await platform.Simulator.GetFromJsonAsync<JsonElement>("/_simulator/down")).GetProperty("mode").GetString());
        await platform.PressAsync("simulator", "zoho-up");
        Assert.Equal("up", (await platform.Simulator.GetFromJsonAsync<JsonElement>("/_simulator/down")).GetProperty("mode").GetString());

        await platform.PressAsync("simulator", "throttle");
        var fault = Assert.Single((await platform.Simulator.GetFromJsonAsync<JsonElement>("/_simulator/faults")).EnumerateArray());
        Assert.Equal("throttle", fault.GetProperty("kind").GetString());
        await platform.Simulator.DeleteAsync("/_simulator/faults");

        // the token that the platform holds is refused from now on, and it gets another one by itself
        await platform.OutcomeAsync(await platform.RegisterAsync(new { email = "ada@example.com" }), "subscribed");
        await platform.PressAsync("tokens", "expire-access-tokens");
        await platform.OutcomeAsync(await platform.RegisterAsync(new { email = "grace@example.com" }), "subscribed");

        // Zoho CRM is away: what people write waits, and is there when it is back; a lead and a contact are found again, and the third one is new
        var leads = await CountAsync(platform, "Leads");
        await platform.PressAsync("simulator", "crm-down");
        await platform.PressAsync("simulator", "play-conversations");
        Assert.Equal(["stored"], (await MessagesAsync(platform)).Select(message => message.GetProperty("sync_state").GetString()).Distinct());
        await platform.PressAsync("simulator", "zoho-up");
        // once more, by the same channel
        await platform.PressAsync("simulator", "play-conversations");
        var messages = await Eventually.GetAsync(
            () => MessagesAsync(platform), all => all.All(message => message.GetProperty("sync_state").GetString() == "synced"));
        var conversations = (await platform.Gateway.GetFromJsonAsync<JsonElement>("/api/v1/conversations")).GetProperty("conversations").EnumerateArray().ToList();
        Assert.Equal(3, conversations.Count);
        Assert.Equal(
            ["Contacts", "Leads", "Leads"],
            conversations.Select(conversation => conversation.GetProperty("crm_module").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(leads + 1, await CountAsync(platform, "Leads"));
        Assert.Equal(messages.Count, await CountAsync(platform, "Messages"));
        Assert.All(
            messages.Where(message => message.GetProperty("direction").GetString() == "outbound"),
            message => Assert.Equal("read", message.GetProperty("status").GetString()));
        Assert.Single((await platform.Gateway.GetFromJsonAsync<JsonElement>("/api/v1/messaging/channels")).GetProperty("channels").EnumerateArray());

        await platform.PressAsync("simulator", "lock-campaigns");
        var locked = await platform.RegisterAsync(new { email = "edith@example.com" });
        await platform.OutcomeAsync(locked, "retrying");

        await platform.PressAsync("simulator", "reset-world");
        Assert.Empty(await platform.ListedAsync());

        // databases and cache, and the platform goes on
        await platform.PressAsync("postgres", "reset-state");
        await platform.HealthyAsync("gateway");
        platform.ReadKey();
        Assert.Equal(HttpStatusCode.NotFound, (await platform.Gateway.GetAsync(locked)).StatusCode);
        await platform.OutcomeAsync(await platform.RegisterAsync(new { email = "ada@example.com" }), "subscribed");
        Assert.Single(await platform.ListedAsync());
    }

    [Fact]
    public async Task What_ends_by_itself_is_started_again_and_counted_and_what_a_person_stops_stays_stopped()
    {
        var platform = launch.Platform;

        await platform.PressAsync("simulator", KnownResourceCommands.StopCommand);
        await platform.WaitForAsync("simulator", resource => KnownResourceStates.TerminalStates.Contains(resource.State?.Text));
        // the shell that stands before it: the server must not outlive it unseen
        var running = await platform.WaitForAsync("redis", resource => Pid(resource) is not null);
        Signals.Send("KILL", Pid(running)!.Value);
        await platform.WaitForAsync("redis", resource =>
            Pid(resource) is { } pid && pid != Pid(running) && Property(resource, "restarts") is 1);

        // as long ago as redis was started again
        var stopped = await platform.WaitForAsync("simulator", _ => true);
        Assert.Contains(stopped.State?.Text, KnownResourceStates.TerminalStates);
        await platform.PressAsync("simulator", KnownResourceCommands.StartCommand);
        await platform.HealthyAsync("simulator");
    }

    private static async Task<IReadOnlyList<JsonElement>> MessagesAsync(Platform platform) =>
        [.. (await platform.Gateway.GetFromJsonAsync<JsonElement>("/api/v1/messages?page_size=200")).GetProperty("messages").EnumerateArray()];

    private static async Task<int> CountAsync(Platform platform, string module) =>
        (await platform.Simulator.GetFromJsonAsync<JsonElement>($"/_simulator/crm/us/{module}/records?after=0&limit=1")).GetProperty("records").GetInt32();

    private static int? Pid(CustomResourceSnapshot resource) =>
        Property(resource, "executable.pid") is { } pid ? Convert.ToInt32(pid, CultureInfo.InvariantCulture) : null;

    private static object? Property(CustomResourceSnapshot resource, string name) =>
        resource.Properties.FirstOrDefault(property => property.Name == name)?.Value;
}
