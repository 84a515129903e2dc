namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class NoteTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task Notes_stand_under_their_record_and_leave_no_trace()
    {
        var crm = await world.FreshAsync();
        var lead = (await crm.AddAsync("Leads", new { Last_Name = "A" }))[0];

        var under = await crm.PostAsync($"Leads/{lead}/Notes", new { data = new[] { new { Note_Title = "T", Note_Content = "first" } } });
        Assert.Equal(201, under.Code);
        var id = under.Data[0].GetProperty("details").GetProperty("id").GetString()!;
        Assert.Equal(201, (await crm.PostAsync("Notes", new { data = new[] { new { Note_Content = "second", Parent_Id = new { module = new { api_name = "Leads" }, id = lead } } } })).Code);

        Assert.Equal("REQUIRED_PARAM_MISSING", (await crm.GetAsync($"Leads/{lead}/Notes")).Root);
        var notes = await crm.GetAsync($"Leads/{lead}/Notes?fields=Note_Content,Parent_Id");
        Assert.Equal(["first", "second"], notes.Data.EnumerateArray().Select(note => note.GetProperty("Note_Content").GetString()));
        Assert.Equal("Leads", notes.Data[0].GetProperty("Parent_Id").GetProperty("module").GetProperty("api_name").GetString());
        await crm.SetAsync(new { notes_newest_first = true });
        Assert.Equal("second", (await crm.GetAsync($"Leads/{lead}/Notes?fields=Note_Content")).Data[0].GetProperty("Note_Content").GetString());

        Assert.Equal(200, (await crm.PutAsync($"Notes/{id}", new { data = new[] { new { Note_Content = "third", Parent_Id = new { id = "1" } } } })).Code);
        Assert.Equal(("third", lead), Shown(await crm.GetAsync($"Notes/{id}")));
        Assert.Equal(200, (await crm.DeleteAsync($"Notes?ids={id}")).Code);
        Assert.Equal(204, (await crm.GetAsync($"Notes/{id}")).Code);
        Assert.Equal(204, (await crm.GetAsync("Notes/deleted")).Code);
        Assert.Equal(204, (await crm.GetAsync("settings/recycle_bin")).Code);

        static (string?, string?) Shown(CrmReply reply) =>
            (reply.Data[0].GetProperty("Note_Content").GetString(), reply.Data[0].GetProperty("Parent_Id").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Wrong_notes_are_refused()
    {
        var crm = await world.FreshAsync();
        var lead = (await crm.AddAsync("Leads", new { Last_Name = "A" }))[0];

        var reply = await crm.PostAsync($"Leads/{lead}/Notes", new
        {
            data = new object[]
            {
                new { }, new { Note_Title = new string('t', 121) }, new { Note_Content = new string('c', 65_536) }, new { Note_Title = new string('t', 120), Note_Content = new string('c', 65_535) },
            },
        });
        Assert.Equal(207, reply.Code);
        Assert.Equal(["EXPECTED_FIELD_MISSING", "INVALID_DATA", "INVALID_DATA", "SUCCESS"], reply.Codes);
        Assert.Equal("$.data[0].Note_Content", reply.Data[0].GetProperty("details").GetProperty("expected_fields")[0].GetProperty("json_path").GetString());
        Assert.Equal(120, reply.Data[1].GetProperty("details").GetProperty("maximum_length").GetInt32());

        await crm.SetAsync(new { note_content_maximum = 32_000 });
        Assert.Equal(["INVALID_DATA"], (await crm.PostAsync($"Leads/{lead}/Notes", new { data = new[] { new { Note_Content = new string('c', 32_001) } } })).Codes);
        var ghost = await crm.PostAsync("Leads/1/Notes", new { data = new[] { new { Note_Content = "x" } } });
        Assert.Equal((400, "INVALID_DATA", 1), (ghost.Code, ghost.Root, ghost.Details.GetProperty("resource_path_index").GetInt32()));
        Assert.Equal(2, (await crm.GetAsync($"Leads/{lead}/Friends")).Details.GetProperty("resource_path_index").GetInt32());
        Assert.Equal(["MANDATORY_NOT_FOUND", "MANDATORY_NOT_FOUND", "INVALID_DATA"], (await crm.PostAsync("Notes", new
        {
            data = new object[]
            {
                new { Note_Content = "x" }, new { Note_Content = "x", Parent_Id = new { id = lead } },
                new { Note_Content = "x", Parent_Id = new { module = new { api_name = "Leads" }, id = "1" } },
            },
        })).Codes);
    }

    [Fact]
    public async Task Tags_are_added_and_taken_and_told_whole()
    {
        var crm = await world.FreshAsync();
        var ids = await crm.AddAsync("Leads", new { Last_Name = "A" }, new { Last_Name = "B" });

        await TagAsync("add_tags", "vip", "new");
        var reply = await TagAsync("remove_tags", "new");
        Assert.Equal(("2", "0"), (reply.Body.GetProperty("success_count").GetString(), reply.Body.GetProperty("locked_count").GetString()));
        Assert.Equal(["vip"], reply.Data[0].GetProperty("details").GetProperty("tags").EnumerateArray().Select(tag => tag.GetProperty("name").GetString()));
        Assert.Equal("vip", (await crm.GetAsync("Leads?fields=Tag")).Data[0].GetProperty("Tag")[0].GetProperty("name").GetString());

        Assert.Equal(400, (await TagAsync("add_tags", new string('t', 26))).Code);
        var gone = await crm.PostAsync("Leads/actions/add_tags", new { tags = new[] { new { name = "vip" } }, ids = new[] { ids[0], "1" } });
        Assert.Equal((400, "INVALID_DATA"), (gone.Code, gone.Root));
        Assert.DoesNotContain("1", gone.Details.ToString(), StringComparison.Ordinal);
        await crm.SetAsync(new { unknown_tags_created = false });
        Assert.Equal(400, (await TagAsync("add_tags", "unheard")).Code);

        Task<CrmReply> TagAsync(string action, params string[] names) =>
            crm.PostAsync($"Leads/actions/{action}", new { tags = names.Select(name => new { name }), ids });
    }
}
