using System.Net;

namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class AccessTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task A_call_needs_a_token_of_its_data_centre()
    {
        var crm = await world.FreshAsync();

        var none = await crm.With(null).GetAsync("org");
        Assert.Equal((401, "AUTHENTICATION_FAILURE"), (none.Code, none.Root));
        var wrong = await crm.With("1000.fake.wrong").GetAsync("org");
        Assert.Equal((401, "INVALID_TOKEN"), (wrong.Code, wrong.Root));
        var elsewhere = await crm.At("eu").GetAsync("org");
        Assert.Equal((401, "INVALID_TOKEN"), (elsewhere.Code, elsewhere.Root));
        Assert.Equal(HttpStatusCode.OK, (await crm.GetAsync("org")).Status);
        Assert.Equal(HttpStatusCode.OK, (await (await world.CallerAsync(dataCentre: "eu")).GetAsync("org")).Status);

        await crm.Zoho.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal("INVALID_TOKEN", (await crm.GetAsync("org")).Root);
        await crm.SetAsync(new { expired_token_code = "AUTHENTICATION_FAILURE" });
        Assert.Equal("AUTHENTICATION_FAILURE", (await crm.GetAsync("org")).Root);
    }

    [Theory]
    [InlineData("GET", "Leads?fields=Email", "ZohoCRM.modules.leads.READ")]
    [InlineData("GET", "Contacts?fields=Email", "ZohoCRM.modules.contacts.READ")]
    [InlineData("GET", "Leads/1", "ZohoCRM.modules.READ")]
    [InlineData("POST", "Leads", "ZohoCRM.modules.leads.CREATE")]
    [InlineData("PUT", "Leads", "ZohoCRM.modules.leads.WRITE")]
    [InlineData("DELETE", "Leads?ids=1", "ZohoCRM.modules.leads.DELETE")]
    [InlineData("POST", "Leads/upsert", "ZohoCRM.modules.leads.CREATE,ZohoCRM.modules.leads.UPDATE")]
    [InlineData("GET", "Leads/deleted", "ZohoCRM.modules.leads.READ")]
    [InlineData("GET", "Leads/search?word=abc", "ZohoCRM.modules.leads.READ,ZohoSearch.securesearch.READ")]
    [InlineData("POST", "coql", "ZohoCRM.coql.READ")]
    [InlineData("GET", "org", "ZohoCRM.org.READ")]
    [InlineData("GET", "users", "ZohoCRM.users.READ")]
    [InlineData("GET", "settings/modules", "ZohoCRM.settings.modules.READ")]
    [InlineData("GET", "settings/fields?module=Leads", "ZohoCRM.settings.ALL")]
    [InlineData("GET", "settings/layouts?module=Leads", "ZohoCRM.settings.layouts.READ")]
    [InlineData("GET", "settings/recycle_bin", "ZohoCRM.settings.recycle_bin.READ")]
    [InlineData("GET", "actions/watch?channel_id=1", "ZohoCRM.notifications.READ")]
    [InlineData("POST", "actions/watch", "ZohoCRM.notifications.CREATE")]
    [InlineData("GET", "Leads/1/Notes?fields=id", "ZohoCRM.modules.leads.READ,ZohoCRM.modules.notes.READ")]
    [InlineData("POST", "Leads/1/actions/convert", "ZohoCRM.modules.leads.ALL")]
    [InlineData("POST", "Leads/1/actions/merge", "ZohoCRM.modules.leads.ALL")]
    [InlineData("POST", "Leads/actions/add_tags", "ZohoCRM.modules.leads.ALL,ZohoCRM.settings.tags.ALL")]
    [InlineData("POST", "crm/bulk/v8/read", "ZohoCRM.bulk.READ")]
    public async Task Each_operation_has_its_scopes(string method, string path, string scopes)
    {
        var few = await world.FreshAsync(scopes);
        Assert.NotEqual("OAUTH_SCOPE_MISMATCH", (await few.SendAsync(new(method), path, null)).Root);

        foreach (var missing in scopes.Split(','))
        {
            var rest = string.Join(',', scopes.Split(',').Where(scope => scope != missing).Append("AaaServer.profile.READ"));
            var without = await (await world.CallerAsync(rest)).SendAsync(new(method), path, null);
            Assert.Equal((401, "OAUTH_SCOPE_MISMATCH"), (without.Code, without.Root));
        }
    }

    [Fact]
    public async Task A_query_or_a_job_needs_the_scope_of_its_module_too()
    {
        var crm = await world.FreshAsync("ZohoCRM.coql.READ,ZohoCRM.bulk.READ,ZohoCRM.modules.contacts.READ");

        Assert.Equal(204, (await crm.QueryAsync("select id from Contacts where id is not null")).Code);
        Assert.Equal("OAUTH_SCOPE_MISMATCH", (await crm.QueryAsync("select id from Leads where id is not null")).Root);
        Assert.Equal("OAUTH_SCOPE_MISMATCH", (await crm.PostAsync("crm/bulk/v8/read", new { query = new { module = new { api_name = "Leads" } } })).Root);

        await crm.SetAsync(new { scope_mismatch_status = 403 });
        Assert.Equal(403, (await crm.QueryAsync("select id from Leads where id is not null")).Code);
    }

    [Fact]
    public async Task Wrong_addresses_verbs_and_modules_are_told_apart()
    {
        var crm = await world.FreshAsync();

        var address = await crm.GetAsync("Leads/1/a/b/c");
        Assert.Equal((404, "INVALID_URL_PATTERN"), (address.Code, address.Root));
        var verb = await crm.SendAsync(HttpMethod.Patch, "Leads", null);
        Assert.Equal((400, "INVALID_REQUEST_METHOD"), (verb.Code, verb.Root));
        var module = await crm.GetAsync("Nowhere?fields=id");
        Assert.Equal((400, "INVALID_MODULE"), (module.Code, module.Root));
        Assert.Equal("INVALID_URL_PATTERN", (await crm.GetAsync("crm/bulk/v8/write/1")).Root);
    }

    [Fact]
    public async Task The_token_end_is_told_with_the_zone_of_the_organisation_and_the_calls_are_counted()
    {
        var crm = await world.FreshAsync();
        await crm.ControlAsync(HttpMethod.Patch, "", new { time_zone = "Asia/Kolkata" });

        var reply = await crm.GetAsync("org");

        Assert.EndsWith("+05:30", reply.Header("x-accesstoken-reset"), StringComparison.Ordinal);
        Assert.Equal("Asia/Kolkata", reply.Body.GetProperty("org")[0].GetProperty("time_zone").GetString());
        Assert.Null(reply.Header("X-API-CREDITS-REMAINING"));
        Assert.Equal(1, await crm.Zoho.CallsAsync("crm.org", "success"));
    }
}
