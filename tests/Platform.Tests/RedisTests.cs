using StackExchange.Redis;

namespace ZohoPlatform.Platform.Tests;

/// <summary>What each service may do in the one Redis, read from Redis itself.</summary>
[Collection(OneLaunch.Name)]
public sealed class RedisTests(SharedPlatform shared)
{
    private const string Looking = "looking";

    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["tokens"] = "tokens:{test}",
        ["campaigns"] = "quota:{test}",
        ["gateway"] = "{gateway:test}",
    };

    [Theory]
    [InlineData("tokens")]
    [InlineData("campaigns")]
    [InlineData("gateway")]
    public async Task A_services_login_reads_its_own_keys_and_nobody_elses(string service)
    {
        var running = await shared.Platform.WaitForAsync(service, snapshot => !snapshot.EnvironmentVariables.IsEmpty);
        var admin = ConfigurationOptions.Parse((await shared.Platform.ConnectionStringAsync("redis"))!);
        var login = ConfigurationOptions.Parse(
            Assert.Single(running.EnvironmentVariables, variable => variable.Name == "ConnectionStrings__redis").Value!);
        Assert.DoesNotContain(
            running.EnvironmentVariables, variable => variable.Value?.Contains(admin.Password!, StringComparison.Ordinal) is true);
        Assert.Equal(service, login.User);
        (login.ClientName, login.AllowAdmin) = (Looking, true);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(login);
        var redis = connection.GetDatabase();

        await redis.StringSetAsync(Keys[service], 1, TimeSpan.FromMinutes(1));
        Assert.Equal(1, await redis.StringGetAsync(Keys[service]));

        foreach (var (_, key) in Keys.Where(other => other.Key != service))
        {
            await RefusedAsync(() => redis.StringGetAsync(key));
        }

        await RefusedAsync(() => redis.ExecuteAsync("FLUSHALL"));
    }

    [Fact]
    public async Task No_service_is_refused_what_it_asks_for()
    {
        var status = await shared.Platform.RegisterAsync(new { email = "redis@example.com", first_name = "Remote" });
        await shared.Platform.OutcomeAsync(status, "subscribed");

        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{await shared.Platform.ConnectionStringAsync("redis")},allowAdmin=true");
        var redis = connection.GetDatabase();
        Assert.NotEqual(0, ((RedisResult[])(await redis.ExecuteAsync("SCAN", "0", "MATCH", "tokens:*", "COUNT", "1000"))!)[1].Length);
        var refused = (RedisResult[])(await redis.ExecuteAsync("ACL", "LOG"))!;

        Assert.DoesNotContain(
            refused.Select(entry => string.Join(' ', ((RedisResult[])entry!).Select(part => part.ToString()))),
            // the client tries what tells it more about the server, and does without
            entry => !entry.Contains($"name={Looking}", StringComparison.Ordinal)
                && !entry.Contains(" object config|get ", StringComparison.Ordinal)
                && !entry.Contains(" object cluster|nodes ", StringComparison.Ordinal));
    }

    private static async Task RefusedAsync(Func<Task> ask) =>
        Assert.Contains("NOPERM", (await Assert.ThrowsAsync<RedisServerException>(ask)).Message, StringComparison.Ordinal);
}
