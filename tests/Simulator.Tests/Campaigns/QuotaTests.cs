using System.Net;
using System.Text.Json;
using ZohoPlatform.Simulator.Campaigns;

namespace ZohoPlatform.Simulator.Tests.Campaigns;

public sealed class QuotaTests : IDisposable
{
    private const string Ann = """{"Contact Email":"ann@example.com"}""";

    private readonly SimulatorHost _zoho = new();

    [Theory]
    [InlineData("getmailinglists", 500, 300, 1800)]
    [InlineData("listunsubscribe", 500, 300, 1800)]
    [InlineData("contactdonotmail", 500, 300, 1800)]
    [InlineData("addlistandcontacts", 500, 300, 1800)]
    [InlineData("getlistsubscribers", 500, 300, 1800)]
    [InlineData("listsubscriberscount", 500, 300, 1800)]
    [InlineData("addlistsubscribersinbulk", 2000, 60, 600)]
    [InlineData("recentcampaigns", 500, 300, 1800)]
    [InlineData("recentsentcampaigns", 500, 300, 1800)]
    [InlineData("campaignreports", 500, 300, 1800)]
    [InlineData("getlastcampaignreport", 500, 300, 1800)]
    [InlineData("getcampaignrecipientsdata", 500, 300, 1800)]
    [InlineData("getcampaigndetails", 500, 300, 1800)]
    [InlineData("contact/allfields", 100, 300, 1800)]
    [InlineData("custom/add", 100, 300, 1800)]
    [InlineData("listsubscribe", 500, 60, 1800)]
    public void A_hit_locks_the_method_for_its_time(string method, int calls, int seconds, int lockSeconds)
    {
        var clock = new SimulatorClock();
        clock.Freeze();
        var quotas = new MethodQuotas(clock);

        for (var i = 0; i < calls; i++)
        {
            Assert.True(quotas.TryTake(1, method));
        }

        Assert.False(quotas.TryTake(1, method));    // the hit
        Assert.True(quotas.TryTake(2, method));     // another organisation's calls are its own
        clock.Advance(TimeSpan.FromSeconds(Math.Min(seconds, lockSeconds - 1)));
        Assert.False(quotas.TryTake(1, method));    // the window is over, the lock is not
        clock.Advance(TimeSpan.FromSeconds(lockSeconds));
        Assert.True(quotas.TryTake(1, method));

        var state = quotas.States().Single(state => state.OrganisationId == 1);
        Assert.Equal((1, 1), (state.QuotaHits, state.CallsWhileLocked));
    }

    [Theory]
    [InlineData(12_500, 60 * 60)]
    [InlineData(75_000, 24 * 60 * 60)]
    public void Subscribing_has_an_hour_and_a_day_limit_too(int calls, int seconds)
    {
        var clock = new SimulatorClock();
        clock.Freeze();
        var quotas = new MethodQuotas(clock);
        var pause = TimeSpan.FromSeconds((double)seconds / (calls + 1));

        for (var i = 0; i < calls; i++)
        {
            Assert.True(quotas.TryTake(1, "listsubscribe"));
            clock.Advance(pause);
        }

        Assert.False(quotas.TryTake(1, "listsubscribe"));
    }

    [Fact]
    public void A_burst_across_a_minutes_boundary_is_not_forgiven()
    {
        var clock = new SimulatorClock();
        clock.Freeze();
        var quotas = new MethodQuotas(clock);
        quotas.TryTake(1, "listsubscribe");
        clock.Advance(TimeSpan.FromSeconds(59));
        for (var i = 0; i < 499; i++)
        {
            Assert.True(quotas.TryTake(1, "listsubscribe"));
        }

        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.True(quotas.TryTake(1, "listsubscribe"));    // the first call has left the window
        Assert.False(quotas.TryTake(1, "listsubscribe"));
    }

    [Fact]
    public async Task While_locked_every_call_is_refused_and_counted_and_other_methods_go_on()
    {
        await _zoho.ControlAsync(HttpMethod.Put, "quotas", new { method = "listsubscribe", windows = new[] { new { calls = 2, seconds = 60 } } });
        var token = await _zoho.AccessTokenAsync();
        var codes = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            codes.Add(await SimulatorHost.CodeAsync(_zoho.SubscribeAsync(token, Ann)));
        }

        using var locked = await _zoho.SubscribeAsync(token, Ann);
        using var other = await _zoho.CampaignsAsync(HttpMethod.Get, "getmailinglists", token, [("resfmt", "JSON")]);

        Assert.Equal("0 0 2008 2008 2008", string.Join(' ', codes));
        Assert.Equal(HttpStatusCode.OK, locked.StatusCode);
        Assert.Equal(
            """{"message":"Calls limit exceeded. Please try again after some time.","status":"error","code":"2008","uri":"/api/v1.1/json/listsubscribe","version":"1.1"}""",
            await locked.Content.ReadAsStringAsync());
        Assert.False(locked.Headers.Contains("Retry-After"));
        Assert.Equal("success", (await SimulatorHost.JsonAsync(other)).GetProperty("status").GetString());
        var calls = await _zoho.ControlAsync(HttpMethod.Get, "calls?operation=listsubscribe&outcome=locked");
        Assert.Equal(4, calls.GetProperty("total").GetInt64());
        Assert.Equal(3, calls.GetProperty("calls_while_locked").GetInt64());    // the fourth was the hit itself

        await _zoho.AdvanceAsync(TimeSpan.FromMinutes(30));
        Assert.Equal("0", await SimulatorHost.CodeAsync(_zoho.SubscribeAsync(token, Ann)));
    }

    [Fact]
    public async Task The_locked_answer_can_have_a_status_of_its_own()
    {
        await _zoho.SetAsync(new { locked_status = 429 });
        await _zoho.ControlAsync(HttpMethod.Put, "quotas", new { method = "listsubscribe", windows = new[] { new { calls = 0, seconds = 60 } } });

        using var response = await _zoho.SubscribeAsync(await _zoho.AccessTokenAsync(), Ann);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
    }

    [Fact]
    public async Task What_a_refused_token_asks_for_is_not_counted()
    {
        using var response = await _zoho.SubscribeAsync("1000.fake.wrong", Ann);

        var quotas = await _zoho.ControlAsync(HttpMethod.Get, "quotas");
        Assert.Equal(JsonValueKind.Array, quotas.GetProperty("uses").ValueKind);
        Assert.Equal(0, quotas.GetProperty("uses").GetArrayLength());
    }

    public void Dispose() => _zoho.Dispose();
}
