using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class WriteTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Theory]
    [InlineData("""{}""", "MANDATORY_NOT_FOUND", "Last_Name")]
    [InlineData("""{"Last_Name":""}""", "MANDATORY_NOT_FOUND", "Last_Name")]
    [InlineData("""{"Last_Name":5}""", "INVALID_DATA", "Last_Name")]
    [InlineData("""{"Last_Name":"A","Email":"not one"}""", "INVALID_DATA", "Email")]
    [InlineData("""{"Last_Name":"A","Phone":"+34 (600) 000 000 000 000 000 000"}""", "INVALID_DATA", "Phone")]
    [InlineData("""{"Last_Name":"A","Phone":"*"}""", "INVALID_DATA", "Phone")]
    [InlineData("""{"Last_Name":"A","Lead_Status":"Unheard"}""", "INVALID_DATA", "Lead_Status")]
    [InlineData("""{"Last_Name":"A","No_of_Employees":"7"}""", "INVALID_DATA", "No_of_Employees")]
    [InlineData("""{"Last_Name":"A","Email_Opt_Out":"true"}""", "INVALID_DATA", "Email_Opt_Out")]
    [InlineData("""{"Last_Name":"A","Owner":{"id":"1"}}""", "INVALID_DATA", "Owner")]
    [InlineData("""{"Last_Name":"A","Layout":{"id":"1"}}""", "INVALID_DATA", "Layout")]
    [InlineData("""{"Last_Name":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""", "INVALID_DATA", "Last_Name")]
    public async Task A_wrong_record_is_refused_by_field_and_place_beside_a_good_one(string record, string code, string field)
    {
        var crm = await world.FreshAsync();

        var reply = await crm.PostAsync("Leads", new { data = new[] { JsonNode.Parse("""{"Last_Name":"Good"}"""), JsonNode.Parse(record) } });

        Assert.Equal(207, reply.Code);
        Assert.Equal(["SUCCESS", code], reply.Codes);
        var details = reply.Data[1].GetProperty("details");
        Assert.Equal((field, $"$.data[1].{field}"), (details.GetProperty("api_name").GetString(), details.GetProperty("json_path").GetString()));

        var alone = await crm.PostAsync("Leads", new { data = new[] { JsonNode.Parse(record) } });
        Assert.Equal(400, alone.Code);
        Assert.Equal([code], alone.Codes);
        Assert.Single((await crm.GetAsync("Leads?fields=id")).Ids);
    }

    [Fact]
    public async Task A_body_that_is_none_is_refused_at_the_root()
    {
        var crm = await world.FreshAsync();

        Assert.Equal("INVALID_DATA", (await crm.PostAsync("Leads", null)).Root);
        Assert.Equal("MANDATORY_NOT_FOUND", (await crm.PostAsync("Leads", new { })).Root);
        Assert.Equal("INVALID_DATA", (await crm.PostAsync("Leads", new { data = "x" })).Root);
        var many = await crm.PostAsync("Leads", new { data = Enumerable.Range(0, 101).Select(i => new { Last_Name = $"L{i}" }) });
        Assert.Equal((400, "LIMIT_EXCEEDED", 100), (many.Code, many.Root, many.Details.GetProperty("maximum_length").GetInt32()));

        await crm.SetAsync(new { all_refused_status = 202, strict_picklists = false });
        Assert.Equal(202, (await crm.PostAsync("Leads", new { data = new[] { new { } } })).Code);
        await crm.AddAsync("Leads", new { Last_Name = "A", Lead_Status = "Unheard" });
    }

    [Fact]
    public async Task A_unique_value_is_refused_with_the_record_that_has_it()
    {
        var crm = await world.FreshAsync();
        await crm.ControlAsync(HttpMethod.Post, "/Leads/fields", new { api_name = "External_Id", type = "text", unique = true });
        await crm.ControlAsync(HttpMethod.Post, "/Leads/fields", new { api_name = "Code", type = "text", unique = true });
        var ids = await crm.AddAsync("Leads", new { Last_Name = "A", External_Id = "x1" }, new { Last_Name = "B", Code = "c1" });

        var reply = await crm.PostAsync("Leads", new { data = new object[] { new { Last_Name = "C", External_Id = "X1" }, new { Last_Name = "D", External_Id = "x1", Code = "c1" } } });

        Assert.Equal(["DUPLICATE_DATA", "MULTIPLE_OR_MULTI_ERRORS"], reply.Codes);
        var details = reply.Data[0].GetProperty("details");
        Assert.Equal((ids[0], ids[0], false), (
            details.GetProperty("id").GetString(), details.GetProperty("duplicate_record").GetProperty("id").GetString(), details.GetProperty("more_records").GetBoolean()));
        Assert.Equal(["DUPLICATE_DATA", "DUPLICATE_DATA"], reply.Data[1].GetProperty("details").GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("code").GetString()));
        Assert.Equal("DUPLICATE_DATA", (await crm.PutAsync($"Leads/{ids[1]}", new { data = new[] { new { External_Id = "x1" } } })).Codes[0]);
        Assert.Equal(200, (await crm.PutAsync($"Leads/{ids[0]}", new { data = new[] { new { External_Id = "x1" } } })).Code);

        await crm.SetAsync(new { duplicate_keys = "record_only" });
        var record = await crm.PostAsync("Leads", new { data = new[] { new { Last_Name = "C", External_Id = "x1" } } });
        Assert.False(record.Data[0].GetProperty("details").TryGetProperty("id", out _));
        await crm.SetAsync(new { duplicate_keys = "id_only" });
        var named = await crm.PostAsync("Leads", new { data = new[] { new { Last_Name = "C", External_Id = "x1" } } });
        Assert.False(named.Data[0].GetProperty("details").TryGetProperty("duplicate_record", out _));
    }

    [Fact]
    public async Task An_update_knows_gone_converted_and_meanwhile_modified_records()
    {
        var crm = await world.FreshAsync();
        await crm.Zoho.FreezeAsync();
        var ids = await crm.AddAsync("Leads", new { Last_Name = "A" }, new { Last_Name = "B" });
        await crm.Zoho.AdvanceAsync(TimeSpan.FromSeconds(5));

        var body = new { data = new[] { new { City = "Oslo" } } };
        var gone = await crm.PutAsync("Leads/123", body);
        Assert.Equal((400, "INVALID_DATA", 1), (gone.Code, gone.Root, gone.Details.GetProperty("resource_path_index").GetInt32()));
        await crm.SetAsync(new { gone_at_root = false });
        Assert.Equal("123", (await crm.PutAsync("Leads/123", body)).Data[0].GetProperty("details").GetProperty("id").GetString());

        var many = await crm.PutAsync("Leads", new { data = new object[] { new { id = ids[0], City = "Oslo" }, new { id = "123", City = "Oslo" }, new { City = "Oslo" } } });
        Assert.Equal(207, many.Code);
        Assert.Equal(["SUCCESS", "INVALID_DATA", "MANDATORY_NOT_FOUND"], many.Codes);

        var time = many.Data[0].GetProperty("details").GetProperty("Created_Time").GetString()!;
        var modified = await crm.PutAsync($"Leads/{ids[0]}", body, ("If-Unmodified-Since", time));
        Assert.Equal(412, modified.Code);
        Assert.Equal(["ALREADY_MODIFIED"], modified.Codes);
        Assert.Equal(200, (await crm.PutAsync($"Leads/{ids[1]}", body, ("If-Unmodified-Since", time))).Code);
        Assert.Equal("MANDATORY_NOT_FOUND", (await crm.PutAsync($"Leads/{ids[1]}", new { data = new[] { new { Last_Name = (string?)null } } })).Codes[0]);

        await crm.PostAsync($"Leads/{ids[1]}/actions/convert", new { data = new[] { new { } } });
        Assert.Equal("CONVERTED_RECORD", (await crm.PutAsync($"Leads/{ids[1]}", body)).Codes[0]);
    }

    [Fact]
    public async Task An_upsert_finds_by_the_fields_it_names_and_by_unique_ones()
    {
        var crm = await world.FreshAsync();
        await crm.ControlAsync(HttpMethod.Post, "/Leads/fields", new { api_name = "External_Id", type = "text", unique = true });

        var first = await UpsertAsync(crm, new { Last_Name = "A", Email = "a@example.com", External_Id = "x1" });
        Assert.Equal(("insert", JsonValueKind.Null), (first.Action, first.Field.ValueKind));
        var second = await UpsertAsync(crm, new { Last_Name = "A2", Email = "A@example.com" });
        Assert.Equal(("update", "Email", first.Id), (second.Action, second.Field.GetString(), second.Id));
        var third = await UpsertAsync(crm, new { Last_Name = "A3", Email = "other@example.com", External_Id = "x1" }, "External_Id");
        Assert.Equal(("update", "External_Id", first.Id), (third.Action, third.Field.GetString(), third.Id));
        // Email is not looked at when others are named
        Assert.Equal("insert", (await UpsertAsync(crm, new { Last_Name = "A4", Email = "other@example.com" }, "External_Id")).Action);

        Assert.Equal("INVALID_DATA", (await crm.PostAsync("Leads/upsert", new { data = new[] { new { Last_Name = "A" } }, duplicate_check_fields = new[] { "Phone" } })).Root);
        Assert.Equal("NOT_SUPPORTED", (await crm.PostAsync("Tasks/upsert", new { data = new[] { new { Subject = "A" } } })).Root);

        // two records of one call that are the same are one
        var twice = await crm.PostAsync("Leads/upsert", new { data = new[] { new { Last_Name = "T", Email = "t@example.com" }, new { Last_Name = "T2", Email = "t@example.com" } } });
        Assert.Equal(["insert", "update"], twice.Data.EnumerateArray().Select(row => row.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task Two_upserts_at_once_on_a_field_that_is_not_unique_both_insert()
    {
        var crm = await world.FreshAsync();
        await crm.SetAsync(new { call_milliseconds = 300 });

        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => UpsertAsync(crm, new { Last_Name = "A", Email = "a@example.com" })));

        Assert.Equal(["insert", "insert"], answers.Select(answer => answer.Action));
        Assert.Equal("update", (await UpsertAsync(crm, new { Last_Name = "A", Email = "a@example.com" })).Action);

        await crm.SetAsync(new { upserts_race = false });
        var one = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => UpsertAsync(crm, new { Last_Name = "B", Email = "b@example.com" })));
        Assert.Equal(["insert", "update"], one.Select(answer => answer.Action).Order());
    }

    [Fact]
    public async Task A_lookup_points_to_a_record_that_is_there_and_shows_its_name()
    {
        var crm = await world.FreshAsync();
        var account = (await crm.AddAsync("Accounts", new { Account_Name = "Cedro" }))[0];
        var ids = await crm.AddAsync("Contacts", new { Last_Name = "A", Account_Name = new { id = account } }, new { Last_Name = "B", Account_Name = account });

        var shown = (await crm.GetAsync($"Contacts/{ids[0]}")).Data[0].GetProperty("Account_Name");
        Assert.Equal(("Cedro", account), (shown.GetProperty("name").GetString(), shown.GetProperty("id").GetString()));
        Assert.Equal(["INVALID_DATA"], (await crm.PostAsync("Contacts", new { data = new[] { new { Last_Name = "C", Account_Name = new { id = "1" } } } })).Codes);

        await crm.DeleteAsync($"Accounts/{account}");
        Assert.Equal(JsonValueKind.Null, (await crm.GetAsync($"Contacts/{ids[0]}")).Data[0].GetProperty("Account_Name").ValueKind);
    }

    [Fact]
    public async Task A_call_has_its_rules()
    {
        var crm = await world.FreshAsync();
        var lead = (await crm.AddAsync("Leads", new { Last_Name = "A" }))[0];
        var start = "2026-03-04T08:15:00+05:30";

        var call = (await crm.AddAsync("Calls", new Dictionary<string, object>
        {
            ["Subject"] = "Talk",
            ["Call_Type"] = "Outbound",
            ["Call_Start_Time"] = start,
            ["Call_Duration"] = "10:00",
            ["What_Id"] = new { id = lead },
            ["$se_module"] = "Leads",
        }))[0];
        var shown = (await crm.GetAsync($"Calls/{call}")).Data[0];
        Assert.Equal((600, "Leads", "2026-03-04T03:45:00+01:00", "Attended Dialled"), (
            shown.GetProperty("Call_Duration_in_seconds").GetInt32(), shown.GetProperty("$se_module").GetString(),
            shown.GetProperty("Call_Start_Time").GetString(), shown.GetProperty("Call_Status").GetString()));

        Assert.Equal("INVALID_DATA", (await crm.PutAsync($"Calls/{call}", new { data = new[] { new { Call_Type = "Inbound" } } })).Codes[0]);
        var refused = await crm.PostAsync("Calls", new
        {
            data = new object[]
            {
                new { Subject = "A", Call_Type = "Outbound", Call_Start_Time = start, Call_Duration = "00:00" },
                new { Subject = "B", Call_Type = "Outbound", Call_Start_Time = start },
                new { Subject = "C", Call_Type = "Outbound", Call_Start_Time = start, Call_Duration = "00:10", What_Id = new { id = lead } },
                new { Subject = "D", Call_Type = "Missed", Call_Start_Time = start },
                new { Subject = "E", Call_Type = "Missed", Call_Start_Time = "2026-03-04T08:15:00.000+05:30" },
            },
        });
        Assert.Equal(["DEPENDENT_MISMATCH", "MANDATORY_NOT_FOUND", "DEPENDENT_FIELD_MISSING", "SUCCESS", "INVALID_DATA"], refused.Codes);

        await crm.SetAsync(new { call_duration_in_minutes = false });
        var hours = (await crm.AddAsync("Calls", new { Subject = "A", Call_Type = "Inbound", Call_Start_Time = start, Call_Duration = "10:00" }))[0];
        Assert.Equal(36_000, (await crm.GetAsync($"Calls/{hours}")).Data[0].GetProperty("Call_Duration_in_seconds").GetInt32());
    }

    [Fact]
    public async Task A_lost_answer_leaves_the_record_behind()
    {
        var crm = await world.FreshAsync();
        await crm.Zoho.ControlAsync(HttpMethod.Post, "faults", new { kind = "answer_lost", path = "/crm/v8/Leads", method = "POST", times = 1 });

        await Assert.ThrowsAsync<HttpRequestException>(() => crm.PostAsync("Leads", new { data = new[] { new { Last_Name = "A" } } }));

        Assert.Single((await crm.GetAsync("Leads?fields=id")).Ids);
    }

    private static async Task<(string Action, JsonElement Field, string Id)> UpsertAsync(CrmCaller crm, object record, params string[] fields)
    {
        var reply = await crm.PostAsync("Leads/upsert", fields.Length > 0 ? new { data = new[] { record }, duplicate_check_fields = fields } : new { data = new[] { record } });
        Assert.True(reply.Code is 200, reply.Body.ToString());
        var row = reply.Data[0];
        return (row.GetProperty("action").GetString()!, row.GetProperty("duplicate_field"), row.GetProperty("details").GetProperty("id").GetString()!);
    }
}
