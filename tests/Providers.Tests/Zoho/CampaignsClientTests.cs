using System.Net;
using System.Text.Json;
using Grpc.Core;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho;

public sealed class CampaignsClientTests : IAsyncLifetime
{
    private const string Subscribed = """
        {"message":"A confirmation email is sent to the user. User needs to confirm to successfully subscribe.","status":"success",
         "code":"0","uri":"/api/v1.1/json/listsubscribe","version":"1.1"}
        """;

    private static readonly Dictionary<string, string> Contact = new(StringComparer.Ordinal)
    {
        ["Contact Email"] = "ada+news@example.com",
        ["First Name"] = "Añda \"A\" & Co",
    };

    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_contact_is_sent_by_display_names_in_a_form()
    {
        _host.Provider.Answers(Subscribed);

        Assert.Equal(SubscribeOutcome.ConfirmationSent, Value(await SubscribeAsync()));

        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal(
            (HttpMethod.Post, "https://campaigns.zoho.eu/api/v1.1/json/listsubscribe"), (sent.Method, sent.Address));
        Assert.Equal(
            ("application/x-www-form-urlencoded", "Zoho-oauthtoken 1000.fake.1"), (sent.ContentType, sent.Authorization));
        Assert.Equal(("JSON", "3zfakelist"), (sent.Form["resfmt"], sent.Form["listkey"]));
        Assert.Equal(Contact, JsonSerializer.Deserialize<Dictionary<string, string>>(sent.Form["contactinfo"]));
        Assert.Contains("ada%2Bnews", sent.Body, StringComparison.Ordinal);     // encoded once: a bare + would be a space
    }

    [Theory]
    [InlineData("""{"message":"User successfully subscribed.","status":"success","code":"0"}""", SubscribeOutcome.Subscribed)]
    [InlineData("""{"message":"ok","status":"success","code":0}""", SubscribeOutcome.Accepted)]
    [InlineData("""{"response":{"message":"ok","code":"200"}}""", SubscribeOutcome.Accepted)]
    [InlineData("""{"message":"ok","status":"success"}""", SubscribeOutcome.Accepted)]
    [InlineData("""{"message":"Der Kontakt wurde aufgenommen.","status":"success","code":"0"}""", SubscribeOutcome.Accepted)]
    [InlineData("""{"message":"This email already exists in this list","status":"success","code":"0"}""", SubscribeOutcome.AlreadySubscribed)]
    [InlineData("""{"message":"Contact exists in this list.","status":"error","code":"2003"}""", SubscribeOutcome.AlreadySubscribed)]
    [InlineData("""{"message":"Contact exists in this list.","status":"success","code":2003}""", SubscribeOutcome.AlreadySubscribed)]
    public async Task What_zoho_did_is_told(string body, SubscribeOutcome outcome)
    {
        _host.Provider.Answers(body);

        Assert.Equal(outcome, Value(await SubscribeAsync()));
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, """{"message":"Invalid contact email","status":"error","code":"2004"}""", "invalid_email", CampaignsCodeClass.BadContact)]
    [InlineData(HttpStatusCode.OK, """{"message":"","status":"success","code":"2004"}""", "invalid_email", CampaignsCodeClass.BadContact)]
    [InlineData(HttpStatusCode.OK, """{"message":"","status":"error","code":2002}""", "list_not_found", CampaignsCodeClass.Configuration)]
    [InlineData(HttpStatusCode.BadRequest, """{"message":"","status":"error","code":2006}""", "do_not_mail", CampaignsCodeClass.Suppressed)]
    [InlineData(HttpStatusCode.OK, """{"message":"","status":"error","code":914}""", "zoho_plan_limit", CampaignsCodeClass.PlanLimit)]
    [InlineData(HttpStatusCode.OK, """{"message":"","status":"error","code":2101}""", "zoho_busy", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.OK, """{"message":"","status":"error","code":4711}""", "zoho_code_unknown", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.OK, """{"message":"","status":"error","code":"new"}""", "zoho_code_unknown", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.OK, """{"message":"","status":"error","code":"0"}""", "zoho_bad_answer", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.OK, """{"message":"","status":"error"}""", "zoho_bad_answer", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.OK, """{"message":"","status":"error","code":992}""", "zoho_bad_answer", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.Forbidden, "{}", "zoho_bad_answer", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.Found, "", "zoho_bad_answer", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.OK, "", "zoho_bad_answer", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.OK, """{"status":"suc""", "zoho_bad_answer", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.OK, """<?xml version="1.0"?><response><code>0</code></response>""", "zoho_bad_answer", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.OK, "<html><body>Under maintenance</body></html>", "zoho_unavailable", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.InternalServerError, """{"status":"error","code":"2004"}""", "zoho_unavailable", CampaignsCodeClass.Retry)]
    [InlineData(HttpStatusCode.BadGateway, "<html></html>", "zoho_unavailable", CampaignsCodeClass.Retry)]
    public async Task What_zoho_refuses_has_a_code_and_a_class_whatever_its_status(
        HttpStatusCode status, string body, string code, CampaignsCodeClass expected)
    {
        _host.Provider.Answers(body, status);

        var failure = Refusal(await SubscribeAsync());

        Assert.Equal((code, expected), (failure.Code, failure.CampaignsClass));
    }

    [Fact]
    public async Task What_zoho_writes_is_not_repeated_to_people()
    {
        _host.Provider.Answers("""{"message":"<b>call</b> ada+news@example.com","status":"error","code":"2004"}""");

        var failure = Refusal(await SubscribeAsync());

        Assert.DoesNotContain("ada", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, """{"message":"Calls limit exceeded","status":"error","code":"2008"}""")]
    [InlineData(HttpStatusCode.TooManyRequests, "")]
    [InlineData(HttpStatusCode.BadRequest, "API call limit exceeded, try again later")]
    [InlineData(HttpStatusCode.OK, """{"message":"You have exceeded the calls limit.","status":"error","code":"4711"}""")]
    [InlineData(HttpStatusCode.BadRequest, """{"message":"API Limit reached for this method.","status":"error","code":400}""")]
    [InlineData(HttpStatusCode.OK, """{"message":"Maximum number of API calls exceeded","status":"error","code":"500"}""")]
    [InlineData(HttpStatusCode.OK, """{"message":"Too many requests, retry after 30 minutes","status":"error","code":"1001"}""")]
    public async Task A_locked_method_is_left_alone_until_its_lock_is_over(HttpStatusCode status, string body)
    {
        _host.Provider.Answers(body, status);

        var locked = Refusal(await SubscribeAsync());
        var next = Refusal(await SubscribeAsync());

        Assert.Equal(
            ("quota_locked", TimeSpan.FromMinutes(30), CampaignsCodeClass.Locked), (locked.Code, locked.RetryAfter, locked.CampaignsClass));
        Assert.Equal("quota_locked", next.Code);
        Assert.InRange(next.RetryAfter!.Value, TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(30));
        Assert.Single(_host.Provider.Requests);

        _host.Provider.Answers("""{"status":"error","code":"2401"}""");
        Assert.Empty(Value(await _host.Campaigns.GetMailingListsAsync(_host.Call, default)));    // every method has its own lock
    }

    [Theory]
    [InlineData("""{"message":"Contact limit exceeded for your plan","status":"error","code":"2302"}""", "zoho_plan_limit")]
    [InlineData("""{"message":"Invalid email, call limit","status":"error","code":"2004"}""", "invalid_email")]
    [InlineData("""{"message":"Length limit exceeded","status":"error","code":"1001"}""", "contact_data_refused")]
    public async Task A_known_code_is_believed_more_than_its_text(string body, string code)
    {
        _host.Provider.Answers(body);

        Assert.Equal(code, Refusal(await SubscribeAsync()).Code);
    }

    [Fact]
    public async Task A_used_up_quota_stops_calls_before_they_are_sent()
    {
        using var host = await ProviderHost.CreateAsync(("Providers:Quota:Ceiling", "0.01"));   // 5 of 500 a minute
        host.Provider.Answers(Subscribed);

        for (var call = 0; call < 5; call++)
        {
            Value(await host.Campaigns.SubscribeAsync(host.Call, "3zfakelist", Contact, default));
        }

        var refused = Refusal(await host.Campaigns.SubscribeAsync(host.Call, "3zfakelist", Contact, default));

        Assert.Equal(("quota_reached", CampaignsCodeClass.Retry), (refused.Code, refused.CampaignsClass));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(62));
        Assert.Equal(5, host.Provider.Requests.Count);
    }

    [Fact]
    public async Task A_lost_connection_is_tried_once_more_and_counts_twice()
    {
        _host.Provider.BreaksTheConnection().Answers(Subscribed);

        Assert.Equal(SubscribeOutcome.ConfirmationSent, Value(await SubscribeAsync()));

        Assert.Equal(2, _host.Provider.Requests.Count);
        Assert.Equal(_host.Provider.Requests[0].Body, _host.Provider.Requests[1].Body);
        var state = Value(await _host.Get<QuotaGovernor>().GetStateAsync(
            $"zoho-campaigns:eu:{_host.Call.Tenant}", CampaignsMethods.Subscribe.Quota, default));
        Assert.All(state.Usages, usage => Assert.Equal(2, usage.Used));
    }

    [Fact]
    public async Task A_server_that_answers_a_page_is_tried_once_more_and_then_unavailable()
    {
        _host.Provider.Answers("<html>Bad gateway</html>", HttpStatusCode.BadGateway, "text/html");

        Assert.Equal("zoho_unavailable", Refusal(await SubscribeAsync()).Code);

        Assert.Equal(2, _host.Provider.Requests.Count);
    }

    [Fact]
    public async Task A_refusal_is_not_tried_again()
    {
        _host.Provider.Answers("""{"status":"error","code":"2001"}""");

        Refusal(await SubscribeAsync());

        Assert.Single(_host.Provider.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_attempt_ends_after_ten_seconds_even_in_the_middle_of_the_answer(bool begins)
    {
        _ = begins ? _host.Provider.BeginsToAnswer() : _host.Provider.NeverAnswers();
        _host.Provider.Answers(Subscribed);

        Assert.Equal(SubscribeOutcome.ConfirmationSent, Value(await SubscribeAsync()));

        Assert.Equal(2, _host.Provider.Requests.Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:9")]
    public async Task A_data_centre_that_is_down_is_not_called_for_a_while_and_the_others_are(string? simulator)
    {
        if (simulator is not null)
        {
            // all data centres are behind its one address
            _host.Dispose();
            _host = await ProviderHost.CreateAsync(("Providers:SimulatorUrl", simulator));
        }

        _host.Provider.Answers("", HttpStatusCode.ServiceUnavailable);
        for (var call = 0; call < 10; call++)
        {
            Refusal(await SubscribeAsync());
        }

        var called = _host.Provider.Requests.Count;
        var refused = Refusal(await SubscribeAsync());
        Assert.Equal("zoho_unavailable", refused.Code);
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(15));
        Assert.Equal(called, _host.Provider.Requests.Count);

        _host.Provider.Answers(Subscribed);
        var elsewhere = _host.Call with { DataCentre = "in" };
        Value(await _host.Campaigns.SubscribeAsync(elsewhere, "3zfakelist", Contact, default));

        _host.Clock.Advance(TimeSpan.FromSeconds(16));
        Value(await SubscribeAsync());
    }

    [Fact]
    public async Task A_callers_cancellation_is_no_failure()
    {
        _host.Provider.NeverAnswers().Waits = () => { };
        using var cancelled = new CancellationTokenSource();
        var subscribe = _host.Campaigns.SubscribeAsync(_host.Call, "3zfakelist", Contact, cancelled.Token);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => subscribe);
    }

    [Fact]
    public async Task A_data_centre_without_campaigns_is_told_so_and_nothing_is_sent()
    {
        var call = _host.Call with { DataCentre = "ae" };

        var failure = Refusal(await _host.Campaigns.SubscribeAsync(call, "3zfakelist", Contact, default));

        Assert.Equal(("campaigns_not_offered", CampaignsCodeClass.Configuration), (failure.Code, failure.CampaignsClass));
        Assert.Empty(_host.Provider.Requests);
        Assert.Empty(_host.Tokens.Asked);
    }

    [Fact]
    public async Task What_the_token_service_refuses_reaches_the_caller_as_it_was_said()
    {
        _host.Tokens.Fails = new RpcException(
            new Status(StatusCode.FailedPrecondition, "Connect it again."),
            new Metadata { { "error-code", "grant_revoked" }, { "retry-after-ms", "4000" } });

        var failure = Refusal(await SubscribeAsync());

        Assert.Equal(
            new Failure(FailureKind.Precondition, "grant_revoked", "Connect it again.") { RetryAfter = TimeSpan.FromSeconds(4) }, failure);
        Assert.Equal(CampaignsCodeClass.Configuration, failure.CampaignsClass);
        Assert.Empty(_host.Provider.Requests);
    }

    [Fact]
    public async Task All_pages_of_lists_are_read()
    {
        _host.Provider
            .Answers(Page(1, 100))
            .Answers(Page(101, 100))
            .Answers("""{"message":"Yet,There are no contacts in this list.","status":"error","code":"2502"}""");

        var lists = Value(await _host.Campaigns.GetMailingListsAsync(_host.Call, default));

        Assert.Equal(200, lists.Length);
        Assert.Equal(new MailingList("3zfake1", "List 1", 12, null, null, HasSignupForm: false), lists[0]);
        Assert.Equal("1 101 201", string.Join(' ', _host.Provider.Requests.Select(request => request.Form["fromindex"])));
        Assert.All(_host.Provider.Requests, request => Assert.Equal(("JSON", "100"), (request.Form["resfmt"], request.Form["range"])));
        Assert.Equal("https://campaigns.zoho.eu/api/v1.1/getmailinglists", _host.Provider.Requests[0].Address);
    }

    [Fact]
    public async Task Lists_are_read_on_where_zoho_gives_fewer_than_were_asked_for()
    {
        _host.Provider
            .Answers(Page(1, 20))
            .Answers(Page(21, 20))
            .Answers(Page(41, 3))
            .Answers("""{"message":"No mailing list has been created.","status":"error","code":"2401"}""");

        Assert.Equal(43, Value(await _host.Campaigns.GetMailingListsAsync(_host.Call, default)).Length);

        Assert.Equal("1 21 41 44", string.Join(' ', _host.Provider.Requests.Select(request => request.Form["fromindex"])));
    }

    [Fact]
    public async Task A_server_that_shows_the_same_page_for_ever_is_asked_twice()
    {
        _host.Provider.Answers(Page(1, 100));

        Assert.Equal(100, Value(await _host.Campaigns.GetMailingListsAsync(_host.Call, default)).Length);

        Assert.Equal(2, _host.Provider.Requests.Count);
    }

    [Fact]
    public async Task An_account_without_lists_has_none()
    {
        _host.Provider.Answers("""{"message":"No mailing list has been created.","status":"error","code":"2401"}""");

        Assert.Empty(Value(await _host.Campaigns.GetMailingListsAsync(_host.Call, default)));
    }

    [Fact]
    public async Task A_success_without_lists_is_not_taken_for_none()
    {
        _host.Provider.Answers("""{"status":"success","code":"0"}""");

        Assert.Equal("zoho_bad_answer", Refusal(await _host.Campaigns.GetMailingListsAsync(_host.Call, default)).Code);
    }

    [Theory]
    [InlineData("""
        {"response":{"fieldnames":{"fieldname":[
          {"DISPLAY_NAME":"Contact Email","FIELD_NAME":"contact_email","IS_MANDATORY":true,"FIELD_ID":1127772000000000021},
          {"DISPLAY_NAME":"Category","FIELD_NAME":"category","IS_MANDATORY":false,"FIELD_ID":1127772000000000099}]}}}
        """)]
    [InlineData("""
        {"response":{"message":"success","code":"0","fieldname":[
          {"DISPLAY_NAME":"Contact Email","FIELD_NAME":"contact_email","IS_MANDATORY":"true","FIELD_ID":"21"},
          {"DISPLAY_NAME":"Category","FIELD_NAME":"category","UITYPE":1},
          {"FIELD_NAME":"nameless"}]}}
        """)]
    public async Task Fields_are_read_in_both_shapes(string body)
    {
        _host.Provider.Answers(body);

        Assert.Equal(
            [new ContactField("Contact Email", "contact_email", true), new ContactField("Category", "category", false)],
            Value(await _host.Campaigns.GetContactFieldsAsync(_host.Call, default)));
        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal((HttpMethod.Get, "https://campaigns.zoho.eu/api/v1.1/contact/allfields?type=json"), (sent.Method, sent.Address));
    }

    private static string Page(int from, int count) => JsonSerializer.Serialize(new
    {
        status = "success",
        code = "0",
        list_of_details = Enumerable.Range(from, count)
            .Select(n => new { listkey = $"3zfake{n}", listname = $"List {n}", noofcontacts = "12" }),
    });

    private Task<Result<SubscribeOutcome>> SubscribeAsync() =>
        _host.Campaigns.SubscribeAsync(_host.Call, "3zfakelist", Contact, default);
}
