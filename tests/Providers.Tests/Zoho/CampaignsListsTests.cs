using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho;

/// <summary>Contacts of lists: added, counted, read, taken off.</summary>
public sealed class CampaignsListsTests : IAsyncLifetime
{
    private const string List = "3zfakelist";

    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(
        """{"code":"0","status":"success","existing_contacts":["OLD@example.com"],"ignored_contacts":["info@example.com","broken"]}""")]
    [InlineData(
        """{"Code":0,"existing_contacts":[{"contact_email":"old@example.com"}],"ignored_contacts":"[info@example.com, broken]"}""")]
    public async Task A_bulk_call_tells_who_was_there_and_who_was_not_taken(string body)
    {
        _host.Provider.Answers(body);

        var outcome = Value(await BulkAsync("new+1@example.com", "old@example.com", "info@example.com", "broken"));

        Assert.True(outcome.Existing.SetEquals(["old@EXAMPLE.com"]));
        Assert.True(outcome.Ignored.SetEquals(["INFO@example.com", "broken"]));
        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal("https://campaigns.zoho.eu/api/v1.1/addlistsubscribersinbulk", sent.Address);
        Assert.Equal(
            ("JSON", List, "new+1@example.com,old@example.com,info@example.com,broken"),
            (sent.Form["resfmt"], sent.Form["listkey"], sent.Form["emailids"]));
    }

    [Theory]
    [InlineData("""{"code":"0","status":"success"}""")]
    [InlineData("""{"code":"0","status":"success","existing_contacts":null,"ignored_contacts":[]}""")]
    [InlineData("""{"code":"0","status":"success","existing_contacts":"","ignored_contacts":[null]}""")]
    [InlineData("""{"code":"0","status":"success","existing_contacts":0,"ignored_contacts":"null"}""")]
    public async Task Where_nobody_is_named_everybody_was_added(string body)
    {
        _host.Provider.Answers(body);

        var outcome = Value(await BulkAsync("a@example.com"));

        Assert.Empty(outcome.Existing);
        Assert.Empty(outcome.Ignored);
        Assert.Empty(outcome.Unclear);
    }

    [Theory]
    [InlineData("[7]", "a@example.com b@example.com")]
    [InlineData("2", "a@example.com b@example.com")]
    [InlineData("""{"a@example.com":"group"}""", "a@example.com b@example.com")]
    [InlineData("""[{"email":"a@example.com"}]""", "a@example.com b@example.com")]
    [InlineData("""["a@example.com (group address)"]""", "a@example.com b@example.com")]
    [InlineData("""["A@example.com",{}]""", "b@example.com")]
    [InlineData("""[" A@example.com "]""", "")]
    public async Task Where_one_who_was_not_taken_cannot_be_told_nobody_is_said_to_be_added(string ignored, string unclear)
    {
        _host.Provider.Answers($$"""
            {"code":"0","status":"success","existing_contacts":["old@example.com"],"ignored_contacts":{{ignored}}}
            """);

        var outcome = Value(await BulkAsync("a@example.com", "b@example.com", "old@example.com"));

        Assert.Equal(unclear, string.Join(' ', outcome.Unclear));
        Assert.Equal("old@example.com", Assert.Single(outcome.Existing));
    }

    [Theory]
    [InlineData("[7]", "b@example.com")]
    [InlineData("2", "b@example.com")]
    [InlineData("true", "b@example.com")]
    [InlineData("""{"b@example.com":"active"}""", "b@example.com")]
    [InlineData("""["a@example.com","b@example.com (active)"]""", "b@example.com")]
    [InlineData("""["a@example.com","b@example.com"]""", "")]
    public async Task Where_one_who_was_there_cannot_be_told_nobody_is_said_to_be_added(string existing, string unclear)
    {
        _host.Provider.Answers($$"""{"code":"0","status":"success","existing_contacts":{{existing}},"ignored_contacts":["a@example.com"]}""");

        Assert.Equal(unclear, string.Join(' ', Value(await BulkAsync("a@example.com", "b@example.com")).Unclear));
    }

    [Fact]
    public async Task A_bulk_call_for_contacts_that_are_all_there_names_them_all()
    {
        _host.Provider.Answers("""{"message":"Contact exists in this list.","status":"error","code":"2003"}""");

        var outcome = Value(await BulkAsync("a@example.com", "b@example.com"));

        Assert.True(outcome.Existing.SetEquals(["a@example.com", "B@example.com"]));
    }

    [Fact]
    public async Task A_bulk_call_that_is_locked_is_locked_for_ten_minutes()
    {
        _host.Provider.Answers("""{"message":"","status":"error","code":"2008"}""");

        Assert.Equal(TimeSpan.FromMinutes(10), Refusal(await BulkAsync("a@example.com")).RetryAfter);
    }

    [Fact]
    public async Task A_bulk_call_takes_one_to_ten_addresses_without_commas()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => BulkAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => BulkAsync([.. Enumerable.Range(0, 11).Select(i => $"a{i}@example.com")]));
        await Assert.ThrowsAsync<ArgumentException>(() => BulkAsync("\"a,b\"@example.com"));
        Assert.Empty(_host.Provider.Requests);
    }

    [Fact]
    public async Task Who_has_left_is_brought_back_only_when_asked_for()
    {
        _host.Provider.Answers("""{"message":"ok","status":"success","code":"0"}""");
        var contact = new Dictionary<string, string>(StringComparer.Ordinal) { ["Contact Email"] = "a@example.com" };

        Value(await _host.Campaigns.SubscribeAsync(_host.Call, List, contact, default));
        Value(await _host.Campaigns.SubscribeAsync(_host.Call, List, contact, resubscribe: true, default));

        Assert.False(_host.Provider.Requests[0].Form.ContainsKey("donotmail_resub"));
        Assert.Equal("true", _host.Provider.Requests[1].Form["donotmail_resub"]);
    }

    [Fact]
    public async Task Contacts_are_read_page_by_page_until_an_empty_one()
    {
        _host.Provider
            .Answers("""
                {"status":"success","code":"0","list_of_details":[
                  {"contact_email":"a@example.com","firstname":"Ann","lastname":"null","companyname":"","phone":7,
                   "added_time":"1376920587000","zuid":"1"},
                  {"contact_email":"","firstname":"nameless"}]}
                """)
            .Answers("""{"message":"Yet,There are no contacts in this list.","status":"error","code":"2502"}""");

        var first = Value(await _host.Campaigns.GetSubscribersAsync(_host.Call, List, ListStatus.Unsubscribed, 1, 500, default));
        var second = Value(await _host.Campaigns.GetSubscribersAsync(
            _host.Call, List, ListStatus.Unsubscribed, first.NextIndex!.Value, first.Range, default));

        Assert.Equal(
            new ListSubscriber("a@example.com", "Ann", null, null, "7", DateTimeOffset.FromUnixTimeMilliseconds(1376920587000)),
            Assert.Single(first.Subscribers));
        Assert.Equal((false, 3, 500), (first.End, first.NextIndex, first.Range));   // a short page is not the end
        Assert.Empty(second.Subscribers);
        Assert.True(second.End);
        var sent = _host.Provider.Requests[1].Form;
        Assert.Equal(("unsub", "3", "500"), (sent["status"], sent["fromindex"], sent["range"]));
    }

    [Theory]
    [InlineData(ListStatus.Active, "active")]
    [InlineData(ListStatus.Recent, "recent")]
    [InlineData(ListStatus.MostRecent, "mostrecent")]
    [InlineData(ListStatus.Unsubscribed, "unsub")]
    [InlineData(ListStatus.Bounced, "bounce")]
    [InlineData(ListStatus.Spam, "spam")]
    public async Task A_status_has_zohos_name(ListStatus status, string name)
    {
        _host.Provider.Answers("""{"status":"error","code":"2203"}""");

        Assert.True(Value(await _host.Campaigns.GetSubscribersAsync(_host.Call, List, status, 1, 20, default)).End);

        Assert.Equal(name, _host.Provider.Requests[0].Form["status"]);
    }

    [Fact]
    public async Task A_range_that_is_too_large_is_made_smaller()
    {
        const string TooLarge = """{"message":"Limit given is more than the maximum.","status":"error","code":"6502"}""";
        _host.Provider.Answers(TooLarge).Answers(TooLarge)
            .Answers("""{"status":"success","list_of_details":[{"contact_email":"a@example.com"}]}""");

        var page = Value(await _host.Campaigns.GetSubscribersAsync(_host.Call, List, ListStatus.Active, 1, 500, default));

        Assert.Equal(20, page.Range);
        Assert.Equal("500 200 20", string.Join(' ', _host.Provider.Requests.Select(request => request.Form["range"])));

        _host.Provider.Answers(TooLarge);
        var refused = Refusal(await _host.Campaigns.GetSubscribersAsync(_host.Call, List, ListStatus.Active, 1, 20, default));
        Assert.Equal("too_many_entries", refused.Code);
    }

    [Theory]
    [InlineData("""{"status":"success","no_of_contacts":12,"URI":"/api","Code":"0"}""", 12)]
    [InlineData("""{"status":"success","no_of_contacts":"12"}""", 12)]
    [InlineData("""{"response":{"code":"0","no_of_contacts":0}}""", 0)]
    [InlineData("""{"message":"Yet,There are no contacts in this list.","status":"error","code":"2502"}""", 0)]
    public async Task Contacts_are_counted(string body, long count)
    {
        _host.Provider.Answers(body);

        Assert.Equal(count, Value(await _host.Campaigns.CountSubscribersAsync(_host.Call, List, ListStatus.Bounced, default)));

        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal(
            (HttpMethod.Get, $"https://campaigns.zoho.eu/api/v1.1/listsubscriberscount?resfmt=JSON&listkey={List}&status=bounce"),
            (sent.Method, sent.Address));
    }

    [Fact]
    public async Task A_count_that_is_not_told_is_not_taken_for_none()
    {
        _host.Provider.Answers("""{"status":"success","code":"0","no_of_contacts":"null"}""");

        Assert.Equal(
            "zoho_bad_answer", Refusal(await _host.Campaigns.CountSubscribersAsync(_host.Call, List, ListStatus.Active, default)).Code);
    }

    [Fact]
    public async Task A_list_is_made_with_its_contacts()
    {
        _host.Provider.Answers("""{"code":"0","status":"success","listkey":"3zfakenew","listname":"Autumn & co"}""");

        var list = Value(await CreateAsync());

        Assert.Equal(("3zfakenew", "Autumn & co"), (list.Key, list.Name));
        var sent = Assert.Single(_host.Provider.Requests).Form;
        Assert.Equal(
            ("Autumn & co", "For the autumn", "public", "newlist", "a@example.com,b@example.com"),
            (sent["listname"], sent["listdescription"], sent["signupform"], sent["mode"], sent["emailids"]));
    }

    [Fact]
    public async Task A_list_is_not_made_twice_when_the_answer_was_lost()
    {
        _host.Provider.BreaksTheConnection();

        Assert.Equal("zoho_outcome_unknown", Refusal(await CreateAsync()).Code);

        Assert.Single(_host.Provider.Requests);
    }

    [Fact]
    public async Task A_bulk_call_whose_answer_was_lost_is_made_again()
    {
        _host.Provider.BreaksTheConnection().Answers("""{"code":"0","status":"success"}""");

        Value(await BulkAsync("a@example.com"));

        Assert.Equal(2, _host.Provider.Requests.Count);
    }

    [Theory]
    [InlineData("""{"message":"User successfully unsubscribed.","status":"success","code":"0"}""", false)]
    [InlineData("""{"response":{"code":200}}""", false)]
    [InlineData("""{"message":"","status":"error","code":"2003"}""", true)]
    public async Task A_contact_is_taken_off_a_list(string body, bool before)
    {
        _host.Provider.Answers(body);

        Assert.Equal(before, Value(await _host.Campaigns.UnsubscribeAsync(_host.Call, List, "a+b@example.com", default)).Before);

        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal("https://campaigns.zoho.eu/api/v1.1/json/listunsubscribe", sent.Address);
        Assert.Equal((List, """{"Contact Email":"a+b@example.com"}"""), (sent.Form["listkey"], sent.Form["contactinfo"]));
    }

    [Theory]
    [InlineData("""{"message":"User already in Do-Not-Mail.","status":"success","code":"0"}""")]
    [InlineData("""{"message":"","status":"error","code":"2006"}""")]
    public async Task A_contact_is_not_mailed_any_more(string body)
    {
        _host.Provider.Answers(body);

        Value(await _host.Campaigns.MarkDoNotMailAsync(_host.Call, "a@example.com", default));

        Assert.Equal("https://campaigns.zoho.eu/api/v1.1/json/contactdonotmail", _host.Provider.Requests[0].Address);
    }

    [Fact]
    public async Task A_contact_that_zoho_does_not_know_cannot_be_kept_away()
    {
        _host.Provider.Answers("""{"message":"Contact does not exist.","status":"error","code":"2103"}""");

        Assert.Equal("contact_not_found", Refusal(await _host.Campaigns.UnsubscribeAsync(_host.Call, List, "a@example.com", default)).Code);
        Assert.Equal("contact_not_found", Refusal(await _host.Campaigns.MarkDoNotMailAsync(_host.Call, "a@example.com", default)).Code);
    }

    [Fact]
    public async Task Every_methods_quota_can_be_seen_before_and_after_a_call()
    {
        _host.Provider.Answers("""{"code":"0","status":"success"}""");
        Value(await BulkAsync("a@example.com"));
        var quotas = Value(await _host.Campaigns.GetQuotaAsync(_host.Call, default));

        Assert.Equal(CampaignsMethods.All.Select(method => method.Quota.Name), quotas.Select(quota => quota.Method));
        var bulk = quotas.Single(quota => quota.Method == "addlistsubscribersinbulk").State;
        Assert.Equal(new QuotaUsage(1, 1600, new QuotaLimit(2000, TimeSpan.FromMinutes(1))), Assert.Single(bulk.Usages));
        Assert.Null(bulk.LockedFor);
        Assert.All(
            quotas.Where(quota => quota.Method != "addlistsubscribersinbulk"),
            quota => Assert.All(quota.State.Usages, usage => Assert.Equal(0, usage.Used)));
    }

    [Fact]
    public async Task Two_tenants_that_are_known_to_have_one_account_share_its_quota_and_others_do_not()
    {
        _host.Provider.Answers("""{"code":"0","status":"success"}""");
        var account = Guid.NewGuid().ToString();
        var one = _host.Call with { AccountId = account };
        var other = one with { Tenant = new TenantId(Guid.NewGuid()) };

        Value(await _host.Campaigns.AddInBulkAsync(one, List, ["a@example.com"], default));
        Value(await _host.Campaigns.AddInBulkAsync(other, List, ["a@example.com"], default));

        Assert.Equal((2, 2), (await UsedAsync(one), await UsedAsync(other)));
        Assert.Equal((0, 0), (await UsedAsync(_host.Call), await UsedAsync(other with { DataCentre = "us" })));

        async Task<int> UsedAsync(ProviderCall call) => Value(await _host.Campaigns.GetQuotaAsync(call, default))
            .Single(quota => quota.Method == "addlistsubscribersinbulk").State.Usages[0].Used;
    }

    private Task<Result<BulkOutcome>> BulkAsync(params string[] emails) =>
        _host.Campaigns.AddInBulkAsync(_host.Call, List, emails, default);

    private Task<Result<MailingList>> CreateAsync() => _host.Campaigns.CreateListAsync(
        _host.Call, "Autumn & co", "For the autumn", ["a@example.com", "b@example.com"], publicSignup: true, default);
}
