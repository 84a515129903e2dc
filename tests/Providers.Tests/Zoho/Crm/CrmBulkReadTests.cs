using System.IO.Compression;
using System.Net;
using System.Text;
using ZohoPlatform.Providers.Zoho.Crm;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

public sealed class CrmBulkReadTests : IAsyncLifetime
{
    private const string Job = "7001000000000701";

    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_job_is_begun_and_followed_and_gone_on_with()
    {
        _host.Provider
            .Answers("""{"data":[{"status":"success","code":"ADDED_SUCCESSFULLY","message":"Added successfully.","details":{"id":"7001000000000701","operation":"read","state":"ADDED"}}],"info":{}}""", HttpStatusCode.Created)
            .Answers("""{"data":[{"id":"7001000000000701","state":"IN PROGRESS","result":{"count":5,"more_records":true,"next_page_token":"early"}}]}""")
            .Answers("""{"data":[{"id":"7001000000000701","state":"SOMETHING NEW"}]}""")
            .Answers("""{"data":[{"id":"7001000000000701","state":"COMPLETED","result":{"page":1,"count":200000,"download_url":"/crm/bulk/v8/read/7001000000000701/result","more_records":true,"next_page_token":"next"}}]}""")
            .Answers("""{"data":[{"id":"7001000000000701","state":"FAILURE","result":{"error_message":{"code":"FIELD_NOT_SUPPORTED","message":"","status":"error","details":{"api_name":"Tag"}}}}]}""");
        var query = new CrmBulkQuery("Leads", ["Last_Name"])
        {
            Where = CrmBulkCriteria.Between("Modified_Time", CrmOperations.StartTime, CrmOperations.StartTime.AddDays(1)),
            Callback = new Uri("https://hooks.example/bulk"),
        };

        Assert.Equal(new CrmBulkJob(Job, CrmBulkState.Running), Value(await _host.Crm.StartBulkReadAsync(_host.Call, query, default)));
        Assert.Equal(new CrmBulkJob(Job, CrmBulkState.Running), Value(await _host.Crm.GetBulkReadAsync(_host.Call, Job, default)));
        Assert.Equal(new CrmBulkJob(Job, CrmBulkState.Running), Value(await _host.Crm.GetBulkReadAsync(_host.Call, Job, default)));
        var completed = Value(await _host.Crm.GetBulkReadAsync(_host.Call, Job, default));
        Assert.Equal((CrmBulkState.Completed, 200_000L, "next"), (completed.State, completed.Count, completed.NextPageToken));
        var failed = Value(await _host.Crm.GetBulkReadAsync(_host.Call, Job, default));
        Assert.Equal((CrmBulkState.Failed, "field_not_available", "Tag"), (failed.State, failed.Refusal!.Failure.Code, failed.Refusal.Field));

        Assert.Equal(
            """{"query":{"module":{"api_name":"Leads"},"fields":["Last_Name"],"criteria":{"field":{"api_name":"Modified_Time"},"comparator":"between","value":["2026-03-04T08:15:00+03:00","2026-03-05T08:15:00+03:00"]}},"callback":{"url":"https://hooks.example/bulk","method":"post"}}""",
            _host.Provider.Requests[0].Body);
        Assert.Equal(("https://www.zohoapis.eu/crm/bulk/v8/read", $"/crm/bulk/v8/read/{Job}"), (_host.Provider.Requests[0].Address, _host.Provider.Requests[1].Path));
    }

    [Fact]
    public async Task What_a_job_has_left_is_asked_for_by_its_token_alone()
    {
        _host.Provider.Answers("""{"code":"EXPIRED_VALUE","details":{},"message":"","status":"error"}""", HttpStatusCode.BadRequest);

        Assert.Equal(CrmCodeClass.Restart, Refusal(await _host.Crm.ContinueBulkReadAsync(_host.Call, "Leads", "next", default)).CrmClass);
        Assert.Equal("""{"query":{"page_token":"next"}}""", Assert.Single(_host.Provider.Requests).Body);
    }

    [Fact]
    public async Task A_job_is_not_begun_twice()
    {
        _host.Provider.BreaksTheConnection();

        Assert.Equal("zoho_outcome_unknown", Refusal(await _host.Crm.StartBulkReadAsync(_host.Call, new CrmBulkQuery("Leads", ["id"]), default)).Code);
        Assert.Single(_host.Provider.Requests);
    }

    [Fact]
    public async Task The_file_of_a_job_is_read_piece_by_piece_and_leaves_nothing_behind()
    {
        _host.Provider.AnswersFile(Zip(
            "\uFEFFid,Last_Name,Description\n1,\"Doe, \"\"J\"\"\",\"two\nlines\"\n2,,\n3,Ärger,x\n"));
        var before = TemporaryFiles();

        await using (var file = Value(await _host.Crm.DownloadBulkReadAsync(_host.Call, Job, default)))
        {
            Assert.Equal(["id", "Last_Name", "Description"], file.Columns);
            var rows = Value(await file.ReadAsync(2, default));
            Assert.Equal(2, rows.Length);
            Assert.Equal(("1", "Doe, \"J\"", "two\nlines"), (rows[0]["id"], rows[0]["Last_Name"], rows[0]["Description"]));
            Assert.Equal(["id"], rows[1].Keys);
            Assert.Equal("Ärger", Assert.Single(Value(await file.ReadAsync(2, default)))["Last_Name"]);
            Assert.Empty(Value(await file.ReadAsync(2, default)));
        }

        Assert.Equal(before, TemporaryFiles());
        Assert.Equal($"/crm/bulk/v8/read/{Job}/result", Assert.Single(_host.Provider.Requests).Path);
    }

    [Fact]
    public async Task A_file_larger_than_any_other_answer_is_read()
    {
        var line = new string('x', 1000);
        var table = new StringBuilder("id,Description\n");
        for (var i = 0; i < 20_000; i++)
        {
            table.Append(i).Append(',').Append(line).Append('\n');
        }

        _host.Provider.AnswersFile(Zip(table.ToString(), CompressionLevel.NoCompression));

        await using var file = Value(await _host.Crm.DownloadBulkReadAsync(_host.Call, Job, default));

        var count = 0;
        while (Value(await file.ReadAsync(1000, default)) is { Length: > 0 } rows)
        {
            count += rows.Length;
        }

        Assert.Equal(20_000, count);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, """{"code":"RESOURCE_NOT_FOUND","details":{"resource":"job"},"message":"","status":"error"}""", "resource_gone")]
    [InlineData(HttpStatusCode.OK, """{"code":"RESOURCE_NOT_FOUND","details":{},"message":"","status":"error"}""", "resource_gone")]
    [InlineData(HttpStatusCode.OK, "<html>maintenance</html>", "zoho_unavailable")]
    [InlineData(HttpStatusCode.OK, "", "zoho_bad_answer")]
    [InlineData(HttpStatusCode.OK, "PK, but no zip", "zoho_bad_answer")]
    public async Task What_is_no_file_says_why(HttpStatusCode status, string body, string code)
    {
        _host.Provider.Answers(body, status);
        var before = TemporaryFiles();

        Assert.Equal(code, Refusal(await _host.Crm.DownloadBulkReadAsync(_host.Call, Job, default)).Code);
        Assert.Equal(before, TemporaryFiles());
    }

    [Fact]
    public async Task A_broken_table_is_told_where_it_breaks()
    {
        _host.Provider.AnswersFile(Zip("id,Last_Name\n1,Doe\n2\n"));

        await using var file = Value(await _host.Crm.DownloadBulkReadAsync(_host.Call, Job, default));

        Assert.Single(Value(await file.ReadAsync(1, default)));
        Assert.Equal("zoho_bad_answer", Refusal(await file.ReadAsync(1, default)).Code);
    }

    [Fact]
    public async Task Eight_files_are_brought_in_a_minute_and_a_refused_token_is_renewed_for_one()
    {
        _host.Provider
            .Answers("""{"code":"INVALID_TOKEN","details":{},"message":"","status":"error"}""", HttpStatusCode.Unauthorized)
            .AnswersFile(Zip("id\n1\n"));
        for (var i = 0; i < 7; i++)
        {
            await using var file = Value(await _host.Crm.DownloadBulkReadAsync(_host.Call, Job, default));
        }

        var refusal = Refusal(await _host.Crm.DownloadBulkReadAsync(_host.Call, Job, default));

        Assert.Equal("quota_reached", refusal.Code);
        Assert.Equal(8, _host.Provider.Requests.Count);
        Assert.Single(_host.Tokens.Reported);
    }

    private static string[] TemporaryFiles() => Directory.GetFiles(Path.GetTempPath(), "crm-bulk-*");

    private static byte[] Zip(string table, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry($"{Job}.csv", level).Open();
            entry.Write(Encoding.UTF8.GetBytes(table));
        }

        return bytes.ToArray();
    }
}
