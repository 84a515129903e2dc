using Microsoft.AspNetCore.Http;
using ZohoPlatform.Cli.Tests.Hosting;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Cli.Tests;

/// <summary><c>zoho audit</c>.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private const string Audit = "GET /api/v1/audit";

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
    public async Task Entries_are_listed_by_what_was_done_when()
    {
        _gateway.On(Audit, new { entries = new[] { Entry(1), Entry(2) } });

        var ran = (await _zoho.RunAsync("audit", "--action", "settings.changed", "--from", "2026-11-01", "--limit", "1")).AssertExit(0);

        Assert.Matches("(?m)^2025-11-21 ..:..  key:1  settings.changed  settings:zoho  tokens 1$", ran.Out);
        Assert.DoesNotContain("tokens 2", ran.Out, StringComparison.Ordinal);
        Assert.Equal("?action=settings.changed&from=2026-11-01T00%3A00%3A00.0000000%2B00%3A00&page_size=200", _gateway.Requests[0].Query);
        Assert.Equal(2, (await _zoho.RunAsync("audit", "list", "--json")).AssertExit(0).Json.GetArrayLength());
    }

    [Theory]
    [InlineData("2026-11-27T09:30:00.123456789Z", "2026-11-27T09:30:00.1234567+00:00")]
    [InlineData("2026-11-27t09:30:00z", "2026-11-27T09:30:00.0000000+00:00")]
    [InlineData("2026-11-27T09:30+01:00", "2026-11-27T09:30:00.0000000+01:00")]
    public async Task Times_are_taken_as_the_gateway_takes_them(string time, string sent)
    {
        _gateway.On(Audit, new { entries = Array.Empty<object>() });

        (await _zoho.RunAsync("audit", "--from", time)).AssertExit(0);

        Assert.StartsWith($"?from={Uri.EscapeDataString(sent)}&", _gateway.Requests[0].Query, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("intact", 0, "The audit is as it was written.")]
    [InlineData("broken", 3, "It was changed. (entry_changed, entry 3 to 4)")]
    [InlineData("missing", 4, "try again when that service answers")]
    public async Task A_verification_says_where_it_does_not_fit_and_takes_what_was_kept(string state, int exit, string said)
    {
        _gateway.On($"{Audit}/verify", new
        {
            intact = state == "intact",
            services = new[]
            {
                new
                {
                    service = "tokens",
                    state,
                    last_sequence = 7,
                    last_hash = "9f86",
                    broken = state == "broken" ? new { first_sequence = 3, last_sequence = 4, code = "entry_changed", message = "It was changed." } : null,
                    missing = state == "missing" ? "It does not answer." : null,
                },
            },
        });

        var kept = (await _zoho.RunAsync("audit", "verify", "--json")).AssertExit(exit);
        _zoho.Write("kept.json", kept.Out);
        var ran = (await _zoho.RunAsync("audit", "verify", "--known", "kept.json")).AssertExit(exit);

        Assert.Contains(said, ran.Out, StringComparison.Ordinal);
        Assert.Equal("?known=tokens%3A7%3A9f86", _gateway.Requests[^1].Query);
        _zoho.Write("kept.json", "{}");
        Assert.Contains("known_unreadable", (await _zoho.RunAsync("audit", "verify", "--known", "kept.json")).AssertExit(3).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_of_it_is_written_to_a_file_or_to_stdout()
    {
        _gateway.On($"{Audit}/export", http => http.Response.WriteAsync("{\"id\":\"1\"}\n"));

        Assert.Equal("{\"id\":\"1\"}\n", (await _zoho.RunAsync("audit", "export", "--service", "tokens")).AssertExit(0).Out);
        Assert.Equal("Wrote audit.ndjson.\n", (await _zoho.RunAsync("audit", "export", "--output", "audit.ndjson")).AssertExit(0).Out);
        Assert.Equal("{\"id\":\"1\"}\n", File.ReadAllText(Path.Combine(_zoho.WorkingFolder, "audit.ndjson")));
        Assert.Equal("?service=tokens", _gateway.Requests[0].Query);
    }

    [SkippableFact]
    public async Task What_is_written_is_followed_and_where_to_go_on_is_said()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no signals.");
        var again = new TaskCompletionSource();
        _gateway.OnEach(
            $"{Audit}/feed",
            http => http.Response.WriteAsJsonAsync(new { entries = new[] { Entry(1) }, cursor = "cursor-1" }),
            http => http.Response.WriteAsJsonAsync(new { entries = new[] { Entry(2) }, cursor = "cursor-2" }),
            http =>
            {
                again.TrySetResult();
                return http.Response.WriteAsJsonAsync(new { entries = Array.Empty<object>(), cursor = "cursor-2" });
            });

        await using var running = _zoho.Start("audit", "follow", "--json");
        await again.Task.WaitAsync(Eventually.Limit);
        running.Send("INT");
        var ran = (await Zoho.EndAsync(running)).AssertExit(130);

        Assert.Equal(["entry", "cursor", "entry", "cursor"], ran.JsonLines.Select(line => line.GetProperty("event").GetString()));
        Assert.StartsWith("?from=", _gateway.Requests[0].Query, StringComparison.Ordinal);
        Assert.Contains("after=cursor-2", _gateway.Requests[2].Query, StringComparison.Ordinal);
    }

    private static object Entry(int sequence) => new
    {
        service = "tokens",
        sequence,
        id = $"e{sequence}",
        occurred_at = "2025-11-21T09:30:00Z",
        actor = "key:1",
        action = "settings.changed",
        subject = "settings:zoho",
        details = new { region = "eu" },
    };
}
