using System.Text.Json;
using ZohoPlatform.Simulator.Tests.Crm;

namespace ZohoPlatform.Simulator.Tests.World;

/// <summary>What the demo organisations have in their CRM where they are said to have something.</summary>
public sealed class DemoCrmTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simulator-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_demos_own_token_finds_a_module_for_messages_and_people_with_phones_in_every_data_centre()
    {
        using var zoho = Start();
        foreach (var dataCentre in (string[])["us", "eu", "in"])
        {
            var crm = new CrmCaller(zoho, await zoho.AccessTokenAsync(SimulatorHost.DemoRefreshToken(dataCentre), dataCentre), dataCentre);

            var module = Assert.Single(
                (await crm.GetAsync("settings/modules")).Body.GetProperty("modules").EnumerateArray(),
                one => one.GetProperty("plural_label").GetString() == "Messages");
            var fields = (await crm.GetAsync($"settings/fields?module={module.GetProperty("api_name").GetString()}")).Body.GetProperty("fields");

            Assert.True(FieldOf(fields, "External_Id").GetProperty("unique").EnumerateObject().Any());
            Assert.Equal(
                ("Leads", "Contacts"),
                (LookupOf(fields, "Lead"), LookupOf(fields, "Contact")));
            Assert.Equal(("textarea", "phone", "datetime"), (TypeOf(fields, "Message_Text"), TypeOf(fields, "Phone"), TypeOf(fields, "Sent_At")));
            foreach (var people in (string[])["Leads", "Contacts"])
            {
                var found = await crm.GetAsync($"{people}?fields=Last_Name,Phone,Email");
                Assert.NotEmpty(found.Ids);
                Assert.All(found.Data.EnumerateArray(), person =>
                {
                    Assert.Matches(@"^\+1 202-555-01[0-9]{2}$", person.GetProperty("Phone").GetString());
                    Assert.EndsWith("@example.com", person.GetProperty("Email").GetString(), StringComparison.Ordinal);
                });
            }
        }
    }

    [Fact]
    public async Task After_a_reset_and_after_a_restart_the_same_are_there_and_no_id_is_given_twice()
    {
        IReadOnlyList<string> first;
        var given = new List<string>();
        using (var before = Start())
        {
            var crm = new CrmCaller(before, await before.AccessTokenAsync());
            first = (await crm.GetAsync("Leads?fields=Last_Name")).Ids;
            given.AddRange(await crm.AddAsync("Leads", new { Last_Name = "Later" }));
            await before.ControlAsync(HttpMethod.Post, "reset");
            crm = new CrmCaller(before, await before.AccessTokenAsync());
            Assert.Equal(first, (await crm.GetAsync("Leads?fields=Last_Name")).Ids);
            given.AddRange(await crm.AddAsync("Leads", new { Last_Name = "Later" }));
            await before.StopAsync();
        }

        using var after = Start();

        var again = new CrmCaller(after, await after.AccessTokenAsync());
        Assert.Equal(first, (await again.GetAsync("Leads?fields=Last_Name")).Ids);
        given.AddRange(await again.AddAsync("Leads", new { Last_Name = "Later" }));
        Assert.Distinct(given);
    }

    [Fact]
    public async Task Other_organisations_and_a_world_that_is_not_said_to_have_them_have_none()
    {
        using (var zoho = Start())
        {
            var other = await zoho.ControlAsync(HttpMethod.Post, "organisations", new { data_centre = "us", name = "Other" });
            var id = other.GetProperty("id").GetInt64();
            await zoho.ControlAsync(HttpMethod.Post, "users", new { organisation_id = id, email = "other@example.com" });
            AssertEmpty(await zoho.ControlAsync(HttpMethod.Get, $"crm/us?organisation_id={id}"));
        }

        using var usual = new SimulatorHost();
        AssertEmpty(await usual.ControlAsync(HttpMethod.Get, "crm/us"));
    }

    private static void AssertEmpty(JsonElement crm) => Assert.All(crm.GetProperty("modules").EnumerateArray(), module =>
    {
        Assert.False(module.GetProperty("is_custom").GetBoolean());
        Assert.Equal(0, module.GetProperty("records").GetInt32());
    });

    private static JsonElement FieldOf(JsonElement fields, string name) =>
        fields.EnumerateArray().Single(field => field.GetProperty("api_name").GetString() == name);

    private static string? TypeOf(JsonElement fields, string name) => FieldOf(fields, name).GetProperty("data_type").GetString();

    private static string? LookupOf(JsonElement fields, string name) =>
        FieldOf(fields, name).GetProperty("lookup").GetProperty("module").GetProperty("api_name").GetString();

    private SimulatorHost Start() => new(("Simulator:Demo:CrmData", "true"), ("Simulator:StateFile", Path.Combine(_folder, "world.json")));
}
