using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>
/// Whatever changes something over REST, or shows secrets or people, is called here and found in the audit: with who did it and from where. An
/// operation that changes something and is neither called nor named with a reason fails this.
/// </summary>
[Collection(OneLaunch.Name)]
public sealed class AuditedOperationTests(SharedPlatform shared) : IAsyncLifetime
{
    private const string Feed = "/api/v1/audit/feed?page_size=200";

    /// <summary>Why none is due.</summary>
    private static readonly Dictionary<string, string> NotAudited = new(StringComparer.Ordinal)
    {
        ["POST /api/settings/integrations/zoho/test"] = "asks the provider and changes nothing",
        ["POST /api/settings/integrations/hubspot/test"] = "asks the provider and changes nothing",
        ["POST /api/v1/connections/{id}/test"] = "asks the provider and changes nothing",
        ["POST /api/v1/connections/{id}/access-token/rejected"] = "a token is replaced; each hand-out is an entry",
        ["POST /api/v1/webhooks/deliveries/{id}/redeliver"] = "sends again what was sent to the same receiver; the delivery keeps its attempts",
        ["POST /webhooks/zoho/crm/{channel}"] = "a hint of the provider, which changes nothing but when something is read",
        ["POST /webhooks/whatsapp/{channel}"] = "what the provider tells, each message of which is its own record",
        ["POST /api/v1/messages"] = "messages, each of which is its own record",
        ["POST /api/v1/conversations/{id}/read"] = "takes a number back that people see",
        ["POST /api/v1/campaigns/contacts"] = "one contact, whose registration is its own record",
    };

    private readonly Platform _platform = shared.Platform;
    private readonly HashSet<string> _called = new(StringComparer.Ordinal);
    private readonly List<string> _wrong = [];

    // the platform's key, and one of this test's own, under whose name nobody else does anything
    private Person _platformKey = null!;
    private Person _admin = null!;
    private WebApplication _receiver = null!;
    private int _receiverAnswers = StatusCodes.Status200OK;

    public async Task InitializeAsync()
    {
        _platformKey = new Person(_platform.Gateway, "key:bootstrap");
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _receiver = builder.Build();
        _receiver.Run(http =>
        {
            http.Response.StatusCode = _receiverAnswers;
            return Task.CompletedTask;
        });
        await _receiver.StartAsync();
    }

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    [Fact]
    public async Task Every_operation_that_changes_or_hands_out_something_is_in_the_audit()
    {
        await KeysAndTenantsAsync();
        var (connection, _) = await ConnectionsAsync();
        await SettingsAsync();
        await WebhooksAsync();
        var listKey = await ListsAsync();
        await SyncsAsync(listKey);
        await PeopleAsync(listKey);
        await FeedsAsync(connection);
        await MessagingAsync();
        await CallAsync(_admin, "DELETE /api/v1/connections/{id}", "connection.deleted", [connection]);
        await CallAsync(_platformKey, "DELETE /api/v1/admin/keys/{id}", "key.deleted", [_admin.Actor["key:".Length..]]);

        Assert.Equal("", string.Join('\n', _wrong));
        var described = await OperationsAsync();
        Assert.Equal("", string.Join('\n', described.Where(operation => !operation.StartsWith("GET ", StringComparison.Ordinal))
            .Except(_called).Except(NotAudited.Keys).Select(operation => $"{operation} is neither called here nor said to need no entry")));
        Assert.Empty(_called.Concat(NotAudited.Keys).Except(described));
        Assert.Empty(_called.Intersect(NotAudited.Keys));
    }

    private async Task KeysAndTenantsAsync()
    {
        var key = await CallAsync(_platformKey, "POST /api/v1/admin/keys", "key.created", [], new { name = "audited", role = "admin" });
        _admin = PersonWith(key);
        var tenant = await CallAsync(
            _platformKey, "POST /api/v1/admin/tenants", "tenant.created", [], new { name = $"audited-{Guid.NewGuid():N}" });
        var body = new { name = "first", role = "admin" };
        var first = await CallAsync(_platformKey, "POST /api/v1/admin/tenants/{id}/keys", action: null, [IdOf(tenant)], body);
        // it is told to the tenant whose key it is
        await SeenAsync(PersonWith(first), "POST /api/v1/admin/tenants/{id}/keys", "key.created", "key:bootstrap", cursor: null);
        await CallAsync(_platformKey, "DELETE /api/v1/admin/tenants/{id}", "tenant.deleted", [IdOf(tenant)], subject: $"tenant:{IdOf(tenant)}");
        await CallAsync(_platformKey, "POST /api/v1/key-ring/rotations", "key_ring.rotated", []);
        await CallAsync(_admin, "GET /api/v1/audit/export", "audit.exported", []);
    }

    private async Task<(string Connection, string Key)> ConnectionsAsync()
    {
        var minted = await JsonAsync(await _platform.Simulator.PostAsJsonAsync("/_simulator/refresh-tokens", new { data_centre = "us" }));
        var connection = IdOf(await CallAsync(_admin, "POST /api/v1/connections", "connection.created", [], new
        {
            provider = "zoho",
            features = new[] { "campaigns" },
            owner = "audited@example.com",
            refresh_token = minted.GetProperty("refresh_token").GetString(),
        }));
        var key = await JsonAsync(await _admin.Http.PostAsJsonAsync("/api/v1/admin/keys", new
        {
            name = "tokens",
            role = "viewer",
            permissions = new[] { new { name = "tokens:read", connection_ids = new[] { connection } } },
        }));
        var reader = PersonWith(key);
        await CallAsync(
            reader, "GET /api/v1/connections/{id}/access-token", "token.handed_out", [connection], readBy: _admin, subject: $"connection:{connection}");
        await CallAsync(_admin, "PATCH /api/v1/admin/keys/{id}", "key.renamed", [IdOf(key)], new { name = "renamed" });
        await CallAsync(_admin, "POST /api/v1/admin/keys/{id}/rotate-secret", "key.rotated", [IdOf(key)], new { overlap_seconds = 0 });
        (await _admin.Http.DeleteAsync($"/api/v1/admin/keys/{IdOf(key)}")).EnsureSuccessStatusCode();
        return (connection, IdOf(key));
    }

    private async Task SettingsAsync()
    {
        foreach (var provider in (string[])["zoho", "hubspot"])
        {
            var path = $"/api/settings/integrations/{provider}";
            var before = (await _admin.Http.GetFromJsonAsync<JsonElement>(path)).TryGetProperty("client_id", out var id) ? id.GetString() : "";
            await CallAsync(_admin, $"POST {path}", "settings.changed", [], new { client_id = "1000.AUDITED" }, subject: $"settings:{provider}");
            (await _admin.Http.PostAsJsonAsync(path, new { client_id = before })).EnsureSuccessStatusCode();
        }
    }

    private async Task WebhooksAsync()
    {
        var body = new { url = _receiver.Urls.Single(), event_types = new[] { "connection.grant_revoked" } };
        var webhook = IdOf(await CallAsync(_admin, "POST /api/v1/webhooks", "webhook.created", [], body));
        await CallAsync(_admin, "PATCH /api/v1/webhooks/{id}", "webhook.changed", [webhook], new { subjects = new[] { "connection:none" } });
        await CallAsync(
            _admin, "POST /api/v1/webhooks/{id}/rotate-secret", "webhook.secret_rotated", [webhook], new { overlap_seconds = 0 });
        _receiverAnswers = StatusCodes.Status410Gone;
        await CallAsync(_admin, "POST /api/v1/webhooks/{id}/test", "webhook.disabled", [webhook]);
        _receiverAnswers = StatusCodes.Status200OK;
        await CallAsync(_admin, "POST /api/v1/webhooks/{id}/test", "webhook.enabled", [webhook]);
        await CallAsync(_admin, "DELETE /api/v1/webhooks/{id}", "webhook.deleted", [webhook]);
    }

    private async Task<string> ListsAsync()
    {
        var body = new { name = "Audited", emails = new[] { "audited1@example.com", "audited2@example.com" } };
        var list = (await CallAsync(_admin, "POST /api/v1/campaigns/lists", "list.created", [], body)).GetProperty("key").GetString()!;
        await CallAsync(
            _admin, "POST /api/v1/campaigns/lists/{list_key}/unsubscribe", "contact.unsubscribed", [list], new { email = "audited1@example.com" });
        await CallAsync(_admin, "POST /api/v1/campaigns/do-not-mail", "contact.blocked", [], new { email = "audited2@example.com" });
        return list;
    }

    private async Task SyncsAsync(string listKey)
    {
        var file = new StringContent(
            string.Join('\n', ["email", .. Enumerable.Range(1, 60).Select(i => $"audited-sync{i}@example.com")]), Encoding.UTF8, "text/csv");
        var upload = IdOf(await CallAsync(_admin, "POST /api/v1/campaigns/sync-sources", "source.uploaded", [], file));
        // so slow that it is under way for all of this
        var body = new
        {
            source = new { upload_id = upload },
            list_key = listKey,
            rate = 1,
            consent = new { resubscribe = true, reason = "They asked for it" },
        };
        var sync = IdOf(await CallAsync(_admin, "POST /api/v1/campaigns/syncs", "consent.overridden", [], body, alsoAction: "sync.created"));
        await CallAsync(_admin, "POST /api/v1/campaigns/syncs/{id}/pause", "sync.paused", [sync]);
        await CallAsync(_admin, "POST /api/v1/campaigns/syncs/{id}/resume", "sync.resumed", [sync]);
        await CallAsync(_admin, "POST /api/v1/campaigns/syncs/{id}/cancel", "sync.cancelled", [sync]);
        await CallAsync(_admin, "GET /api/v1/campaigns/syncs/{id}/contacts", "contacts.read", [sync], subject: $"sync:{sync}");
        await CallAsync(_admin, "GET /api/v1/campaigns/syncs/{id}/contacts.csv", "contacts.exported", [sync]);
        await CallAsync(_admin, "DELETE /api/v1/campaigns/syncs/{id}", "sync.deleted", [sync]);
    }

    private async Task PeopleAsync(string listKey)
    {
        var campaign = (await JsonAsync(await _platform.Simulator.PostAsJsonAsync(
            $"/_simulator/lists/us/{listKey}/campaigns", new { name = "Audited" }))).GetProperty("key").GetString()!;
        await CallAsync(_admin, "GET /api/v1/campaigns/contacts", "contacts.read", [], subject: "registrations");
        await CallAsync(_admin, "POST /api/v1/campaigns/contacts/forget", "contact.forgotten", [], new { email = "audited3@example.com" });
        await CallAsync(
            _admin, "POST /api/v1/campaigns/contacts/lift-opt-out", "opt_out.lifted", [],
            new { email = "audited3@example.com", reason = "Asked for it." });
        var rejected = await _admin.Http.PostAsJsonAsync("/api/v1/campaigns/contacts", new { email = "info@example.com" });
        var status = (await rejected.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status_url").GetString()!;
        await _platform.OutcomeAsync(status, "rejected");
        await CallAsync(
            _admin, "POST /api/v1/campaigns/contacts/{id}/retry", "contacts.retried", [status.Split('/')[^1]], subject: "registrations");
        await _platform.OutcomeAsync(status, "rejected");
        await CallAsync(
            _admin, "POST /api/v1/campaigns/contacts/retry", "contacts.retried", [], new { code = "role_address" }, subject: "registrations");
        var registered = await JsonAsync(await _admin.Http.PostAsJsonAsync("/api/v1/campaigns/contacts", new { email = "audited4@example.com" }));
        // one that is on its way to Zoho is not forgotten meanwhile
        await _platform.OutcomeAsync(registered.GetProperty("status_url").GetString()!, "subscribed", "retrying", "rejected");
        await CallAsync(_admin, "DELETE /api/v1/campaigns/contacts/{id}", "contact.forgotten", [IdOf(registered)]);
        await CallAsync(
            _admin, "GET /api/v1/campaigns/lists/{list_key}/subscribers", "contacts.read", [listKey], subject: $"list:{listKey}");
        await CallAsync(
            _admin, "GET /api/v1/campaigns/reports/{campaign_key}/recipients", "contacts.read", [campaign], query: "?action=sent",
            subject: $"campaign:{campaign}");
    }

    private async Task FeedsAsync(string connection)
    {
        var tenant = (await _admin.Http.GetFromJsonAsync<JsonElement>("/api/v1/whoami")).GetProperty("tenant_id").GetString()!;
        var (first, second) = (
            await PlantedFeed.PlantAsync(_platform, tenant, connection, "Leads"), await PlantedFeed.PlantAsync(_platform, tenant, connection, "Contacts"));
        const string feeds = "/api/v1/crm/zoho/feeds/{id}";
        await CallAsync(_admin, $"POST {feeds}/confirm-deletions", "feed.deletions_confirmed", [first], new { delete = true });
        await CallAsync(_admin, $"POST {feeds}/confirm-deletions", "feed.deletions_refused", [second], new { delete = false });
        await CallAsync(_admin, $"POST {feeds}/resume", "feed.resumed", [second]);
        await CallAsync(_admin, $"POST {feeds}/refresh", "feed.refreshed", [second], new { kind = "check" });
        await CallAsync(_admin, $"POST {feeds}/pause", "feed.paused", [second], subject: $"feed:{second}");
    }

    private async Task MessagingAsync()
    {
        var body = new { name = "audited", app_secret = "fake-app-secret" };
        var channel = IdOf(await CallAsync(_admin, "POST /api/v1/messaging/channels", "channel.created", [], body));
        await CallAsync(_admin, "PATCH /api/v1/messaging/channels/{id}", "channel.changed", [channel], new { name = "audited again" });
        await CallAsync(_admin, "POST /api/v1/messaging/channels/{id}/rotate", "channel.rotated", [channel]);
        await CallAsync(_admin, "DELETE /api/v1/messaging/channels/{id}", "channel.deleted", [channel], subject: $"channel:{channel}");
        await CallAsync(_admin, "DELETE /api/v1/conversations/links", "link_key.rotated", [], subject: "settings:messaging");

        // the CRM is on and has no connection: nothing but this test changes a message's state
        var tenant = IdOf(await JsonAsync(await _platformKey.Http.PostAsJsonAsync("/api/v1/admin/tenants", new { name = $"audited-{Guid.NewGuid():N}" })));
        var shop = PersonWith(await JsonAsync(await _platformKey.Http.PostAsJsonAsync($"/api/v1/admin/tenants/{tenant}/keys", new { name = "shop", role = "admin" })));
        (await shop.Http.PostAsJsonAsync("/api/settings/integrations/zoho", new { crm_enabled = true })).EnsureSuccessStatusCode();
        var message = IdOf(await JsonAsync(await shop.Http.PostAsJsonAsync(
            "/api/v1/messages", new { external_id = $"audited-{Guid.NewGuid():N}", direction = "inbound", phone = "+442079460000", text = "Hello" })));
        await FailAsync(message);
        await CallAsync(shop, "POST /api/v1/messages/retry", "messages.retried", [], new { code = "audited" }, readBy: shop);
        await FailAsync(message);
        await CallAsync(shop, "POST /api/v1/messages/discard", "messages.discarded", [], new { code = "audited" }, readBy: shop);
        await FailAsync(message);
        await CallAsync(shop, "POST /api/v1/messages/{id}/discard", "message.discarded", [message], subject: $"message:{message}", readBy: shop);
        await CallAsync(shop, "POST /api/v1/messages/{id}/resend", "message.resent", [message], subject: $"message:{message}", readBy: shop);
        (await _platformKey.Http.DeleteAsync($"/api/v1/admin/tenants/{tenant}")).EnsureSuccessStatusCode();
    }

    // as Zoho CRM would have refused it
    private async Task FailAsync(string message)
    {
        await using var database = NpgsqlDataSource.Create((await _platform.ConnectionStringAsync("messaging-db"))!);
        await using var fail = database.CreateCommand("UPDATE messages SET sync_state = 4, sync_code = 'audited' WHERE id = $1");
        fail.Parameters.AddWithValue(Guid.Parse(message));
        Assert.Equal(1, await fail.ExecuteNonQueryAsync());
    }

    /// <summary>Calls an operation as it is described, and looks for its entry among what has come since.</summary>
    private async Task<JsonElement> CallAsync(
        Person caller,
        string operation,
        string? action,
        string[] ids,
        object? body = null,
        string query = "",
        string subject = "",
        string? alsoAction = null,
        Person? readBy = null)
    {
        _called.Add(operation);
        var reader = readBy ?? (caller == _platformKey || _admin is null ? _platformKey : _admin);
        var cursor = await CursorAsync(reader);
        var (verb, path) = (operation.Split(' ')[0], operation.Split(' ')[1]);
        foreach (var id in ids)
        {
            var (from, to) = (path.IndexOf('{', StringComparison.Ordinal), path.IndexOf('}', StringComparison.Ordinal));
            path = $"{path[..from]}{id}{path[(to + 1)..]}";
        }

        using var request = new HttpRequestMessage(new HttpMethod(verb), path + query)
        {
            Content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body)),
        };
        using var answer = await caller.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{operation}: {(int)answer.StatusCode} {text}");
        foreach (var expected in (string?[])[action, alsoAction])
        {
            if (expected is not null)
            {
                await SeenAsync(reader, operation, expected, caller.Actor, cursor, subject);
            }
        }

        return answer.Content.Headers.ContentType?.MediaType == "application/json" ? JsonElement.Parse(text) : default;
    }

    private async Task SeenAsync(Person reader, string operation, string action, string actor, string? cursor, string subject = "")
    {
        // only hand-outs may come late
        var isGathered = action == "token.handed_out";
        var entries = isGathered
            ? await Eventually.GetAsync(() => EntriesAsync(reader, cursor), all => all.Any(entry => entry.GetProperty("action").GetString() == action))
            : await EntriesAsync(reader, cursor);
        if (!entries.Any(entry => entry.GetProperty("action").GetString() == action
            && entry.GetProperty("actor").GetString() == actor
            && entry.TryGetProperty("from_address", out var from) && IPAddress.TryParse(from.GetString(), out _)
            && (subject.Length == 0 || entry.GetProperty("subject").GetString() == subject)))
        {
            _wrong.Add($"{operation}: no {action} by {actor} with its address; there came {string.Join(", ", entries)}");
        }
    }

    private static async Task<string> CursorAsync(Person reader)
    {
        var cursor = "";
        while (true)
        {
            var page = await reader.Http.GetFromJsonAsync<JsonElement>(cursor.Length == 0 ? Feed : $"{Feed}&after={cursor}");
            cursor = page.GetProperty("cursor").GetString()!;
            if (page.GetProperty("entries").GetArrayLength() == 0)
            {
                return cursor;
            }
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> EntriesAsync(Person reader, string? cursor)
    {
        var page = await reader.Http.GetFromJsonAsync<JsonElement>(cursor is null ? Feed : $"{Feed}&after={cursor}");
        return [.. page.GetProperty("entries").EnumerateArray()];
    }

    private async Task<IReadOnlyCollection<string>> OperationsAsync() =>
        [.. (await _platform.Gateway.GetFromJsonAsync<JsonElement>("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"))];

    private Person PersonWith(JsonElement key)
    {
        var http = new HttpClient { BaseAddress = _platform.Gateway.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.GetProperty("key").GetString());
        return new Person(http, $"key:{IdOf(key)}");
    }

    private static string IdOf(JsonElement thing) => thing.GetProperty("id").GetString()!;

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, text);
            return JsonElement.Parse(text);
        }
    }

    private sealed record Person(HttpClient Http, string Actor);
}
