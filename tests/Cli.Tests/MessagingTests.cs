using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

/// <summary><c>zoho messages</c>, <c>conversations</c> and <c>channels</c>.</summary>
public sealed class MessagingTests : IAsyncLifetime
{
    private const string Messages = "/api/v1/messages";
    private const string Conversations = "/api/v1/conversations";
    private const string Channels = "/api/v1/messaging/channels";
    private const string Secret = "fake-app-secret-value";
    private const string Token = "fake-verify-token-value";

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
    public async Task One_message_is_recorded_with_all_that_is_said_of_it()
    {
        _gateway.On($"POST {Messages}", new { external_id = "e1", outcome = "stored", id = "m1", conversation_id = "c1" }, 201);

        var ran = (await _zoho.RunAsync(
            "messages", "send", "Hello", "--phone", "+44 20 7946 0000", "--direction", "campaign", "--external-id", "e1", "--name", "Ada", "--type", "image",
            "--campaign", "Autumn", "--source", "bot", "--status", "read", "--sent-at", "2026-11-27T09:30:00Z")).AssertExit(0);

        Assert.Contains("Stored as m1. How it fares: zoho messages show m1", ran.Out, StringComparison.Ordinal);
        Assert.Equal(
            """
            {"external_id":"e1","direction":"campaign","phone":"\u002B44 20 7946 0000","name":"Ada","type":"image","text":"Hello","sent_at":"2026-11-27T09:30:00+00:00","status":"read","source":"bot","campaign":"Autumn"}
            """,
            _gateway.Requests[^1].Body);
        _gateway.On($"POST {Messages}", new { external_id = "e1", outcome = "duplicate", id = "m1", conversation_id = "c1" });
        var again = (await _zoho.RunAsync("messages", "send", "Hello", "--user-id", "BR.7")).AssertExit(0);
        Assert.Contains("It was known as m1, and nothing was done.", again.Out, StringComparison.Ordinal);
        Assert.Equal("outbound", _gateway.Requests[^1].Json.GetProperty("direction").GetString());
        Assert.StartsWith("cli-", _gateway.Requests[^1].Json.GetProperty("external_id").GetString(), StringComparison.Ordinal);
        _gateway.On($"POST {Messages}", http => PlayedGateway.ProblemAsync(http, 400, "invalid_field", "phone must be a phone.", "phone"));
        var wrong = (await _zoho.RunAsync("messages", "send", "Hello", "--phone", "7")).AssertExit(3);
        Assert.Contains("--phone PHONE must be a phone.", wrong.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hello")]
    [InlineData("--phone", "1")]
    [InlineData("Hello", "--phone", "1", "--file", "x")]
    public async Task What_is_no_message_is_said_before_anything_is_sent(params string[] options)
    {
        (await _zoho.RunAsync(["messages", "send", .. options])).AssertExit(1);

        Assert.Empty(_gateway.Requests);
    }

    [Fact]
    public async Task A_file_goes_in_parts_and_what_is_refused_is_told_by_its_line()
    {
        _gateway.On($"POST {Messages}", async http =>
        {
            var sent = _gateway.Requests[^1].Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("external_id").GetString()!);
            await http.Response.WriteAsJsonAsync(new
            {
                messages = sent.Select(id => id is "e3"
                    ? (object)new { external_id = id, outcome = "refused", code = "invalid_field", field = "phone", message = "phone is no phone." }
                    : new { external_id = id, outcome = id is "e4" ? "duplicate" : "stored", id = "m", conversation_id = "c" }),
            });
        });
        var file = _zoho.Write("messages.ndjson", string.Join('\n', Enumerable.Range(1, 501).Select(i =>
            $$$"""{"external_id":"e{{{i}}}","direction":"inbound","phone":"+4420","content":{"n":"x"}}""")) + "\n\n");

        var ran = (await _zoho.RunAsync("messages", "send", "--file", file)).AssertExit(2);

        Assert.Equal([500, 1], _gateway.Requests.Select(request => request.Json.GetProperty("messages").GetArrayLength()));
        Assert.Contains("Line 3: phone: phone is no phone.", ran.Error, StringComparison.Ordinal);
        Assert.Contains("500 messages are stored so far", ran.Error, StringComparison.Ordinal);
        Assert.Contains("499 messages stored, 1 known before, 1 refused.", ran.Out, StringComparison.Ordinal);
        var json = (await _zoho.RunAsync(
            ["messages", "send", "--file", "-", "--json"], """{"external_id":"e1","direction":"inbound"}""" + "\n")).AssertExit(0).Json;
        Assert.Equal((1, 0), (json.GetProperty("stored").GetInt32(), json.GetProperty("refused").GetInt32()));
    }

    [Theory]
    [InlineData("""{"external_id":"e","direction":"inbound","fone":"1"}""", "fone is no field of a message, or has the wrong type")]
    [InlineData("""{"direction":"inbound"}""", "it has no external_id")]
    [InlineData("""{"external_id":"e","direction":"sideways"}""", "its direction is not one of inbound, outbound, campaign")]
    [InlineData("Hello Ada", "it is no JSON object")]
    public async Task A_line_that_is_no_message_is_named_and_not_shown(string line, string why)
    {
        var file = _zoho.Write("messages.ndjson", line + "\n");

        var ran = (await _zoho.RunAsync("messages", "send", "--file", file)).AssertExit(3);

        Assert.Contains("Line 1 of ", ran.Error, StringComparison.Ordinal);
        Assert.Contains(why, ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Ada", ran.Error, StringComparison.Ordinal);
        Assert.Empty(_gateway.Requests);
    }

    [Fact]
    public async Task A_file_in_another_encoding_is_named_and_nothing_of_it_is_stored()
    {
        var file = _zoho.Write("messages.ndjson", "");
        await File.WriteAllBytesAsync(file, Encoding.Latin1.GetBytes("""{"external_id":"e","direction":"inbound","phone":"+4420","text":"café"}""" + "\n"));

        var ran = (await _zoho.RunAsync("messages", "send", "--file", file)).AssertExit(3);

        Assert.Contains("is not UTF-8 in line 1", ran.Error, StringComparison.Ordinal);
        Assert.Empty(_gateway.Requests);
    }

    [Fact]
    public async Task Messages_are_listed_and_shown()
    {
        _gateway.On($"GET {Messages}", new { messages = new[] { Message("m1", "synced"), Message("m2", "failed", "Mend it.") } });
        _gateway.On($"GET {Messages}/m2", Message("m2", "failed", "Mend it."));

        var listed = (await _zoho.RunAsync(
            "messages", "--conversation", "c1", "--state", "failed", "--search", "hel", "--external-id", "e1", "--oldest-first")).AssertExit(0);
        var shown = (await _zoho.RunAsync("messages", "show", "m2")).AssertExit(0);

        listed.AssertPlain();
        Assert.Matches(@"(?m)^m1 +2025-11-27 \d\d:\d\d +inbound +synced +Hello Ada +-$", listed.Out);
        Assert.Matches(@"(?m)^m2 .* failed \(crm_refused\) +Hello Ada +Mend it\.$", listed.Out);
        Assert.Equal(
            "?conversation_id=c1&sync_state=failed&query=hel&external_id=e1&order_by=sent_at%20asc&page_size=200",
            _gateway.Requests.First(request => request.Call == $"GET {Messages}").Query);
        Assert.Contains("crm_refused: Mend it.", shown.Out, StringComparison.Ordinal);
        Assert.Contains("zoho messages resend m2", shown.Out, StringComparison.Ordinal);
        Assert.Equal(2, (await _zoho.RunAsync("messages", "list", "--json")).AssertExit(0).Json.GetArrayLength());
        _gateway.On($"GET {Messages}", new { messages = Array.Empty<object>() });
        Assert.StartsWith("There is none.", (await _zoho.RunAsync("messages")).AssertExit(0).Out, StringComparison.Ordinal);
        foreach (var filter in (string[][])[["--state", "failed"], ["--search", "hel"], ["--external-id", "e1"], ["--conversation", "c1"]])
        {
            Assert.StartsWith("None matches", (await _zoho.RunAsync(["messages", .. filter])).AssertExit(0).Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_failed_is_synced_again_or_given_up_until_nothing_is_left()
    {
        _gateway.On($"POST {Messages}/m1/resend", Message("m1", "stored"));
        _gateway.On($"POST {Messages}/m1/discard", Message("m1", "skipped"));
        _gateway.OnEach(
            $"POST {Messages}/retry",
            http => http.Response.WriteAsJsonAsync(new { retried = 1000, has_more = true }),
            http => http.Response.WriteAsJsonAsync(new { retried = 7, has_more = false }));
        _gateway.OnEach(
            $"POST {Messages}/discard",
            http => http.Response.WriteAsJsonAsync(new { discarded = 1000, has_more = true }),
            http => http.Response.WriteAsJsonAsync(new { discarded = 1, has_more = false }));

        (await _zoho.RunAsync("messages", "resend", "m1")).AssertExit(0);
        (await _zoho.RunAsync("messages", "discard", "m1")).AssertExit(0);
        var retried = (await _zoho.RunAsync("messages", "retry", "--code", "crm_refused")).AssertExit(0);
        var discarded = (await _zoho.RunAsync("messages", "discard", "--all", "--json")).AssertExit(0);

        Assert.Equal("""{"code":"crm_refused"}""", _gateway.Requests.First(request => request.Call == $"POST {Messages}/retry").Body);
        Assert.Contains("1,000 messages so far.", retried.Error, StringComparison.Ordinal);
        Assert.Contains("1,007 messages are synced again.", retried.Out, StringComparison.Ordinal);
        Assert.Equal(1001, discarded.Json.GetProperty("discarded").GetInt32());
        (await _zoho.RunAsync("messages", "discard")).AssertExit(1);
        (await _zoho.RunAsync("messages", "discard", "m1", "--all")).AssertExit(1);
        (await _zoho.RunAsync("messages", "discard", "m1", "--code", "x")).AssertExit(1);
        _gateway.On($"POST {Messages}/retry", new { retried = 0, has_more = false });
        Assert.StartsWith("None has failed.", (await _zoho.RunAsync("messages", "retry")).AssertExit(0).Out, StringComparison.Ordinal);
        Assert.StartsWith(
            "None is left with the code crm_disabled.", (await _zoho.RunAsync("messages", "retry", "--code", "crm_disabled")).AssertExit(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_are_followed_across_a_cut_until_somebody_goes()
    {
        _gateway.On($"GET {Messages}/events", async http =>
        {
            http.Response.ContentType = "text/event-stream";
            var last = _gateway.Requests[^1].Headers.GetValueOrDefault("Last-Event-ID");
            if (last == "5")
            {
                // where it begins, and cut before anything came
                await http.Response.WriteAsync("id: 6\n\n");
                return;
            }

            if (last == "6")
            {
                // one, and cut
                await EventAsync(http, 7, Message("m1", "stored"));
                return;
            }

            await EventAsync(http, 8, Message("m1", "synced", position: 8));
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });

        await using var running = _zoho.Start("messages", "tail", "--conversation", "c1", "--after", "5");
        await running.ReadUntilAsync("synced");
        running.Send("INT");
        var ran = (await Zoho.EndAsync(running)).AssertExit(130);

        Assert.Matches(@"inbound  stored  c1  Hello Ada\n.*inbound  synced  c1  Hello Ada", ran.Out);
        Assert.Contains("Go on with: zoho messages tail --after 8 --conversation c1", ran.Error, StringComparison.Ordinal);
        Assert.Equal(
            ["5 ?conversation_id=c1", "6 ?conversation_id=c1", "7 ?conversation_id=c1"],
            _gateway.Requests.Select(request => $"{request.Headers["Last-Event-ID"]} {request.Query}"));
    }

    [Fact]
    public async Task Conversations_are_listed_shown_with_their_messages_and_read()
    {
        _gateway.On($"GET {Conversations}", new { conversations = new[] { Conversation("linked"), Conversation("failed", "Mend it.") } });
        _gateway.On($"GET {Conversations}/c1", Conversation("failed", "Mend it."));
        _gateway.On($"GET {Conversations}/c1/messages", new { messages = new[] { Message("m1", "synced") } });
        _gateway.On($"POST {Conversations}/c1/read", Conversation("linked"));

        var listed = (await _zoho.RunAsync("conversations", "--search", "ada", "--unread", "--crm-state", "failed")).AssertExit(0);
        var shown = (await _zoho.RunAsync("conversations", "show", "c1")).AssertExit(0);

        Assert.Matches(@"(?m)^c1 +Ada \+442079460000 +14 +2 +2025-11-27 \d\d:\d\d +linked +-$", listed.Out);
        Assert.Matches(@"(?m)^c1 .* failed +Mend it\.$", listed.Out);
        Assert.Equal("?query=ada&unread=true&crm_state=failed&page_size=200", _gateway.Requests[0].Query);
        Assert.Matches(@"(?m)^Failed +3: zoho messages --conversation c1 --state failed$", shown.Out);
        Assert.Matches("(?m)^m1 ", shown.Out);
        Assert.Contains("Conversation c1 is read.", (await _zoho.RunAsync("conversations", "read", "c1")).AssertExit(0).Out, StringComparison.Ordinal);
        Assert.Equal(14, (await _zoho.RunAsync("conversations", "show", "c1", "--json")).AssertExit(0).Json.GetProperty("messages").GetInt32());
        _gateway.On($"GET {Conversations}", new { conversations = Array.Empty<object>() });
        foreach (var filter in (string[][])[["--unread"], ["--search", "ada"], ["--crm-state", "failed"]])
        {
            Assert.StartsWith("None matches", (await _zoho.RunAsync(["conversations", .. filter])).AssertExit(0).Out, StringComparison.Ordinal);
        }

        Assert.StartsWith("There is none. Messages come in through a channel", (await _zoho.RunAsync("conversations")).AssertExit(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_is_asked_for_by_id_or_by_phone()
    {
        var link = new
        {
            conversation_id = "c1",
            url = "https://crm.zoho.eu/crm/tab/Leads/77",
            open_url = "https://platform.example.com/open/t",
            crm_module = "Leads",
            crm_record_id = "77",
        };
        _gateway.On($"GET {Conversations}/c1/link", link);
        _gateway.On($"GET {Conversations}/link", link);

        var byId = (await _zoho.RunAsync("conversations", "link", "c1")).AssertExit(0);
        var byPhone = (await _zoho.RunAsync("conversations", "link", "--phone", "+44 20 7946 0000")).AssertExit(0);

        Assert.Equal(byId.Out, byPhone.Out);
        Assert.Matches("(?m)^For a button +https://platform.example.com/open/t$", byId.Out);
        Assert.Equal("?phone=%2B44%2020%207946%200000", _gateway.Requests[^1].Query);
        (await _zoho.RunAsync("conversations", "link")).AssertExit(1);
        (await _zoho.RunAsync("conversations", "link", "c1", "--phone", "1")).AssertExit(1);
    }

    [Fact]
    public async Task A_channels_secrets_come_from_files_and_go_into_files()
    {
        _gateway.On($"POST {Channels}", Channel(Token), 201);
        _gateway.On($"POST {Channels}/ch1/rotate", Channel(Token));
        var secret = _zoho.Write("secret", Secret + "\n");
        var place = Path.Combine(_zoho.WorkingFolder, "token");

        var made = (await _zoho.RunAsync(
            "channels", "create", "Shop", "--app-secret-file", secret, "--phone-number-id", "7", "--save", place)).AssertExit(0);
        var typed = (await _zoho.RunAsync(["channels", "create", "Shop", "--app-secret", "--save", place + "2", "--json"], Secret + "\n")).AssertExit(0);
        var rotated = (await _zoho.RunAsync("channels", "rotate", "ch1", "--save", place + "3")).AssertExit(0);

        Assert.Equal(Token + "\n", await File.ReadAllTextAsync(place));
        Assert.Equal(Token + "\n", await File.ReadAllTextAsync(place + "3"));
        Assert.Equal($$"""{"name":"Shop","app_secret":"{{Secret}}","phone_number_id":"7"}""", _gateway.Requests[0].Body);
        Assert.Equal(Secret, _gateway.Requests[1].Json.GetProperty("app_secret").GetString());
        Assert.Contains("https://platform.example.com/webhooks/whatsapp/ch1", made.Out, StringComparison.Ordinal);
        Assert.Equal(place + "2", typed.Json.GetProperty("saved_in").GetString());
        Assert.Contains($"The verify token is in {place}, readable by you alone", made.Out, StringComparison.Ordinal);
        Assert.Contains($"The verify token is in {place}3, readable by you alone", rotated.Out, StringComparison.Ordinal);
        foreach (var ran in (Ran[])[made, typed, rotated])
        {
            Assert.DoesNotContain(Token, ran.Out + ran.Error, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, ran.Out + ran.Error, StringComparison.Ordinal);
        }

        var none = (await _zoho.RunAsync("channels", "create", "Shop", "--save", place + "4")).AssertExit(0);
        Assert.Contains("It takes nothing before it has the app's secret: zoho channels update ch1 --app-secret-file FILE.", none.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_is_listed_shown_changed_and_deleted()
    {
        _gateway.On($"GET {Channels}", new { channels = new[] { Channel("••••ken1") }, total = 1 });
        _gateway.On($"GET {Channels}/ch1", Channel("••••ken1"));
        _gateway.On($"PATCH {Channels}/ch1", Channel("••••ken1"));
        _gateway.On($"DELETE {Channels}/ch1", http =>
        {
            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        });

        Assert.Matches("(?m)^ch1 +Shop +none +all +- +-$", (await _zoho.RunAsync("channels")).AssertExit(0).Out);
        var shown = (await _zoho.RunAsync("channels", "show", "ch1")).AssertExit(0);
        Assert.Matches("(?m)^App secret +none, and nothing is taken: zoho channels update ch1 --app-secret-file FILE$", shown.Out);
        (await _zoho.RunAsync("channels", "update", "ch1", "--name", "New", "--phone-number-id", "", "--remove-app-secret", "--etag", "e1")).AssertExit(0);
        Assert.Equal(
            ("""{"name":"New","app_secret":"","phone_number_id":""}""", "\"e1\""),
            (_gateway.Requests[^1].Body, _gateway.Requests[^1].Headers["If-Match"]));
        (await _zoho.RunAsync("channels", "update", "ch1")).AssertExit(1);
        (await _zoho.RunAsync("channels", "update", "ch1", "--app-secret", "--remove-app-secret")).AssertExit(1);
        // nobody is there to answer
        var asked = (await _zoho.RunAsync("channels", "delete", "ch1")).AssertExit(3);
        Assert.Contains("Nothing was deleted: say --yes", asked.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_gateway.Requests, request => request.Call.StartsWith("DELETE", StringComparison.Ordinal));
        Assert.Equal("deleted", (await _zoho.RunAsync("channels", "delete", "ch1", "--yes", "--json")).AssertExit(0).Json.GetProperty("event").GetString());
        _gateway.On($"GET {Channels}", new { channels = Array.Empty<object>(), total = 0 });
        Assert.StartsWith("There are none: zoho channels create NAME", (await _zoho.RunAsync("channels")).AssertExit(0).Out, StringComparison.Ordinal);
    }

    private static async Task EventAsync(HttpContext http, long position, object message)
    {
        var data = JsonSerializer.Serialize(message);
        await http.Response.WriteAsync($"id: {position}\nevent: message\ndata: {data}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private static object Message(string id, string state, string? message = null, long position = 7) => new
    {
        id,
        external_id = "e1",
        conversation_id = "c1",
        source = "bot",
        direction = "inbound",
        type = "text",
        text = "Hello Ada",
        sent_at = "2025-11-27T09:30:00Z",
        received_at = "2025-11-27T09:30:00Z",
        sync_state = state,
        code = message is null ? null : "crm_refused",
        message,
        attempts = 3,
        position,
        a_field_of_a_newer_gateway = true,
    };

    private static object Conversation(string state, string? message = null) => new
    {
        id = "c1",
        phone = "+442079460000",
        name = "Ada",
        messages = 14,
        unread = 2,
        waiting = 0,
        failed = 3,
        last_message_at = "2025-11-27T09:30:00Z",
        crm_state = state,
        code = message is null ? null : "lead_refused",
        message,
        created_at = "2025-11-27T09:30:00Z",
        updated_at = "2025-11-27T09:30:00Z",
        a_field_of_a_newer_gateway = true,
    };

    private static object Channel(string token) => new
    {
        id = "ch1",
        name = "Shop",
        webhook_url = "https://platform.example.com/webhooks/whatsapp/ch1",
        verify_token = token,
        created_at = "2025-11-27T09:30:00Z",
        updated_at = "2025-11-27T09:30:00Z",
        etag = "e1",
        a_field_of_a_newer_gateway = true,
    };
}
