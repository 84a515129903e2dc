using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class DeletedTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task A_deletion_is_told_per_record_and_listed_until_it_is_forgotten()
    {
        var crm = await world.FreshAsync();
        await crm.Zoho.FreezeAsync();
        var ids = await crm.AddAsync("Leads", new { Last_Name = "A", First_Name = "Ivan" }, new { Last_Name = "B" }, new { Last_Name = "C" });
        Assert.Equal(204, (await crm.GetAsync("Leads/deleted")).Code);

        var deleted = await crm.DeleteAsync($"Leads?ids={ids[0]},123");
        Assert.Equal(207, deleted.Code);
        Assert.Equal(["SUCCESS", "INVALID_DATA"], deleted.Codes);
        Assert.Equal("123", deleted.Data[1].GetProperty("details").GetProperty("id").GetString());
        Assert.Equal(400, (await crm.DeleteAsync($"Leads/{ids[0]}")).Code);
        Assert.Equal("UNABLE_TO_PARSE_DATA_TYPE", (await crm.DeleteAsync("Leads?ids=abc")).Root);
        Assert.Equal("REQUIRED_PARAM_MISSING", (await crm.DeleteAsync("Leads")).Root);
        Assert.Equal(204, (await crm.GetAsync($"Leads/{ids[0]}")).Code);

        var row = Assert.Single((await crm.GetAsync("Leads/deleted?type=recycle")).Data.EnumerateArray());
        Assert.Equal(("Ivan A", "recycle"), (row.GetProperty("display_name").GetString(), row.GetProperty("type").GetString()));
        Assert.Equal(204, (await crm.GetAsync("Leads/deleted?type=permanent")).Code);
        Assert.Equal("PATTERN_NOT_MATCHED", (await crm.GetAsync("Leads/deleted?type=some")).Root);
        Assert.Equal(304, (await crm.GetAsync("Leads/deleted", ("If-Modified-Since", row.GetProperty("deleted_time").GetString()!))).Code);

        await crm.Zoho.AdvanceAsync(TimeSpan.FromDays(61));
        var later = await world.CallerAsync();
        var permanent = Assert.Single((await later.GetAsync("Leads/deleted")).Data.EnumerateArray());
        Assert.Equal(("permanent", JsonValueKind.Null, JsonValueKind.Null), (
            permanent.GetProperty("type").GetString(), permanent.GetProperty("display_name").ValueKind, permanent.GetProperty("deleted_by").ValueKind));
        Assert.Equal(204, (await later.GetAsync("settings/recycle_bin")).Code);
        await crm.Zoho.AdvanceAsync(TimeSpan.FromDays(60));
        Assert.Equal(204, (await (await world.CallerAsync()).GetAsync("Leads/deleted")).Code);
    }

    [Fact]
    public async Task A_record_comes_back_from_the_bin_with_its_old_id()
    {
        var crm = await world.FreshAsync();
        var ids = await crm.AddAsync("Leads", new { Last_Name = "A" }, new { Last_Name = "B" });
        await crm.DeleteAsync($"Leads?ids={string.Join(',', ids)}");
        Assert.Equal(2, (await crm.GetAsync("settings/recycle_bin")).Body.GetProperty("recycle_bin").GetArrayLength());

        Assert.Equal(200, (await crm.PostAsync($"settings/recycle_bin/{ids[0]}/actions/restore", null)).Code);
        Assert.Equal(ids[0], (await crm.GetAsync($"Leads/{ids[0]}")).Ids[0]);
        Assert.Equal([ids[1]], (await crm.GetAsync("Leads/deleted")).Ids);
        Assert.Equal("INVALID_DATA", (await crm.PostAsync($"settings/recycle_bin/{ids[0]}/actions/restore", null)).Root);

        Assert.Equal(200, (await crm.DeleteAsync($"settings/recycle_bin?ids={ids[1]}")).Code);
        Assert.Equal([ids[1]], (await crm.GetAsync("Leads/deleted?type=permanent")).Ids);
        Assert.Equal(400, (await crm.PostAsync($"settings/recycle_bin/{ids[1]}/actions/restore", null)).Code);
    }

    [Fact]
    public async Task The_list_of_the_deleted_ends_at_2000_rows_by_default()
    {
        var crm = await world.FreshAsync();
        await crm.GenerateAsync("Leads", 2201);
        await crm.ControlAsync(HttpMethod.Post, "/Leads/deleted-records", new { count = 2201 });

        Assert.True((await crm.GetAsync("Leads/deleted?page=10")).Body.GetProperty("info").GetProperty("more_records").GetBoolean());
        Assert.Equal("DISCRETE_PAGINATION_LIMIT_EXCEEDED", (await crm.GetAsync("Leads/deleted?page=11")).Root);
        await crm.SetAsync(new { deleted_capped = false });
        Assert.Single((await crm.GetAsync("Leads/deleted?page=12")).Ids);
    }
}
