using System.Net;

namespace ZohoPlatform.Simulator.Tests.Accounts;

public sealed class TokenLimitTests : IDisposable
{
    private const string Throttle =
        """{"error_description":"You have made too many requests continuously. Please try again after some time.","error":"Access Denied","status":"failure"}""";

    private readonly SimulatorHost _zoho = new();

    [Fact]
    public async Task The_eleventh_refresh_in_ten_minutes_is_throttled_as_recorded()
    {
        await _zoho.FreezeAsync();
        await RefreshTimesAsync(10);

        using var eleventh = await _zoho.RefreshAsync();
        using var ofAnotherToken = await _zoho.RefreshAsync(dataCentre: "eu");

        Assert.Equal(HttpStatusCode.BadRequest, eleventh.StatusCode);
        Assert.Equal(Throttle, await eleventh.Content.ReadAsStringAsync());
        Assert.False(eleventh.Headers.Contains("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, ofAnotherToken.StatusCode);
        Assert.Equal(1, await _zoho.CallsAsync("token.refresh_token", "throttled"));
    }

    [Fact]
    public async Task Trying_on_during_the_throttle_extends_it()
    {
        await _zoho.FreezeAsync();
        await RefreshTimesAsync(10);
        await _zoho.AdvanceAsync(TimeSpan.FromMinutes(9));
        using var refused = await _zoho.RefreshAsync();
        await _zoho.AdvanceAsync(TimeSpan.FromMinutes(9));
        using var stillRefused = await _zoho.RefreshAsync();
        await _zoho.AdvanceAsync(TimeSpan.FromMinutes(10));
        using var over = await _zoho.RefreshAsync();

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, stillRefused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, over.StatusCode);
    }

    [Fact]
    public async Task With_throttle_extends_off_the_window_simply_ends()
    {
        await _zoho.SetAsync(new { throttle_extends = false });
        await _zoho.FreezeAsync();
        await RefreshTimesAsync(10);
        await _zoho.AdvanceAsync(TimeSpan.FromMinutes(9));
        using var refused = await _zoho.RefreshAsync();
        await _zoho.AdvanceAsync(TimeSpan.FromMinutes(1));
        using var over = await _zoho.RefreshAsync();

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, over.StatusCode);
    }

    [Fact]
    public async Task The_throttle_can_be_http_200_and_in_another_language()
    {
        await _zoho.SetAsync(new { refreshes_per_ten_minutes = 1, throttle_status = 200, throttle_localised = true });
        await RefreshTimesAsync(1);

        using var response = await _zoho.RefreshAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(""""error":"拒绝访问","status":"failure"}"""", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sixteenth_live_access_token_ends_the_oldest()
    {
        var tokens = new List<string>();
        for (var i = 0; i < 16; i++)
        {
            if (i == 10)
            {
                await _zoho.AdvanceAsync(TimeSpan.FromMinutes(10));
            }

            tokens.Add(await _zoho.AccessTokenAsync());
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await UseAsync(tokens[0]));
        Assert.Equal(HttpStatusCode.OK, await UseAsync(tokens[1]));
        Assert.Equal(HttpStatusCode.OK, await UseAsync(tokens[15]));
    }

    [Fact]
    public async Task The_twenty_first_refresh_token_ends_the_oldest_and_its_access_tokens()
    {
        await _zoho.FreezeAsync();
        var access = await _zoho.AccessTokenAsync();    // of the demo refresh token, the first
        for (var i = 0; i < 19; i++)
        {
            await _zoho.MintRefreshTokenAsync();
        }

        Assert.Equal(HttpStatusCode.OK, await UseAsync(access));
        await _zoho.MintRefreshTokenAsync();

        using var evicted = await _zoho.RefreshAsync();
        Assert.Equal("""{"error":"invalid_code"}""", await evicted.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, await UseAsync(access));
    }

    [Fact]
    public async Task A_client_gets_ten_codes_in_ten_minutes()
    {
        await _zoho.FreezeAsync();
        for (var i = 0; i < 10; i++)
        {
            await _zoho.MintCodeAsync();
        }

        using var eleventh = await _zoho.SendControlAsync(HttpMethod.Post, "grant-codes");
        await _zoho.AdvanceAsync(TimeSpan.FromMinutes(10));

        Assert.Equal(HttpStatusCode.Conflict, eleventh.StatusCode);
        Assert.NotEmpty(await _zoho.MintCodeAsync());
    }

    [Fact]
    public async Task An_access_token_lives_an_hour()
    {
        await _zoho.FreezeAsync();
        var token = await _zoho.AccessTokenAsync();

        await _zoho.AdvanceAsync(TimeSpan.FromSeconds(3599));
        Assert.Equal(HttpStatusCode.OK, await UseAsync(token));

        await _zoho.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await UseAsync(token));
    }

    public void Dispose() => _zoho.Dispose();

    private async Task RefreshTimesAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await _zoho.RefreshAsync();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains("access_token", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    private async Task<HttpStatusCode> UseAsync(string token)
    {
        using var response = await _zoho.CampaignsAsync(HttpMethod.Get, "getmailinglists", token, [("resfmt", "JSON")]);
        return response.StatusCode;
    }
}
