using System.IO.Compression;

namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class BulkTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    private const string Jobs = "crm/bulk/v8/read";

    [Fact]
    public async Task A_job_takes_its_states_and_ends_with_a_file()
    {
        var crm = await world.FreshAsync();
        await crm.Zoho.FreezeAsync();
        var account = (await crm.AddAsync("Accounts", new { Account_Name = "Abril, S.A." }))[0];
        var ids = await crm.AddAsync("Contacts", new { Last_Name = "A \"B\"", Account_Name = account, Description = "two\nlines" }, new { Last_Name = "C" });

        var made = await crm.PostAsync(Jobs, new { query = new { module = new { api_name = "Contacts" }, fields = new[] { "Last_Name", "Account_Name", "Account_Name.Account_Name", "Description", "Modified_Time" } }, file_type = "csv" });
        Assert.Equal((201, "ADDED_SUCCESSFULLY"), (made.Code, made.Codes[0]));
        var job = made.Data[0].GetProperty("details").GetProperty("id").GetString()!;
        Assert.Equal("ADDED", await StateAsync(crm, job));
        Assert.True((await crm.GetAsync($"{Jobs}/{job}")).Data[0].TryGetProperty("result", out _));
        await crm.SetAsync(new { bulk_result_early = false });
        Assert.False((await crm.GetAsync($"{Jobs}/{job}")).Data[0].TryGetProperty("result", out _));
        Assert.Equal(404, (await crm.GetAsync($"{Jobs}/{job}/result")).Code);
        await crm.Zoho.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("QUEUED", await StateAsync(crm, job));
        await crm.Zoho.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("IN PROGRESS", await StateAsync(crm, job));
        await crm.Zoho.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("COMPLETED", await StateAsync(crm, job));

        var result = (await crm.GetAsync($"{Jobs}/{job}")).Data[0].GetProperty("result");
        Assert.Equal((2, false), (result.GetProperty("count").GetInt32(), result.GetProperty("more_records").GetBoolean()));
        var csv = await CsvAsync(crm, result.GetProperty("download_url").GetString()!, job);
        Assert.StartsWith(
            $"id,Last_Name,Account_Name,Account_Name.Account_Name,Description,Modified_Time\n{ids[0]},\"A \"\"B\"\"\",{account},\"Abril, S.A.\",\"two\nlines\",20", csv, StringComparison.Ordinal);

        for (var i = 0; i < 9; i++)
        {
            await crm.DownloadAsync($"{Jobs}/{job}/result");
        }

        Assert.Equal((429, "TOO_MANY_REQUESTS"), Both(await crm.GetAsync($"{Jobs}/{job}/result")));
        await crm.Zoho.AdvanceAsync(TimeSpan.FromMinutes(1));
        await crm.DownloadAsync($"{Jobs}/{job}/result");
        await crm.Zoho.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal((404, "RESOURCE_NOT_FOUND"), Both(await (await world.CallerAsync()).GetAsync($"{Jobs}/{job}/result")));
    }

    [Fact]
    public async Task More_rows_than_a_job_takes_come_by_token_or_page()
    {
        var crm = await world.FreshAsync();
        await crm.SetAsync(new { bulk_rows = 4, bulk_seconds = 0 });
        await crm.GenerateAsync("Leads", 10);

        var seen = new HashSet<string>();
        object query = new { module = new { api_name = "Leads" }, fields = new[] { "Last_Name" } };
        for (var page = 1; page <= 3; page++)
        {
            var job = (await crm.PostAsync(Jobs, new { query })).Data[0].GetProperty("details").GetProperty("id").GetString()!;
            var result = (await crm.GetAsync($"{Jobs}/{job}")).Data[0].GetProperty("result");
            Assert.Equal((page, page < 3), (result.GetProperty("page").GetInt32(), result.GetProperty("more_records").GetBoolean()));
            seen.UnionWith((await CsvAsync(crm, $"{Jobs}/{job}/result", job)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row.Split(',')[0]));
            query = new { page_token = result.GetProperty("next_page_token").GetString() };
        }

        Assert.Equal(10, seen.Count);
        var second = (await crm.PostAsync(Jobs, new { query = new { module = new { api_name = "Leads" }, page = 3 } })).Data[0].GetProperty("details").GetProperty("id").GetString()!;
        Assert.Equal(2, (await crm.GetAsync($"{Jobs}/{second}")).Data[0].GetProperty("result").GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Criteria_narrow_and_failures_are_told()
    {
        var crm = await world.FreshAsync();
        await crm.SetAsync(new { bulk_seconds = 0 });
        await crm.AddAsync("Leads", new { Last_Name = "A", No_of_Employees = 5, Company = "X" }, new { Last_Name = "B", No_of_Employees = 50 });

        Assert.Equal(1, await CountAsync(Criterion("No_of_Employees", "less_than", "10")));
        Assert.Equal(1, await CountAsync(Criterion("Company", "equal", "${EMPTY}")));
        Assert.Equal(2, await CountAsync(new { group_operator = "or", group = new[] { Criterion("Last_Name", "starts_with", "A"), Criterion("No_of_Employees", "between", new[] { "40", "60" }) } }));
        Assert.Equal("FIELD_IN_CRITERIA_NOT_AVAILABLE", (await AddAsync(Criterion("Nothing", "equal", "A"))).Root);
        Assert.Equal("FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", (await AddAsync(Criterion("No_of_Employees", "equal", "A"))).Root);
        Assert.Equal("INVALID_CRITERIA", (await AddAsync(Criterion("Last_Name", "sounds_like", "A"))).Root);

        Assert.Equal("REQUEST_BODY_IS_EMPTY", (await crm.PostAsync(Jobs, null)).Root);
        Assert.Equal("MODULE_NOT_SUPPORTED", (await crm.PostAsync(Jobs, new { query = new { module = new { api_name = "Notes" } } })).Root);
        Assert.Equal("FIELD_NOT_SUPPORTED", (await crm.PostAsync(Jobs, new { query = new { module = new { api_name = "Leads" }, fields = new[] { "Nothing" } } })).Root);
        Assert.Equal("PAGE_RANGE_EXCEEDED", (await crm.PostAsync(Jobs, new { query = new { module = new { api_name = "Leads" }, page = 51 } })).Root);
        Assert.Equal("INVALID_CALLBACK_URL", (await crm.PostAsync(Jobs, new { callback = new { url = "nowhere", method = "post" }, query = new { module = new { api_name = "Leads" } } })).Root);
        Assert.Equal((404, "RESOURCE_NOT_FOUND"), Both(await crm.GetAsync($"{Jobs}/1")));

        await crm.SetAsync(new { bulk_fails = true });
        var failed = (await AddAsync(Criterion("Last_Name", "equal", "A"))).Data[0].GetProperty("details").GetProperty("id").GetString()!;
        Assert.Equal("FAILURE", await StateAsync(crm, failed));
        await crm.SetAsync(new { bulk_failure_state = "FAILED" });
        Assert.Equal("FAILED", await StateAsync(crm, failed));

        async Task<int> CountAsync(object criteria)
        {
            var job = (await AddAsync(criteria)).Data[0].GetProperty("details").GetProperty("id").GetString()!;
            return (await crm.GetAsync($"{Jobs}/{job}")).Data[0].GetProperty("result").GetProperty("count").GetInt32();
        }

        Task<CrmReply> AddAsync(object criteria) => crm.PostAsync(Jobs, new { query = new { module = new { api_name = "Leads" }, criteria } });

        static object Criterion(string field, string comparator, object value) => new { field = new { api_name = field }, comparator, value };
    }

    private static (int, string?) Both(CrmReply reply) => (reply.Code, reply.Root);

    private static async Task<string?> StateAsync(CrmCaller crm, string job) => (await crm.GetAsync($"{Jobs}/{job}")).Data[0].GetProperty("state").GetString();

    private static async Task<string> CsvAsync(CrmCaller crm, string url, string job)
    {
        await using var zip = new ZipArchive(new MemoryStream(await crm.DownloadAsync(url)));
        using var reader = new StreamReader(await zip.GetEntry($"{job}.csv")!.OpenAsync());
        return await reader.ReadToEndAsync();
    }
}
