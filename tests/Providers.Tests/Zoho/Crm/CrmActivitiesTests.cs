using System.Net;
using ZohoPlatform.Providers.Zoho.Crm;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

/// <summary>What hangs on records: notes, calls, tags.</summary>
public sealed class CrmActivitiesTests : IAsyncLifetime
{
    private const string Lead = "7001000000000111";

    private const string Done = """
        {"data":[{"code":"SUCCESS","details":{"id":"7001000000000901"},"message":"record added","status":"success"}]}
        """;

    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_note_is_written_under_its_record_and_cut_to_what_zoho_takes()
    {
        _host.Provider.Answers(Done, HttpStatusCode.Created);
        var title = new string('t', CrmNoteDraft.LongestTitle - 1) + "\U0001F600";

        var written = Value(await _host.Crm.CreateNotesAsync(
            _host.Call, "Leads", Lead, [new CrmNoteDraft(title, new string('c', CrmNoteDraft.LongestContent + 1))], default));

        Assert.Equal("7001000000000901", Assert.Single(written).Id);
        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal($"/crm/v8/Leads/{Lead}/Notes", sent.Path);
        var note = sent.Json.GetProperty("data")[0];
        Assert.Equal(CrmNoteDraft.LongestTitle - 1, note.GetProperty("Note_Title").GetString()!.Length);
        Assert.Equal(CrmNoteDraft.LongestContent, note.GetProperty("Note_Content").GetString()!.Length);
        Assert.False(note.TryGetProperty("Parent_Id", out _));
    }

    [Fact]
    public async Task A_note_is_not_written_twice_and_none_to_a_record_that_is_gone()
    {
        _host.Provider.BreaksTheConnection().Answers(
            """{"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"the related id given seems to be invalid","status":"error"}""",
            HttpStatusCode.BadRequest);

        Assert.Equal("zoho_outcome_unknown", Refusal(await _host.Crm.CreateNotesAsync(_host.Call, "Leads", Lead, [new("", "Text")], default)).Code);
        var written = Value(await _host.Crm.CreateNotesAsync(_host.Call, "Leads", Lead, [new("", "Text"), new("", "Text")], default));

        Assert.Equal([CrmCodeClass.Gone, CrmCodeClass.Gone], written.Select(one => one.Refusal!.Class));
        Assert.Equal(2, _host.Provider.Requests.Count);
    }

    [Fact]
    public async Task Notes_are_read_oldest_first_however_zoho_orders_them_and_changed_and_deleted()
    {
        _host.Provider
            .Answers("""
                {"data":[{"id":"2","Note_Title":null,"Note_Content":"B","Created_Time":"2026-03-04T08:15:00+03:00"},
                         {"id":"1","Note_Title":"A","Note_Content":"A","Created_Time":"2026-03-04T07:15:00+03:00"}],"info":{"more_records":false}}
                """)
            .Answers("""
                {"data":[{"code":"SUCCESS","details":{"id":"1"},"message":"record updated","status":"success"},
                         {"code":"INVALID_DATA","details":{"id":"2"},"message":"the id given seems to be invalid","status":"error"}]}
                """, HttpStatusCode.MultiStatus)
            .Answers(Done)
            .Answers("", HttpStatusCode.NoContent);

        var page = Value(await _host.Crm.ListNotesAsync(_host.Call, "Leads", Lead, 1, default));
        Assert.Equal(["1", "2"], page.Notes.Select(note => note.Id));
        Assert.Null(page.NextPage);
        var changed = Value(await _host.Crm.UpdateNotesAsync(
            _host.Call, [("1", new CrmNoteDraft("T", "C")), ("2", new CrmNoteDraft("", "D"))], default));
        Assert.Equal([CrmAction.Updated, null], changed.Select(one => one.Action));
        Assert.Equal(CrmCodeClass.Gone, changed[1].Refusal!.Class);
        Assert.Equal(CrmAction.Deleted, Value(await _host.Crm.DeleteNotesAsync(_host.Call, ["1"], default))[0].Action);
        Assert.Empty(Value(await _host.Crm.ListNotesAsync(_host.Call, "Leads", Lead, 1, default)).Notes);

        var sent = _host.Provider.Requests;
        Assert.Equal("id,Note_Title,Note_Content,Created_Time,Modified_Time", sent[0].Query["fields"]);
        Assert.Equal(
            (HttpMethod.Put, "/crm/v8/Notes", """{"data":[{"Note_Title":"T","Note_Content":"C","id":"1"},{"Note_Content":"D","id":"2"}]}"""),
            (sent[1].Method, sent[1].Path, sent[1].Body));
        Assert.Equal((HttpMethod.Delete, "/crm/v8/Notes", "1"), (sent[2].Method, sent[2].Path, sent[2].Query["ids"]));
    }

    [Theory]
    [InlineData("Contacts", CrmCallDirection.Inbound, 75, """{"Subject":"S","Call_Type":"Inbound","Call_Start_Time":"2026-03-04T08:15:00+03:00","Call_Duration":"01:15","Who_Id":{"id":"7001000000000111"}}""")]
    [InlineData("Leads", CrmCallDirection.Outbound, 0, """{"Subject":"S","Call_Type":"Outbound","Call_Start_Time":"2026-03-04T08:15:00+03:00","Call_Duration":"00:01","Outgoing_Call_Status":"Completed","What_Id":{"id":"7001000000000111"},"$se_module":"Leads"}""")]
    [InlineData("Leads", CrmCallDirection.Missed, 30, """{"Subject":"S","Call_Type":"Missed","Call_Start_Time":"2026-03-04T08:15:00+03:00","What_Id":{"id":"7001000000000111"},"$se_module":"Leads"}""")]
    [InlineData("Messages", CrmCallDirection.Inbound, 7325, """{"Subject":"S","Call_Type":"Inbound","Call_Start_Time":"2026-03-04T08:15:00+03:00","Call_Duration":"122:05","What_Id":{"id":"7001000000000111"},"$se_module":"Messages"}""")]
    public async Task A_call_is_kept_with_whom_it_was(string module, CrmCallDirection direction, int seconds, string expected)
    {
        _host.Provider.Answers(Done, HttpStatusCode.Created);
        var fields = new[] { "Subject", "Outgoing_Call_Status" }.Select(name => new CrmField(name, name, "text", null, false, false, false, false, [], null));

        var call = new CrmPhoneCall("S", direction, CrmOperations.StartTime, TimeSpan.FromSeconds(seconds), module, Lead)
        {
            StatusField = CrmPhoneCall.StatusFieldOf(fields),
        };
        Assert.Equal("7001000000000901", Value(await _host.Crm.CreateCallAsync(_host.Call, call, default)).Id);

        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal(("/crm/v8/Calls", $$"""{"data":[{{expected}}]}"""), (sent.Path, sent.Body));
    }

    [Fact]
    public async Task Tags_are_added_beside_those_that_are_there_and_taken_off()
    {
        _host.Provider.Answers("""
            {"data":[{"code":"SUCCESS","message":"tags updated successfully","status":"success",
              "details":{"id":"7001000000000111","tags":[{"name":"vip","id":"1","color_code":null}]}}],"success_count":"1","locked_count":"0"}
            """);

        Assert.Equal(Lead, Value(await _host.Crm.AddTagsAsync(_host.Call, "Leads", [Lead], [" vip "], default))[0].Id);
        Value(await _host.Crm.RemoveTagsAsync(_host.Call, "Leads", [Lead], ["vip"], default));

        var sent = _host.Provider.Requests;
        Assert.Equal(
            ("/crm/v8/Leads/actions/add_tags", """{"over_write":false,"tags":[{"name":"vip"}],"ids":["7001000000000111"]}"""), (sent[0].Path, sent[0].Body));
        Assert.Equal(
            ("/crm/v8/Leads/actions/remove_tags", """{"tags":[{"name":"vip"}],"ids":["7001000000000111"]}"""), (sent[1].Path, sent[1].Body));
    }

    [Theory]
    [InlineData("""{"tags":[{"code":"INVALID_DATA","details":{"api_name":"name","maximum_length":25},"message":"","status":"error"}]}""", "invalid_value")]
    [InlineData("""{"code":"RECORD_LOCKED","details":{},"message":"","status":"error"}""", "record_locked")]
    [InlineData("""{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_Tags_Leads"]},"message":"","status":"error"}""", "no_privilege")]
    public async Task What_is_wrong_with_a_tag_is_wrong_for_all(string body, string code)
    {
        _host.Provider.Answers(body, HttpStatusCode.BadRequest);

        Assert.Equal(code, Refusal(await _host.Crm.AddTagsAsync(_host.Call, "Leads", [Lead], ["vip"], default)).Code);
        Assert.Equal("tags", Refusal(await _host.Crm.AddTagsAsync(_host.Call, "Leads", [Lead], [new string('t', 26)], default)).Field);
    }
}
