using System.Text;
using Microsoft.AspNetCore.Http;
using ZohoPlatform.Cli.Tests.Hosting;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Cli.Tests;

public sealed class SyncsTests : IAsyncLifetime
{
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
    public async Task Syncs_are_listed_page_by_page_up_to_the_limit()
    {
        _gateway.OnEach(
            "GET /api/v1/campaigns/syncs",
            http => Answer(http, new { syncs = new[] { Played.Sync("running", 2) }, next_page_token = "more" }),
            http => Answer(http, new { syncs = new[] { Played.Sync("completed", 3, dryRun: true) }, next_page_token = "still more" }));

        var ran = (await _zoho.RunAsync("campaigns", "syncs", "--limit", "2")).AssertExit(0);

        Assert.Matches($@"(?m)^{Played.SyncId}  running +users.csv +2/3 +0  2025-11-21 \d\d:\d\d$", ran.Out);
        Assert.Contains("completed (dry run)", ran.Out, StringComparison.Ordinal);
        Assert.Equal(["?page_size=200", "?page_size=200&page_token=more"], _gateway.Requests.Select(request => request.Query));
        ran.AssertPlain();
    }

    [Theory]
    [InlineData("show", "GET " + Played.SyncPath)]
    [InlineData("pause", "POST " + Played.SyncPath + "/pause")]
    [InlineData("resume", "POST " + Played.SyncPath + "/resume")]
    [InlineData("cancel", "POST " + Played.SyncPath + "/cancel")]
    public async Task A_sync_is_shown_and_changed(string verb, string call)
    {
        _gateway.On(call, Played.Sync("paused", 2, added: 2, code: "paused", message: "Paused by key:1."));

        var ran = (await _zoho.RunAsync("campaigns", "syncs", verb, Played.SyncId)).AssertExit(0);
        Assert.Contains("paused: Paused by key:1.", ran.Out, StringComparison.Ordinal);

        var json = (await _zoho.RunAsync("campaigns", "syncs", verb, Played.SyncId, "--json")).AssertExit(0).Json;
        Assert.Equal(2, json.GetProperty("counts").GetProperty("added").GetInt64());
    }

    [Fact]
    public async Task A_sync_that_has_ended_is_deleted()
    {
        _gateway.On("DELETE " + Played.SyncPath, http =>
        {
            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        });

        Assert.Equal(
            $"Deleted sync {Played.SyncId} and its ledger.\n", (await _zoho.RunAsync("campaigns", "syncs", "delete", Played.SyncId)).AssertExit(0).Out);
        var json = (await _zoho.RunAsync("campaigns", "syncs", "delete", Played.SyncId, "--json")).AssertExit(0).Json;
        Assert.Equal(("deleted", Played.SyncId), (json.GetProperty("event").GetString(), json.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_sync_that_is_not_there_ends_with_3()
    {
        (await _zoho.RunAsync("campaigns", "syncs", "show", "nothing")).AssertExit(3);
        // an id is one part of a path, whatever it holds
        (await _zoho.RunAsync("campaigns", "syncs", "show", "../connections")).AssertExit(3);
        Assert.Contains(_gateway.Requests, request => request.Call == "GET /api/v1/campaigns/syncs/..%2Fconnections");
    }

    [Fact]
    public async Task A_sync_can_be_followed_from_another_machine()
    {
        _gateway.On(
            "GET " + Played.SyncPath + "/events", http => PlayedGateway.EventsAsync(http, (9, Played.Sync("completed", 3, added: 3), [])));

        var ran = (await _zoho.RunAsync("campaigns", "syncs", "follow", Played.SyncId)).AssertExit(0);

        Assert.EndsWith("Done.\n", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Last-Event-ID", _gateway.Requests[0].Headers.Keys);
    }

    [Fact]
    public async Task The_ledger_is_written_to_a_file_or_to_stdout()
    {
        const string csv = "position,email,outcome\n1,user1@example.com,added\n";
        _gateway.On("GET " + Played.SyncPath + "/contacts.csv", http =>
        {
            http.Response.ContentType = "text/csv";
            return http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(csv)).AsTask();
        });

        (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--output", "ledger.csv")).AssertExit(0);
        var ledger = Path.Combine(_zoho.WorkingFolder, "ledger.csv");
        Assert.Equal(csv, File.ReadAllText(ledger));
        // a link stays one, and what it leads to is written
        File.WriteAllText(ledger, "old");
        var link = File.CreateSymbolicLink(Path.Combine(_zoho.WorkingFolder, "link.csv"), ledger);
        (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--output", "link.csv")).AssertExit(0);
        Assert.Equal((ledger, csv), (new FileInfo(link.FullName).LinkTarget, File.ReadAllText(ledger)));
        // a device gets it, and stays one
        var device = Path.Combine(_zoho.WorkingFolder, "device");
        if ((await ServiceProcess.RunAsync("mknod", [device, "c", "1", "3"])).Exit == 0)     // root alone may make one
        {
            File.CreateSymbolicLink(Path.Combine(_zoho.WorkingFolder, "device-link"), device);
            (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--output", "device")).AssertExit(0);
            (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--output", "device-link")).AssertExit(0);
            Assert.Equal("", File.ReadAllText(device));
        }

        Assert.Equal(
            csv, (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--output", "/dev/stdout")).AssertExit(0).Out);
        Assert.Contains(
            "output_not_json",
            (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--json", "--output", "ledger.csv")).AssertExit(3).Error,
            StringComparison.Ordinal);
        // a pipe gets it, and stays one
        var pipe = Path.Combine(_zoho.WorkingFolder, "pipe");
        Assert.Equal(0, (await ServiceProcess.RunAsync("mkfifo", [pipe])).Exit);
        // opening one waits for the other end
        var read = Task.Run(() => File.ReadAllText(pipe));
        (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--output", "pipe")).AssertExit(0);
        Assert.Equal(csv, await read.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(csv, (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId)).AssertExit(0).Out);
        Assert.Equal(csv, (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--output", "-")).AssertExit(0).Out);
        // a link to nothing becomes one to the ledger
        File.CreateSymbolicLink(Path.Combine(_zoho.WorkingFolder, "dangling.csv"), Path.Combine(_zoho.WorkingFolder, "made.csv"));
        (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--output", "dangling.csv")).AssertExit(0);
        Assert.Equal(csv, File.ReadAllText(Path.Combine(_zoho.WorkingFolder, "made.csv")));
        Assert.All(_gateway.Requests, request => Assert.Equal("text/csv", request.Headers["Accept"]));
    }

    [SkippableTheory]
    [InlineData("zoho campaigns syncs export ID --output /dev/full", 3, "/dev/full cannot be written: ")]
    [InlineData("zoho campaigns syncs export ID --output .", 3, ". cannot be written: it is a folder: name a file in it.")]
    [InlineData("zoho campaigns syncs export ID > /dev/full", 3, "the output cannot be written")]
    [InlineData("zoho campaigns syncs export ID | true", 0, "")]
    [InlineData("zoho campaigns syncs | true", 0, "")]
    [InlineData("zoho campaigns syncs export ID >&-", 3, "the output cannot be written")]
    [InlineData("zoho --help | true", 0, "")]
    public async Task An_output_that_takes_nothing_is_a_sentence_and_leaves_nothing(string script, int exit, string said)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux has /dev/full.");
        _gateway.On("GET /api/v1/campaigns/syncs", new { syncs = new[] { Played.Sync("running", 2) } });
        _gateway.On(
            "GET " + Played.SyncPath + "/contacts.csv",
            http => http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("1,user1@example.com,added\n", 10_000)))).AsTask());

        var ran = (await _zoho.RunInBashAsync(script.Replace("ID", Played.SyncId, StringComparison.Ordinal))).AssertExit(exit);

        Assert.Contains(said, ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ran.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_zoho.WorkingFolder));
    }

    [SkippableFact]
    public async Task On_a_narrow_terminal_a_table_folds_and_no_word_is_broken()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no script command.");
        _gateway.On("GET /api/v1/campaigns/syncs", new { syncs = new[] { Played.Sync("running", 2), Played.Sync("completed", 3) } });

        var narrow = (await _zoho.RunInTerminalAsync(["campaigns", "syncs"], columns: 40)).AssertExit(0).Out.ReplaceLineEndings("\n");
        Assert.Contains($"Id\n  {Played.SyncId}\nState      running\nSource     users.csv\nProcessed  2/3\n", narrow, StringComparison.Ordinal);
        Assert.DoesNotContain('│', narrow);

        var wide = (await _zoho.RunInTerminalAsync(["campaigns", "syncs"])).AssertExit(0).Out;
        Assert.Contains('│', wide);
        Assert.Contains(Played.SyncId, wide, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named() => Assert.Contains(
        "cannot be written",
        (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--output", "nowhere/ledger.csv")).AssertExit(3).Error,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_ledger_that_breaks_off_leaves_no_file()
    {
        _gateway.On("GET " + Played.SyncPath + "/contacts.csv", async http =>
        {
            http.Response.ContentType = "text/csv";
            http.Response.ContentLength = 1000;
            await http.Response.Body.WriteAsync("position,email"u8.ToArray());
            await http.Response.Body.FlushAsync();
            http.Abort();
        });

        (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--output", "ledger.csv")).AssertExit(4);

        Assert.Empty(Directory.GetFiles(_zoho.WorkingFolder));
    }

    [Fact]
    public async Task For_machines_the_ledger_is_one_object_a_line()
    {
        _gateway.OnEach(
            "GET " + Played.SyncPath + "/contacts",
            http => Answer(http, new { contacts = new[] { Played.Contact(1, "added") }, next_page_token = "more" }),
            http => Answer(http, new { contacts = new[] { Played.Contact(2, "an_outcome_of_a_newer_gateway") } }));

        var ran = (await _zoho.RunAsync("campaigns", "syncs", "export", Played.SyncId, "--json")).AssertExit(0);

        Assert.Equal(["added", "unknown"], ran.JsonLines.Select(line => line.GetProperty("outcome").GetString()));
    }

    private static Task Answer(HttpContext http, object body) =>
        http.Response.WriteAsJsonAsync(body);
}
