using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using ZohoPlatform.AppHost.Launch;
using ZohoPlatform.Platform.Tests.Conventions;

namespace ZohoPlatform.Platform.Tests.Launches;

/// <summary>A <c>.env</c> as people have it is taken, and one that cannot work is refused in a sentence before anything starts.</summary>
public sealed class GivenSettingsTests : IDisposable
{
    private const string Client = "ZOHO_CLIENT_ID=1000.fake\nZOHO_CLIENT_SECRET=fake-secret\n";

    private readonly StateFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ZOHO_CLIENTID=1000.fake\nZOHO_CLIENT_SECRET=fake-secret", "ZOHO_CLIENTID in {file} is read by nobody: write ZOHO_CLIENT_ID, or take it out.")]
    [InlineData("zoho_client_id=1000.fake", "zoho_client_id in {file} is read by nobody: write ZOHO_CLIENT_ID, or take it out.")]
    [InlineData("ZOHO_REFERSH_TOKEN=1000.fake", "ZOHO_REFERSH_TOKEN in {file} is read by nobody: write ZOHO_REFRESH_TOKEN, or take it out.")]
    [InlineData("ZOHO_CAMPAIGN_LIST_KEY=fake", "ZOHO_CAMPAIGN_LIST_KEY in {file} is read by nobody: write ZOHO_CAMPAIGNS_LIST_KEY, or take it out.")]
    [InlineData("ZOHO_CLIENT_ID=1000.fake", "ZOHO_CLIENT_SECRET is missing, and ZOHO_CLIENT_ID is set: a client has both.")]
    [InlineData("HUBSPOT_CLIENT_SECRET=fake-secret", "HUBSPOT_CLIENT_ID is missing, and HUBSPOT_CLIENT_SECRET is set: a client has both.")]
    [InlineData("ZOHO_REFRESH_TOKEN=1000.fake", "ZOHO_CLIENT_ID is missing, and ZOHO_REFRESH_TOKEN is set: a refresh token works with its client alone.")]
    [InlineData(Client + "ZOHO_REGION=usa", "ZOHO_REGION is no data centre of Zoho's: set one of us, eu, in, au, jp, cn, ca, sa, uk, ae, sg.")]
    [InlineData("ZOHO_CLIENT_ID=your-client-id\nZOHO_CLIENT_SECRET=fake-secret", "ZOHO_CLIENT_ID is no client id of Zoho's, which begins with 1000.:")]
    [InlineData(Client + "ZOHO_REFRESH_TOKEN=fake", "ZOHO_REFRESH_TOKEN is no refresh token of Zoho's, which begins with 1000.:")]
    [InlineData(Client + "ZOHO_CRM_ENABLED=maybe", "ZOHO_CRM_ENABLED must be true or false.")]
    [InlineData(Client + "ZOHO_ORG_ID=org-1", "ZOHO_ORG_ID must be the organisation's number, such as 20064321.")]
    [InlineData(Client + "ZOHO_API_DOMAIN=www.zohoapis.eu", "ZOHO_API_DOMAIN must be an address such as https://www.zohoapis.eu.")]
    [InlineData(Client + "ZOHO_CAMPAIGNS_LIST_KEY='3z fake'", "ZOHO_CAMPAIGNS_LIST_KEY must not hold spaces: copy it again.")]
    [InlineData("BACKEND_URL=http://api.example.com", "BACKEND_URL must be scheme, host and port alone, such as https://zoho.example.com,")]
    [InlineData("FRONTEND_URL=https://app.example.com/login", "FRONTEND_URL must be scheme, host and port alone, such as https://app.example.com.")]
    public void What_cannot_work_is_refused_in_one_sentence(string env, string said)
    {
        var refused = Assert.Throws<LaunchException>(() => Read(env));

        Assert.StartsWith(said.Replace("{file}", EnvFile, StringComparison.Ordinal), refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("fake", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void What_apps_have_today_is_taken_and_what_else_is_there_is_left_alone()
    {
        var given = Read(
            Client
            + "ZOHO_REGION=com\nZOHO_ORG_ID=20064321\nBACKEND_URL=http://localhost:8000\nFRONTEND_URL=https://app.example.com\nDEBUG=true\n"
            + "ZOHO_REDIRECT_URI=http://localhost:8000/callback\nDATABASE_URL=postgres://fake\nFRONTEND_PORT=3000\nSECRET_KEY=fake\n");

        Assert.Equal("us", given["ZOHO_REGION"]);
        Assert.Equal(("http://localhost:8000", "https://app.example.com", "true"), (given["BACKEND_URL"], given["FRONTEND_URL"], given["DEBUG"]));
        Assert.DoesNotContain(given.Keys, name => name is "ZOHO_REDIRECT_URI" or "DATABASE_URL" or "SECRET_KEY");
        Assert.Equal("real Zoho (us)", Provider.Choose(given).Name);
        Assert.DoesNotContain("DEBUG", Provider.Choose(given).Settings.Keys);
    }

    [Fact]
    public void The_environment_wins_and_its_names_are_looked_at_as_well()
    {
        var configuration = Configuration();
        configuration["ZOHO_REGION"] = "eu";
        Assert.Equal("eu", Read(Client + "ZOHO_REGION=in", configuration)["ZOHO_REGION"]);

        configuration["ZOHO_CLIENT_SECRETS"] = "fake-secret";
        var refused = Assert.Throws<LaunchException>(() => Read(Client, configuration));
        Assert.Equal("ZOHO_CLIENT_SECRETS in the environment is read by nobody: write ZOHO_CLIENT_SECRET, or take it out.", refused.Message);
    }

    [Fact]
    public void The_regions_are_the_data_centres_of_the_providers_room_and_the_example_has_all_names_and_all_of_them()
    {
        var refused = Assert.Throws<LaunchException>(() => Read(Client + "ZOHO_REGION=mars"));
        var regions = refused.Message.Split("one of ")[1].TrimEnd('.').Split(", ");
        var example = Repository.Read(".env.example");

        Assert.Equal(Repository.DataCentres, regions);
        Assert.Contains($"{string.Join(", ", regions[..^1])} or {regions[^1]}", example, StringComparison.Ordinal);
        // each line of the example is one that is read
        Assert.All(
            Regex.Matches(example, "(?m)^([A-Z_]+)=", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(line => line.Groups[1].Value),
            name => Assert.Contains(name, GivenSettings.Names));
        Assert.All(GivenSettings.Names, name => Assert.Contains($"\n{name}=", example, StringComparison.Ordinal));
    }

    private string EnvFile => Path.Combine(_folder.Path, ".env");

    private IReadOnlyDictionary<string, string> Read(string env, ConfigurationManager? configuration = null)
    {
        File.WriteAllText(EnvFile, env);
        return GivenSettings.Read(configuration ?? Configuration(), checkout: _folder.Path);
    }

    private static ConfigurationManager Configuration() => new();
}
