using System.Net;
using System.Security.Cryptography;
using System.Text;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Http;

public sealed class AccessTokenHandlerTests : IAsyncLifetime
{
    // as recorded: the capitals come with this answer only
    private const string Unauthorized =
        """{"message":"Unauthorized request.","version":"1.1","URI":"/api/v1.1/getmailinglists","Code":"1007","status":"error"}""";

    private const string NoLists = """{"message":"No mailing list has been created.","status":"error","code":"2401"}""";

    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_refused_token_is_reported_and_the_request_is_sent_once_more_with_the_new_one()
    {
        _host.Provider.Answers(Unauthorized, HttpStatusCode.Unauthorized).Answers(NoLists);

        Value(await _host.Campaigns.GetMailingListsAsync(_host.Call, default));

        Assert.Equal(
            "Zoho-oauthtoken 1000.fake.1 Zoho-oauthtoken 1000.fake.2",
            string.Join(' ', _host.Provider.Requests.Select(request => request.Authorization)));
        Assert.Equal(_host.Provider.Requests[0].Body, _host.Provider.Requests[1].Body);
        Assert.Equal(_host.Provider.Requests[0].Address, _host.Provider.Requests[1].Address);
        var report = Assert.Single(_host.Tokens.Reported);
        Assert.Equal("connection-1", report.ConnectionId);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("1000.fake.1"))), report.TokenSha256);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, Unauthorized)]
    [InlineData(HttpStatusCode.OK, """{"message":"","code":1007,"status":"error"}""")]
    [InlineData(HttpStatusCode.OK, """{"response":{"code":"401","message":"","status":"error"}}""")]
    [InlineData(HttpStatusCode.BadRequest, """{"code":"INVALID_OAUTHTOKEN","status":"error"}""")]
    [InlineData(HttpStatusCode.Forbidden, """{"code":"INVALID_TOKEN"}""")]
    public async Task A_token_that_is_refused_in_the_body_is_renewed_once_whatever_the_status(HttpStatusCode status, string refusal)
    {
        _host.Provider.Answers(refusal, status).Answers(NoLists);

        Value(await _host.Campaigns.GetMailingListsAsync(_host.Call, default));

        Assert.Equal(2, _host.Provider.Requests.Count);
        Assert.Single(_host.Tokens.Reported);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, """{"message":"","code":901,"status":"error"}""")]
    [InlineData(HttpStatusCode.OK, """{"message":"1007","code":"2004","status":"error"}""")]
    [InlineData(HttpStatusCode.OK, "1007")]
    public async Task Any_other_refusal_leaves_the_token_as_it_is(HttpStatusCode status, string refusal)
    {
        _host.Provider.Answers(refusal, status);

        Refusal(await _host.Campaigns.GetMailingListsAsync(_host.Call, default));

        Assert.Single(_host.Provider.Requests);
        Assert.Empty(_host.Tokens.Reported);
    }

    [Theory]
    [InlineData("Zoho-oauthtoken")]
    [InlineData("Bearer")]
    public async Task A_token_is_sent_as_its_provider_wants_it(string scheme)
    {
        _host.Tokens.Scheme = scheme;
        _host.Provider.Answers(NoLists);

        Value(await _host.Campaigns.GetMailingListsAsync(_host.Call, default));

        Assert.Equal($"{scheme} 1000.fake.1", Assert.Single(_host.Provider.Requests).Authorization);
    }

    [Fact]
    public async Task A_new_token_that_is_refused_too_ends_it()
    {
        _host.Provider.Answers(Unauthorized, HttpStatusCode.Unauthorized);

        var failure = Refusal(await _host.Campaigns.GetMailingListsAsync(_host.Call, default));

        Assert.Equal(("zoho_token_refused", CampaignsCodeClass.Auth), (failure.Code, failure.CampaignsClass));
        Assert.Equal(2, _host.Provider.Requests.Count);
        Assert.Single(_host.Tokens.Reported);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_that_does_not_come_again_with_the_same_token_was_a_stray_one(bool accepts)
    {
        (_host.Tokens.Replaces, _host.Tokens.Accepts) = (false, accepts);
        _host.Provider.Answers(Unauthorized, HttpStatusCode.Unauthorized).Answers(NoLists);

        Value(await _host.Campaigns.GetMailingListsAsync(_host.Call, default));

        Assert.Equal(["Zoho-oauthtoken 1000.fake.1", "Zoho-oauthtoken 1000.fake.1"], _host.Provider.Requests.Select(request => request.Authorization));
    }

    [Theory]
    [InlineData(false, "zoho_token_refused")]
    [InlineData(true, "scopes_missing")]
    public async Task Without_a_better_token_a_second_refusal_is_believed(bool accepts, string code)
    {
        (_host.Tokens.Replaces, _host.Tokens.Accepts) = (false, accepts);
        _host.Provider.Answers(Unauthorized, HttpStatusCode.Unauthorized);

        Assert.Equal(code, Refusal(await _host.Campaigns.GetMailingListsAsync(_host.Call, default)).Code);

        Assert.Equal(2, _host.Provider.Requests.Count);
        Assert.Single(_host.Tokens.Reported);
    }

    [Fact]
    public async Task The_token_is_asked_for_as_a_service_of_the_tenant()
    {
        _host.Provider.Answers(NoLists);

        await _host.Campaigns.GetMailingListsAsync(_host.Call, default);

        var (request, call) = Assert.Single(_host.Tokens.Asked);
        Assert.Equal(("connection-1", "campaigns.push"), (request.ConnectionId, request.Purpose));
        Assert.NotNull(call.Deadline);

        Assert.Equal(
            new Caller(_host.Call.Tenant, Role.Service, "service:campaigns"), Assert.IsType<CallerCredentials>(call.Credentials).Caller);
    }

    [Fact]
    public async Task With_a_simulator_the_repeated_request_goes_to_the_same_address()
    {
        using var host = await ProviderHost.CreateAsync(("Providers:SimulatorUrl", "http://127.0.0.1:8200"));
        host.Provider.Answers(Unauthorized, HttpStatusCode.Unauthorized).Answers(NoLists);

        Value(await host.Campaigns.GetMailingListsAsync(host.Call, default));

        Assert.Equal(2, host.Provider.Requests.Count);
        Assert.All(host.Provider.Requests, request =>
            Assert.Equal("http://127.0.0.1:8200/campaigns.zoho.eu/api/v1.1/getmailinglists", request.Address));
    }
}
