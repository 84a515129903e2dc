using Microsoft.AspNetCore.Http;
using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

public sealed class CampaignsTests : IAsyncLifetime
{
    private const string Contacts = "/api/v1/campaigns/contacts";

    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_contact_is_handed_over_with_its_fields()
    {
        _gateway.On("POST " + Contacts, new { id = "r1", status = "pending", status_url = Contacts + "/r1" }, 202);

        var ran = await _zoho.RunAsync("campaigns", "contacts", "add", "ada@example.com", "--first-name", "Ada", "--language", "English");

        ran.AssertExit(0);
        Assert.Equal("ada@example.com  pending\n", ran.Out);
        Assert.Equal(
            """{"email":"ada@example.com","first_name":"Ada","preferred_language":"English"}""", Assert.Single(_gateway.Requests).Body);
    }

    [Theory]
    [InlineData("subscribed", 0)]
    [InlineData("already_subscribed", 0)]
    [InlineData("rejected", 2)]
    [InlineData("not_configured", 3)]
    public async Task What_Zoho_says_to_a_contact_can_be_awaited(string status, int exit)
    {
        _gateway.On("POST " + Contacts, new { id = "r1", status = "pending" }, 202);
        _gateway.On(
            $"GET {Contacts}/r1",
            new { id = "r1", status, message = "A sentence.", attempts = 1, fields = new { email = "ada@example.com" } });

        var ran = (await _zoho.RunAsync("campaigns", "contacts", "add", "ada@example.com", "--wait")).AssertExit(exit);

        Assert.Equal($"ada@example.com  {status}: A sentence.\n", ran.Out);
    }

    [Fact]
    public async Task An_address_that_the_platform_refuses_is_a_contact_that_failed()
    {
        _gateway.On(
            "POST " + Contacts, http => PlayedGateway.ProblemAsync(http, 400, "invalid_field", "email is not a mail address.", "email"));

        var ran = (await _zoho.RunAsync("campaigns", "contacts", "add", "nobody")).AssertExit(2);

        Assert.Equal("Error: email is not a mail address. (invalid_field)\nTrace id: 4bf92f3577b34da6a3ce929d0e0e4736\n", ran.Error);
    }

    [Fact]
    public async Task Contacts_are_looked_for_and_shown()
    {
        var contact = new
        {
            id = "r1",
            status = "rejected",
            code = "role_address",
            message = "Zoho takes no role addresses.",
            attempts = 1,
            created_at = "2026-11-21T09:00:00Z",
            fields = new { email = "info@example.com" },
        };
        _gateway.On("GET " + Contacts, new { contacts = new[] { contact } });
        _gateway.On($"GET {Contacts}/r1", contact);

        var found = (await _zoho.RunAsync("campaigns", "contacts", "--status", "rejected", "--email", "info@example.com")).AssertExit(0);
        Assert.Matches("(?m)^r1  info@example.com  rejected  .*  Zoho takes no role addresses.$", found.Out);
        Assert.Equal("?status=rejected&email=info%40example.com&page_size=200", _gateway.Requests[^1].Query);
        var shown = (await _zoho.RunAsync("campaigns", "contacts", "show", "r1")).AssertExit(0);
        Assert.Equal("info@example.com  rejected: Zoho takes no role addresses.\n", shown.Out);
        _gateway.On("GET " + Contacts, new { contacts = Array.Empty<object>() });
        Assert.Equal("There is none.\n", (await _zoho.RunAsync("campaigns", "contacts", "list")).AssertExit(0).Out);
    }

    [Fact]
    public async Task Rejected_contacts_are_pushed_again_one_or_all()
    {
        _gateway.On($"POST {Contacts}/r1/retry", new { id = "r1", status = "pending", attempts = 1, fields = new { email = "ada@example.com" } });
        _gateway.OnEach(
            $"POST {Contacts}/retry",
            http => http.Response.WriteAsJsonAsync(new { retried = 1000, has_more = true }),
            http => http.Response.WriteAsJsonAsync(new { retried = 5, has_more = false }));

        Assert.Equal("ada@example.com  pending\n", (await _zoho.RunAsync("campaigns", "contacts", "retry", "r1")).AssertExit(0).Out);
        var all = (await _zoho.RunAsync("campaigns", "contacts", "retry", "--all", "--code", "role_address")).AssertExit(0);
        Assert.Contains("1,005 contacts are pushed again", all.Out, StringComparison.Ordinal);
        Assert.Equal("""{"code":"role_address"}""", _gateway.Requests[^1].Body);
        foreach (var wrong in (string[][])[[], ["r1", "--all"], ["r1", "--code", "x"]])
        {
            var refused = (await _zoho.RunAsync(["campaigns", "contacts", "retry", .. wrong])).AssertExit(1);
            Assert.Contains("Name one contact, or say --all", refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_person_is_forgotten_and_let_back()
    {
        _gateway.On($"POST {Contacts}/forget", new { contacts = 1, sync_contacts = 1234 });
        _gateway.On($"POST {Contacts}/lift-opt-out", new { lifted = new[] { "forgotten", "unsubscribed" }, list_keys = new[] { "3z1" }, confirming_list_keys = new[] { "3z2" } });

        var forgotten = (await _zoho.RunAsync("campaigns", "contacts", "forget", "ada@example.com")).AssertExit(0);
        Assert.Equal("Forgotten: 1 contact, 1,234 rows of syncs. Zoho keeps what it has of the person: delete them there.\n", forgotten.Out);
        Assert.Equal("""{"email":"ada@example.com"}""", _gateway.Requests[0].Body);

        string[] lift = ["campaigns", "contacts", "lift-opt-out", "ada@example.com"];
        Assert.Contains("--reason", (await _zoho.RunAsync(lift)).AssertExit(1).Error, StringComparison.Ordinal);
        var lifted = (await _zoho.RunAsync([.. lift, "--reason", "By letter."])).AssertExit(0);
        Assert.Equal("Lifted: forgotten, unsubscribed.\nOn list 3z1 again.\nZoho has mailed them: once they confirm they are on 3z2.\n", lifted.Out);
        Assert.Equal("""{"email":"ada@example.com","reason":"By letter."}""", _gateway.Requests[1].Body);
    }

    [Fact]
    public async Task Lists_are_shown_with_their_keys_and_made()
    {
        _gateway.On("GET /api/v1/campaigns/lists", new
        {
            lists = new object[]
            {
                new { key = "3z-one", name = "Newsletter", contacts = 12345, unsubscribed = 6, bounced = 7 },
                new { key = "3z-two", name = "Quiet" },
            },
            read_at = "2026-11-21T09:30:00Z",
        });
        _gateway.On("POST /api/v1/campaigns/lists", new { key = "3z-new", name = "New" }, 201);

        var shown = (await _zoho.RunAsync("campaigns", "lists", "--refresh")).AssertExit(0);
        Assert.Matches("(?m)^3z-one  Newsletter    12,345             6        7$", shown.Out);
        Assert.Matches("(?m)^3z-two  Quiet              -             -        -$", shown.Out);
        Assert.Equal("?refresh=true", _gateway.Requests[0].Query);

        var made = (await _zoho.RunAsync("campaigns", "lists", "create", "New", "--email", "a@example.com", "b@example.com")).AssertExit(0);
        Assert.Equal("Made New, key 3z-new.\n", made.Out);
        Assert.Equal("""{"name":"New","emails":["a@example.com","b@example.com"],"public_signup":false}""", _gateway.Requests[1].Body);
    }

    [Fact]
    public async Task Campaigns_and_the_results_of_one_are_shown()
    {
        _gateway.On(
            "GET /api/v1/campaigns/reports",
            new { campaigns = new[] { new { key = "k1", name = "Spring", status = "Sent", sent_at = "2026-03-21T09:30:00Z" } } });
        _gateway.On("GET /api/v1/campaigns/reports/k1", new
        {
            campaign_key = "k1",
            campaign_name = "Spring",
            sent = 200,
            delivered = 160,
            opened = 40,
            clicked = 16,
            open_rate = 0.25,
            click_rate = 0.1,
            click_to_open_rate = 0.4,
        });

        Assert.Contains("Spring", (await _zoho.RunAsync("campaigns", "reports")).AssertExit(0).Out, StringComparison.Ordinal);
        var report = (await _zoho.RunAsync("campaigns", "reports", "k1")).AssertExit(0);
        Assert.Matches(@"(?m)^clicked +16 +10\.0 %  delivered$", report.Out);
        // what Zoho did not say is not 0
        Assert.Matches("(?m)^bounced +- +-  sent$", report.Out);
        var json = (await _zoho.RunAsync("campaigns", "reports", "k1", "--json")).AssertExit(0).Json;
        Assert.Equal(0.1, json.GetProperty("click_rate").GetDouble());
    }

    [Fact]
    public async Task An_address_that_is_no_gateway_is_told_apart()
    {
        _gateway.On("GET /api/v1/campaigns/lists", http => http.Response.WriteAsync("<html>"));

        var ran = (await _zoho.RunAsync("campaigns", "lists", "--json")).AssertExit(3);

        Assert.Equal("answer_unreadable", ran.Json.GetProperty("error").GetProperty("code").GetString());
    }
}
