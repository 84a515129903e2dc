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

    private static int? Pid(CustomResourceSnapshot resource) =>
        Property(resource, "executable.pid") is { } pid ? Convert.ToInt32(pid, CultureInfo.InvariantCulture) : null;

    private static object? Property(CustomResourceSnapshot resource, string name) =>
        resource.Properties.FirstOrDefault(property => property.Name == name)?.Value;
}
