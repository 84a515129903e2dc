using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>Whatever one tenant does, others are served.</summary>
[Collection(OneLaunch.Name)]
public sealed class HostileTenantTests(SharedPlatform shared)
{
    private const int Registrations = 20;
    private const int AtWork = 100;

    private readonly Platform _platform = shared.Platform;

    [Fact]
    public async Task Beside_a_tenant_that_takes_all_it_can_get_another_ones_registrations_and_syncs_go_through()
    {
        var world = await _platform.Simulator.GetFromJsonAsync<JsonElement>("/_simulator/world");
        await using var hostile = await HostileTenant.BeginAsync(_platform.Gateway.BaseAddress!, _platform.Key, world, "eu", shared.SourcePort);
        await Eventually.GetAsync(() => Task.FromResult(hostile.Refused), refused => refused > AtWork);
        var before = hostile.Refused;

        var registered = new List<string>();
        for (var i = 0; i < Registrations; i++)
        {
            registered.Add(await _platform.RegisterAsync(new { email = $"beside{i}@example.com" }));
        }

        var file = new StringContent("email\nbeside-sync1@example.com\nbeside-sync2@example.com\n", Encoding.UTF8, "text/csv");
        var upload = await MadeAsync(await _platform.Gateway.PostAsync("/api/v1/campaigns/sync-sources", file), HttpStatusCode.Created);
        var sync = await MadeAsync(
            await _platform.Gateway.PostAsJsonAsync(
                "/api/v1/campaigns/syncs", new { source = new { upload_id = upload.GetProperty("id").GetString() } }),
            HttpStatusCode.Accepted);
        await Eventually.GetAsync(
            () => _platform.Gateway.GetFromJsonAsync<JsonElement>($"/api/v1/campaigns/syncs/{sync.GetProperty("id").GetString()}"),
            now => now.GetProperty("state").GetString() == "completed");
        foreach (var status in registered)
        {
            await _platform.OutcomeAsync(status, "subscribed");
        }

        // it went on all the while, and each of its ways met its bound
        Assert.True(hostile.Refused > before, string.Join(", ", hostile.Answers));
        await Eventually.GetAsync(() => Task.FromResult(string.Join(", ", hostile.Unrefused)), unrefused => unrefused.Length == 0);
    }

    private static async Task<JsonElement> MadeAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        using (answer)
        {
            Assert.True(answer.StatusCode == status, await answer.Content.ReadAsStringAsync());
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }
    }
}
