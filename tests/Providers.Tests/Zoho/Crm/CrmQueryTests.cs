using System.Net;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

public sealed class CrmQueryTests : IAsyncLifetime
{
    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_query_is_written_as_zoho_reads_it()
    {
        _host.Provider.Answers("""{"data":[{"id":"7001000000000111","Last_Name":"O'Neil"}],"info":{"count":1,"more_records":true}}""");
        var query = new CrmQuery("Leads", ["Last_Name", "Account_Name.Account_Name"])
        {
            Where = CrmCondition.Equal("Last_Name", CrmValue.Of("O'Neil"))
                .And(CrmCondition.AtOrAfter("Modified_Time", CrmValue.Of(CrmOperations.StartTime)))
                .And(CrmCondition.IsNull("Phone").Or(CrmCondition.StartsWith("Phone", "+44"))),
            OrderBy = [("Modified_Time", false), ("id", true)],
            Limit = 2000,
            Offset = 400,
        };

        var page = Value(await _host.Crm.QueryAsync(_host.Call, query, default));

        Assert.True(page.HasMore);
        Assert.Equal("O'Neil", Assert.Single(page.Records).Text("Last_Name"));
        Assert.Equal(
            "select Last_Name, Account_Name.Account_Name from Leads where ((Last_Name = 'O''Neil' and Modified_Time >= '2026-03-04T08:15:00+03:00') "
            + "and (Phone is null or Phone like '+44%')) order by Modified_Time asc, id desc limit 400, 2000",
            Assert.Single(_host.Provider.Requests).Json.GetProperty("select_query").GetString());
    }

    [Fact]
    public void A_query_for_all_says_so_because_zoho_wants_a_condition() =>
        Assert.Equal("select id from Leads where id is not null limit 0, 200", Value(new CrmQuery("Leads", ["id"]).Write()));

    [Fact]
    public void Fifty_values_are_asked_for_at_once()
    {
        var values = Enumerable.Range(0, 101).Select(i => CrmValue.Of($"{i}")).ToArray();

        var text = Value(new CrmQuery("Leads", ["id"]) { Where = CrmCondition.In("Email", values) }.Write());

        Assert.Equal([50, 50, 1], text.Split(" or ").Select(part => part.Split(',').Length - (part.Contains("limit", StringComparison.Ordinal) ? 1 : 0)));
        Assert.Contains("where ((Email in ('0', ", text, StringComparison.Ordinal);
        Assert.Equal("query_too_long", Refusal(new CrmQuery("Leads", ["id"])
        {
            Where = CrmCondition.In("Email", [.. Enumerable.Range(0, 1251).Select(i => CrmValue.Of(i))]),
        }.Write()).Code);
    }

    [Theory]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    public async Task A_value_that_cannot_be_written_is_refused_by_its_field_and_not_repeated(string value)
    {
        var refusal = Refusal(await _host.Crm.QueryAsync(
            _host.Call,
            new CrmQuery("Leads", ["id"]) { Where = CrmCondition.IsNotNull("id").And(CrmCondition.In("Email", [CrmValue.Of(value)])) },
            default));

        Assert.Equal(("invalid_field", "Email"), (refusal.Code, refusal.Field));
        Assert.DoesNotContain(value, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_host.Provider.Requests);
    }

    [Fact]
    public void Names_are_no_place_for_anything_else()
    {
        Assert.Throws<ArgumentException>(() => CrmCondition.Equal("id = '' or id", CrmValue.Of("x")));
        Assert.Throws<ArgumentException>(() => new CrmQuery("Leads where", ["id"]).Write());
        Assert.Throws<ArgumentException>(() => new CrmQuery("Leads", ["id, Email"]).Write());
        Assert.Throws<ArgumentException>(() => CrmCriteria.Where("a:b", "equals", "x"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CrmQuery("Leads", ["id"]) { Limit = 2001 }.Write());
    }

    [Fact]
    public async Task Nothing_found_is_an_empty_page_of_a_query_and_a_search()
    {
        _host.Provider.Answers("\"\"", HttpStatusCode.NoContent);

        Assert.Empty(Value(await _host.Crm.QueryAsync(_host.Call, new CrmQuery("Leads", ["id"]), default)).Records);
        Assert.Empty(Value(await SearchAsync(CrmSearch.ByEmail("ada+1@example.com"))).Records);
        Assert.Equal("ada+1@example.com", _host.Provider.Requests[1].Query["email"]);
        Assert.Contains("ada%2B1", _host.Provider.Requests[1].Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+44 (20) 7946-0958 ext. 12", "+442079460958")]
    [InlineData("7946 0958;x3", "79460958")]
    public async Task A_number_is_searched_by_its_digits(string phone, string digits)
    {
        _host.Provider.Answers("", HttpStatusCode.NoContent);

        Value(await SearchAsync(Value(CrmSearch.ByPhone(phone))));

        Assert.Equal(digits, Assert.Single(_host.Provider.Requests).Query["phone"]);
    }

    [Fact]
    public void What_zoho_would_not_search_for_is_refused_by_its_name()
    {
        Assert.Equal("phone", Refusal(CrmSearch.ByPhone("12")).Field);
        Assert.Equal("word", Refusal(CrmSearch.ByWord(" a ")).Field);
        Assert.Equal("word", Refusal(CrmSearch.ByWord(new string('a', 101))).Field);
    }

    [Fact]
    public async Task Criteria_are_escaped()
    {
        _host.Provider.Answers("", HttpStatusCode.NoContent);
        var criteria = CrmCriteria.Where("Company", "equals", "A (B), \\C")
            .And(CrmCriteria.Where("Email", "starts_with", "a").Or(CrmCriteria.WhereIn("City", ["X", "Y,Z"])));

        Value(await SearchAsync(CrmSearch.By(criteria)));

        Assert.Equal(
            @"((Company:equals:A \(B\)\, \\C)and((Email:starts_with:a)or(City:in:X,Y\,Z)))",
            Assert.Single(_host.Provider.Requests).Query["criteria"]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Enumerable.Range(0, 11)
            .Select(i => CrmCriteria.Where("City", "equals", $"{i}")).Aggregate((one, other) => one.And(other)));
    }

    [Fact]
    public async Task A_query_that_zoho_refuses_names_the_column()
    {
        _host.Provider.Answers(
            """{"code":"INVALID_QUERY","details":{"column_name":"Phone","reason":"column given seems to be invalid"},"message":"invalid query formed","status":"error"}""",
            HttpStatusCode.BadRequest);

        var refusal = Refusal(await _host.Crm.QueryAsync(_host.Call, new CrmQuery("Leads", ["Phone"]), default));

        Assert.Equal(("query_refused", "Phone", CrmCodeClass.BadRequest), (refusal.Code, refusal.Field, refusal.CrmClass));
    }

    private Task<Result<CrmFoundPage>> SearchAsync(CrmSearch search) => _host.Crm.SearchAsync(_host.Call, "Leads", search, [], null, 1, default);
}
