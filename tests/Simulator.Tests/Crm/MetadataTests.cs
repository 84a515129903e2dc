namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class MetadataTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task Modules_standard_and_custom_have_their_fields()
    {
        var crm = await world.FreshAsync();
        await crm.ControlAsync(HttpMethod.Post, "/modules", new { api_name = "Messages1", singular_label = "Message", plural_label = "Messages" });
        await crm.ControlAsync(HttpMethod.Post, "/Messages1/fields", new { api_name = "External_Id", type = "text", unique = true, length = 64 });
        await crm.ControlAsync(HttpMethod.Post, "/Messages1/fields", new { api_name = "Lead", type = "lookup", lookup_module = "Leads" });

        var modules = (await crm.GetAsync("settings/modules")).Body.GetProperty("modules").EnumerateArray().ToDictionary(module => module.GetProperty("api_name").GetString()!);
        Assert.Empty(new[] { "Leads", "Contacts", "Accounts", "Deals", "Calls", "Tasks", "Notes" }.Except(modules.Keys));
        Assert.Equal(("custom", "Messages"), (modules["Messages1"].GetProperty("generated_type").GetString(), modules["Messages1"].GetProperty("plural_label").GetString()));
        Assert.NotEqual("Messages1", modules["Messages1"].GetProperty("module_name").GetString());

        var fields = (await crm.GetAsync("settings/fields?module=Messages1")).Body.GetProperty("fields").EnumerateArray().ToDictionary(field => field.GetProperty("api_name").GetString()!);
        Assert.True(fields["Name"].GetProperty("system_mandatory").GetBoolean());
        Assert.Equal(64, fields["External_Id"].GetProperty("length").GetInt32());
        Assert.Equal("Leads", fields["Lead"].GetProperty("lookup").GetProperty("module").GetProperty("api_name").GetString());
        Assert.NotEmpty(fields["External_Id"].GetProperty("unique").EnumerateObject());

        Assert.Equal("REQUIRED_PARAM_MISSING", (await crm.GetAsync("settings/fields")).Root);
        Assert.Equal("INVALID_MODULE", (await crm.GetAsync("settings/fields?module=Messages")).Root);
        Assert.Equal("INVALID_MODULE", (await crm.GetAsync("settings/modules/Messages")).Root);
    }

    [Fact]
    public async Task Only_layouts_say_what_a_layout_makes_mandatory()
    {
        var crm = await world.FreshAsync();
        var layout = await crm.ControlAsync(HttpMethod.Put, "/Leads/layouts", new { required = new[] { "Company" } });
        var company = (await crm.GetAsync("settings/fields?module=Leads")).Body.GetProperty("fields").EnumerateArray().Single(field => field.GetProperty("api_name").GetString() == "Company");
        Assert.False(company.GetProperty("system_mandatory").GetBoolean());
        Assert.False(company.TryGetProperty("required", out _));

        var shown = (await crm.GetAsync("settings/layouts?module=Leads")).Body.GetProperty("layouts")[0];
        Assert.Equal("active", shown.GetProperty("status").GetString());
        var required = shown.GetProperty("sections")[0].GetProperty("fields").EnumerateArray().Where(field => field.GetProperty("required").GetBoolean())
            .Select(field => field.GetProperty("api_name").GetString());
        Assert.Equal(["Last_Name", "Company"], required);

        // a record that does not name the layout is not held to it
        await crm.AddAsync("Leads", new { Last_Name = "A" });
        var named = await crm.PostAsync("Leads", new { data = new[] { new { Last_Name = "B", Layout = new { id = layout.GetProperty("id").GetString() } } } });
        Assert.Equal(400, named.Code);
        Assert.Equal("MANDATORY_NOT_FOUND", named.Codes[0]);
        Assert.Equal("$.data[0].Company", named.Data[0].GetProperty("details").GetProperty("json_path").GetString());
    }

    [Fact]
    public async Task The_organisation_and_its_users_are_shown()
    {
        var crm = await world.FreshAsync();

        var org = (await crm.GetAsync("org")).Body.GetProperty("org")[0];
        Assert.Equal("60000000001", org.GetProperty("zgid").GetString());
        var me = (await crm.GetAsync("users?type=CurrentUser")).Body.GetProperty("users")[0];
        Assert.Equal("active", me.GetProperty("status").GetString());
        Assert.NotEqual(me.GetProperty("zuid").GetString(), me.GetProperty("id").GetString());
        Assert.Equal(200, (await crm.GetAsync($"users/{me.GetProperty("id").GetString()}")).Code);
        Assert.Equal(204, (await crm.GetAsync("users/1")).Code);
        Assert.Equal(204, (await crm.GetAsync("users?type=DeletedUsers")).Code);
        Assert.Equal("PATTERN_NOT_MATCHED", (await crm.GetAsync("users?type=Everybody")).Root);
    }
}
