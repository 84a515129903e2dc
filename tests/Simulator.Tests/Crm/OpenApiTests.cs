using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Simulator.Tests.Crm;

/// <summary>The answers against Zoho's own OpenAPI files of CRM v8.</summary>
public sealed class OpenApiTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    private const string Records = "/crm/v8/{module_api_name}";
    private const string Record = "/crm/v8/{module_api_name}/{id}";

    private readonly OpenApiFiles? _files = ZohoOpenApi.Folder is { } folder ? new(folder) : null;
    private readonly List<string> _problems = [];

    [SkippableFact]
    public async Task Records_are_as_the_files_have_them()
    {
        var crm = await StartAsync();
        var made = await crm.PostAsync("Leads", new { data = new object[] { new { Last_Name = "A", Email = "a@example.com" }, new { }, new { Last_Name = 5 }, new { Last_Name = new string('x', 81) } } });
        Hold("record", "post", Records, made);
        var id = made.Data[0].GetProperty("details").GetProperty("id").GetString();
        Hold("record", "post", $"{Records}/upsert", await crm.PostAsync("Leads/upsert", new { data = new[] { new { Last_Name = "B", Email = "a@example.com" }, new { Last_Name = "C", Email = "c@example.com" } } }));
        Hold("record", "get", Records, await crm.GetAsync("Leads?fields=Last_Name,Created_By,Modified_Time,Tag&per_page=1"));
        Hold("record", "get", Records, await crm.GetAsync("Leads?fields=id&converted=true"));
        Hold("record", "get", Records, await crm.GetAsync("Leads"));
        Hold("record", "get", Records, await crm.GetAsync("Nowhere?fields=id"));
        Hold("record", "get", Record, await crm.GetAsync($"Leads/{id}"));
        Hold("record", "put", Record, await crm.PutAsync($"Leads/{id}", new { data = new[] { new { City = "Oslo" } } }));
        Hold("record", "put", Record, await crm.PutAsync("Leads/1", new { data = new[] { new { City = "Oslo" } } }));
        Hold("record", "put", Records, await crm.PutAsync("Leads", new { data = new object[] { new { id, City = "Oslo" }, new { id = "1" } } }));
        Hold("record", "delete", Records, await crm.DeleteAsync($"Leads?ids={id},1"));
        Hold("record", "delete", Record, await crm.DeleteAsync($"Leads/{id}"));
        Hold("record", "get", $"{Records}/deleted", await crm.GetAsync("Leads/deleted"));
        Hold("record", "get", $"{Records}/deleted", await crm.GetAsync("Leads/deleted?type=wrong"));
        Assert.True(_problems.Count == 0, string.Join('\n', _problems));
    }

    [SkippableFact]
    public async Task Searches_and_queries_are_as_the_files_have_them()
    {
        var crm = await StartAsync();
        await crm.SetAsync(new { index_delay_seconds = 0 });
        await crm.AddAsync("Leads", new { Last_Name = "Alvarez" });
        foreach (var query in new[] { "word=Alvarez", "word=nobody", "", "word=ab&page=11", "criteria=(Nothing:equals:A)", "criteria=(No_of_Employees:equals:A)" })
        {
            Hold("module_search", "get", "/crm/v8/{module}/search", await crm.GetAsync($"Leads/search?{query}"));
        }

        foreach (var query in new[]
        {
            "select Last_Name, Owner, Created_Time from Leads where id is not null", "select id from Leads", "select id from Leads where (id = 1",
            "select Nothing from Leads where id is not null", "select id from Leads where Last_Name > 'a'", "select id from Leads where Created_Time = 'a'", "select Email, Email from Leads where id is not null",
            "select Email as a, Phone as a from Leads where id is not null", "select id from Leads where id is not null limit 9000",
        })
        {
            Hold("coql", "post", "/crm/v8/coql", await crm.QueryAsync(query));
        }

        Assert.True(_problems.Count == 0, string.Join('\n', _problems));
    }

    [SkippableFact]
    public async Task Notes_are_as_the_files_have_them()
    {
        var crm = await StartAsync();
        var lead = (await crm.AddAsync("Leads", new { Last_Name = "A" }))[0];
        var made = await crm.PostAsync("Notes", new { data = new[] { new { Note_Title = "T", Note_Content = "x", Parent_Id = new { module = new { api_name = "Leads" }, id = lead } } } });
        Hold("notes", "post", "/crm/v8/Notes", made);
        var id = made.Data[0].GetProperty("details").GetProperty("id").GetString();
        Hold("notes", "post", "/crm/v8/Notes", await crm.PostAsync("Notes", new { data = new[] { new { Note_Title = new string('t', 121), Parent_Id = new { module = new { api_name = "Leads" }, id = lead } } } }));
        // keys beyond the asked for fields cannot be there
        Hold("notes", "get", "/crm/v8/Notes", await crm.GetAsync("Notes?fields=Note_Title,Note_Content,Parent_Id,Owner"), everyKey: false);
        Hold("notes", "get", "/crm/v8/Notes/{id}", await crm.GetAsync($"Notes/{id}"), everyKey: false);
        Hold("related_records", "get", "/crm/v8/{module_api_name}/{record_id}/{related_list_api_name}", await crm.GetAsync($"Leads/{lead}/Notes?fields=Note_Title,Parent_Id"));
        Hold("notes", "put", "/crm/v8/Notes/{id}", await crm.PutAsync($"Notes/{id}", new { data = new[] { new { Note_Content = "y" } } }));
        Hold("notes", "delete", "/crm/v8/Notes", await crm.DeleteAsync("Notes?ids=1"));
        Assert.True(_problems.Count == 0, string.Join('\n', _problems));
    }

    [SkippableFact]
    public async Task Channels_and_bulk_reads_are_as_the_files_have_them()
    {
        var crm = await StartAsync();
        const string Watch = "/crm/v8/actions/watch";
        Hold("notifications", "post", Watch, await crm.PostAsync("actions/watch", new { watch = new[] { new { channel_id = "1", events = new[] { "Leads.all" }, notify_url = "http://127.0.0.1:9/" } } }));
        Hold("notifications", "post", Watch, await crm.PostAsync("actions/watch", new { watch = new[] { new { channel_id = "x" } } }));
        Hold("notifications", "get", Watch, await crm.GetAsync("actions/watch?channel_id=1"));
        Hold("notifications", "get", Watch, await crm.GetAsync("actions/watch?channel_id=2"));
        Hold("notifications", "get", Watch, await crm.GetAsync("actions/watch"));
        Hold("notifications", "put", Watch, await crm.PutAsync("actions/watch", new { watch = new[] { new { channel_id = "1", events = new[] { "Leads.all" }, notify_url = "http://127.0.0.1:9/" } } }));
        Hold("notifications", "patch", Watch, await crm.SendAsync(HttpMethod.Patch, "actions/watch", new { watch = new[] { new { channel_id = "1", token = "t" } } }));
        Hold("notifications", "delete", Watch, await crm.DeleteAsync("actions/watch?channel_ids=1"));
        await crm.SetAsync(new { all_refused_status = 202 });
        Hold("notifications", "delete", Watch, await crm.DeleteAsync("actions/watch?channel_ids=1"));

        const string Jobs = "/crm/bulk/v8/read";
        await crm.SetAsync(new { bulk_seconds = 0 });
        var made = await crm.PostAsync("crm/bulk/v8/read", new { query = new { module = new { api_name = "Leads" } } });
        Hold("bulk_read", "post", Jobs, made);
        // the query is told as it was asked
        Hold("bulk_read", "get", $"{Jobs}/{{job_id}}", await crm.GetAsync($"crm/bulk/v8/read/{made.Data[0].GetProperty("details").GetProperty("id").GetString()}"), everyKey: false);
        Hold("bulk_read", "get", $"{Jobs}/{{job_id}}", await crm.GetAsync("crm/bulk/v8/read/1"));
        Hold("bulk_read", "get", $"{Jobs}/{{job_id}}/result", await crm.GetAsync("crm/bulk/v8/read/1/result"));
        Hold("bulk_read", "post", Jobs, await crm.PostAsync("crm/bulk/v8/read", new { query = new { module = new { api_name = "Notes" } } }));
        Hold("bulk_read", "post", Jobs, await crm.PostAsync("crm/bulk/v8/read", new { query = new { module = new { api_name = "Leads" }, page = 51 } }));
        Assert.True(_problems.Count == 0, string.Join('\n', _problems));
    }

    [SkippableFact]
    public async Task Metadata_is_as_the_files_have_it()
    {
        var crm = await StartAsync();
        Hold("modules", "get", "/crm/v8/settings/modules", await crm.GetAsync("settings/modules"), everyKey: false);
        Hold("modules", "get", "/crm/v8/settings/modules/{api_name}", await crm.GetAsync("settings/modules/Leads"), everyKey: false);
        Hold("modules", "get", "/crm/v8/settings/modules/{api_name}", await crm.GetAsync("settings/modules/Nothing"));
        Hold("fields", "get", "/crm/v8/settings/fields", await crm.GetAsync("settings/fields?module=Leads"), everyKey: false);
        Hold("fields", "get", "/crm/v8/settings/fields", await crm.GetAsync("settings/fields"));
        Hold("layouts", "get", "/crm/v8/settings/layouts", await crm.GetAsync("settings/layouts?module=Leads"), everyKey: false);
        Hold("layouts", "get", "/crm/v8/settings/layouts", await crm.GetAsync("settings/layouts"));
        Hold("org", "get", "/crm/v8/org", await crm.GetAsync("org"), everyKey: false);
        Hold("users", "get", "/crm/v8/users", await crm.GetAsync("users"));
        Hold("users", "get", "/crm/v8/users", await crm.GetAsync("users?type=Wrong"));
        Hold("users", "get", "/crm/v8/users/{user}", await crm.GetAsync("users/1"));
        Assert.True(_problems.Count == 0, string.Join('\n', _problems));
    }

    [SkippableFact]
    public void An_answer_of_another_shape_is_noticed()
    {
        Skip.If(_files is null, ZohoOpenApi.WhereItIs);
        foreach (var (body, problem) in new[]
        {
            ("""{"data":{}}""", "$.data is a Object, not a array"),
            ("""{"data":[{"id":5}]}""", "$.data[0].id is a Number, not a string"),
            ("""{"data":[{"id":"5","Created_Time":"yesterday"}]}""", "$.data[0].Created_Time is no time: yesterday"),
            ("""{"data":[{"id":"5","Created_By":{"name":"A"}}]}""", "$.data[0].Created_By.id is missing"),
        })
        {
            Hold("record", "get", Records, new(System.Net.HttpStatusCode.OK, JsonDocument.Parse(body).RootElement, _ => null));
            Assert.Equal($"get {Records} 200: {problem}", Assert.Single(_problems));
            _problems.Clear();
        }
    }

    private async Task<CrmCaller> StartAsync()
    {
        Skip.If(_files is null, ZohoOpenApi.WhereItIs);
        return await world.FreshAsync();
    }

    private void Hold(string file, string method, string path, CrmReply reply, bool everyKey = true) =>
        _problems.AddRange(_files!.Problems(file, method, path, reply, everyKey));
}
