using System.Globalization;
using System.Net;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StackExchange.Redis;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.RateLimits;
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
    public async Task An_owners_keys_and_a_tenants_share_a_limit_that_the_answer_names()
    {
        await using var gateway = await GatewayHost.StartAsync(
            ("RateLimits:PerMinute", "1"), ("RateLimits:Burst", "5"), ("RateLimits:OwnerPerMinute", "7"), ("RateLimits:TenantPerMinute", "12"),
            await OwnRedisAsync(3));
        using var admin = await gateway.CreateClientOfNewTenantAsync();
        using var first = await ClientAsync(gateway, admin, "ada");
        using var second = await ClientAsync(gateway, admin, "ada");
        using var third = await ClientAsync(gateway, admin, owner: null);
        using var stranger = await gateway.CreateClientOfNewTenantAsync();

        AssertNames("key", 1, await RefusedAsync(first));
        AssertNames("owner", 7, await RefusedAsync(second));
        AssertNames("tenant", 12, await RefusedAsync(third));
        var answer = await stranger.GetAsync(Keys);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("\"key\";q=1;w=60", answer.Header("RateLimit-Policy"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_one_bucket_has_nothing_left_the_others_lose_nothing(bool shared)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var (redis, local) = (gateway.Provider.GetRequiredService<RedisBuckets>(), gateway.Provider.GetRequiredService<LocalBuckets>());
        var group = Guid.NewGuid().ToString();
        var (key, tenant) = (new Bucket("key", new BucketRule("key", 1, 2)), new Bucket("tenant", new BucketRule("tenant", 1, 5)));

        var (last, refused) = (await TakeAsync(key, tenant, times: 2), await TakeAsync(key, tenant, times: 10));
        var left = await TakeAsync(tenant);

        Assert.Equal((true, "key", 0), (last.Allowed, last.Rule.Of, last.Remaining));
        Assert.Equal((false, "key"), (refused.Allowed, refused.Rule.Of));
        Assert.InRange(refused.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal((true, 2), (left.Allowed, left.Remaining));

        async Task<BucketAnswer> TakeAsync(Bucket one, Bucket? other = null, int times = 1)
        {
            var set = new BucketSet(group, other is null ? [one] : [one, other]);
            BucketAnswer answer;
            do
            {
                answer = shared ? await redis.TakeAsync(set, CancellationToken.None) : local.Take(set);
            }
            while (--times > 0);
            return answer;
        }
    }

    [Fact]
    public async Task A_good_key_waits_for_no_wrong_ones_of_its_address()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var (_, key) = await gateway.CreateTenantAsync();
        var guesses = Enumerable.Range(0, 200).Select(_ => ApiKeyText.Create().Reveal()).ToList();

        var refused = await Task.WhenAll(guesses.Select(guess => AskAsync(gateway, guess)));
        var good = await AskAsync(gateway, key);

        Assert.All(refused, answer => answer.AssertProblem(HttpStatusCode.Unauthorized, "key_invalid"));
        Assert.Equal(HttpStatusCode.OK, good.Status);
    }

    [Fact]
    public async Task Keys_that_nobody_knows_are_looked_up_together()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var directory = gateway.Provider.GetRequiredService<KeyDirectory>();
        using var use = Use(gateway);

        var found = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i =>
            directory.FindAsync(i == 500 ? ApiKeyStore.PlatformKeyId : ApiKeyText.Create().Id, CancellationToken.None)));

        Assert.NotNull(found[500]);
        Assert.Equal(1, found.Count(tenant => tenant is not null));
        // the gateway's workers have their own
        Assert.InRange(use.Commands, 1, 50);
    }

    [Fact]
    public async Task A_wrong_secret_of_a_key_that_is_there_costs_the_database_next_to_nothing_and_the_right_one_goes_on()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var (_, key) = await gateway.CreateTenantAsync();
        var verifier = gateway.Provider.GetRequiredService<ApiKeyVerifier>();
        var id = key.Split('_')[1];
        using var use = Use(gateway);

        for (var i = 0; i < 500; i++)
        {
            Assert.Null(await verifier.VerifyAsync($"zp_{id}_{ApiKeyText.Create().Secret}", CancellationToken.None));
            Assert.Null(await verifier.VerifyAsync($"zp_{id}_short", CancellationToken.None));
        }

        Assert.InRange(use.Commands, 1, 50);
        Assert.NotNull(await verifier.VerifyAsync(key, CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("zp_")]
    [InlineData("zp__fakeSecretFakeSecretFakeSecretFakeSecret1")]
    [InlineData("zp_k3v9x2m8q7t1c5b0_short")]
    [InlineData("zp_K3V9X2M8Q7T1C5B0_fakeSecretFakeSecretFakeSecretFakeSecret1")]
    [InlineData("zp_k3v9x2m8q7t1c5b0_fakeSecretFakeSecret-FakeSecretFakeSecre")]
    [InlineData("zp_k3v9x2m8q7t1c5b0_fakeSecretFakeSecretFakeSecretFakeSecret1_")]
    [InlineData("xx_k3v9x2m8q7t1c5b0_fakeSecretFakeSecretFakeSecretFakeSecret1")]
    public void What_cannot_be_a_key_is_not_looked_up(string text) => Assert.False(ApiKeyText.TryParse(text, out _));

    [Fact]
    public async Task The_way_of_a_first_request_is_gone_before_the_port_opens()
    {
        await using var gateway = await GatewayHost.StartAsync(("RateLimits:AnonymousPerMinute", "1"), await OwnRedisAsync(5));
        await using var redis = await ConnectionMultiplexer.ConnectAsync(gateway.Redis);
        var started = gateway.Provider.GetServices<IHostedService>().Select(service => service.GetType().Name).ToList();

        Assert.True(await redis.GetDatabase().KeyExistsAsync("{gateway:bucket:anonymous:start}:start"));
        Assert.InRange(started.IndexOf("FirstRequests"), 0, started.IndexOf("GenericWebHostService"));
    }

    [Fact]
    public async Task What_takes_no_key_is_limited_per_address_and_refuses_nobody_who_was_sent_by_this_gateway()
    {
        const string consent = "https://accounts.zoho.eu/oauth/v2/auth?state=sealed";
        await using var gateway = await GatewayHost.StartAsync(("RateLimits:AnonymousPerMinute", "2"), await OwnRedisAsync(4));
        gateway.Services.StartAuthorization = (_, _) => new()
        {
            Id = Guid.NewGuid().ToString(),
            AuthorizeUrl = consent,
            ExpiresAt = Timestamp.FromDateTimeOffset(gateway.Clock.GetUtcNow().AddMinutes(10)),
        };
        using var admin = await gateway.CreateClientOfNewTenantAsync();
        using var browser = gateway.CreateClient(key: null);
        var begun = (await admin.GetAsync("/api/v1/crm/zoho/oauth")).Header("Set-Cookie")!.Split(';')[0];
        var link = new Uri((await admin.GetAsync("/api/v1/crm/zoho/oauth", ("Accept", "application/json"))).Json.GetProperty("url").GetString()!);

        await browser.GetAsync("/api/v1/crm/zoho/callback");
        await browser.GetAsync("/api/v1/crm/zoho/callback");

        var refused = await browser.GetAsync("/api/v1/crm/zoho/callback");
        Assert.Equal((HttpStatusCode.TooManyRequests, "text/html; charset=utf-8"), (refused.Status, refused.Header("Content-Type")));
        Assert.Contains("too_many_requests", refused.Text, StringComparison.Ordinal);
        Assert.NotNull(refused.Header("Retry-After"));
        // each purpose has its own
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/openapi/v1.json")).Status);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await browser.GetAsync("/connect/x")).Status);

        // what nobody can make up has a share of its own
        var came = await browser.GetAsync("/api/v1/crm/zoho/callback?code=1000.fake&state=sealed", ("Cookie", begun));
        Assert.NotEqual(HttpStatusCode.TooManyRequests, came.Status);
        await browser.GetAsync("/connect/x");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await browser.GetAsync("/connect/x")).Status);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await browser.GetAsync(link.PathAndQuery)).Status);
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

    private static async Task<RestClient> ClientAsync(GatewayHost gateway, RestClient admin, string? owner) =>
        gateway.CreateClient((await admin.PostAsync(Keys, new { name = "reader", role = "viewer", owner })).Json.GetProperty("key").GetString());

    private static async Task<Answer> RefusedAsync(RestClient client)
    {
        for (var i = 0; i < 30; i++)
        {
            var answer = await client.GetAsync("/api/v1/whoami");
            if (answer.Status is HttpStatusCode.TooManyRequests)
            {
                return answer;
            }
        }

        throw new InvalidOperationException("It is never refused.");
    }

    private static void AssertNames(string limit, int perMinute, Answer refused)
    {
        refused.AssertProblem(HttpStatusCode.TooManyRequests, "too_many_requests");
        Assert.Contains(limit, refused.Json.GetProperty("detail").GetString()!, StringComparison.Ordinal);
        Assert.Equal(FormattableString.Invariant($"\"{limit}\";q={perMinute};w=60"), refused.Header("RateLimit-Policy"));
        Assert.Equal(perMinute.ToString(CultureInfo.InvariantCulture), refused.Header("RateLimit-Limit"));
        Assert.Equal("0", refused.Header("RateLimit-Remaining"));
        Assert.NotNull(refused.Header("Retry-After"));
    }

    private static async Task<Answer> AskAsync(GatewayHost gateway, string key)
    {
        using var client = gateway.CreateClient(key);
        return await client.GetAsync(Keys);
    }

    private static DatabaseUse Use(GatewayHost gateway) => new(new NpgsqlConnectionStringBuilder(gateway.Database).Database!);

    // buckets of an address are shared by all who use the same Redis: each of these tests has a database of it to itself
    private static async Task<(string Name, string? Value)> OwnRedisAsync(int database) =>
        ("ConnectionStrings:redis", $"{(await TestServers.Shared).Redis},defaultDatabase={database.ToString(CultureInfo.InvariantCulture)}");
}
