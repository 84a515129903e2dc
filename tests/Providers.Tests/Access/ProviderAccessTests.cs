using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Access;

public sealed class ProviderAccessTests : IAsyncLifetime
{
    private const string Purpose = "campaigns.push";

    private readonly TenantId _tenant = new(Guid.NewGuid());
    private readonly Guid _connection = Guid.NewGuid();
    private ProviderHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ProviderHost.CreateAsync();
        _host.Tokens.Serves = _connection.ToString();
    }

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task One_call_by_feature_answers_for_the_feature_and_for_its_connection()
    {
        var first = await ForFeatureAsync();
        var second = await ForFeatureAsync();
        var third = Value(await Access.ForConnectionAsync(_tenant, first.ConnectionId, Purpose, default));

        Assert.Equal((first, first), (second, third));
        var (request, _) = Assert.Single(_host.Tokens.Asked);
        Assert.Equal(("campaigns", Purpose), (request.Feature, request.Purpose));
    }

    [Fact]
    public async Task Another_purpose_and_another_tenant_ask_for_themselves()
    {
        await ForFeatureAsync();

        Value(await Access.ForFeatureAsync(_tenant, "campaigns", "campaigns.sync", default));
        Value(await Access.ForFeatureAsync(new TenantId(Guid.NewGuid()), "campaigns", Purpose, default));

        Assert.Equal(3, _host.Tokens.Asked.Count);
    }

    [Fact]
    public async Task After_thirty_seconds_it_is_asked_again()
    {
        await ForFeatureAsync();
        _host.Clock.Advance(TimeSpan.FromSeconds(29));
        await ForFeatureAsync();
        Assert.Single(_host.Tokens.Asked);

        _host.Clock.Advance(TimeSpan.FromSeconds(1));
        await ForFeatureAsync();

        Assert.Equal(2, _host.Tokens.Asked.Count);
    }

    [Fact]
    public async Task A_token_that_ends_within_thirty_seconds_is_not_kept()
    {
        _host.Tokens.Life = TimeSpan.FromSeconds(30);

        await ForFeatureAsync();
        await ForFeatureAsync();

        Assert.Equal(2, _host.Tokens.Asked.Count);
    }

    [Fact]
    public async Task What_is_refused_is_asked_again_at_once()
    {
        _host.Tokens.Fails = new Grpc.Core.RpcException(new Grpc.Core.Status(Grpc.Core.StatusCode.Unavailable, "away"));
        Assert.Equal("service_unavailable", Refusal(await Access.ForFeatureAsync(_tenant, "campaigns", Purpose, default)).Code);
        _host.Tokens.Fails = null;

        await ForFeatureAsync();
    }

    [Fact]
    public async Task A_rejected_token_is_named_and_nobody_here_gets_it_again()
    {
        var rejected = await ForFeatureAsync();

        var replacement = Value(await Access.ReplaceAsync(_tenant, rejected, Purpose, default));
        var served = await ForFeatureAsync();

        var report = Assert.Single(_host.Tokens.Reported);
        Assert.Equal(rejected.ConnectionId, report.ConnectionId);
        Assert.Equal(("1000.fake.1", "1000.fake.2", "1000.fake.2"), (rejected.AccessToken, replacement.Token.AccessToken, served.AccessToken));
    }

    [Theory]
    [InlineData(true, 2, 2)]     // a newer version of the connection that served the feature
    [InlineData(true, 1, 1)]     // what is held already
    [InlineData(false, 1, 2)]    // another connection: it may serve the feature from now on
    public async Task What_is_out_of_date_is_asked_again(bool same, long version, int asked)
    {
        await ForFeatureAsync();

        _host.Get<AccessMemory>().Forget(new TokenChange(_tenant, same ? _connection : Guid.NewGuid(), version));
        await ForFeatureAsync();

        Assert.Equal(asked, _host.Tokens.Asked.Count);
    }

    [Fact]
    public async Task The_token_service_says_it_through_redis()
    {
        var memory = _host.Get<AccessMemory>();
        await memory.StartAsync(default);
        await ForFeatureAsync();
        var redis = _host.Get<RedisServer>();

        // said again until the subscription stands
        await Eventually.GetAsync(
            async () =>
            {
                await redis.PublishAsync(TokenChange.Channel, new TokenChange(_tenant, _connection, 2).ToString(), default);
                await ForFeatureAsync();
                return _host.Tokens.Asked.Count;
            },
            asked => asked > 1);

        await memory.StopAsync(default);
    }

    private ProviderAccess Access => _host.Get<ProviderAccess>();

    private async Task<ProviderToken> ForFeatureAsync() =>
        Value(await Access.ForFeatureAsync(_tenant, "campaigns", Purpose, default));

    private Task SayAsync(TokenChange change) => _host.Get<RedisServer>().PublishAsync(TokenChange.Channel, change.ToString(), default);
}
