using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.Faults;

/// <summary>
/// What a refresh leaves behind wherever it is interrupted: callers have a valid token or are told to come again, Zoho was asked twice at
/// most, and the connection goes on.
/// </summary>
public sealed class RefreshUnderFaultsTests(FaultGround ground) : IClassFixture<FaultGround>
{
    private const int Callers = 200;

    private const string RedisLeaseKey = ":lease";
    private const string TakesRowLock = "FROM connections WHERE id = ";
    private const string ClosesAttempt = "UPDATE refresh_attempts";
    private const string TellsOfToken = "tokens:changed";

    [Fact]
    public async Task Three_replicas_with_two_hundred_callers_each_refresh_once()
    {
        var connection = await ground.ConnectAsync();

        var answers = await AskAllAsync(connection);

        await AllHaveTheTokenAsync(connection, answers);
        Assert.Equal(1, await ground.RefreshesAsync());
        await GoesOnAsync(connection);
    }

    [Fact]
    public Task Killed_with_the_lease_in_redis_and_none_in_the_row() =>
        KilledAsync(doomed => doomed.Postgres.StopAt(Way.ToServer, TakesRowLock), refreshes: 1);

    [Fact]
    public Task Killed_with_the_lease_and_the_attempt_written_before_the_call() =>
        KilledAsync(doomed => doomed.Zoho.StopAt(Way.ToServer, "/oauth/v2/token"), refreshes: 1);

    [Fact]
    public async Task Killed_while_zoho_works()
    {
        HeldZoho zoho = null!;

        await KilledAsync(
            async _ =>
            {
                zoho = await ground.HoldZohoAsync();
                return zoho.ReachedAsync();
            },
            refreshes: 2);

        await zoho.ReleaseAsync();
    }

    [Fact]
    public Task Killed_while_zohos_answer_is_on_its_way() =>
        KilledAsync(doomed => doomed.Zoho.StopAt(Way.ToClient, "access_token"), refreshes: 2);

    [Fact]
    public Task Killed_with_zohos_answer_in_hand_before_it_is_written() =>
        KilledAsync(doomed => doomed.Postgres.StopAt(Way.ToServer, ClosesAttempt), refreshes: 2);

    [Fact]
    public Task Killed_after_the_write_before_the_token_is_shared() =>
        KilledAsync(doomed => doomed.Redis.StopAt(Way.ToServer, TellsOfToken), refreshes: 1);

    [Fact]
    public Task Killed_before_the_lease_in_redis_is_given_back() =>
        KilledAsync(doomed => doomed.Redis.StopAt(Way.ToServer, RedisLeaseKey, time: 2), refreshes: 1);

    [Fact]
    public Task Redis_is_flushed_in_the_middle() => MeanwhileAsync(ground.FlushRedisAsync);

    [Fact]
    public Task Redis_is_restarted_in_the_middle() => MeanwhileAsync(async () =>
    {
        ground.StopRedis();
        await ground.RedisIsBackAsync();
    });

    [Fact]
    public async Task Redis_stops_in_the_middle_and_stays_away()
    {
        await MeanwhileAsync(() =>
        {
            ground.RedisLine.Cut();
            ground.StopRedis();
            return Task.CompletedTask;
        });

        ground.RedisLine.Mend();
        await ground.RedisIsBackAsync();
    }

    [Fact]
    public async Task Postgres_is_restarted_in_the_middle_and_what_zoho_gave_is_kept()
    {
        var connection = await ground.ConnectAsync();
        var zoho = await ground.HoldZohoAsync();
        var asked = AskAllAsync(connection);
        await zoho.ReachedAsync();

        await ground.StopPostgresAsync();
        await zoho.ReleaseAsync();
        await ground.PostgresIsBackAsync();

        AllHaveATokenOrAreToldToComeAgain(await asked);
        Assert.Equal(1, await ground.RefreshesAsync());
        await GoesOnAsync(connection);
        Assert.Equal(2, await ground.RefreshesAsync());
    }

    [Fact]
    public async Task Zoho_takes_longer_than_anybody_waits()
    {
        var connection = await ground.ConnectAsync();
        var zoho = await ground.HoldZohoAsync();

        var answers = await AskAllAsync(connection);

        await zoho.ReleaseAsync();
        AllHaveATokenOrAreToldToComeAgain(answers);
        Assert.InRange(await Eventually.GetAsync(ground.RefreshesAsync, count => count >= 1), 1, 2);
        await GoesOnAsync(connection);
    }

    /// <summary>A replica refreshes and is killed where <paramref name="stopAt"/> stands; meanwhile the others have callers too.</summary>
    private Task KilledAsync(Func<DoomedReplica, Task> stopAt, int refreshes) =>
        KilledAsync(doomed => Task.FromResult(stopAt(doomed)), refreshes);

    private async Task KilledAsync(Func<DoomedReplica, Task<Task>> stopAt, int refreshes)
    {
        await using var doomed = await ground.StartDoomedAsync();
        var connection = await ground.ConnectAsync();
        var reached = await stopAt(doomed);
        var lost = connection.AskAsync(doomed.Process, Callers);
        await reached.WaitAsync(Eventually.Limit);
        var asked = Task.WhenAll(ground.Replicas.Take(2).Select(replica => connection.AskAsync(replica, Callers)));

        await doomed.KillAsync();
        await ground.EndLeasesAsync(connection);

        AllHaveATokenOrAreToldToComeAgain(await lost, transport: true);
        await AllHaveTheTokenAsync(connection, [.. (await asked).SelectMany(answers => answers)]);
        // a call that its caller left is counted when Zoho notices
        Assert.Equal(refreshes, await Eventually.GetAsync(ground.RefreshesAsync, count => count >= refreshes));
        await GoesOnAsync(connection);
    }

    /// <summary>Something happens to Redis while Zoho works on a refresh: it costs nobody anything.</summary>
    private async Task MeanwhileAsync(Func<Task> happens)
    {
        var connection = await ground.ConnectAsync();
        var zoho = await ground.HoldZohoAsync();
        var asked = AskAllAsync(connection);
        await zoho.ReachedAsync();

        await happens();
        await zoho.ReleaseAsync();

        await AllHaveTheTokenAsync(connection, await asked);
        Assert.Equal(1, await ground.RefreshesAsync());
        await GoesOnAsync(connection);
    }

    private async Task<Answer[]> AskAllAsync(FaultyConnection connection) =>
        [.. (await Task.WhenAll(ground.Replicas.Select(replica => connection.AskAsync(replica, Callers)))).SelectMany(answers => answers)];

    private async Task AllHaveTheTokenAsync(FaultyConnection connection, IReadOnlyCollection<Answer> answers)
    {
        Assert.All(answers, answer => Assert.Equal((StatusCode.OK, ""), (answer.Status, answer.Code)));
        var token = Assert.Single(answers.Select(answer => answer.Token).Distinct())!;
        var kept = await ground.SqlAsync($"SELECT access_token_sha256 FROM connections WHERE id = '{connection.Id}'");
        Assert.Equal(kept, TokenWorld.Sha256(token));
    }

    private static void AllHaveATokenOrAreToldToComeAgain(IReadOnlyCollection<Answer> answers, bool transport = false)
    {
        Assert.All(
            answers,
            answer => Assert.True(
                answer.Token is not null || (answer.Status is StatusCode.Unavailable && (transport || answer.Code.Length > 0)),
                answer.ToString()));
        Assert.InRange(answers.Select(answer => answer.Token).OfType<string>().Distinct().Count(), 0, 1);
    }

    /// <summary>The next call works on every replica, the refresh token too, and the audit is whole.</summary>
    private async Task GoesOnAsync(FaultyConnection connection)
    {
        var token = "";
        foreach (var replica in ground.Replicas)
        {
            var next = await Eventually.GetAsync(() => connection.AskAsync(replica), answer => answer.Token is not null);
            Assert.True(token.Length == 0 || token == next.Token, "Two replicas hand out two tokens.");
            token = next.Token!;
        }

        // a report of a token that was refreshed just now would replace nothing
        await ground.SqlAsync("UPDATE refresh_attempts SET started_at = started_at - interval '5 minutes'");
        await ground.KillTokenAsync(token);
        var replaced = await ground.Replicas[0].Tokens.ReportRejectedTokenAsync(
            new() { ConnectionId = connection.Id, TokenSha256 = TokenWorld.Sha256(token) }, connection.Ticket);
        Assert.True(replaced.Replaced);
        var another = await connection.AskAsync(ground.Replicas[0]);
        Assert.True(another.Token is not null && another.Token != token, another.Code);
        var chain = await ground.Replicas[0].Audit.VerifyChainAsync(new(), TestTickets.For(connection.Tenant, Role.Admin, "tokens"));
        Assert.True(chain.Intact, chain.ToString());
    }
}
