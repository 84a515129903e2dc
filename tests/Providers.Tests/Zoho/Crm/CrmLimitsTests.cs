using System.Net;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

/// <summary>Tokens, credits and calls at once, as the client meets them.</summary>
public sealed class CrmLimitsTests : IAsyncLifetime
{
    private const string Organization = """
        {"org":[{"id":"7001000000000001","zgid":"600","company_name":"Acme","time_zone":"Europe/Kyiv","iso_code":"EUR","type":"Production",
          "license_details":{"paid":true,"paid_type":"enterprise","users_license_purchased":10}}]}
        """;

    private const string Crowded = """{"code":"TOO_MANY_REQUESTS","details":{},"message":"concurrency limit reached","status":"error"}""";
    private const string Spent = """{"code":"TOO_MANY_REQUESTS","details":{},"message":"limit for the past 24 hours","status":"error"}""";

    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "INVALID_TOKEN")]
    [InlineData(HttpStatusCode.Unauthorized, "AUTHENTICATION_FAILURE")]
    [InlineData(HttpStatusCode.OK, "INVALID_OAUTHTOKEN")]
    public async Task A_refused_token_is_reported_once_and_the_call_made_again(HttpStatusCode status, string code)
    {
        var refusal = $$"""{"code":"{{code}}","details":{},"message":"","status":"error"}""";
        _host.Provider.Answers(refusal, status).Answers(Organization).Answers(refusal, status);

        Assert.Equal("Acme", Value(await _host.Crm.GetOrganizationAsync(_host.Call, default)).Name);
        Assert.Single(_host.Tokens.Reported);
        Assert.Equal(2, _host.Provider.Requests.Count);
        Assert.Equal("zoho_token_refused", Refusal(await _host.Crm.GetOrganizationAsync(_host.Call, default)).Code);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task A_missing_scope_is_named_and_costs_no_token(HttpStatusCode status)
    {
        _host.Provider.Answers(
            """{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"invalid oauth scope to access this URL","status":"error"}""", status);

        var refusal = Refusal(await _host.Crm.GetRecordAsync(_host.Call, "Messages", "1", [], default));

        Assert.Equal(CrmFailures.ScopesMissingCode, refusal.Code);
        Assert.Contains("ZohoCRM.modules.custom.READ", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_host.Tokens.Reported);
        Assert.Single(_host.Provider.Requests);
    }

    [Fact]
    public async Task Too_many_calls_at_once_are_made_again_even_where_they_make_something()
    {
        _host.Provider.Answers(Crowded, HttpStatusCode.TooManyRequests).Answers("""
            {"data":[{"code":"SUCCESS","details":{"id":"7001000000000111"},"status":"success"}]}
            """);

        Assert.Equal("7001000000000111", Value(await _host.Crm.InsertAsync(_host.Call, "Leads", [CrmOperations.Lead()], true, default))[0].Id);
        Assert.Equal(2, _host.Provider.Requests.Count);
    }

    [Fact]
    public async Task A_crowd_that_stays_is_told_with_a_short_wait()
    {
        _host.Provider.Answers(Crowded, HttpStatusCode.TooManyRequests);

        var refusal = Refusal(await _host.Crm.GetModulesAsync(_host.Call, default));

        Assert.Equal(("crm_concurrency_reached", CrmCodeClass.Throttled, TimeSpan.FromSeconds(2)), (refusal.Code, refusal.CrmClass, refusal.RetryAfter));
        Assert.Equal(3, _host.Provider.Requests.Count);
    }

    [Fact]
    public async Task Used_credits_stop_all_calls_of_the_organisation_for_long_and_of_no_other()
    {
        _host.Provider.Answers(Spent, HttpStatusCode.TooManyRequests).Answers(Organization);
        var ours = _host.Call with { AccountId = $"{Guid.NewGuid()}" };
        var sister = ours with { Tenant = new TenantId(Guid.NewGuid()) };
        var stranger = sister with { AccountId = $"{Guid.NewGuid()}" };

        var first = Refusal(await _host.Crm.GetOrganizationAsync(ours, default));
        var second = Refusal(await _host.Crm.GetModulesAsync(sister, default));

        Assert.Equal(["quota_locked", "quota_locked"], new[] { first.Code, second.Code });
        Assert.InRange(second.RetryAfter!.Value, TimeSpan.FromMinutes(25), TimeSpan.FromMinutes(30));
        Assert.Single(_host.Provider.Requests);
        Value(await _host.Crm.GetOrganizationAsync(stranger, default));
        Assert.NotNull(Value(await _host.Crm.GetCreditsAsync(ours, default)).LockedFor);
    }

    [Fact]
    public async Task Credits_are_counted_as_zoho_does_and_allowed_by_the_plan_once_it_is_known()
    {
        _host.Provider
            .Answers("""{"data":[{"status":"success","code":"ADDED_SUCCESSFULLY","details":{"id":"1","state":"ADDED"}}]}""")
            .Answers(Organization);

        Value(await _host.Crm.StartBulkReadAsync(_host.Call, new CrmBulkQuery("Leads", ["id"]), default));
        var before = Value(await _host.Crm.GetCreditsAsync(_host.Call, default)).Usages[0];
        var organization = Value(await _host.Crm.GetOrganizationAsync(_host.Call, default));
        var after = Value(await _host.Crm.GetCreditsAsync(_host.Call, default)).Usages[0];

        Assert.Equal((50, 4_000), (before.Used, before.Usable));
        Assert.Equal((51, 48_000), (after.Used, after.Usable));
        Assert.Equal((CrmEdition.Enterprise, 10, "600"), (organization.Edition, organization.PaidUsers, organization.Zgid));
    }

    [Fact]
    public async Task What_zoho_says_is_left_goes_before_what_was_counted()
    {
        // a fifth of the smallest plan's 5,000 is left to others
        _host.Provider.Answers(Organization.Replace("enterprise", "free", StringComparison.Ordinal), ("X-API-CREDITS-REMAINING", "1002"));

        Value(await _host.Crm.GetOrganizationAsync(_host.Call, default));
        _host.Provider.Answers("""{"modules":[]}""");
        Value(await _host.Crm.GetModulesAsync(_host.Call, default));
        var refusal = Refusal(await _host.Crm.StartBulkReadAsync(_host.Call, new CrmBulkQuery("Leads", ["id"]), default));

        Assert.Equal("quota_reached", refusal.Code);
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
        Assert.Equal(2, _host.Provider.Requests.Count);
    }

    [Fact]
    public async Task Another_throttle_is_not_waited_for_here()
    {
        _host.Provider.Answers("""{"code":"RATE_LIMIT_EXCEEDED","message":""}""", HttpStatusCode.TooManyRequests, retryAfter: TimeSpan.FromSeconds(42));

        var refusal = Refusal(await _host.Crm.GetModulesAsync(_host.Call, default));

        Assert.Equal((FailureKind.RateLimited, "zoho_throttled", TimeSpan.FromSeconds(42)), (refusal.Kind, refusal.Code, refusal.RetryAfter));
        Assert.Single(_host.Provider.Requests);
    }

    [Fact]
    public async Task No_more_calls_than_the_plan_allows_are_under_way_for_one_organisation()
    {
        _host.Provider.Answers(Organization.Replace("enterprise", "free", StringComparison.Ordinal));
        var governor = _host.Get<ConcurrencyGovernor>();
        var call = _host.Call with { AccountId = $"{Guid.NewGuid()}" };
        var scope = $"zoho-crm:eu:{call.AccountId}";
        var places = new List<ConcurrencyPlace>();
        for (var i = 0; i < 5; i++)
        {
            places.Add(Value(await governor.EnterAsync(scope, [new ConcurrencyLimit("calls", 5)], default)));
        }

        Assert.Equal("concurrency_reached", Refusal(await _host.Crm.GetOrganizationAsync(call, default)).Code);
        Assert.Empty(_host.Provider.Requests);

        await governor.LeaveAsync(places[0]);
        Value(await _host.Crm.GetOrganizationAsync(call, default));
        // and that one gave its place back
        Value(await _host.Crm.GetOrganizationAsync(call, default));
    }
}
