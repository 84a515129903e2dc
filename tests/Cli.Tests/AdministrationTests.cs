using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

/// <summary><c>zoho keys</c>, <c>tenants</c> and <c>webhooks</c>.</summary>
public sealed class AdministrationTests : IAsyncLifetime
{
    private const string Keys = "/api/v1/admin/keys";
    private const string Tenants = "/api/v1/admin/tenants";
    private const string Webhooks = "/api/v1/webhooks";
    private const string NewKey = "zp_newkey0000000000_fake-new-secret-that-no-output-may-hold";
    private const string WebhookSecret = "whsec_fake-webhook-secret-that-no-output-may-hold";

    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        var made = new { id = "newkey0000000000", name = "web shop", role = "operator", key = NewKey };
        _gateway.On($"POST {Keys}", made, 201);
        _gateway.On($"POST {Tenants}/t1/keys", made, 201);
        _gateway.On($"POST {Keys}/k1/rotate-secret", new { id = "k1", key = NewKey, previous_secret_ends_at = "2039-01-01T10:00:00Z" });
        _gateway.On($"POST {Webhooks}", new { id = "w1", url = "https://hooks.example.com", event_types = new[] { "sync.ended" }, secret = WebhookSecret }, 201);
        _gateway.On($"POST {Webhooks}/w1/rotate-secret", new { id = "w1", secret = WebhookSecret, previous_secret_ends_at = "2039-01-01T10:00:00Z" });
        _gateway.On($"GET {Tenants}", new { tenants = new[] { new { id = "t1", name = "north-branch", created_at = "2026-11-21T09:00:00Z" } } });
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Keys_are_listed_made_and_ended()
    {
        _gateway.On($"GET {Keys}", new
        {
            keys = new[]
            {
                new { id = "k1", name = "web shop", role = "operator", permissions = new[] { new { name = "tokens:read", connection_ids = new[] { "c1" } } } },
            },
        });
        _gateway.On($"DELETE {Keys}/k1", NoContent);

        Assert.Matches("(?m)^k1  web shop  operator  -      c1         never    -$", (await _zoho.RunAsync("keys")).AssertExit(0).Out);
        var made = (await _zoho.RunAsync(
            "keys", "create", "web shop", "--role", "operator", "--save", "key", "--expires-at", "2027-12-31", "--owner", "company", "--tokens-of", "c1"))
            .AssertExit(0);
        Assert.Contains("Made key newkey0000000000 for web shop, role operator.", made.Out, StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(
            JsonElement.Parse("""
                {
                  "name": "web shop", "role": "operator", "expires_at": "2027-12-31T00:00:00+00:00", "owner": "company",
                  "permissions": [{ "name": "tokens:read", "connection_ids": ["c1"] }]
                }
                """),
            _gateway.Requests[^1].Json), _gateway.Requests[^1].Body);
        (await _zoho.RunAsync("keys", "create", "first", "--role", "admin", "--save", "first-key", "--tenant", "t1")).AssertExit(0);
        Assert.Equal($"POST {Tenants}/t1/keys", _gateway.Requests[^1].Call);
        Assert.Equal(
            "Deleted key k1: it stops working within ten seconds.\n", (await _zoho.RunAsync("keys", "delete", "k1")).AssertExit(0).Out);
    }

    [Fact]
    public async Task A_key_is_renamed_and_its_old_secret_opens_as_long_as_is_said()
    {
        _gateway.On($"PATCH {Keys}/k1", new { id = "k1", name = "till", role = "operator", permissions = Array.Empty<object>() });

        Assert.Equal("Key k1 is named till.\n", (await _zoho.RunAsync("keys", "rename", "k1", "till")).AssertExit(0).Out);
        Assert.Equal("""{"name":"till"}""", _gateway.Requests[^1].Body);
        var rotated = (await _zoho.RunAsync("keys", "rotate-secret", "k1", "--overlap", "3600", "--save", "rotated")).AssertExit(0);
        Assert.Equal("""{"overlap_seconds":3600}""", _gateway.Requests[^1].Body);
        Assert.Contains("the old one opens beside it so long", rotated.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_is_changed_in_what_is_said_and_in_nothing_else()
    {
        _gateway.On($"PATCH {Webhooks}/w1", new { id = "w1", url = "https://new.example.com", event_types = new[] { "sync.ended" } });

        (await _zoho.RunAsync("webhooks", "change", "w1", "--address", "https://new.example.com", "--subjects", "")).AssertExit(0);
        Assert.Equal("""{"url":"https://new.example.com","subjects":[]}""", _gateway.Requests[^1].Body);
        var nothing = (await _zoho.RunAsync("webhooks", "change", "w1")).AssertExit(1);
        Assert.Contains("--address, --event-types or --subjects", nothing.Error, StringComparison.Ordinal);
        _gateway.On($"PATCH {Webhooks}/w1", http => PlayedGateway.ProblemAsync(http, 400, "invalid_field", "url must be https.", "url"));
        var refused = await _zoho.RunAsync("webhooks", "change", "w1", "--address", "ftp://x");
        Assert.Contains("--address", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NewKey, "keys", "create", "shop", "--role", "operator")]
    [InlineData(WebhookSecret, "webhooks", "create", "https://hooks.example.com")]
    [InlineData(WebhookSecret, "webhooks", "rotate-secret", "w1")]
    [InlineData(NewKey, "keys", "rotate-secret", "k1")]
    public async Task A_secret_that_is_given_once_goes_into_a_file_and_onto_no_screen(string secret, params string[] line)
    {
        var people = (await _zoho.RunAsync([.. line, "--save", "saved"])).AssertExit(0);
        var machines = (await _zoho.RunAsync([.. line, "--save", "saved-too", "--json"])).AssertExit(0);

        var saved = Path.Combine(_zoho.WorkingFolder, "saved");
        Assert.Equal(secret + "\n", File.ReadAllText(saved));
        Assert.Equal("saved-too", machines.Json.GetProperty("saved_in").GetString());
        Assert.DoesNotContain(secret, people.Out + people.Error + machines.Out + machines.Error, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(saved));
        }

        // where it has no place none is asked for, and nothing is overwritten
        var asked = _gateway.Requests.Count;
        Assert.Contains("it is there already", (await _zoho.RunAsync([.. line, "--save", "saved"])).AssertExit(3).Error, StringComparison.Ordinal);
        Assert.Contains("there is no such folder", (await _zoho.RunAsync([.. line, "--save", "nowhere/key"])).AssertExit(3).Error, StringComparison.Ordinal);
        (await _zoho.RunAsync(line)).AssertExit(1);
        Assert.Equal(asked, _gateway.Requests.Count);

        // to a program that keeps it, when that is said
        Assert.Equal(secret + "\n", (await _zoho.RunAsync([.. line, "--save", "-"])).AssertExit(0).Out);
        _gateway.On(_gateway.Requests[^1].Call, http => PlayedGateway.ProblemAsync(http, 409, "too_many", "There are too many."));
        (await _zoho.RunAsync([.. line, "--save", "refused"])).AssertExit(3);
        Assert.False(File.Exists(Path.Combine(_zoho.WorkingFolder, "refused")));
    }

    [SkippableFact]
    public async Task A_tenant_is_made_and_deleted_by_who_knows_its_name()
    {
        _gateway.On($"POST {Tenants}", new { id = "t2", name = "south-branch", created_at = "2026-11-21T09:00:00Z" }, 201);
        _gateway.On($"DELETE {Tenants}/t1", new { id = "t1", name = "north-branch", deleting_since = "2026-11-21T09:00:00Z" }, 202);

        Assert.Contains("north-branch", (await _zoho.RunAsync("tenants")).AssertExit(0).Out, StringComparison.Ordinal);
        Assert.Contains(
            "zoho keys create NAME --role admin --tenant t2 --save FILE",
            (await _zoho.RunAsync("tenants", "create", "south-branch")).AssertExit(0).Out,
            StringComparison.Ordinal);
        Assert.Contains("Nothing was deleted: say --confirm", (await _zoho.RunAsync("tenants", "delete", "t1")).AssertExit(3).Error, StringComparison.Ordinal);
        (await _zoho.RunAsync("tenants", "delete", "t1", "--confirm", "south-branch")).AssertExit(3);
        (await _zoho.RunAsync("tenants", "delete", "t9", "--confirm", "north-branch")).AssertExit(3);
        Assert.DoesNotContain(_gateway.Requests, request => request.Call.StartsWith("DELETE", StringComparison.Ordinal));

        Assert.Contains(
            "is being deleted", (await _zoho.RunAsync("tenants", "delete", "t1", "--confirm", "north-branch")).AssertExit(0).Out, StringComparison.Ordinal);
        Skip.If(OperatingSystem.IsWindows(), "Windows has no script command.");
        (await _zoho.RunInTerminalAsync(["tenants", "delete", "t1"], "to delete it: ", "north-branch\n")).AssertExit(0);
        Assert.Equal(2, _gateway.Requests.Count(request => request.Call.StartsWith("DELETE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Webhooks_are_listed_tried_and_sent_again()
    {
        object Delivery(string state, string? error = null) => new
        {
            id = "d1",
            webhook_id = "w1",
            event_id = "e1",
            event_type = "sync.ended",
            state,
            attempts = 2,
            last_status = error is null ? 204 : 503,
            last_error = error,
        };
        _gateway.On($"GET {Webhooks}", new
        {
            webhooks = new[]
            {
                new { id = "w1", url = "https://hooks.example.com", event_types = new[] { "sync.ended" }, disabled_at = "2025-01-01T10:00:00Z", disabled_reason = "It was gone." },
            },
        });
        _gateway.OnEach(
            $"POST {Webhooks}/w1/test",
            http => http.Response.WriteAsJsonAsync(Delivery("delivered")),
            http => http.Response.WriteAsJsonAsync(Delivery("failed", "The receiver answered 503.")));
        _gateway.On($"GET {Webhooks}/w1/deliveries", new { deliveries = new[] { Delivery("failed", "The receiver answered 503."), Delivery("delivered") } });
        _gateway.On($"POST {Webhooks}/deliveries/d1/redeliver", Delivery("pending"));
        _gateway.On($"GET {Webhooks}/event-types", new { event_types = new[] { new { name = "sync.ended", description = "A sync has ended.", needs_person = false } } });
        _gateway.On($"DELETE {Webhooks}/w1", NoContent);

        Assert.Contains(": It was gone.", (await _zoho.RunAsync("webhooks", "list")).AssertExit(0).Out, StringComparison.Ordinal);
        Assert.Equal("Taken: the receiver answered 204.\n", (await _zoho.RunAsync("webhooks", "test", "w1")).AssertExit(0).Out);
        Assert.Equal("Not taken: The receiver answered 503.\n", (await _zoho.RunAsync("webhooks", "test", "w1")).AssertExit(3).Out);
        Assert.Single((await _zoho.RunAsync("webhooks", "deliveries", "w1", "--limit", "1", "--json")).AssertExit(0).Json.EnumerateArray());
        Assert.Contains("The receiver answered 503.", (await _zoho.RunAsync("webhooks", "deliveries", "w1")).AssertExit(0).Out, StringComparison.Ordinal);
        Assert.Contains("zoho webhooks deliveries w1", (await _zoho.RunAsync("webhooks", "redeliver", "d1")).AssertExit(0).Out, StringComparison.Ordinal);
        Assert.Contains("A sync has ended.", (await _zoho.RunAsync("webhooks", "event-types")).AssertExit(0).Out, StringComparison.Ordinal);
        (await _zoho.RunAsync("webhooks", "delete", "w1")).AssertExit(0);

        (await _zoho.RunAsync("webhooks", "create", "https://h.example.com", "--save", "s", "--event-types", "a,b", "--subjects", "sync:1")).AssertExit(0);
        Assert.Equal("""{"url":"https://h.example.com","event_types":["a","b"],"subjects":["sync:1"]}""", _gateway.Requests[^1].Body);
        (await _zoho.RunAsync("webhooks", "rotate-secret", "w1", "--save", "t", "--overlap", "0")).AssertExit(0);
        Assert.Equal("""{"overlap_seconds":0}""", _gateway.Requests[^1].Body);
    }

    private static Task NoContent(HttpContext http)
    {
        http.Response.StatusCode = 204;
        return Task.CompletedTask;
    }
}
