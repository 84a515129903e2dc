using System.Text.Json;

namespace ZohoPlatform.Platform.Tests;

[Collection(OneLaunch.Name)]
public sealed class RegistrationTests(SharedPlatform shared)
{
    private readonly Platform _platform = shared.Platform;

    [Fact]
    public async Task A_registered_user_reaches_the_list_under_zohos_display_names()
    {
        var status = await _platform.RegisterAsync(new
        {
            email = "ada@example.com",
            first_name = "Ada",
            last_name = "Lovelace",
            country = "United Kingdom",
            company = "Analytical Engines",
            phone = "+44 20 7946 0000",
            preferred_language = "English",
            production_type = "Film",
            category = "Producer",
        });

        await _platform.OutcomeAsync(status, "subscribed");

        var contact = Assert.Single(await _platform.ListedAsync(), fields => fields["Contact Email"] == "ada@example.com");
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["Contact Email"] = "ada@example.com",
                ["First Name"] = "Ada",
                ["Last Name"] = "Lovelace",
                ["Country"] = "United Kingdom",
                ["Company"] = "Analytical Engines",
                ["Phone"] = "+44 20 7946 0000",
                ["Language"] = "English",
                ["Production Type"] = "Film",
                ["Category"] = "Producer",
            },
            contact);
    }

    [Fact]
    public async Task A_user_who_registers_again_is_already_subscribed_and_listed_once()
    {
        await _platform.OutcomeAsync(await _platform.RegisterAsync(new { email = "grace@example.com" }), "subscribed");
        await _platform.OutcomeAsync(await _platform.RegisterAsync(new { email = "Grace@example.com", first_name = "Grace" }), "already_subscribed");

        var contact = Assert.Single(
            await _platform.ListedAsync(), fields => fields["Contact Email"].Equals("grace@example.com", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("Grace", contact["First Name"]);
    }

    [Fact]
    public async Task An_address_that_zoho_refuses_is_rejected_with_a_reason()
    {
        var outcome = await _platform.OutcomeAsync(await _platform.RegisterAsync(new { email = "noreply@example.com" }), "rejected");

        Assert.NotEqual(JsonValueKind.Null, outcome.GetProperty("message").ValueKind);
        Assert.NotEmpty(outcome.GetProperty("code").GetString()!);
    }
}
