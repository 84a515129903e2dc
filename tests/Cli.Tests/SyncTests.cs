using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

public sealed class SyncTests : IAsyncLifetime
{
    private const string Users = "email,first_name\nuser1@example.com,Ada\nuser2@example.com,Grace\nuser3@example.com,Edsger\n";
    private const string Events = "GET " + Played.SyncPath + "/events";

    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;
    private string _csv = "";

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        _csv = _zoho.Write("users.csv", Users);
        _gateway.On("POST /api/v1/campaigns/sync-sources", Played.Source, 201);
        _gateway.On("POST /api/v1/campaigns/syncs", new { id = Played.SyncId, state = "queued", status_url = Played.SyncPath }, 202);
        _gateway.On(Events, http => PlayedGateway.EventsAsync(
            http,
            (0, Played.Sync("preparing", total: 0), []),
            (2, Played.Sync("running", 2, added: 2), [Played.Contact(1, "added"), Played.Contact(2, "added")]),
            (3, Played.Sync("completed", 3, added: 2, existing: 1), [Played.Contact(3, "existing")])));
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_file_is_uploaded_synced_and_summed_up()
    {
        var ran = (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv)).AssertExit(0);

        ran.AssertPlain();
        Assert.Contains("3 rows with email, first_name.", ran.Out, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^processed +3 of 3$", ran.Out);
        Assert.Matches(@"(?m)^added +2$", ran.Out);
        Assert.Matches(@"(?m)^existing +1$", ran.Out);
        Assert.Matches(@"(?m)^suppressed +0$", ran.Out);
        Assert.EndsWith("Done.\n", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("user1@example.com", ran.Out, StringComparison.Ordinal);
        var upload = Request("POST /api/v1/campaigns/sync-sources");
        Assert.Equal(Users, upload.Body);
        Assert.Equal("text/csv", upload.Headers["Content-Type"]);
        Assert.Equal("?name=users.csv", upload.Query);
    }

    [Fact]
    public async Task A_list_that_is_not_there_and_a_role_that_is_missing_are_told_before_the_upload()
    {
        var lists = new[] { new { key = "3zhere", name = "Here" } };
        _gateway.On("GET /api/v1/campaigns/lists", http => http.Response.WriteAsJsonAsync(new
        {
            lists,
            default_list_key = "3zgone",
            read_at = http.Request.Query.ContainsKey("refresh") ? "2026-11-27T10:01:00Z" : "2026-11-27T10:00:00Z",
        }));

        Assert.Contains(
            "--list KEY is no list of the account",
            (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv, "--list", "3zother")).AssertExit(3).Error,
            StringComparison.Ordinal);
        Assert.Contains(
            "The mailing list of the settings is no list", (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv)).AssertExit(3).Error, StringComparison.Ordinal);
        // one that was just made is asked for before it is called missing
        Assert.Contains(_gateway.Requests, request => request is { Call: "GET /api/v1/campaigns/lists", Query: "?refresh=true" });
        _gateway.On("GET /api/v1/campaigns/lists", new { lists });
        Assert.Contains(
            "list_key_missing", (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv)).AssertExit(3).Error, StringComparison.Ordinal);
        _gateway.On("GET /api/v1/whoami", new { tenant_id = "t", tenant = "demo", role = "operator", key_id = "k3v9x2m8q7t1c5b0" });
        Assert.Contains(
            "--resubscribe-reason needs the role admin",
            (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv, "--list", "3zhere", "--resubscribe-reason", "They agreed.")).AssertExit(3).Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain(_gateway.Requests, request => request.Call.StartsWith("POST", StringComparison.Ordinal));

        (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv, "--list", "3zhere")).AssertExit(0);
    }

    [Fact]
    public async Task Every_option_reaches_the_gateway()
    {
        _zoho.Write("users.csv", "E=Mail,first_name,status,a,opt_in,optout\nuser1@example.com,Ada,yes,b=c,,\n");

        var ran = await _zoho.RunAsync(
            "campaigns", "sync", "--csv", _csv, "--dry-run", "--limit", "5", "--rate", "60", "--list", "3z-other",
            "--map", "E=Mail=Contact Email", "--map", "first_name=First Name", "--filter", "status=yes", "--filter", "a=b=c",
            "--filter", "status=", "--ignore-column", "opt_in", "--ignore-column", "optout", "--resubscribe-reason", "They asked for it.", "--detach");

        ran.AssertExit(0);
        var expected = JsonElement.Parse("""
            {
              "source": { "upload_id": "0193a2b4-1111-7b5c-8f4d-6a7b8c9d0e1f" },
              "list_key": "3z-other", "dry_run": true, "limit": 5, "rate": 60,
              "mapping": [{ "column": "E=Mail", "field": "Contact Email" }, { "column": "first_name", "field": "First Name" }],
              "filters": [{ "column": "status", "values": ["yes", ""] }, { "column": "a", "values": ["b=c"] }],
              "ignored_columns": ["opt_in", "optout"],
              "consent": { "resubscribe": true, "reason": "They asked for it." }
            }
            """);
        var sent = Request("POST /api/v1/campaigns/syncs");
        Assert.True(JsonElement.DeepEquals(expected, sent.Json), sent.Body);
        Assert.DoesNotContain(_gateway.Requests, request => request.Call == Events);
    }

    [Fact]
    public async Task A_table_is_named_with_a_connection_string_that_no_output_shows()
    {
        var file = _zoho.Write("database", "Host=db.example.com;Password=fake-database-password\n");

        var ran = await _zoho.RunAsync(
            "campaigns", "sync", "--table", "public.users", "--connection-string-file", file, "--key-column", "user_id");

        ran.AssertExit(0);
        var table = Request("POST /api/v1/campaigns/syncs").Json.GetProperty("source").GetProperty("table");
        Assert.Equal("Host=db.example.com;Password=fake-database-password", table.GetProperty("connection_string").GetString());
        Assert.Equal("public.users", table.GetProperty("table").GetString());
        Assert.Equal("user_id", table.GetProperty("key_column").GetString());
        Assert.DoesNotContain("fake-database-password", ran.Out + ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbose_says_a_line_per_contact()
    {
        var ran = (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv, "--verbose")).AssertExit(0);

        Assert.Equal(
            ["[1/3] user1@example.com  added", "[2/3] user2@example.com  added", "[3/3] user3@example.com  existing"],
            ran.Out.Split('\n').Where(line => line.StartsWith('[')));
    }

    [Fact]
    public async Task A_stream_that_is_cut_goes_on_where_it_was_and_says_nothing_twice()
    {
        var read = new TaskCompletionSource();
        _gateway.OnEach(
            Events,
            async http =>
            {
                await PlayedGateway.EventsAsync(
                    http, (2, Played.Sync("running", 2, added: 2), [Played.Contact(1, "added"), Played.Contact(2, "added")]));
                await read.Task.WaitAsync(http.RequestAborted);
                http.Abort();
            },
            http => PlayedGateway.ProblemAsync(
                http, 503, "service_unavailable", "A service of the platform does not answer.", retryAfter: "0"),
            // ended by a proxy before the sync has
            http => PlayedGateway.EventsAsync(http, (2, Played.Sync("running", 2, added: 2), [Played.Contact(2, "added")])),
            http => PlayedGateway.EventsAsync(http, (3, Played.Sync("completed", 3, added: 3), [Played.Contact(3, "added")])));

        await using var running = _zoho.Start("campaigns", "sync", "--csv", _csv, "--verbose");
        await running.ReadUntilAsync("[2/3] user2@example.com  added");
        read.SetResult();
        var ran = (await Zoho.EndAsync(running)).AssertExit(0);

        Assert.Equal(3, ran.Out.Split('\n').Count(line => line.StartsWith('[')));
        var asked = _gateway.Requests.Where(request => request.Call == Events).Select(request => request.Headers["Last-Event-ID"]);
        Assert.Equal(["0", "2", "2", "2"], asked);
    }

    [Fact]
    public async Task Outcomes_that_no_event_held_are_taken_from_the_ledger()
    {
        _gateway.On(
            Events, http => PlayedGateway.EventsAsync(http, (3, Played.Sync("completed", 3, added: 3), [Played.Contact(3, "added")])));
        _gateway.On("GET " + Played.SyncPath + "/contacts", new
        {
            contacts = new[] { Played.Contact(1, "added"), Played.Contact(2, "added"), Played.Contact(3, "added") },
        });

        var ran = (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv, "--verbose")).AssertExit(0);

        Assert.Equal(
            ["[1/3] user3@example.com  added", "[2/3] user1@example.com  added", "[3/3] user2@example.com  added"],
            ran.Out.Split('\n').Where(line => line.StartsWith('[')));
    }

    [Fact]
    public async Task Contacts_that_failed_are_shown_with_their_reason_and_end_with_2()
    {
        _gateway.On(Events, http => PlayedGateway.EventsAsync(http, (3, Played.Sync("completed", 3, added: 2, invalid: 1), [])));
        _gateway.On("GET " + Played.SyncPath + "/contacts", new
        {
            contacts = new[] { Played.Contact(3, "invalid", "It is no mail \e[31maddress.", "nobody") },
        });

        var ran = (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv)).AssertExit(2);

        ran.AssertPlain();
        Assert.Contains("row 3  nobody  invalid: It is no mail \uFFFD[31maddress.", ran.Out, StringComparison.Ordinal);
        Assert.Contains($"zoho campaigns syncs export {Played.SyncId}", ran.Out, StringComparison.Ordinal);
        Assert.Contains(_gateway.Requests, request => request.Query.Contains("outcome=invalid", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("failed", "mapping_unknown_field", "Zoho has no field Colour.", "Failed: Zoho has no field Colour.")]
    [InlineData("paused", "list_not_found", "List key not found.", "Go on with: zoho campaigns syncs resume " + Played.SyncId)]
    public async Task What_a_person_must_mend_first_ends_with_3(string state, string code, string message, string said)
    {
        _gateway.On(Events, http => PlayedGateway.EventsAsync(http, (1, Played.Sync(state, 1, code: code, message: message), [])));

        var ran = (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv)).AssertExit(3);

        Assert.Contains(said, ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_it_waits_for_is_said_with_its_end()
    {
        _gateway.On(Events, http => PlayedGateway.EventsAsync(
            http,
            (1, Played.Sync("running", 1, code: "quota_locked", message: "Zoho is locked.", resumesAt: "2039-01-01T10:00:00Z"), []),
            (3, Played.Sync("completed", 3, added: 3), [])));

        var ran = (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv)).AssertExit(0);

        Assert.Matches("running: 1/3  until 2039-01-01 ..:..: Zoho is locked.", ran.Out);
    }

    [Fact]
    public async Task For_machines_every_line_is_JSON_and_the_last_one_sums_up()
    {
        var ran = (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv, "--json", "--verbose")).AssertExit(0);

        Assert.Equal(
            ["uploaded", "started", "progress", "contact", "contact", "progress", "contact", "progress", "ended"],
            ran.JsonLines.Select(line => line.GetProperty("event").GetString()));
        var ended = ran.JsonLines[^1];
        Assert.Equal(0, ended.GetProperty("exit_code").GetInt32());
        Assert.Equal("completed", ended.GetProperty("sync").GetProperty("state").GetString());
        Assert.Equal(2, ended.GetProperty("sync").GetProperty("counts").GetProperty("added").GetInt64());
        Assert.Equal("", ran.Error);
    }

    [Fact]
    public async Task A_gateway_that_is_busy_for_a_moment_is_asked_again_with_the_same_key()
    {
        _gateway.OnEach(
            "POST /api/v1/campaigns/syncs",
            http => PlayedGateway.ProblemAsync(
                http, 503, "service_unavailable", "A service of the platform does not answer.", retryAfter: "0"),
            http =>
            {
                http.Abort();
                return Task.CompletedTask;
            },
            http => http.Response.WriteAsJsonAsync(new { id = Played.SyncId, state = "queued" }));

        (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv)).AssertExit(0);

        var attempts = _gateway.Requests.Where(request => request.Call == "POST /api/v1/campaigns/syncs").ToArray();
        Assert.Equal(3, attempts.Length);
        Assert.Single(attempts.Select(attempt => attempt.Headers["Idempotency-Key"]).Distinct());
    }

    [Theory]
    [InlineData(
        "consent_column_open",
        "filters",
        "Columns of the source look as if they say who may be written to: filters-old, Status. Name each in filters with the values whose rows are to be "
            + "synced, or in ignored_columns if it does not matter.",
        "Name each in --filter COLUMN=VALUE with the values whose rows are to be synced, or in --ignore-column COLUMN if it does not matter.")]
    [InlineData("invalid_field", "mapping", "mapping has no column for Contact Email.", "Error: --map COLUMN=FIELD has no column for Contact Email. (invalid_field)")]
    [InlineData("invalid_field", "consent.reason", "consent.reason is missing: say why.", "Error: --resubscribe-reason REASON is missing: say why.")]
    public async Task What_the_gateway_says_of_its_fields_is_told_in_the_commands_options(string code, string field, string sentence, string told)
    {
        _gateway.On("POST /api/v1/campaigns/syncs", http => PlayedGateway.ProblemAsync(http, 400, code, sentence, field));

        var ran = (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv)).AssertExit(3);

        Assert.Contains(told, ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("ignored_columns", ran.Error, StringComparison.Ordinal);
        Assert.Single(ran.Error.Split('\n'), line => line.Contains(code, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_the_gateway_refuses_is_told_and_nothing_is_started()
    {
        _gateway.On("POST /api/v1/campaigns/sync-sources", http =>
            PlayedGateway.ProblemAsync(http, 413, "source_too_large", "The file is larger than 256 MiB."));

        var ran = (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv, "--json")).AssertExit(3);

        var error = ran.Json.GetProperty("error");
        Assert.Equal("source_too_large", error.GetProperty("code").GetString());
        Assert.Equal(3, error.GetProperty("exit_code").GetInt32());
        Assert.DoesNotContain(_gateway.Requests, request => request.Call == "POST /api/v1/campaigns/syncs");
    }

    [Fact]
    public async Task A_wrong_key_ends_with_3_and_no_gateway_with_4()
    {
        _zoho.Environment["ZOHO_PLATFORM_API_KEY"] = "zp_other_fake-secret";
        (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv)).AssertExit(3);

        using var nowhere = new Nowhere();
        _zoho.Environment["ZOHO_PLATFORM_URL"] = nowhere.Url.AbsoluteUri;
        (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv)).AssertExit(4);
    }

    [Fact]
    public async Task A_file_that_is_not_there_ends_with_3_and_a_command_that_says_nothing_with_1()
    {
        var ran = (await _zoho.RunAsync("campaigns", "sync", "--csv", "nothing.csv")).AssertExit(3);
        Assert.Contains("there is no such file", ran.Error, StringComparison.Ordinal);

        (await _zoho.RunAsync("campaigns", "sync")).AssertExit(1);
        (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv, "--ndjson", _csv)).AssertExit(1);
        (await _zoho.RunAsync("campaigns", "sync", "--table", "users")).AssertExit(1);
        (await _zoho.RunAsync("campaigns", "sync", "--csv", _csv, "--map", "nothing")).AssertExit(1);
        Assert.Empty(_gateway.Requests);
    }

    [SkippableFact]
    public async Task Ctrl_C_stops_watching_and_says_how_to_come_back()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no signals.");
        var watched = new TaskCompletionSource();
        _gateway.On(Events, async http =>
        {
            await PlayedGateway.EventsAsync(http, (1, Played.Sync("running", 1, added: 1), []));
            watched.TrySetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var running = _zoho.Start("campaigns", "sync", "--csv", _csv);
        await watched.Task.WaitAsync(Testing.Eventually.Limit);

        running.Send("INT");

        var ran = (await Zoho.EndAsync(running)).AssertExit(130);
        Assert.Contains($"zoho campaigns syncs follow {Played.SyncId}", ran.Out, StringComparison.Ordinal);
        Assert.Contains($"zoho campaigns syncs cancel {Played.SyncId}", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(_gateway.Requests, request => request.Call.EndsWith("/cancel", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task On_a_terminal_there_is_a_bar_and_with_NO_COLOR_there_is_none()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no script command.");
        var seen = new TaskCompletionSource();
        _gateway.On(Events, async http =>
        {
            await PlayedGateway.EventsAsync(http, (1, Played.Sync("running", 1, added: 1), [Played.Contact(1, "added")]));
            await seen.Task.WaitAsync(http.RequestAborted);
            await PlayedGateway.EventsAsync(
                http, (3, Played.Sync("completed", 3, added: 3), [Played.Contact(2, "added"), Played.Contact(3, "added")]));
        });

        await using var running = _zoho.StartInTerminal("campaigns", "sync", "--csv", _csv, "--verbose");
        var bar = await running.ReadUntilAsync("1/3  168/min");
        seen.SetResult();
        var ran = (await Zoho.EndAsync(running)).AssertExit(0);
        Assert.Contains("\e[", bar, StringComparison.Ordinal);
        Assert.Contains("33%", bar, StringComparison.Ordinal);
        Assert.Contains("[3/3] user3@example.com  added", ran.Out, StringComparison.Ordinal);

        _zoho.Environment["NO_COLOR"] = "1";
        var plain = (await _zoho.RunInTerminalAsync(["campaigns", "sync", "--csv", _csv])).AssertExit(0);
        Assert.DoesNotContain("\e[38;", plain.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("33%", plain.Out, StringComparison.Ordinal);
        Assert.Contains("running: 1/3", plain.Out, StringComparison.Ordinal);
    }

    private Received Request(string call) => Assert.Single(_gateway.Requests, request => request.Call == call);
}
