using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests;

public sealed class BadInputTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Contacts = "/api/v1/campaigns/contacts";

    private readonly GatewayHost _gateway = shared.Host;

    [Theory]
    [InlineData("{", "malformed_json", null)]
    [InlineData("{\"email\":}", "malformed_json", null)]
    [InlineData("{\"email\":\"a@example.com\",}", "malformed_json", null)]
    [InlineData("{\"email\":\"a@example.com\" /* hello */}", "malformed_json", null)]
    [InlineData("hello", "malformed_json", null)]
    [InlineData("{\"mail\":\"a@example.com\"}", "unknown_field", "mail")]
    [InlineData("{\"Email\":\"a@example.com\"}", "unknown_field", "Email")]
    [InlineData("{\"email\":7}", "invalid_field", "email")]
    [InlineData("{\"email\":[\"a@example.com\"]}", "invalid_field", "email")]
    [InlineData("{\"email\":\"a@example.com\",\"email\":\"b@example.com\"}", "duplicate_field", "email")]
    [InlineData("[]", "invalid_field", null)]
    [InlineData("\"text\"", "invalid_field", null)]
    [InlineData("null", "invalid_request", null)]
    [InlineData("", "invalid_request", null)]
    public async Task A_body_that_is_wrong_says_where(string body, string code, string? field)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        (await client.PostTextAsync(Contacts, body)).AssertProblem(HttpStatusCode.BadRequest, code, field);
    }

    [Theory]
    [InlineData("{\"name\":\"\",\"role\":\"admin\"}", "name")]
    [InlineData("{\"name\":\"a\\u202eb\",\"role\":\"admin\"}", "name")]
    [InlineData("{\"name\":\"x\",\"role\":\"service\"}", "role")]
    [InlineData("{\"name\":\"x\",\"role\":\"Admin\"}", "role")]
    [InlineData("{\"name\":\"x\",\"role\":\"admin\",\"expires_at\":\"2020-01-01T00:00:00Z\"}", "expires_at")]
    [InlineData("{\"name\":\"x\",\"role\":\"admin\",\"expires_at\":\"tomorrow\"}", "expires_at")]
    public async Task A_key_that_cannot_be_made_names_the_field(string body, string field)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        (await client.PostTextAsync("/api/v1/admin/keys", body)).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
    }

    [Theory]
    [InlineData("/api/v1/admin/keys", """{"role":"admin"}""", "name", "a text")]
    [InlineData("/api/v1/admin/keys", """{"name":null,"role":"admin"}""", "name", "a text")]
    [InlineData("/api/v1/admin/keys", """{"name":"x"}""", "role", "one of viewer, operator, admin")]
    [InlineData("/api/v1/admin/keys", """{"name":"x","role":"viewer","permissions":[{"name":"tokens:read"}]}""", "permissions[0].connection_ids", "a list")]
    [InlineData("/api/v1/campaigns/contacts", "{}", "email", "a text")]
    [InlineData("/api/v1/messages", """{"external_id":"1"}""", "direction", "one of inbound, outbound, campaign")]
    [InlineData("/api/v1/messages", """{"messages":[{"direction":"inbound"}]}""", "messages[0].external_id", "a text")]
    [InlineData("/api/v1/webhooks", "{}", "url", "a text")]
    public async Task What_is_missing_is_told_apart_from_what_is_wrong(string path, string body, string field, string wanted)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await client.PostTextAsync(path, body);

        answer.AssertProblem(HttpStatusCode.BadRequest, "missing_field", field);
        Assert.Equal($"The field {field} is missing: it must be {wanted}.", answer.Json.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("/api/v1/campaigns/contacts", """{"email":7}""", "email", "a text")]
    [InlineData("/api/v1/admin/keys", """{"name":"x","role":7}""", "role", "one of viewer, operator, admin")]
    [InlineData("/api/v1/admin/keys", """{"name":"x","role":"viewer","expires_at":"tomorrow"}""", "expires_at", "a time such as 2026-11-21T09:40:00Z")]
    [InlineData("/api/v1/admin/keys", """{"name":"x","role":"viewer","permissions":{}}""", "permissions", "a list")]
    [InlineData("/api/v1/admin/keys", """{"name":"x","role":"viewer","permissions":[{"name":"tokens:read","connection_ids":[1]}]}""", "permissions[0].connection_ids[0]", "a text")]
    [InlineData("/api/v1/webhooks", """{"url":"https://example.com/h","event_types":[null]}""", "event_types[0]", "a text")]
    [InlineData("/api/settings/integrations/zoho", """{"crm_enabled":"yes"}""", "crm_enabled", "true or false")]
    [InlineData("/api/settings/integrations/zoho", """{"client_secrets":{"eu":7}}""", "client_secrets.eu", "a text")]
    [InlineData("/api/settings/integrations/zoho", """{"client_secrets":[]}""", "client_secrets", "an object")]
    [InlineData("/api/v1/campaigns/syncs", """{"source":{"upload_id":"x"},"rate":1.5}""", "rate", "a whole number")]
    public async Task A_wrong_type_says_which_one_is_wanted(string path, string body, string field, string wanted)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await client.PostTextAsync(path, body);

        answer.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
        Assert.Equal($"The field {field} has the wrong type: it must be {wanted}.", answer.Json.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("2026-11-27T09:30:00")]
    [InlineData("2026-11-27T09:30")]
    [InlineData("2026-11-27")]
    public async Task A_time_without_its_zone_is_refused_with_one_that_is_taken(string time)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        foreach (var (body, field) in ((string, string)[])
        [
            ($$"""{"external_id":"1","direction":"inbound","phone":"+49 30 1234567","sent_at":"{{time}}"}""", "sent_at"),
            ($$"""{"messages":[{"external_id":"1","direction":"inbound","sent_at":"{{time}}"}]}""", "messages[0].sent_at"),
        ])
        {
            var answer = await client.PostTextAsync("/api/v1/messages", body);

            answer.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
            Assert.Equal(
                $"The field {field} has no time zone: write it as 2026-11-21T09:40:00Z, or with the zone's offset as 2026-11-21T10:40:00+01:00.",
                answer.Json.GetProperty("detail").GetString());
        }
    }

    [Fact]
    public async Task A_body_in_another_encoding_and_one_that_is_nested_too_deep_say_so()
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();
        async Task<Answer> PostAsync(byte[] body)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new("application/json");
            return await client.SendAsync(HttpMethod.Post, "/api/v1/messages", content);
        }

        var foreign = await PostAsync(Encoding.Latin1.GetBytes("""{"external_id":"1","direction":"inbound","text":"Grüße"}"""));
        foreign.AssertProblem(HttpStatusCode.BadRequest, "malformed_json");
        Assert.Equal("The field text is not in UTF-8: send the body in that encoding.", foreign.Json.GetProperty("detail").GetString());

        var deep = new string('[', 80) + new string(']', 80);
        var nested = await PostAsync(Encoding.UTF8.GetBytes($$$"""{"external_id":"1","direction":"inbound","content":{"a":{{{deep}}}}}"""));
        nested.AssertProblem(HttpStatusCode.BadRequest, "json_too_deep");
        Assert.Equal("The body is nested too deep: at most 64 objects and lists within each other.", nested.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_name_that_is_too_long_or_shows_as_another_is_refused()
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        var turned = await client.PostAsync("/api/v1/admin/keys", new { name = "shop\u202Eegap", role = "admin" });
        turned.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "name");
        Assert.Contains("none that are invisible or turn the direction of text", turned.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);

        (await client.PostAsync("/api/v1/admin/keys", new { name = new string('x', 101), role = "admin" }))
            .AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "name");
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("-x")]
    [InlineData("x\n")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_tenants_name_has_a_shape(string? name)
    {
        using var platform = _gateway.CreateClient();

        (await platform.PostAsync("/api/v1/admin/tenants", new { name }))
            .AssertProblem(HttpStatusCode.BadRequest, name is null ? "missing_field" : "invalid_field", "name");
    }

    [Fact]
    public async Task A_body_that_is_too_big_is_413()
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        var body = $$"""{"email":"{{new string('x', (int)RequestLimits.MaxBodyBytes)}}"}""";

        // asked first, the gateway refuses before the body is on its way; a client that just sends may find the connection closed
        var ask = ("Expect", "100-continue");
        (await client.PostTextAsync(Contacts, body, ask)).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        (await client.PostTextAsync(Contacts, body, ask, ("Idempotency-Key", "big"))).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    [Fact]
    public async Task A_body_without_a_length_that_grows_too_big_is_413()
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var content = new StringContent($$"""{"email":"{{new string('x', (int)RequestLimits.MaxBodyBytes)}}"}""", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, Contacts) { Content = content };
        request.Headers.TransferEncodingChunked = true;

        using var response = await client.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_415()
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var form = new FormUrlEncodedContent([new("email", "a@example.com")]);

        (await client.SendAsync(HttpMethod.Post, Contacts, form)).AssertProblem(HttpStatusCode.UnsupportedMediaType, "content_type_not_supported");
    }

    [Fact]
    public async Task An_address_without_anything_is_404_and_a_wrong_method_405()
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        (await client.GetAsync("/api/v1/nothing")).AssertProblem(HttpStatusCode.NotFound, "not_found");
        var answer = await client.SendAsync(HttpMethod.Put, Contacts, null);
        answer.AssertProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        Assert.Equal("GET, HEAD, OPTIONS, POST", answer.Header("Allow"));
    }

    [Fact]
    public async Task Wherever_there_is_get_there_is_head_and_options_says_what_there_is()
    {
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");
        using var nobody = _gateway.CreateClient(key: null);

        var got = await viewer.GetAsync("/api/v1/whoami");
        var head = await viewer.SendAsync(HttpMethod.Head, "/api/v1/whoami", content: null);
        Assert.Equal((HttpStatusCode.OK, "", got.Header("Content-Type")), (head.Status, head.Text, head.Header("Content-Type")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.SendAsync(HttpMethod.Head, "/api/v1/whoami", content: null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await viewer.SendAsync(HttpMethod.Head, "/api/v1/nothing", content: null)).Status);
        var stream = await viewer.SendAsync(HttpMethod.Head, "/api/v1/connections/events", content: null);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET"), (stream.Status, stream.Header("Allow")));

        var options = await viewer.SendAsync(HttpMethod.Options, "/api/v1/webhooks/x", content: null);
        Assert.Equal((HttpStatusCode.NoContent, "DELETE, GET, HEAD, OPTIONS, PATCH"), (options.Status, options.Header("Allow")));
    }

    [Theory]
    [InlineData("/api/v1/connections", """{"provider":"zoho"}""", "grant_code")]
    [InlineData("/api/v1/connections", """{"provider":"zoho","refresh_token":"x","grant_code":"y"}""", "grant_code")]
    [InlineData("/api/v1/connections", """{"provider":"zoho","refresh_token":"x","features":"crm"}""", "features")]
    [InlineData("/api/settings/integrations/zoho", """{"crm_enabled":"yes"}""", "crm_enabled")]
    [InlineData("/api/v1/crm/zoho/feeds/x/refresh", """{"kind":"everything"}""", "kind")]
    [InlineData("/api/v1/crm/zoho/feeds/x/refresh", """{"kind":7}""", "kind")]
    [InlineData("/api/v1/crm/zoho/feeds/x/confirm-deletions", """{"delete":"yes"}""", "delete")]
    [InlineData("/api/v1/messages", """{"external_id":"1","direction":"sideways"}""", "direction")]
    [InlineData("/api/v1/messages", """{"external_id":"1","direction":"outbound","status":"lost"}""", "status")]
    [InlineData("/api/v1/messages", """{"external_id":"1","direction":"inbound","sent_at":"yesterday"}""", "sent_at")]
    [InlineData("/api/v1/messages", """{"external_id":"1","direction":"inbound","content":["x"]}""", "content")]
    [InlineData("/api/v1/messages", """{"messages":[]}""", "messages")]
    [InlineData("/api/v1/messages", """{"messages":{}}""", "messages")]
    [InlineData("/api/v1/messages", """{"messages":[{"external_id":"1","direction":"inbound"},{"external_id":"2","direction":"inbound","text":7}]}""", "messages[1].text")]
    [InlineData("/api/v1/messages", """{"messages":[{"external_id":"1","direction":"inbound","content":"x"}]}""", "messages[0].content")]
    [InlineData("/api/v1/messages/retry", """{"code":7}""", "code")]
    [InlineData("/api/v1/messages/retry", """{"code":""}""", "code")]
    [InlineData("/api/v1/messages/discard", """{"code":""}""", "code")]
    [InlineData("/api/v1/messaging/channels", """{"name":7}""", "name")]
    [InlineData("/api/settings/integrations/zoho", """{"client_secrets":{"":"x"}}""", "client_secrets")]
    public async Task A_field_with_a_wrong_value_is_named(string path, string body, string field)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        (await client.PostTextAsync(path, body)).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_named_also_inside_a_messages_content()
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();
        var bytes = """{"external_id":"1","direction":"inbound","content":{"x":"?"}}"""u8.ToArray();
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xFF;
        using var body = new ByteArrayContent(bytes);
        body.Headers.ContentType = new("application/json");

        using var answer = await client.Http.PostAsync(new Uri("/api/v1/messages", UriKind.Relative), body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("content must be UTF-8", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/messages", """{"messages":[{"external_id":"1","direction":"inbound"},null]}""", "messages[1]")]
    [InlineData("/api/v1/webhooks", """{"url":"https://example.com/h","event_types":[null]}""", "event_types[0]")]
    [InlineData("/api/v1/webhooks", """{"url":"https://example.com/h","subjects":["a",null]}""", "subjects[1]")]
    [InlineData("/api/v1/admin/keys", """{"name":"x","role":"viewer","permissions":[null]}""", "permissions[0]")]
    [InlineData("/api/v1/admin/keys", """{"name":"x","role":"viewer","permissions":[{"name":"tokens:read","connection_ids":[null]}]}""", "connection_ids[0]")]
    public async Task Null_in_a_list_is_named(string path, string body, string field)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        (await client.PostTextAsync(path, body)).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
    }

    [Theory]
    [InlineData("application/json; charset=utf8")]
    [InlineData("application/json; charset=\"windows-1252\"")]
    public async Task A_charset_that_nobody_knows_is_no_bug(string type)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();
        using var content = new StringContent("""{"url":"https://example.com/h"}""");
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var answer = await client.Http.PostAsync("/api/v1/webhooks", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task What_was_sent_is_not_echoed()
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await client.PostTextAsync("/api/v1/connections", """{"provider":"zoho","refresh_token":["1000.fake-secret"]}""");

        answer.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "refresh_token");
        Assert.DoesNotContain("fake-secret", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_is_no_error()
    {
        var left = new TaskCompletionSource();
        using var requests = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "http.server.request.duration")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        requests.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            if (tags.Contains(new KeyValuePair<string, object?>("http.response.status_code", StatusCodes.Status499ClientClosedRequest)))
            {
                left.TrySetResult();
            }
        });
        requests.Start();
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        _gateway.Services.Submit = async (_, _) =>
        {
            arrived.SetResult();
            await answer.Task;
            return new Registration();
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var leave = new CancellationTokenSource();

        using var content = new StringContent("""{"email":"a@example.com"}""", Encoding.UTF8, "application/json");
        var request = client.Http.PostAsync(Contacts, content, leave.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        // what the gateway makes of it is told by the time the request has ended there
        await left.Task.WaitAsync(Eventually.Limit);
        answer.SetResult();
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(Contacts, StringComparison.Ordinal));
    }
}
