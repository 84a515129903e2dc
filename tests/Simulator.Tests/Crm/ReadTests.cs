using System.Globalization;

namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class ReadTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task A_list_needs_fields_and_tells_its_page()
    {
        var crm = await world.FreshAsync();
        Assert.Equal(204, (await crm.GetAsync("Leads?fields=Email")).Code);
        await crm.GenerateAsync("Leads", 3);

        Assert.Equal("REQUIRED_PARAM_MISSING", (await crm.GetAsync("Leads")).Root);
        Assert.Equal("LIMIT_EXCEEDED", (await crm.GetAsync($"Leads?fields={string.Join(',', Enumerable.Range(0, 51).Select(i => $"F{i}"))}")).Root);
        Assert.Equal("PATTERN_NOT_MATCHED", (await crm.GetAsync("Leads?fields=Email&per_page=201")).Root);
        Assert.Equal("PATTERN_NOT_MATCHED", (await crm.GetAsync("Leads?fields=Email&sort_by=Email")).Root);
        Assert.Equal("INVALID_DATA", (await crm.GetAsync("Leads?fields=Email&cvid=1")).Root);

        var page = await crm.GetAsync("Leads?fields=Last_Name,Nothing,Modified_Time&per_page=2");
        var info = page.Body.GetProperty("info");
        Assert.Equal((2, 1, true, "id", "desc"), (
            info.GetProperty("count").GetInt32(), info.GetProperty("page").GetInt32(), info.GetProperty("more_records").GetBoolean(),
            info.GetProperty("sort_by").GetString(), info.GetProperty("sort_order").GetString()));
        Assert.Equal(["Last_Name", "Modified_Time", "id"], page.Data[0].EnumerateObject().Select(field => field.Name));
        Assert.True(long.Parse(page.Ids[0], CultureInfo.InvariantCulture) > (1L << 53));
        Assert.Null((await crm.GetAsync("Leads?fields=Email&per_page=2&page=2")).Next);
    }

    [Fact]
    public async Task Page_numbers_end_at_2000_and_tokens_belong_to_their_parameters_and_a_day()
    {
        var crm = await world.FreshAsync();
        await crm.GenerateAsync("Leads", 2400);

        var tenth = await crm.GetAsync("Leads?fields=Email&page=10");
        Assert.Equal(200, tenth.Ids.Count);
        Assert.Equal("DISCRETE_PAGINATION_LIMIT_EXCEEDED", (await crm.GetAsync("Leads?fields=Email&page=11")).Root);
        var eleventh = await crm.GetAsync($"Leads?fields=Email&page_token={tenth.Next}");
        Assert.Equal(200, eleventh.Ids.Except(tenth.Ids).Count());
        Assert.Equal(11, eleventh.Body.GetProperty("info").GetProperty("page").GetInt32());
        Assert.Equal("TOKEN_BOUND_DATA_MISMATCH", (await crm.GetAsync($"Leads?fields=Phone&page_token={tenth.Next}")).Root);
        Assert.Equal("AMBIGUITY_DURING_PROCESSING", (await crm.GetAsync($"Leads?fields=Email&page=2&page_token={tenth.Next}")).Root);

        await crm.Zoho.AdvanceAsync(TimeSpan.FromHours(24));
        var later = await world.CallerAsync();
        Assert.Equal("EXPIRED_VALUE", (await later.GetAsync($"Leads?fields=Email&page_token={tenth.Next}")).Root);
        Assert.Equal("INVALID_DATA", (await later.GetAsync("Leads?fields=Email&page_token=none")).Root);
    }

    [Theory]
    [InlineData("offset", 1)]
    [InlineData("after_last", 0)]
    [InlineData("snapshot", 0)]
    public async Task What_an_edit_between_two_pages_does_is_a_switch(string tokens, int skipped)
    {
        var crm = await world.FreshAsync();
        await crm.SetAsync(new { page_tokens = tokens });
        await crm.GenerateAsync("Leads", 6, perSecond: 1);
        var all = (await crm.GetAsync("Leads?fields=id&sort_by=Modified_Time&sort_order=asc")).Ids;

        var first = await crm.GetAsync("Leads?fields=id&sort_by=Modified_Time&sort_order=asc&per_page=2");
        await crm.PutAsync($"Leads/{first.Ids[0]}", new { data = new[] { new { City = "Oslo" } } });
        var seen = new HashSet<string>(first.Ids);
        for (var next = first.Next; next is not null;)
        {
            var page = await crm.GetAsync($"Leads?fields=id&sort_by=Modified_Time&sort_order=asc&per_page=2&page_token={next}");
            seen.UnionWith(page.Ids);
            next = page.Next;
        }

        Assert.Equal(skipped, all.Except(seen).Count());
    }

    [Fact]
    public async Task Only_what_was_modified_since_is_told_by_moments_not_by_texts()
    {
        var crm = await world.FreshAsync();
        await crm.Zoho.FreezeAsync();
        var ids = await crm.AddAsync("Leads", new { Last_Name = "A" }, new { Last_Name = "B" });
        await crm.Zoho.AdvanceAsync(TimeSpan.FromSeconds(10));
        var updated = await crm.PutAsync($"Leads/{ids[1]}", new { data = new[] { new { City = "Oslo" } } });
        var at = updated.Data[0].GetProperty("details").GetProperty("Modified_Time").GetString()!;
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\z", at);
        var before = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture).AddSeconds(-1);

        Assert.Equal([ids[1]], (await crm.GetAsync("Leads?fields=id", ("If-Modified-Since", before.ToOffset(TimeSpan.FromHours(5)).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture)))).Ids);
        Assert.Equal([ids[1]], (await crm.GetAsync("Leads?fields=id&sort_by=Modified_Time", ("If-Modified-Since", before.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)))).Ids);
        Assert.Equal(304, (await crm.GetAsync("Leads?fields=id", ("If-Modified-Since", at))).Code);
        Assert.Equal(304, (await crm.GetAsync($"Leads/{ids[1]}", ("If-Modified-Since", at))).Code);
        Assert.Equal("PATTERN_NOT_MATCHED", (await crm.GetAsync("Leads?fields=id", ("If-Modified-Since", "Fri, 27 Nov 2026 10:00:00 GMT"))).Root);

        await crm.SetAsync(new { modified_since_inclusive = true });
        Assert.Equal([ids[1]], (await crm.GetAsync("Leads?fields=id", ("If-Modified-Since", at))).Ids);
        await crm.SetAsync(new { modified_since_inclusive = false, nothing_modified_status = 204 });
        Assert.Equal(204, (await crm.GetAsync("Leads?fields=id", ("If-Modified-Since", at))).Code);
    }

    [Fact]
    public async Task One_record_is_whole_and_the_text_of_a_list_is_cut()
    {
        var crm = await world.FreshAsync();
        var ids = await crm.AddAsync("Leads", new { Last_Name = "Long", Description = new string('x', 700) });

        Assert.Equal(700, (await crm.GetAsync($"Leads/{ids[0]}")).Data[0].GetProperty("Description").GetString()!.Length);
        Assert.Equal(500, (await crm.GetAsync("Leads?fields=Description")).Data[0].GetProperty("Description").GetString()!.Length);
        Assert.Equal(204, (await crm.GetAsync("Leads/1")).Code);
        Assert.Equal(ids, (await crm.GetAsync($"Leads?fields=id&ids=1,{ids[0]}")).Ids);
        Assert.Equal(204, (await crm.GetAsync("Leads?fields=id&ids=1")).Code);
        Assert.Equal("UNABLE_TO_PARSE_DATA_TYPE", (await crm.GetAsync("Leads?fields=id&ids=abc")).Root);
    }
}
