using System.Net;
using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

public sealed class CrmWritingTests : IAsyncLifetime
{
    private const string Existing = "7001000000000112";

    private const string Added = """
        {"code":"SUCCESS","details":{"Modified_Time":"2026-03-04T08:15:00+03:00","id":"7001000000000111"},"message":"record added","status":"success"}
        """;

    private const string Duplicate = """
        {"code":"DUPLICATE_DATA","details":{"api_name":"Email","json_path":"$.data[0].Email","id":"7001000000000112"},"message":"duplicate data","status":"error"}
        """;

    private const string Missing = """
        {"code":"MANDATORY_NOT_FOUND","details":{"api_name":"Last_Name","json_path":"$.data[1].Last_Name"},"message":"required field not found","status":"error"}
        """;

    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_became_of_each_record_is_told_in_the_order_in_which_they_were_sent()
    {
        _host.Provider.Answers($$"""{"data":[{{Duplicate}},{{Added}},{{Missing}}]}""", HttpStatusCode.MultiStatus);

        var written = Value(await InsertAsync(3));

        Assert.Equal([CrmCodeClass.Duplicate, null, CrmCodeClass.BadData], written.Select(one => one.Refusal?.Class));
        Assert.Equal(Existing, written[0].Refusal!.ExistingId);
        Assert.Equal(("7001000000000111", CrmAction.Inserted), (written[1].Id, written[1].Action));
        Assert.Equal(TimeSpan.FromHours(3), written[1].ModifiedTime!.Value.Offset);
        Assert.Equal("Last_Name", written[2].Refusal!.Field);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Accepted)]
    public async Task A_batch_that_fails_whole_is_told_per_record_too(HttpStatusCode status)
    {
        _host.Provider.Answers($$"""{"data":[{{Duplicate}},{{Missing}}]}""", status);

        Assert.Equal([CrmCodeClass.Duplicate, CrmCodeClass.BadData], Value(await InsertAsync(2)).Select(one => one.Refusal!.Class));

        _host.Provider.Answers(Missing, status);
        Assert.All(Value(await InsertAsync(2)), one => Assert.Equal("mandatory_field_missing", one.Refusal!.Failure.Code));
    }

    [Fact]
    public async Task What_stops_the_whole_call_is_a_failure()
    {
        _host.Provider.Answers("""{"code":"INVALID_MODULE","details":{},"message":"","status":"error"}""", HttpStatusCode.BadRequest);

        Assert.Equal("module_not_available", Refusal(await InsertAsync(2)).Code);
    }

    [Theory]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":[{"code":"SUCCESS","details":{"id":"7001000000000111"},"status":"success"}]}""")]
    [InlineData("""{"message":"done"}""")]
    [InlineData("""{"data":[{"code":"SUCCESS","details":{},"status":"success"},{"message":"?"}]}""")]
    public async Task A_record_of_which_the_answer_says_nothing_may_have_been_made(string body)
    {
        _host.Provider.Answers(body);

        var inserted = Value(await InsertAsync(2));
        var updated = Value(await _host.Crm.UpdateAsync(_host.Call, "Leads", [CrmOperations.Lead("1"), CrmOperations.Lead("2")], true, default));

        Assert.Equal(Enumerable.Repeat((default(string), CrmFailures.OutcomeUnknown), 2), inserted.Select(one => (one.Id, one.Refusal!.Failure)));
        Assert.All(inserted, one => Assert.Equal(CrmCodeClass.Unclear, one.Refusal!.Class));
        Assert.Equal(Enumerable.Repeat((default(string), CrmFailures.BadAnswer), 2), updated.Select(one => (one.Id, one.Refusal!.Failure)));
    }

    [Fact]
    public async Task An_insert_is_sent_once_and_its_outcome_unknown_where_no_answer_comes()
    {
        _host.Provider.BreaksTheConnection();

        var refusal = Refusal(await InsertAsync(1));

        Assert.Equal(("zoho_outcome_unknown", CrmCodeClass.Unclear, false), (refusal.Code, refusal.CrmClass, refusal.CrmClass.MayBeRepeated));
        Assert.Single(_host.Provider.Requests);
    }

    [Fact]
    public async Task An_upsert_and_an_update_are_sent_again()
    {
        _host.Provider.BreaksTheConnection().Answers($$"""{"data":[{{Added}}]}""").BreaksTheConnection().Answers($$"""{"data":[{{Added}}]}""");

        Value(await UpsertAsync(CrmOperations.Lead()));
        Value(await _host.Crm.UpdateAsync(_host.Call, "Leads", [CrmOperations.Lead(Existing)], true, default));

        Assert.Equal(4, _host.Provider.Requests.Count);
    }

    [Fact]
    public async Task An_upsert_says_what_it_did_and_by_which_field()
    {
        _host.Provider.Answers("""
            {"data":[
              {"code":"SUCCESS","duplicate_field":"Email","action":"update","details":{"id":"7001000000000111"},"message":"record updated","status":"success"},
              {"code":"SUCCESS","duplicate_field":null,"action":"insert","details":{"id":"7001000000000112"},"message":"record added","status":"success"}]}
            """);

        var written = Value(await UpsertAsync(CrmOperations.Lead(), CrmOperations.Lead()));

        Assert.Equal([(CrmAction.Updated, "Email"), (CrmAction.Inserted, null)], written.Select(one => (one.Action!.Value, one.DuplicateField)));
        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal("/crm/v8/Leads/upsert", sent.Path);
        Assert.Equal("Email", sent.Json.GetProperty("duplicate_check_fields")[0].GetString());
        Assert.False(sent.Json.TryGetProperty("trigger", out _));
    }

    [Fact]
    public async Task The_loser_of_two_upserts_is_sent_once_more_and_then_changes_the_record()
    {
        _host.Provider
            .Answers($$"""{"data":[{{Added}},{{Duplicate}}]}""", HttpStatusCode.MultiStatus)
            .Answers("""{"data":[{"code":"SUCCESS","action":"update","duplicate_field":"Email","details":{"id":"7001000000000112"},"status":"success"}]}""");

        var written = Value(await UpsertAsync(CrmOperations.Lead(), CrmOperations.Lead()));

        Assert.Equal([CrmAction.Updated, CrmAction.Updated], written.Select(one => one.Action!.Value));
        Assert.Equal(["7001000000000111", Existing], written.Select(one => one.Id));
        Assert.Equal(1, _host.Provider.Requests[1].Json.GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData("""{"Last_Name":"Doe"}""")]
    [InlineData("""{"Last_Name":"Doe","Email":" "}""")]
    [InlineData("""{"Last_Name":"Doe","Email":null}""")]
    public async Task A_record_that_nothing_would_find_again_is_not_upserted(string record)
    {
        var refusal = Refusal(await UpsertAsync(CrmOperations.Lead(), JsonNode.Parse(record)!.AsObject()));

        Assert.Equal(("invalid_field", "Email"), (refusal.Code, refusal.Field));
        Assert.StartsWith("Record 2 ", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_host.Provider.Requests);
    }

    [Fact]
    public async Task Workflows_run_where_they_are_not_told_not_to()
    {
        _host.Provider.Answers($$"""{"data":[{{Added}}]}""");

        await _host.Crm.InsertAsync(_host.Call, "Leads", [CrmOperations.Lead()], runsWorkflows: false, default);
        await _host.Crm.InsertAsync(_host.Call, "Leads", [CrmOperations.Lead()], runsWorkflows: true, default);

        Assert.Equal(0, _host.Provider.Requests[0].Json.GetProperty("trigger").GetArrayLength());
        Assert.False(_host.Provider.Requests[1].Json.TryGetProperty("trigger", out _));
        Assert.Contains("ada@example.com", _host.Provider.Requests[0].Body, StringComparison.Ordinal);
        Assert.Equal("application/json", _host.Provider.Requests[0].ContentType);
    }

    [Fact]
    public async Task A_record_that_is_gone_is_told_as_gone_by_an_update_and_a_deletion()
    {
        _host.Provider
            .Answers("""{"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"","status":"error"}""", HttpStatusCode.BadRequest)
            .Answers("""{"data":[{"code":"INVALID_DATA","details":{"id":"7001000000000112"},"message":"record not deleted","status":"error"}]}""", HttpStatusCode.BadRequest)
            .Answers("""{"data":[{"code":"CONVERTED_RECORD","details":{},"message":"","status":"error"}]}""", HttpStatusCode.BadRequest);

        Assert.Equal(CrmCodeClass.Gone, Value(await _host.Crm.UpdateAsync(_host.Call, "Leads", [CrmOperations.Lead(Existing)], true, default))[0].Refusal!.Class);
        Assert.Equal(CrmCodeClass.Gone, Value(await _host.Crm.DeleteAsync(_host.Call, "Leads", [Existing], false, default))[0].Refusal!.Class);
        Assert.Equal(CrmCodeClass.Converted, Value(await _host.Crm.UpdateAsync(_host.Call, "Leads", [CrmOperations.Lead(Existing)], true, default))[0].Refusal!.Class);
        var deletion = _host.Provider.Requests[1];
        Assert.Equal((HttpMethod.Delete, Existing, "false", ""), (deletion.Method, deletion.Query["ids"], deletion.Query["wf_trigger"], deletion.Body));
    }

    [Fact]
    public async Task More_than_one_call_takes_is_not_sent()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => InsertAsync(CrmClient.BatchSize + 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => InsertAsync(0));
        await Assert.ThrowsAsync<ArgumentException>(() => _host.Crm.UpdateAsync(_host.Call, "Leads", [CrmOperations.Lead()], true, default));
    }

    private Task<Result<CrmWritten[]>> InsertAsync(int records) => _host.Crm.InsertAsync(
        _host.Call, "Leads", [.. Enumerable.Range(0, records).Select(_ => CrmOperations.Lead())], runsWorkflows: true, default);

    private Task<Result<CrmWritten[]>> UpsertAsync(params JsonObject[] records) =>
        _host.Crm.UpsertAsync(_host.Call, "Leads", records, ["Email"], runsWorkflows: true, default);
}
