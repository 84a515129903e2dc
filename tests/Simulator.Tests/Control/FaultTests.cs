using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Simulator.Tests.Control;

public sealed class FaultTests : IDisposable
{
    private const string Ann = """{"Contact Email":"ann@example.com"}""";

    private readonly SimulatorHost _zoho = new();

    [Theory]
    [InlineData("html502", HttpStatusCode.BadGateway, "<h1>502 Bad Gateway</h1>")]
    [InlineData("html500", HttpStatusCode.InternalServerError, "<h1>500 Internal Server Error</h1>")]
    [InlineData("throttle", HttpStatusCode.BadRequest, "\"error\":\"Access Denied\",\"status\":\"failure\"")]
    [InlineData("malformed_json", HttpStatusCode.OK, "{\"status\":\"succ")]
    public async Task A_fault_answers_so_many_times_and_then_no_more(string kind, HttpStatusCode status, string body)
    {
        var fault = await AddAsync(new { kind, path = "/oauth/v2/token", times = 2 });

        for (var i = 0; i < 2; i++)
        {
            using var response = await _zoho.RefreshAsync();
            Assert.Equal(status, response.StatusCode);
            Assert.Contains(body, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.NotEmpty(await _zoho.AccessTokenAsync());
        Assert.Equal(2, (await ShowAsync(fault)).GetProperty("hits").GetInt32());
        Assert.Equal(2, await _zoho.CallsAsync("token", "fault"));
    }

    [Fact]
    public async Task An_empty_answer_is_empty_and_a_status_is_what_was_asked_for()
    {
        await AddAsync(new { kind = "empty", times = 1 });
        await AddAsync(new { kind = "status", status = 429, body = "slow down", content_type = "text/plain" });

        using var empty = await _zoho.RefreshAsync();
        using var status = await _zoho.RefreshAsync();

        Assert.Equal(HttpStatusCode.OK, empty.StatusCode);
        Assert.Equal("", await empty.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.TooManyRequests, status.StatusCode);
        Assert.Equal("slow down", await status.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_fault_meets_only_the_host_path_and_verb_it_names_until_it_is_removed()
    {
        var fault = await AddAsync(new { kind = "html500", host = "*.zoho.eu", path = "/oauth/*", method = "post" });

        Assert.NotEmpty(await _zoho.AccessTokenAsync());
        using var get = await _zoho.Http.GetAsync("/accounts.zoho.eu/oauth/serverinfo");
        using var met = await _zoho.RefreshAsync(dataCentre: "eu");
        await _zoho.ControlAsync(HttpMethod.Delete, $"faults/{fault}");

        Assert.Equal(HttpStatusCode.OK, get.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, met.StatusCode);
        Assert.NotEmpty(await _zoho.AccessTokenAsync(dataCentre: "eu"));
    }

    [Fact]
    public async Task A_reset_cuts_the_connection_and_nothing_is_done()
    {
        var token = await _zoho.AccessTokenAsync();
        await AddAsync(new { kind = "reset", times = 1 });

        await Assert.ThrowsAsync<HttpRequestException>(() => _zoho.SubscribeAsync(token, Ann));

        Assert.Equal(0, (await _zoho.ContactsAsync()).GetArrayLength());
    }

    [Fact]
    public async Task A_lost_answer_means_that_the_work_is_done()
    {
        var token = await _zoho.AccessTokenAsync();
        await AddAsync(new { kind = "answer_lost", times = 1 });

        await Assert.ThrowsAsync<HttpRequestException>(() => _zoho.SubscribeAsync(token, Ann));

        Assert.Equal(1, (await _zoho.ContactsAsync()).GetArrayLength());
        // counted once the connection is cut
        await Eventually.GetAsync(() => _zoho.CallsAsync("listsubscribe", "success"), calls => calls == 1);
    }

    [Fact]
    public async Task A_hanging_call_goes_on_when_it_is_released()
    {
        var fault = await AddAsync(new { kind = "hang", times = 1 });
        var calling = _zoho.RefreshAsync();
        var held = await _zoho.ControlAsync(HttpMethod.Get, $"faults/{fault}?hits=1&timeout_seconds=10");
        Assert.Equal(1, held.GetProperty("hits").GetInt32());
        Assert.False(calling.IsCompleted);

        await _zoho.ControlAsync(HttpMethod.Post, $"faults/{fault}/release");
        using var response = await calling.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Contains("access_token", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_gives_up_on_a_hanging_call_is_let_go()
    {
        var fault = await AddAsync(new { kind = "hang", times = 1 });
        using var patience = new CancellationTokenSource();
        var calling = _zoho.Http.GetAsync("/accounts.zoho.com/oauth/serverinfo", patience.Token);
        await _zoho.ControlAsync(HttpMethod.Get, $"faults/{fault}?hits=1&timeout_seconds=10");
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);

        var limit = Stopwatch.StartNew();
        while (await _zoho.CallsAsync("server_info", "caller_left") == 0)
        {
            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(10));
        }

        Assert.Equal(0, (await ShowAsync(fault)).GetProperty("waiting").GetInt32());
    }

    [Fact]
    public async Task Waiting_for_hits_ends_with_504_when_the_time_is_up()
    {
        var fault = await AddAsync(new { kind = "hang" });

        var took = Stopwatch.StartNew();

        using var response = await _zoho.SendControlAsync(HttpMethod.Get, $"faults/{fault}?hits=1&timeout_seconds=0.05");

        Assert.True(took.Elapsed < TimeSpan.FromSeconds(9), "It has waited for the usual ten seconds.");

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
    }

    [Fact]
    public async Task Latency_holds_a_call_and_lets_the_next_fault_meet_it_too()
    {
        await AddAsync(new { kind = "latency", milliseconds = 300 });
        await AddAsync(new { kind = "html500", times = 1 });
        var took = Stopwatch.StartNew();

        using var response = await _zoho.RefreshAsync();

        Assert.InRange(took.ElapsedMilliseconds, 295, 20_000);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task The_whole_provider_can_be_unavailable_and_come_back()
    {
        await _zoho.ControlAsync(HttpMethod.Put, "down", new { mode = "unavailable" });
        using var down = await _zoho.RefreshAsync();
        await _zoho.ControlAsync(HttpMethod.Put, "down", new { mode = "up" });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, down.StatusCode);
        Assert.StartsWith("<html>", await down.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotEmpty(await _zoho.AccessTokenAsync());
        Assert.Equal(1, await _zoho.CallsAsync("token", "unavailable"));
    }

    [Fact]
    public async Task A_silent_provider_answers_nobody_until_it_is_over()
    {
        await _zoho.ControlAsync(HttpMethod.Put, "down", new { mode = "silent" });
        var calling = _zoho.RefreshAsync();
        using var health = await _zoho.Http.GetAsync("/health");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.False(calling.IsCompleted);

        await _zoho.ControlAsync(HttpMethod.Put, "down", new { mode = "up" });

        await Task.WhenAny(calling).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.NotEmpty(await _zoho.AccessTokenAsync());
    }

    [Fact]
    public async Task The_simulator_stops_while_calls_hang()
    {
        var zoho = new SimulatorHost();
        var fault = (await zoho.ControlAsync(HttpMethod.Post, "faults", new { kind = "hang" })).GetProperty("id").GetInt32();
        var calling = zoho.RefreshAsync();
        await zoho.ControlAsync(HttpMethod.Get, $"faults/{fault}?hits=1&timeout_seconds=10");

        await zoho.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<HttpRequestException>(() => calling);
        zoho.Dispose();
    }

    public void Dispose() => _zoho.Dispose();

    private async Task<int> AddAsync(object fault) => (await _zoho.ControlAsync(HttpMethod.Post, "faults", fault)).GetProperty("id").GetInt32();

    private Task<JsonElement> ShowAsync(int fault) => _zoho.ControlAsync(HttpMethod.Get, $"faults/{fault}");
}
