using ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>From a submitted registration to the list at Zoho.</summary>
public sealed class RegistrationRoadTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private Campaigns _campaigns = null!;

    public async Task InitializeAsync() => _campaigns = await Campaigns.StartAsync(zoho);

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task A_registered_user_reaches_the_list_under_zohos_display_names()
    {
        var tenant = await _campaigns.TenantAsync();

        var submitted = await tenant.SubmitAsync(new RegistrationFields
        {
            Email = " Ada+news@example.com ",
            FirstName = "Ada",
            LastName = "Lovelace-Żółć",
            Country = "United Kingdom",
            Company = "Analytical & Sons",
            Phone = "+44 20 7946 0000",
            PreferredLanguage = "en",
            ProductionType = "Film",
            Category = "Producer",
        });
        var subscribed = await tenant.EventuallyAsync(submitted, RegistrationStatus.Subscribed);

        Assert.Equal(RegistrationStatus.Pending, submitted.Status);
        Assert.Equal(("", 1), (subscribed.Code, subscribed.Attempts));
        Assert.Null(subscribed.NextAttemptAt);
        Assert.Equal(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Contact Email"] = "Ada+news@example.com",
                ["First Name"] = "Ada",
                ["Last Name"] = "Lovelace-Żółć",
                ["Country"] = "United Kingdom",
                ["Company"] = "Analytical & Sons",
                ["Phone"] = "+44 20 7946 0000",
                ["Language"] = "en",
                ["Production Type"] = "Film",
                ["Category"] = "Producer",
            },
            Assert.Single(await zoho.ContactsAsync()));
    }

    [Fact]
    public async Task Posted_again_it_is_already_subscribed_and_updated_and_there_is_one_contact()
    {
        var tenant = await _campaigns.TenantAsync();
        var first = await tenant.SubmitAsync(new RegistrationFields { Email = "ada@example.com", FirstName = "Ada" });
        await tenant.EventuallyAsync(first, RegistrationStatus.Subscribed);

        var second = await tenant.SubmitAsync(new RegistrationFields { Email = "ADA@example.com", FirstName = "Augusta" });
        await tenant.EventuallyAsync(second, RegistrationStatus.AlreadySubscribed);

        Assert.Equal("Augusta", Assert.Single(await zoho.ContactsAsync())["First Name"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_contact_that_somebody_else_put_there_is_already_subscribed_however_zoho_says_it(bool refused)
    {
        await zoho.SetAsync(new { ExistingContactRefused = refused });
        await zoho.SeedAsync("ada@example.com");
        var tenant = await _campaigns.TenantAsync();

        await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.AlreadySubscribed);

        Assert.Single(await zoho.ContactsAsync());
    }
}
