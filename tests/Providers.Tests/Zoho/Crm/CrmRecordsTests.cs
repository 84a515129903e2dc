using System.Net;
using ZohoPlatform.Providers.Zoho.Crm;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

public sealed class CrmRecordsTests : IAsyncLifetime
{
    private const string One = "7001000000000111";
    private const string Two = "7001000000000112";

    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_record_is_read_with_its_values_as_zoho_writes_them()
    {
        _host.Provider.Answers($$"""
            {"data":[{"id":"{{One}}","Last_Name":"Doe","Annual_Revenue":12.50,"Email_Opt_Out":true,"Birthday":"1990-02-03",
              "Modified_Time":"2026-03-29T01:59:59+05:30","Owner":{"name":"Ada","id":"7001000000000001","email":"ada@example.com"},
              "Account_Name":"7001000000000201","Interests":["A","B"],"Notes__c":null,"$in_merge":false,"New_Thing":{"x":[1]} }]}
            """);

        var record = Value(await _host.Crm.GetRecordAsync(_host.Call, "Leads", One, [], default));

        Assert.Equal((One, "Doe", 12.50m, true), (record.Id, record.Text("Last_Name"), record.Number("Annual_Revenue"), record.Flag("Email_Opt_Out")));
        Assert.Equal(new DateOnly(1990, 2, 3), record.Date("Birthday"));
        Assert.Equal((new DateTime(2026, 3, 29, 1, 59, 59), TimeSpan.FromMinutes(330)), (record.ModifiedTime!.Value.DateTime, record.ModifiedTime.Value.Offset));
        Assert.Equal("2026-03-29T01:59:59+05:30", CrmTimes.Write(record.ModifiedTime.Value));
        Assert.Equal(new CrmLookup("7001000000000001", "Ada"), record.Lookup("Owner"));
        Assert.Equal(new CrmLookup("7001000000000201", null), record.Lookup("Account_Name"));
        Assert.Equal(["A", "B"], record.Texts("Interests"));
        Assert.Equal((null, null, null), (record.Text("Notes__c"), record.Text("last_name"), record.Time("Last_Name")));
        Assert.Equal(1, record.Json.GetProperty("New_Thing").GetProperty("x")[0].GetInt32());
        Assert.DoesNotContain("Doe", record.ToString(), StringComparison.Ordinal);
        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal((HttpMethod.Get, $"https://www.zohoapis.eu/crm/v8/Leads/{One}"), (sent.Method, sent.Address));
    }

    [Theory]
    [InlineData(HttpStatusCode.NoContent, "")]
    [InlineData(HttpStatusCode.BadRequest, """{"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"the id given seems to be invalid","status":"error"}""")]
    public async Task A_record_that_is_not_there_is_gone(HttpStatusCode status, string body)
    {
        _host.Provider.Answers(body, status);

        Assert.Equal(CrmCodeClass.Gone, Refusal(await _host.Crm.GetRecordAsync(_host.Call, "Leads", One, [], default)).CrmClass);
        Assert.Equal(CrmCodeClass.Gone, CrmFailures.RecordGone.CrmClass);
    }

    [Fact]
    public async Task A_list_is_read_by_number_of_page_and_after_2000_records_by_token()
    {
        _host.Provider
            .Answers(Page(true, "token-1"))
            .Answers(Page(true, "token-10"))
            .Answers(Page(false, null));
        var listing = new CrmListing(["Last_Name"])
        {
            ModifiedSince = new DateTimeOffset(2026, 3, 4, 8, 15, 0, 900, TimeSpan.FromHours(3)),
            SortBy = "Modified_Time",
        };

        var first = Value(await _host.Crm.ListRecordsAsync(_host.Call, "Leads", listing, null, default));
        Assert.Equal(new CrmCursor(2, null), first.Next);
        var tenth = Value(await _host.Crm.ListRecordsAsync(_host.Call, "Leads", listing, new CrmCursor(10, null), default));
        Assert.Equal(new CrmCursor(11, "token-10"), tenth.Next);
        var eleventh = Value(await _host.Crm.ListRecordsAsync(_host.Call, "Leads", listing, tenth.Next, default));
        Assert.Null(eleventh.Next);

        var sent = _host.Provider.Requests;
        Assert.All(sent, request => Assert.Equal("2026-03-04T08:15:00+03:00", request.Headers["If-Modified-Since"]));
        Assert.All(sent, request => Assert.Equal("id,Modified_Time,Last_Name", request.Query["fields"]));
        Assert.Equal(("1", "Modified_Time", "asc", "200"), (sent[0].Query["page"], sent[0].Query["sort_by"], sent[0].Query["sort_order"], sent[0].Query["per_page"]));
        Assert.Equal("token-10", sent[2].Query["page_token"]);
        Assert.DoesNotContain("page", sent[2].Query.Keys);
    }

    [Theory]
    [InlineData(HttpStatusCode.NoContent)]
    [InlineData(HttpStatusCode.NotModified)]
    public async Task Nothing_new_is_an_empty_page(HttpStatusCode status)
    {
        _host.Provider.Answers("", status);

        var page = Value(await _host.Crm.ListRecordsAsync(_host.Call, "Leads", new CrmListing(["Last_Name"]), null, default));

        Assert.Empty(page.Found.Records);
        Assert.Null(page.Next);
    }

    [Theory]
    [InlineData("EXPIRED_VALUE")]
    [InlineData("TOKEN_BOUND_DATA_MISMATCH")]
    public async Task A_way_that_has_ended_begins_again(string code)
    {
        _host.Provider.Answers($$"""{"code":"{{code}}","details":{},"message":"","status":"error"}""", HttpStatusCode.BadRequest);

        var refusal = Refusal(await _host.Crm.ListRecordsAsync(_host.Call, "Leads", new CrmListing(["Last_Name"]), new CrmCursor(11, "old"), default));

        Assert.Equal(CrmCodeClass.Restart, refusal.CrmClass);
    }

    [Fact]
    public async Task More_than_fifty_fields_are_read_in_parts_and_joined_by_id()
    {
        var fields = Enumerable.Range(0, 100).Select(i => $"Field_{i}").ToArray();
        _host.Provider
            .Answers($$"""{"data":[{{Part(One, 0, 0)}},{{Part(Two, 0, 0)}}],"info":{"more_records":false} }""")
            .Answers($$"""{"data":[{{Part(Two, 0, 48)}},{{Part(One, 0, 48)}}]}""")
            .Answers($$"""{"data":[{{Part(One, 0, 96)}},{{Part(Two, 0, 96)}}]}""");

        var page = Value(await _host.Crm.ListRecordsAsync(_host.Call, "Leads", new CrmListing(fields), null, default));

        Assert.Empty(page.Found.Unread);
        Assert.Equal([One, Two], page.Found.Records.Select(record => record.Id));
        Assert.All(page.Found.Records, record => Assert.Equal(
            ("0", "48", "96"), (record.Text("Field_0"), record.Text("Field_48"), record.Text("Field_96"))));
        var sent = _host.Provider.Requests;
        Assert.All(sent, request => Assert.InRange(request.Query["fields"].Split(',').Length, 3, CrmClient.FieldsPerCall));
        Assert.Equal(fields, sent.SelectMany(request => request.Query["fields"].Split(',').Skip(2)));
        Assert.All(sent.Skip(1), request => Assert.Equal($"{One},{Two}", request.Query["ids"]));
    }

    [Fact]
    public async Task A_record_that_changes_between_its_parts_is_read_again_and_one_that_vanishes_is_named()
    {
        var fields = Enumerable.Range(0, 60).Select(i => $"Field_{i}").ToArray();
        _host.Provider
            .Answers($$"""{"data":[{{Part(One, 0, 0)}},{{Part(Two, 0, 0)}}],"info":{"more_records":false} }""")
            // one changed, the other was deleted
            .Answers($$"""{"data":[{{Part(One, 5, 48)}}]}""")
            // the second look: both parts of one state
            .Answers($$"""{"data":[{{Part(One, 5, 0)}}]}""")
            .Answers($$"""{"data":[{{Part(One, 5, 48)}}]}""")
            .Answers("", HttpStatusCode.NoContent);

        var found = Value(await _host.Crm.ListRecordsAsync(_host.Call, "Leads", new CrmListing(fields), null, default)).Found;

        var record = Assert.Single(found.Records);
        Assert.Equal((One, 5), (record.Id, record.ModifiedTime!.Value.Second));
        Assert.Equal([Two], found.Unread);
    }

    [Fact]
    public async Task A_record_that_keeps_changing_is_not_told_as_if_it_were_whole()
    {
        var fields = Enumerable.Range(0, 60).Select(i => $"Field_{i}").ToArray();
        for (var second = 0; second < 6; second++)
        {
            _host.Provider.Answers($$"""{"data":[{{Part(One, second, 0)}}]}""");
        }

        var found = Value(await _host.Crm.GetRecordsAsync(_host.Call, "Leads", [One], fields, default));

        Assert.Empty(found.Records);
        Assert.Equal([One], found.Unread);
        Assert.Equal(6, _host.Provider.Requests.Count);
    }

    [Fact]
    public async Task Deleted_records_are_listed_with_what_zoho_still_knows_of_them()
    {
        _host.Provider.Answers($$"""
            {"data":[{"id":"{{One}}","display_name":"Ivan","type":"recycle","deleted_time":"2026-02-03T10:00:00+03:00",
              "deleted_by":{"name":"A","id":"7001000000000001"},"created_by":{"name":"A","id":"7001000000000001"} },
             {"id":"{{Two}}","display_name":null,"type":"permanent","deleted_time":"2026-02-04T10:00:00+03:00","deleted_by":null,"created_by":null},
             {"id":"7001000000000113","type":"permanent"}],
             "info":{"per_page":200,"count":3,"page":1,"more_records":true} }
            """);

        var page = Value(await _host.Crm.ListDeletedAsync(_host.Call, "Leads", CrmDeletion.All, CrmOperations.StartTime, 1, default));

        Assert.Equal(2, page.NextPage);
        Assert.Equal([false, true, true], page.Records.Select(record => record.IsPermanent));
        Assert.Equal(new CrmLookup("7001000000000001", "A"), page.Records[0].DeletedBy);
        Assert.Equal((null, null), (page.Records[2].DeletedBy, page.Records[2].DeletedTime));
        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal(("/crm/v8/Leads/deleted", "all", "1"), (sent.Path, sent.Query["type"], sent.Query["page"]));
        Assert.Equal("2026-03-04T08:15:00+03:00", sent.Headers["If-Modified-Since"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12a")]
    [InlineData("1/../2")]
    public async Task What_is_no_id_is_not_sent(string id)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _host.Crm.GetRecordAsync(_host.Call, "Leads", id, [], default));
        await Assert.ThrowsAsync<ArgumentException>(() => _host.Crm.GetRecordsAsync(_host.Call, "Leads", [id], ["Last_Name"], default));

        Assert.Empty(_host.Provider.Requests);
    }

    private static string Page(bool more, string? token) => $$"""
        {"data":[{"id":"{{One}}","Modified_Time":"2026-03-04T08:15:00+03:00"}],
         "info":{"more_records":{{(more ? "true" : "false")}},"next_page_token":{{(token is null ? "null" : $"\"{token}\"")}} } }
        """;

    private static string Part(string id, int second, int field) =>
        $$"""{"id":"{{id}}","Modified_Time":"2026-03-04T08:15:0{{second}}+03:00","Field_{{field}}":"{{field}}" }""";
}
