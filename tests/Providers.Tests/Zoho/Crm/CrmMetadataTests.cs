using System.Net;
using ZohoPlatform.Providers.Zoho.Crm;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

public sealed class CrmMetadataTests : IAsyncLifetime
{
    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Modules_fields_and_layouts_are_read()
    {
        _host.Provider
            .Answers("""
                {"modules":[{"api_name":"CustomModule1","module_name":"CustomModule1","plural_label":"Messages","singular_label":"Message",
                  "generated_type":"custom","api_supported":true,"creatable":true,"editable":true,"deletable":false,"viewable":true}]}
                """)
            .Answers("""
                {"fields":[
                  {"api_name":"Email","field_label":"E-mail","data_type":"email","length":100,"read_only":false,"system_mandatory":false,
                   "custom_field":false,"unique":{"casesensitive":"false"},"pick_list_values":[],"lookup":{}},
                  {"api_name":"Lead_Status","field_label":"Status","data_type":"picklist","unique":{},
                   "pick_list_values":[{"display_value":"Neu","actual_value":"New"}]},
                  {"api_name":"Lead","data_type":"lookup","lookup":{"module":{"api_name":"Leads","id":"1"}}}]}
                """)
            .Answers("""
                {"layouts":[
                  {"id":"7001000000000801","name":"Standard","status":"active","sections":[
                    {"type":"used","fields":[{"api_name":"Last_Name","system_mandatory":true,"required":false},{"api_name":"Phone","required":true},{"api_name":"Email"}]},
                    {"type":"unused","fields":[{"api_name":"Fax","required":true}]}]},
                  {"id":"7001000000000802","name":"Old","status":"inactive","sections":[]}]}
                """);

        var module = Assert.Single(Value(await _host.Crm.GetModulesAsync(_host.Call, default)));
        Assert.Equal(new CrmModule("CustomModule1", "CustomModule1", "Messages", "Message", true, true, true, true, false, true), module);
        var fields = Value(await _host.Crm.GetFieldsAsync(_host.Call, "Leads", default));
        Assert.Equal((true, 100, false), (fields[0].Unique, fields[0].Length, fields[1].Unique));
        Assert.Equal(["New"], fields[1].PickListValues);
        Assert.Equal((null, "Leads"), (fields[0].LookupModule, fields[2].LookupModule));
        var layouts = Value(await _host.Crm.GetLayoutsAsync(_host.Call, "Leads", default));
        Assert.Equal([true, false], layouts.Select(layout => layout.IsActive));
        Assert.Equal(["Last_Name", "Phone"], layouts[0].MandatoryFields);
        Assert.Equal(["Last_Name", "Phone", "Email"], layouts[0].Fields);
        Assert.Equal("Leads", _host.Provider.Requests[2].Query["module"]);
    }

    [Fact]
    public async Task Users_are_listed()
    {
        _host.Provider
            .Answers("""
                {"users":[{"id":"7001000000000001","full_name":"Ada A","email":"ada@example.com","status":"active","time_zone":"Europe/Kyiv",
                  "role":{"name":"CEO","id":"7001000000000002"},"profile":{"name":"Administrator","id":"7001000000000003"}}],"info":{"more_records":true}}
                """)
            .Answers("", HttpStatusCode.NoContent);

        var page = Value(await _host.Crm.ListUsersAsync(_host.Call, CrmUserKind.Current, 1, default));

        Assert.Equal(2, page.NextPage);
        Assert.Equal(
            new CrmUser(
                "7001000000000001", "Ada A", "ada@example.com", true, "Europe/Kyiv", new CrmLookup("7001000000000002", "CEO"),
                new CrmLookup("7001000000000003", "Administrator")),
            Assert.Single(page.Users));
        Assert.Equal("CurrentUser", _host.Provider.Requests[0].Query["type"]);
        Assert.Empty(Value(await _host.Crm.ListUsersAsync(_host.Call, CrmUserKind.Active, 2, default)).Users);
    }

    [Fact]
    public async Task A_channel_lives_as_long_as_the_answer_says()
    {
        var channel = new CrmChannel(
            "-1000000068001", ["Leads.edit", "Contacts.edit"], new Uri("https://hooks.example/crm"), "fake-channel-token",
            new DateTimeOffset(2026, 12, 3, 12, 0, 0, TimeSpan.Zero));
        _host.Provider
            .Answers(
                """
                {"watch":[{"code":"SUCCESS","details":{"events":[
                   {"channel_expiry":"2026-12-03T17:30:00+05:30","resource_uri":"https://www.zohoapis.com/crm/v2/Leads","resource_id":"1","resource_name":"Leads","channel_id":"-1000000068001"},
                   {"channel_expiry":"2026-11-27T13:00:00+00:00","resource_name":"Contacts","channel_id":"-1000000068001"}]},
                  "message":"Successfully subscribed for actions-watch of the given module","status":"success"}]}
                """,
                HttpStatusCode.Created)
            .Answers("""{"watch":[{"code":"NOT_SUBSCRIBED","details":{},"message":"","status":"error"}]}""", HttpStatusCode.BadRequest)
            .Answers("""{"watch":[{"channel_id":"-1000000068001","resource_name":"Leads","channel_expiry":"2026-12-03T17:30:00+05:30","events":["Leads.edit"],"notify_url":"https://hooks.example/crm"}],"info":{}}""")
            .Answers("""{"watch":[{"code":"SUCCESS","details":{"channel_id":"-1000000068001"},"message":"","status":"success"}]}""")
            .Answers("""{"code":"NOT_SUBSCRIBED","details":{},"message":"","status":"error"}""", HttpStatusCode.BadRequest);

        var watched = Value(await _host.Crm.WatchAsync(_host.Call, channel, default));
        Assert.Equal((channel.Id, new DateTimeOffset(2026, 11, 27, 13, 0, 0, TimeSpan.Zero), null), (watched.Id, watched.ExpiresAt, watched.Refusal));
        Assert.Equal(CrmCodeClass.Gone, Value(await _host.Crm.ProlongWatchAsync(_host.Call, channel.Id, channel.Events, channel.ExpiresAt, default)).Refusal!.Class);
        Assert.Equal("Leads", Assert.Single(Value(await _host.Crm.GetWatchAsync(_host.Call, channel.Id, default))).Module);
        Assert.Null(Value(await _host.Crm.UnwatchAsync(_host.Call, [channel.Id], default))[0].Refusal);
        Assert.Equal("channel_gone", Value(await _host.Crm.UnwatchAsync(_host.Call, [channel.Id], default))[0].Refusal!.Failure.Code);

        var sent = _host.Provider.Requests;
        Assert.Equal(
            """{"watch":[{"channel_id":"-1000000068001","events":["Leads.edit","Contacts.edit"],"channel_expiry":"2026-12-03T12:00:00+00:00","token":"fake-channel-token","notify_url":"https://hooks.example/crm","return_affected_field_values":false,"notify_on_related_action":false}]}""",
            sent[0].Body);
        Assert.Equal((HttpMethod.Patch, false), (sent[1].Method, sent[1].Body.Contains("token", StringComparison.Ordinal)));
        Assert.Equal((HttpMethod.Delete, "-1000000068001"), (sent[3].Method, sent[3].Query["channel_ids"]));
        Assert.DoesNotContain("fake", channel.ToString(), StringComparison.Ordinal);
    }
}
