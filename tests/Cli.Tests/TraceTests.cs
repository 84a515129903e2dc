using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

/// <summary>In a checkout whose launch has left logs.</summary>
public sealed class TraceTests : IDisposable
{
    private const string Id = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Other = "0af7651916cd43dd8448eb211c80319c";

    private readonly Zoho _zoho = new();

    public void Dispose() => _zoho.Dispose();

    [Fact]
    public async Task A_trace_is_what_all_services_have_logged_of_it_in_the_order_of_time_with_the_dashboards_page()
    {
        Launched();

        var ran = (await _zoho.RunAsync("trace", Id.ToUpperInvariant())).AssertExit(0);

        Assert.Equal(
            [
                $"gateway  2026-11-27T07:31:04.000Z info Before: the launch before trace={Id}",
                $"tokens   2026-11-27T07:31:05.100Z dbug A: second trace={Id}",
                $"gateway  2026-11-27T07:31:05.200Z info A: third trace={Id}",
            ],
            ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"http://127.0.0.1:8090/login?t=fake-token&returnUrl=%2Ftraces%2Fdetail%2F{Id}", ran.Error, StringComparison.Ordinal);

        var json = (await _zoho.RunAsync("trace", Id, "--json")).AssertExit(0).JsonLines;
        Assert.Equal(["gateway", "tokens", "gateway"], json.Select(line => line.GetProperty("service").GetString()));
        Assert.EndsWith(Id, json[0].GetProperty("line").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_are_the_last_lines_of_all_services_or_of_some()
    {
        Launched();

        var all = (await _zoho.RunAsync("logs", "--lines", "2")).AssertExit(0);
        var some = (await _zoho.RunAsync("logs", "tokens")).AssertExit(0);
        var none = (await _zoho.RunAsync("logs", "token")).AssertExit(3);

        Assert.Equal(
            [$"gateway  2026-11-27T07:31:05.200Z info A: third trace={Id}", "gateway  of the line before"],
            all.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("http://127.0.0.1:8090/login?t=fake-token", all.Error, StringComparison.Ordinal);
        Assert.All(some.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("tokens ", line, StringComparison.Ordinal));
        Assert.Contains("There is no log of token: there are those of gateway, tokens.", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_trace_or_none_of_this_platform_is_told_apart()
    {
        Launched();

        Assert.Contains("trace_id_invalid", (await _zoho.RunAsync("trace", "4bf9")).AssertExit(1).Error, StringComparison.Ordinal);
        Assert.Contains("trace_not_found", (await _zoho.RunAsync("trace", new string('1', 32))).AssertExit(3).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trace", Id)]
    [InlineData("logs", "tokens")]
    public async Task A_launch_with_another_state_folder_is_found_where_that_is(params string[] arguments)
    {
        Launched();
        Directory.Move(Path.Combine(_zoho.WorkingFolder, ".zoho"), Path.Combine(_zoho.WorkingFolder, "elsewhere"));

        (await _zoho.RunAsync(arguments)).AssertExit(3);
        Assert.Contains(
            $"second trace={Id}", (await _zoho.RunAsync([.. arguments, "--state-directory", "elsewhere"])).AssertExit(0).Out, StringComparison.Ordinal);
        var nothing = (await _zoho.RunAsync([.. arguments, "--state-directory", "nowhere"])).AssertExit(3);
        Assert.Contains($"There is no {Path.Combine(_zoho.WorkingFolder, "nowhere", "logs")}", nothing.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trace")]
    [InlineData("logs")]
    public async Task Elsewhere_logs_stay_where_the_operator_has_them(string command)
    {
        string[] arguments = command == "trace" ? [command, Id] : [command];
        // outside of a checkout
        var outside = (await _zoho.RunAsync(arguments)).AssertExit(3);
        _zoho.Write("ZohoPlatform.sln", "");
        var before = (await _zoho.RunAsync(arguments)).AssertExit(3);
        Launched();
        // in one, but to ask another machine's platform
        _zoho.Environment["ZOHO_PLATFORM_URL"] = "https://platform.example.com";
        var other = (await _zoho.RunAsync(arguments)).AssertExit(3);

        Assert.Contains("Logs mix all tenants and stay where the platform's operator keeps them", outside.Error, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_zoho.WorkingFolder, ".zoho", "logs"), before.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was launched in this checkout yet, or with another state.", before.Error, StringComparison.Ordinal);
        Assert.Contains("say --state-directory FOLDER here", before.Error, StringComparison.Ordinal);
        Assert.Equal(outside.Error, other.Error);
    }

    private void Launched()
    {
        _zoho.Write("ZohoPlatform.sln", "");
        Directory.CreateDirectory(Path.Combine(_zoho.WorkingFolder, ".zoho", "logs"));
        _zoho.Write(".zoho/dashboard", "http://127.0.0.1:8090/login?t=fake-token\n");
        _zoho.Write(".zoho/logs/gateway.previous.log", $"2026-11-27T07:31:04.000Z info Before: the launch before trace={Id}\n");
        _zoho.Write(
            ".zoho/logs/gateway.log",
            $"2026-11-27T07:31:05.000Z info A: first trace={Other}\n2026-11-27T07:31:05.200Z info A: third trace={Id}\nof the line before\n");
        _zoho.Write(".zoho/logs/tokens.log", $"2026-11-27T07:31:05.100Z dbug A: second trace={Id}\n2026-11-27T07:31:05.100Z dbug A: without one\n");
    }
}
