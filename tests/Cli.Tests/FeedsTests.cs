using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

public sealed class FeedsTests : IAsyncLifetime
{
    private const string Feeds = "/api/v1/crm/zoho/feeds";
    private const string Id = "0193a2b4-3c4d-7e5f-8061-728394a5b6c7";
    private const string Why = "700 of 900 records are gone at the source.";

    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        _gateway.On($"GET {Feeds}", new { feeds = new[] { Feed(Id, "Leads", "active"), Feed("f2", "Contacts", "asking", Why), Feed("f3", "Contacts", "paused") } });
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Feeds_are_listed_with_how_they_stand()
    {
        var ran = (await _zoho.RunAsync("feeds")).AssertExit(0);

        ran.AssertPlain();
        Assert.Matches($@"(?m)^{Id} +Leads +active +48,210 +2025-11-27 \d\d:\d\d +-$", ran.Out);
        Assert.Matches($"(?m)^f2 +Contacts +asking +48,210 +.* {Why}$", ran.Out);
        Assert.Equal(3, (await _zoho.RunAsync("feeds", "list", "--json")).AssertExit(0).Json.GetArrayLength());
    }

    [Fact]
    public async Task Where_there_are_none_it_is_said_what_they_are()
    {
        _gateway.On($"GET {Feeds}", new { feeds = Array.Empty<object>() });

        Assert.StartsWith(
            "There are none. A feed is a module of Zoho CRM that is followed; a service of the platform makes it",
            (await _zoho.RunAsync("feeds")).AssertExit(0).Out,
            StringComparison.Ordinal);
        Assert.Empty((await _zoho.RunAsync("feeds", "--json")).AssertExit(0).Json.EnumerateArray());
    }

    [Fact]
    public async Task A_feed_is_shown_with_how_far_it_is()
    {
        _gateway.On($"GET {Feeds}/{Id}", Feed(Id, "Leads", "active", progress: new
        {
            kind = "full",
            started_at = "2025-11-27T09:30:00Z",
            read = 12_000,
            expected = 48_000,
            per_second = 400,
            eta_at = "2025-11-27T09:31:30Z",
        }));

        var ran = (await _zoho.RunAsync("feeds", "show", Id)).AssertExit(0);

        Assert.Matches(@"(?m)^Now +full  \[#{6}-{18}\] 25\.0 ?%  12,000/48,000  400/s  ETA 2025-11-27 \d\d:\d\d$", ran.Out);
        Assert.Matches("(?m)^Not there +Nick$", ran.Out);
        Assert.Equal(12_000, (await _zoho.RunAsync("feeds", "show", Id, "--json")).Json.GetProperty("progress").GetProperty("read").GetInt64());
        // where nobody knows how many there will be
        _gateway.On($"GET {Feeds}/{Id}", Feed(Id, "Leads", "active", progress: new { kind = "changes", started_at = "2025-11-27T09:30:00Z", read = 7 }));
        Assert.Matches("(?m)^Now +changes  7 read$", (await _zoho.RunAsync("feeds", "show", Id)).Out);
    }

    [Theory]
    [InlineData("refresh", "/refresh", """{"kind":"full"}""", "--kind", "full")]
    [InlineData("refresh", "/refresh", "{}")]
    [InlineData("pause", "/pause", "")]
    [InlineData("resume", "/resume", "")]
    [InlineData("confirm-deletions", "/confirm-deletions", """{"delete":true}""", "--delete")]
    [InlineData("confirm-deletions", "/confirm-deletions", """{"delete":false}""", "--keep")]
    public async Task A_feed_is_named_by_its_id_or_by_its_module(string verb, string path, string body, params string[] options)
    {
        _gateway.On($"POST {Feeds}/{Id}{path}", Feed(Id, "Leads", "asking", Why));

        foreach (var name in (string[])[Id, "leads"])
        {
            var ran = (await _zoho.RunAsync(["feeds", verb, name, .. options])).AssertExit(0);

            Assert.Equal(($"POST {Feeds}/{Id}{path}", body), (_gateway.Requests[^1].Call, _gateway.Requests[^1].Body));
            Assert.Contains(Why, ran.Out, StringComparison.Ordinal);
            Assert.Contains($"700 records or more: zoho feeds confirm-deletions {Id} --delete, or with --keep.", ran.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_module_that_no_feed_or_several_have_is_said()
    {
        var none = (await _zoho.RunAsync("feeds", "show", "Deals")).AssertExit(3);
        var several = (await _zoho.RunAsync("feeds", "pause", "Contacts")).AssertExit(3);

        Assert.Contains("No feed has the module Deals: zoho feeds shows those that exist.", none.Error, StringComparison.Ordinal);
        Assert.Contains("2 feeds have the module Contacts", several.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_gateway.Requests, request => request.Call.StartsWith("POST", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData]
    [InlineData("--delete", "--keep")]
    public async Task What_becomes_of_records_that_vanished_is_said_and_said_once(params string[] options)
    {
        var ran = (await _zoho.RunAsync(["feeds", "confirm-deletions", Id, .. options])).AssertExit(1);

        Assert.Contains("Say what becomes of them, --delete or --keep.", ran.Error, StringComparison.Ordinal);
        Assert.Empty(_gateway.Requests);
    }

    [Fact]
    public async Task What_a_feed_has_done_is_listed_up_to_the_limit()
    {
        _gateway.On($"GET {Feeds}/{Id}/runs", new
        {
            runs = Enumerable.Range(1, 3).Select(run => new
            {
                id = $"r{run}",
                kind = "check",
                started_at = "2025-11-27T09:30:00Z",
                ended_at = "2025-11-27T09:31:05Z",
                read = 48_210,
                written = run,
                deleted = 0,
                calls = 25,
                records = 48_210,
            }),
        });

        var ran = (await _zoho.RunAsync("feeds", "runs", "Leads", "--limit", "2")).AssertExit(0);

        Assert.Matches(@"(?m)^2025-11-27 \d\d:\d\d +check +1 min 5 s +48,210 +1 +0 +25 +48,210$", ran.Out);
        Assert.Equal(3, ran.Out.TrimEnd().Split('\n').Length);
        _gateway.On($"GET {Feeds}/{Id}/runs", new { runs = Array.Empty<object>() });
        Assert.StartsWith("It has ended none yet.", (await _zoho.RunAsync("feeds", "runs", Id)).AssertExit(0).Out, StringComparison.Ordinal);
    }

    private static object Feed(string id, string module, string state, string? message = null, object? progress = null) => new
    {
        id,
        connection_id = "c1",
        module,
        state,
        records = 48_210,
        known_until_at = "2025-11-27T09:30:00Z",
        fields = new[] { "Phone", "Mobile" },
        missing_fields = new[] { "Nick" },
        subscribers = new[] { "messages" },
        code = message is null ? null : "deletions_to_confirm",
        message,
        failed_since_at = message is null ? null : "2025-11-27T09:00:00Z",
        vanishing = message is null ? (int?)null : 700,
        progress,
        a_field_of_a_newer_gateway = true,
    };
}
