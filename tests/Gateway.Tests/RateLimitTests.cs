using System.Globalization;
using System.Net;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests;

public sealed class RateLimitTests
{
    private const string Keys = "/api/v1/admin/keys";

    [Fact]
    public async Task A_key_has_one_budget_over_all_replicas()
    {
        await using var one = await GatewayHost.StartAsync(("RateLimits:PerMinute", "60"), ("RateLimits:Burst", "6"), await OwnRedisAsync(1));
        await using var two = one.Replica();
        var (_, key) = await one.CreateTenantAsync();
        using var here = one.CreateClient(key);
        using var there = two.CreateClient(key);

        var allowed = new List<Answer>();
        Answer? refused = null;
        for (var i = 0; refused is null && i < 20; i++)
        {
            var answer = await (i % 2 == 0 ? here : there).GetAsync(Keys);
            if (answer.Status == HttpStatusCode.OK)
            {
                allowed.Add(answer);
            }
            else
            {
                refused = answer;
            }
        }

        // six at once, and one more for each second that the calls themselves took
        Assert.InRange(allowed.Count, 6, 12);
        refused!.AssertProblem(HttpStatusCode.TooManyRequests, "too_many_requests");
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.Equal("60", refused.Header("RateLimit-Limit"));
        Assert.Equal("0", refused.Header("RateLimit-Remaining"));
        Assert.Equal("5", allowed[0].Header("RateLimit-Remaining"));
    }

    [Fact]
    public async Task One_key_does_not_spend_anothers_budget()
    {
        await using var gateway = await GatewayHost.StartAsync(("RateLimits:PerMinute", "1"), ("RateLimits:Burst", "4"), await OwnRedisAsync(2));
        using var busy = await gateway.CreateClientOfNewTenantAsync();
        using var quiet = await gateway.CreateClientOfNewTenantAsync();

        for (var i = 0; i < 5; i++)
        {
            await busy.GetAsync(Keys);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await busy.GetAsync(Keys)).Status);
        Assert.Equal(HttpStatusCode.OK, (await quiet.GetAsync(Keys)).Status);
    }

    [Fact]
    public async Task Wrong_keys_from_one_address_are_soon_not_looked_at_any_more()
    {
        await using var gateway = await GatewayHost.StartAsync(("RateLimits:FailedKeysPerMinute", "3"), await OwnRedisAsync(3));
        using var good = gateway.CreateClient();
        Assert.Equal(HttpStatusCode.OK, (await good.GetAsync(Keys)).Status);

        var answers = new List<Answer>();
        for (var i = 0; i < 4; i++)
        {
            using var guess = gateway.CreateClient($"zp_bootstrap_guess{i.ToString(CultureInfo.InvariantCulture)}");
            answers.Add(await guess.GetAsync(Keys));
        }

        Assert.All(answers.Take(3), answer => answer.AssertProblem(HttpStatusCode.Unauthorized, "key_invalid"));
        answers[3].AssertProblem(HttpStatusCode.TooManyRequests, "too_many_failed_keys");
        Assert.NotNull(answers[3].Header("Retry-After"));
        // a key that is known already goes on working
        Assert.Equal(HttpStatusCode.OK, (await good.GetAsync(Keys)).Status);
    }

    [Fact]
    public async Task What_takes_no_key_is_limited_per_address()
    {
        await using var gateway = await GatewayHost.StartAsync(("RateLimits:AnonymousPerMinute", "2"), await OwnRedisAsync(4));
        using var browser = gateway.CreateClient(key: null);

        await browser.GetAsync("/api/v1/crm/zoho/callback");
        await browser.GetAsync("/api/v1/crm/zoho/callback");

        (await browser.GetAsync("/api/v1/crm/zoho/callback")).AssertProblem(HttpStatusCode.TooManyRequests, "too_many_requests");
    }

    [Fact]
    public async Task While_redis_is_away_each_replica_counts_for_itself_and_says_so_once()
    {
        await using var redis = await TestServers.StartRedisAsync();
        await using var gateway = await GatewayHost.StartAsync(
            ("RateLimits:PerMinute", "1"),
            ("RateLimits:Burst", "5"),
            ("ConnectionStrings:redis", redis.Server.ConnectionString));
        using var client = await gateway.CreateClientOfNewTenantAsync();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Keys)).Status);

        await redis.DisposeAsync();
        var answers = new List<Answer>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add(await client.GetAsync(Keys));
        }

        Assert.All(answers.Take(5), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        answers[5].AssertProblem(HttpStatusCode.TooManyRequests, "too_many_requests");
        Assert.Single(gateway.Logs.Lines, line => line.Contains("Redis does not answer", StringComparison.Ordinal));
        using var anyone = gateway.CreateClient(key: null);
        Assert.Equal("Degraded", (await anyone.GetAsync("/health")).Text);
    }

    // buckets of an address are shared by all who use the same Redis: each of these tests has a database of it to itself
    private static async Task<(string Name, string? Value)> OwnRedisAsync(int database) =>
        ("ConnectionStrings:redis", $"{(await TestServers.Shared).Redis},defaultDatabase={database.ToString(CultureInfo.InvariantCulture)}");
}
