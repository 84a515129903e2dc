using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class CoqlTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task Rows_are_what_the_conditions_say_in_their_order()
    {
        var crm = await world.FreshAsync();
        var account = (await crm.AddAsync("Accounts", new { Account_Name = "Cedro", Phone = "+34 1" }))[0];
        var ids = await crm.AddAsync(
            "Contacts", new { Last_Name = "O'Neil", Account_Name = account, Date_of_Birth = "1990-01-02", Email_Opt_Out = true }, new { Last_Name = "Bauer", Email = "b@example.com" },
            new { Last_Name = "Costa", Email = "c@example.com", Phone = "600" });

        Assert.Equal([ids[0]], await FindAsync("Last_Name = 'o''neil'"));
        Assert.Equal([ids[0]], await FindAsync("Last_Name = \"O'Neil\""));
        Assert.Equal([ids[1], ids[2]], await FindAsync("Email is not null"));
        Assert.Equal([ids[0]], await FindAsync("Email is null"));
        Assert.Equal([ids[2]], await FindAsync("((Email is not null and Phone = '600') and id is not null)"));
        Assert.Equal([ids[1], ids[2]], await FindAsync("Last_Name in ('Bauer', 'Costa')"));
        Assert.Equal([ids[0]], await FindAsync("Last_Name not in ('Bauer', 'Costa')"));
        Assert.Equal([ids[1]], await FindAsync("Last_Name like 'Bau%'"));
        Assert.Equal([ids[2]], await FindAsync("Last_Name like '%sta'"));
        Assert.Equal([ids[0], ids[2]], await FindAsync("Last_Name not like '%au%'"));
        Assert.Equal([ids[0]], await FindAsync("Date_of_Birth between '1990-01-01' and '1990-12-31'"));
        Assert.Equal([ids[0]], await FindAsync("Account_Name.Phone = '+34 1'"));
        Assert.Equal([ids[0]], await FindAsync($"Account_Name = {account}"));
        Assert.Equal([ids[0]], await FindAsync("Email_Opt_Out = true"));
        Assert.Equal([ids[0]], await FindAsync("Email_Opt_Out = 'true'"));
        Assert.Equal([ids[2], ids[1]], await FindAsync("Email is not null order by Last_Name desc"));
        Assert.Equal([ids[1]], await FindAsync("id is not null order by id asc limit 1, 1"));
        Assert.Equal([ids[2]], await FindAsync("id is not null limit 1 offset 2"));
        Assert.Equal(ids, await FindAsync("Created_Time >= '2020-01-01T00:00:00-08:00'"));
        Assert.Empty(await FindAsync("Created_Time < '2020-01-01T00:00:00Z'"));

        var row = (await crm.QueryAsync("SELECT Last_Name AS Name2, Account_Name, Account_Name.Account_Name FROM Contacts WHERE Account_Name.Account_Name = 'Cedro'")).Data[0];
        Assert.Equal("O'Neil", row.GetProperty("Name2").GetString());
        Assert.Equal(["id"], row.GetProperty("Account_Name").EnumerateObject().Select(key => key.Name));
        Assert.Equal("Cedro", row.GetProperty("Account_Name.Account_Name").GetString());

        await crm.SetAsync(new { coql_lookup_names = true, coql_rows = 200 });
        var named = (await crm.QueryAsync("select Account_Name from Contacts where Account_Name is not null")).Data[0];
        Assert.Equal("Cedro", named.GetProperty("Account_Name").GetProperty("name").GetString());
        Assert.Equal("LIMIT_EXCEEDED", (await crm.QueryAsync("select id from Contacts where id is not null limit 201")).Root);

        var count = (await crm.QueryAsync("select COUNT(id) from Contacts where id is not null")).Data[0];
        Assert.Equal(3, count.GetProperty("COUNT(id)").GetInt32());
        var groups = await crm.QueryAsync("select Phone, COUNT(id) from Contacts where Email is not null group by Phone having COUNT(id) > 5");
        Assert.Equal(2, groups.Data.GetArrayLength());

        async Task<IReadOnlyList<string>> FindAsync(string where)
        {
            var reply = await crm.QueryAsync($"select Last_Name from Contacts where {where}");
            Assert.True(reply.Code is 200 or 204, reply.Body.ToString());
            return reply.Ids;
        }
    }

    [Theory]
    [InlineData("select id from Leads", "SYNTAX_ERROR", "clause", "where")]
    [InlineData("select id where id is not null", "SYNTAX_ERROR", "clause", "from")]
    [InlineData("update Leads", "SYNTAX_ERROR", null, null)]
    [InlineData("select id from Leads where id is not null and Email is null and Phone is null", "SYNTAX_ERROR", "near", "and")]
    [InlineData("select id from Leads where (id is not null", "SYNTAX_ERROR", "near", "")]
    [InlineData("select id from Leads where Email = 'a\\'", "SYNTAX_ERROR", "near", "\\")]
    [InlineData("select count(id) from Leads where id is not null", "SYNTAX_ERROR", "near", "count")]
    [InlineData("select id from Leads where Email contains 'a'", "SYNTAX_ERROR", "operator", "contains")]
    [InlineData("select Nothing from Leads where id is not null", "INVALID_QUERY", "column_name", "Nothing")]
    [InlineData("select id from Leads where Last_Name > 'a'", "INVALID_QUERY", "operator", ">")]
    [InlineData("select id from Leads where Created_Time > 'soon'", "INVALID_QUERY", "column_name", "Created_Time")]
    [InlineData("select id from Leads where Description = 'a'", "INVALID_QUERY", "column_name", "Description")]
    [InlineData("select id from Leads where Email not like 'a%'", "INVALID_QUERY", "column_name", "Email")]
    [InlineData("select id from Leads where id is not null limit many", "INVALID_QUERY", "limit", "many")]
    [InlineData("select id from Leads where id is not null limit 0", "INVALID_DATA", null, null)]
    [InlineData("select id from Leads where id is not null limit 2001", "LIMIT_EXCEEDED", "clause", "limit")]
    [InlineData("select id from Leads where id is not null limit 9999, 2", "LIMIT_EXCEEDED", "clause", "limit")]
    [InlineData("select Email, Email from Leads where id is not null", "DUPLICATE_DATA", "column_name", "Email")]
    [InlineData("select Email as a, Phone as a from Leads where id is not null", "DUPLICATE_ALIAS", "alias", "a")]
    [InlineData("select id from Nowhere where id is not null", "INVALID_MODULE", null, null)]
    public async Task A_wrong_query_is_refused_at_the_root(string query, string code, string? key, string? value)
    {
        var reply = await (await world.FreshAsync()).QueryAsync(query);

        Assert.Equal((400, code), (reply.Code, reply.Root));
        if (key is not null)
        {
            Assert.Equal(value, reply.Details.GetProperty(key).ToString());
        }
    }

    [Fact]
    public async Task Limits_of_a_query_are_counted()
    {
        var crm = await world.FreshAsync();

        Assert.Equal("LIMIT_EXCEEDED", (await crm.QueryAsync($"select {string.Join(',', Enumerable.Range(0, 51).Select(i => $"F{i}"))} from Leads where id is not null")).Root);
        Assert.Equal("LIMIT_EXCEEDED", (await crm.QueryAsync($"select id from Leads where id in ({string.Join(',', Enumerable.Range(1, 51))})")).Root);
        Assert.Equal(204, (await crm.QueryAsync($"select id from Leads where id in ({string.Join(',', Enumerable.Range(1, 50))})")).Code);
        var conditions = Enumerable.Repeat("id is null", 26).Aggregate((all, one) => $"({all} or {one})");
        Assert.Equal("LIMIT_EXCEEDED", (await crm.QueryAsync($"select id from Leads where {conditions}")).Root);
        await crm.SetAsync(new { coql_in_values = 100, coql_total = 100_000 });
        Assert.Equal(204, (await crm.QueryAsync($"select id from Leads where id in ({string.Join(',', Enumerable.Range(1, 100))}) limit 90000, 2000")).Code);
        Assert.Equal("MANDATORY_NOT_FOUND", (await crm.PostAsync("coql", new { })).Root);
        Assert.Equal("INVALID_DATA", (await crm.PostAsync("coql", new { select_query = "select id from Leads where id is not null", include_meta = "fields" })).Root);
        await crm.AddAsync("Leads", new { Last_Name = "A" });
        Assert.Equal("Email", (await crm.PostAsync("coql", new { select_query = "select Email from Leads where id is not null", include_meta = new[] { "fields" } }))
            .Body.GetProperty("fields")[0].GetProperty("api_name").GetString());
    }

    [Fact]
    public async Task A_key_reads_a_module_of_many_edits_in_one_second_to_its_end()
    {
        var crm = await world.FreshAsync();
        await crm.GenerateAsync("Leads", 500, perSecond: 200);
        var (time, id, seen) = ("2000-01-01T00:00:00Z", "0", new HashSet<string>());
        for (var page = 0; page < 4; page++)
        {
            var reply = await crm.QueryAsync(
                $"select Modified_Time from Leads where (Modified_Time > '{time}' or (Modified_Time = '{time}' and id > {id})) order by Modified_Time asc, id asc limit 0, 200");
            if (reply.Body.ValueKind is JsonValueKind.Undefined)
            {
                break;
            }

            seen.UnionWith(reply.Ids);
            (time, id) = (reply.Data[reply.Ids.Count - 1].GetProperty("Modified_Time").GetString()!, reply.Ids[^1]);
        }

        Assert.Equal(500, seen.Count);
    }
}
