using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class LeadTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task A_converted_lead_is_a_contact_and_its_id_answers_nothing_but_when_asked_for()
    {
        var crm = await world.FreshAsync();
        var id = (await crm.AddAsync("Leads", new { Last_Name = "Alvarez", First_Name = "Ana", Company = "Cedro", Email = "ana@example.com" }))[0];

        var reply = await crm.PostAsync($"Leads/{id}/actions/convert", new { data = new[] { new { Deals = new { Deal_Name = "Flat", Stage = "Qualification", Pipeline = "Standard (Standard)", Closing_Date = "2026-06-30" } } } });

        Assert.Equal(200, reply.Code);
        var details = reply.Data[0].GetProperty("details");
        var (contact, account, deal) = (Id("Contacts"), Id("Accounts"), Id("Deals"));
        Assert.Equal("Ana Alvarez", details.GetProperty("Contacts").GetProperty("name").GetString());
        Assert.Equal(account, (await crm.GetAsync($"Contacts/{contact}")).Data[0].GetProperty("Account_Name").GetProperty("id").GetString());

        Assert.Equal(204, (await crm.GetAsync($"Leads/{id}")).Code);
        Assert.Equal(204, (await crm.GetAsync("Leads?fields=id")).Code);
        var asked = (await crm.GetAsync($"Leads?ids={id}&converted=true&fields=id,$converted_detail,Converted__s")).Data[0];
        Assert.Equal((contact, account, deal, true), (
            asked.GetProperty("$converted_detail").GetProperty("contact").GetString(), asked.GetProperty("$converted_detail").GetProperty("account").GetString(),
            asked.GetProperty("$converted_detail").GetProperty("deal").GetString(), asked.GetProperty("Converted__s").GetBoolean()));
        await crm.SetAsync(new { index_delay_seconds = 0 });
        Assert.Equal([id], (await crm.GetAsync($"Leads/search?criteria=(Converted_Deal:equals:{deal})&converted=true")).Ids);
        Assert.Equal([id], (await crm.QueryAsync("select id from Leads where Converted__s = true")).Ids);
        Assert.Equal([id], (await crm.QueryAsync("select id from Leads where id is not null")).Ids);
        Assert.Equal(204, (await crm.QueryAsync("select id from Leads where Converted__s = false")).Code);
        await crm.SetAsync(new { coql_lists_converted = false });
        Assert.Equal(204, (await crm.QueryAsync("select id from Leads where id is not null")).Code);

        var again = await crm.PostAsync($"Leads/{id}/actions/convert", new { data = new[] { new { } } });
        Assert.Equal((400, "ID_ALREADY_CONVERTED"), (again.Code, again.Root));
        Assert.Equal("INVALID_DATA", (await crm.PostAsync($"Leads/{id}/Notes", new { data = new[] { new { Note_Content = "x" } } })).Root);
        Assert.Equal(204, (await crm.GetAsync("Leads/deleted")).Code);

        string Id(string module) => details.GetProperty(module).GetProperty("id").GetString()!;
    }

    [Fact]
    public async Task A_conversion_finds_who_is_there_and_names_what_is_wrong()
    {
        var crm = await world.FreshAsync();
        var contact = (await crm.AddAsync("Contacts", new { Last_Name = "Known", Email = "ana@example.com" }))[0];
        var ids = await crm.AddAsync("Leads", new { Last_Name = "A", Email = "ANA@example.com" }, new { Last_Name = "B" });

        Assert.Equal("INVALID_DATA", (await crm.PostAsync($"Leads/{ids[0]}/actions/convert", null)).Root);
        Assert.Equal("MANDATORY_NOT_FOUND", (await ConvertAsync(ids[0], new { Accounts = new { } })).Codes[0]);
        Assert.Equal("MANDATORY_NOT_FOUND", (await ConvertAsync(ids[0], new { Deals = new { Deal_Name = "A" } })).Codes[0]);
        Assert.Equal("MAPPING_MISMATCH", (await ConvertAsync(ids[0], new { Deals = new { Deal_Name = "A", Stage = "None", Pipeline = "Standard (Standard)", Closing_Date = "2026-06-30" } })).Codes[0]);
        Assert.Equal("INVALID_DATA", (await crm.PostAsync("Leads/1/actions/convert", new { data = new[] { new { } } })).Root);

        var details = (await ConvertAsync(ids[0], new { })).Data[0].GetProperty("details");
        Assert.Equal(contact, details.GetProperty("Contacts").GetProperty("id").GetString());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (details.GetProperty("Accounts").ValueKind, details.GetProperty("Deals").ValueKind));
        var detail = (await crm.GetAsync($"Leads?ids={ids[0]}&converted=both&fields=$converted_detail")).Data[0].GetProperty("$converted_detail");
        Assert.Equal(["contact"], detail.EnumerateObject().Select(key => key.Name));

        Task<CrmReply> ConvertAsync(string id, object order) => crm.PostAsync($"Leads/{id}/actions/convert", new { data = new[] { order } });
    }

    [Theory]
    [InlineData(false, 204)]
    [InlineData(true, 200)]
    public async Task Where_the_notes_of_a_converted_lead_go_is_a_switch(bool move, int atContact)
    {
        var crm = await world.FreshAsync();
        await crm.SetAsync(new { converted_notes_move = move });
        var id = (await crm.AddAsync("Leads", new { Last_Name = "A" }))[0];
        await crm.PostAsync($"Leads/{id}/Notes", new { data = new[] { new { Note_Content = "x" } } });

        var reply = await crm.PostAsync($"Leads/{id}/actions/convert", new { data = new[] { new { } } });

        var contact = reply.Data[0].GetProperty("details").GetProperty("Contacts").GetProperty("id").GetString();
        Assert.Equal(atContact, (await crm.GetAsync($"Contacts/{contact}/Notes?fields=id")).Code);
    }
}
