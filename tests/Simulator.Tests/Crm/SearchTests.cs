using System.Net;

namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class SearchTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task The_index_lags_behind_and_finds_what_was()
    {
        var crm = await world.FreshAsync();
        await crm.Zoho.FreezeAsync();
        var id = (await crm.AddAsync("Leads", new { Last_Name = "Alvarez", Email = "ann@example.com" }))[0];

        Assert.Equal(204, (await crm.GetAsync("Leads/search?email=ann@example.com")).Code);
        Assert.Equal([id], (await crm.QueryAsync("select id from Leads where Email = 'ann@example.com'")).Ids);
        await crm.Zoho.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Equal([id], (await crm.GetAsync("Leads/search?email=ann@example.com")).Ids);

        await crm.PutAsync($"Leads/{id}", new { data = new[] { new { Email = "bea@example.com" } } });
        var stale = await crm.GetAsync("Leads/search?email=ann@example.com");
        Assert.Equal("bea@example.com", stale.Data[0].GetProperty("Email").GetString());
        Assert.Equal(204, (await crm.GetAsync("Leads/search?email=bea@example.com")).Code);
        await crm.Zoho.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(204, (await crm.GetAsync("Leads/search?email=ann@example.com")).Code);
        Assert.Equal([id], (await crm.GetAsync("Leads/search?email=bea@example.com")).Ids);
    }

    [Fact]
    public async Task Address_number_and_word_find_parts()
    {
        var crm = await world.FreshAsync();
        await crm.SetAsync(new { index_delay_seconds = 0 });
        var ids = await crm.AddAsync(
            "Leads", new { Last_Name = "Alvarez", Email = "ann@example.com", Phone = "+34 600-111-222" }, new { Last_Name = "Bauer", Mobile = "0034600111222 ext 5" });

        Assert.Equal([ids[0]], (await crm.GetAsync("Leads/search?email=nn@exam")).Ids);
        Assert.Equal([ids[1], ids[0]], (await crm.GetAsync("Leads/search?phone=600111222")).Ids);
        Assert.Equal([ids[1], ids[0]], (await crm.GetAsync($"Leads/search?phone={WebUtility.UrlEncode("+34 600")}")).Ids);
        Assert.Equal([ids[0]], (await crm.GetAsync("Leads/search?word=lvar")).Ids);
        foreach (var wrong in new[] { "phone=60", "phone=600x", "word=a", $"word={WebUtility.UrlEncode("a*b")}" })
        {
            Assert.Equal("INVALID_DATA", (await crm.GetAsync($"Leads/search?{wrong}")).Root);
        }

        Assert.Equal("EXPECTED_PARAM_MISSING", (await crm.GetAsync("Leads/search")).Root);
        var far = await crm.GetAsync("Leads/search?word=lvar&page=11");
        Assert.Equal(("LIMIT_REACHED", "2000"), (far.Root, far.Details.GetProperty("limit").GetString()));
        await crm.SetAsync(new { search_parameter_missing_code = "MANDATORY_NOT_FOUND", search_email_partial = false });
        Assert.Equal("MANDATORY_NOT_FOUND", (await crm.GetAsync("Leads/search")).Root);
        Assert.Equal(204, (await crm.GetAsync("Leads/search?email=nn@exam")).Code);
    }

    [Fact]
    public async Task Criteria_are_read_with_escapes_and_equals_finds_what_contains()
    {
        var crm = await world.FreshAsync();
        await crm.SetAsync(new { index_delay_seconds = 0 });
        var ids = await crm.AddAsync(
            "Leads", new { Last_Name = "A", Company = "ABC", No_of_Employees = 5 }, new { Last_Name = "B", Company = "ABC Inc", No_of_Employees = 50 },
            new { Last_Name = "C", Company = "Sol (Sur), S.A.", No_of_Employees = 7 });

        Assert.Equal([ids[1], ids[0]], (await FindAsync("(Company:equals:ABC)")).Ids);
        Assert.Equal([ids[0]], (await FindAsync("((Company:equals:ABC)and(No_of_Employees:less_than:10))")).Ids);
        Assert.Equal([ids[2], ids[0]], (await FindAsync("((Last_Name:equals:A)or(Last_Name:equals:C))")).Ids);
        Assert.Equal([ids[2]], (await FindAsync(@"(Company:equals:Sol \(Sur\)\, S.A.)")).Ids);
        Assert.Equal([ids[2], ids[0]], (await FindAsync("(No_of_Employees:between:5,7)")).Ids);
        Assert.Equal([ids[1]], (await FindAsync("(Last_Name:in:B,X)")).Ids);
        Assert.Equal([ids[2]], (await FindAsync("(Company:starts_with:Sol)")).Ids);
        foreach (var wrong in new[] { "(Nothing:equals:A)", "(Company:greater_than:A)", "(No_of_Employees:equals:x)", "(Company:equals:A", "Company", $"(Last_Name:in:{string.Join(',', Enumerable.Range(0, 101))})" })
        {
            Assert.Equal("INVALID_QUERY", (await FindAsync(wrong)).Root);
        }

        var eleven = string.Join("or", Enumerable.Repeat("(Last_Name:equals:A)", 11));
        Assert.Equal("CRITERIA_LIMIT_EXCEEDED", (await FindAsync($"({eleven})")).Root);
        await crm.SetAsync(new { search_equals_contains = false, search_criteria_maximum = 15 });
        Assert.Equal([ids[0]], (await FindAsync("(Company:equals:ABC)")).Ids);
        Assert.Equal(200, (await FindAsync($"({eleven})")).Code);

        Task<CrmReply> FindAsync(string criteria) => crm.GetAsync($"Leads/search?criteria={WebUtility.UrlEncode(criteria)}");
    }
}
