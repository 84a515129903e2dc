namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class MergeTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Theory]
    [InlineData(true, "permanent")]
    [InlineData(false, "recycle")]
    public async Task A_merged_child_is_deleted_and_what_was_its_is_the_masters(bool permanent, string type)
    {
        var crm = await world.FreshAsync();
        await crm.SetAsync(new { merged_children_permanent = permanent });
        var ids = await crm.AddAsync("Accounts", new { Account_Name = "Master" }, new { Account_Name = "Child", Phone = "600" });
        var contact = (await crm.AddAsync("Contacts", new { Last_Name = "A", Account_Name = ids[1] }))[0];

        var reply = await MergeAsync(crm, "Accounts", ids[0], new { id = ids[1], _fields = new[] { new { api_name = "Phone" } } });

        Assert.Equal((200, "SUCCESS"), (reply.Code, reply.Body.GetProperty("merge")[0].GetProperty("code").GetString()));
        Assert.Equal("600", (await crm.GetAsync($"Accounts/{ids[0]}")).Data[0].GetProperty("Phone").GetString());
        Assert.Equal(204, (await crm.GetAsync($"Accounts/{ids[1]}")).Code);
        Assert.Equal([ids[1]], (await crm.GetAsync($"Accounts/deleted?type={type}")).Ids);
        Assert.Equal(ids[0], (await crm.GetAsync($"Contacts/{contact}")).Data[0].GetProperty("Account_Name").GetProperty("id").GetString());
        Assert.Equal("INVALID_DATA", (await MergeAsync(crm, "Accounts", ids[0], new { id = ids[1] })).Root);
    }

    [Fact]
    public async Task A_merge_of_much_is_scheduled_and_locks_meanwhile()
    {
        var crm = await world.FreshAsync();
        await crm.Zoho.FreezeAsync();
        await crm.SetAsync(new { merge_scheduled_above = 1 });
        var ids = await crm.AddAsync("Accounts", new { Account_Name = "Master" }, new { Account_Name = "Child" });
        await crm.AddAsync("Contacts", new { Last_Name = "A", Account_Name = ids[1] }, new { Last_Name = "B", Account_Name = ids[1] });

        var merge = (await MergeAsync(crm, "Accounts", ids[0], new { id = ids[1] })).Body.GetProperty("merge")[0];
        Assert.Equal("SCHEDULED", merge.GetProperty("code").GetString());
        var job = merge.GetProperty("details").GetProperty("job_id").GetString();
        Assert.Equal("SCHEDULED", await StatusAsync());
        Assert.Equal("RECORD_LOCKED", (await crm.PutAsync($"Accounts/{ids[1]}", new { data = new[] { new { Phone = "1" } } })).Codes[0]);
        Assert.Equal("RECORD_LOCKED", (await crm.DeleteAsync($"Accounts/{ids[0]}")).Codes[0]);
        Assert.True((await crm.GetAsync($"Accounts/{ids[1]}")).Data[0].GetProperty("$in_merge").GetBoolean());
        await crm.Zoho.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("RUNNING", await StatusAsync());
        await crm.Zoho.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("COMPLETED", await StatusAsync());
        Assert.Equal(204, (await crm.GetAsync($"Accounts/{ids[1]}")).Code);
        Assert.Equal(200, (await crm.PutAsync($"Accounts/{ids[0]}", new { data = new[] { new { Phone = "1" } } })).Code);

        async Task<string?> StatusAsync() =>
            (await crm.GetAsync($"Accounts/{ids[0]}/actions/merge?job_id={job}")).Body.GetProperty("merge")[0].GetProperty("status").GetString();
    }

    private static Task<CrmReply> MergeAsync(CrmCaller crm, string module, string master, params object[] children) =>
        crm.PostAsync($"{module}/{master}/actions/merge", new { merge = new[] { new { data = children } } });
}
