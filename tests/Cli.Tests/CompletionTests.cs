using ZohoPlatform.Cli.Tests.Hosting;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Cli.Tests;

/// <summary>What a shell is told.</summary>
public sealed class CompletionTests : IAsyncLifetime
{
    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        _gateway.On("GET /api/v1/connections", new { connections = new[] { Played.Connection("c1-first", "1"), Played.Connection("d2-second", "2") } });
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Commands_options_values_and_ids_are_completed()
    {
        Assert.Equal(["connect", "connections", "conversations"], await CompletedAsync("zoho con"));
        Assert.Contains("--client-secret-file", await CompletedAsync("zoho settings set zoho --client"));
        string[] dataCentres = ["ae", "au", "ca", "cn", "eu", "in", "jp", "sa", "sg", "uk", "us"];
        foreach (var option in (string[])["settings set zoho --region ", "settings set zoho --secret-of ", "connect zoho --data-centre "])
        {
            Assert.Equal(dataCentres, (await CompletedAsync($"zoho {option}")).Order(StringComparer.Ordinal));
        }

        Directory.CreateDirectory(Path.Combine(_zoho.WorkingFolder, "state", "logs"));
        _zoho.Write("state/logs/tokens.log", "");
        Assert.Equal(["tokens"], await CompletedAsync("zoho logs --state-directory state to"));
        Assert.Contains("c1-first", await IdsAsync("./zoho connections show ", "d2-second"));
        Assert.DoesNotContain("d2-second", await IdsAsync("zoho connections show c", "c1-first"));
        Assert.DoesNotContain("c1-first", await IdsAsync("zoho keys create shop --tokens-of d", "d2-second"));
    }

    [Fact]
    public async Task A_gateway_that_does_not_answer_is_not_waited_for_and_nothing_is_said()
    {
        _gateway.On("GET /api/v1/connections", http => Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));

        Assert.DoesNotContain("c1-first", await CompletedAsync("zoho connections show c"));
        using var nowhere = new Nowhere();
        _zoho.Environment["ZOHO_PLATFORM_URL"] = nowhere.Url.AbsoluteUri;
        Assert.DoesNotContain("c1-first", await CompletedAsync("zoho connections show c"));
        _zoho.Environment["ZOHO_PLATFORM_API_KEY"] = null;
        Assert.DoesNotContain("c1-first", await CompletedAsync("zoho connections show c"));
    }

    [SkippableFact]
    public async Task The_script_for_bash_completes()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no bash.");

        var ran = (await _zoho.RunInBashAsync("""
            source <(zoho completion bash)
            COMP_LINE='zoho connections sh' COMP_POINT=19 COMP_CWORD=2
            COMP_WORDS=(zoho connections sh)
            _zoho
            printf '%s\n' "${COMPREPLY[@]}"
            """)).AssertExit(0);

        Assert.Equal("show\n", ran.Out);
    }

    [SkippableFact]
    public async Task The_script_for_fish_offers_files_only_where_nothing_else_fits()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no fish.");
        _zoho.Write("users.csv", "");

        // fish knows no function of bash
        var ran = await _zoho.RunInBashAsync("""
            command -v fish >/dev/null || exit 99
            mkdir program
            { echo '#!/bin/bash'; declare -f zoho; echo 'zoho "$@"'; } > program/zoho
            chmod +x program/zoho
            PATH="$PWD/program:$PATH" fish --no-config --command "zoho completion fish | source
                complete --do-complete 'zoho connections '
                echo files
                complete --do-complete 'zoho campaigns sync --csv us'"
            """);

        Skip.If(ran.Exit == 99, "There is no fish.");
        var lines = ran.AssertExit(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        Assert.Contains("show", lines);
        Assert.Equal(lines.Count - 2, lines.IndexOf("files"));
        Assert.Equal("users.csv", lines[^1]);
        Assert.Single(lines, "users.csv");
    }

    [Theory]
    [InlineData("zsh", "compdef _zoho zoho")]
    [InlineData("fish", "complete --command zoho")]
    public async Task Each_shell_has_its_script(string shell, string holds) =>
        Assert.Contains(holds, (await _zoho.RunAsync("completion", shell)).AssertExit(0).Out, StringComparison.Ordinal);

    // on a busy machine an answer may come too late: a person presses the key again
    private Task<string[]> IdsAsync(string line, string id) => Eventually.GetAsync(() => CompletedAsync(line), ids => ids.Contains(id));

    private async Task<string[]> CompletedAsync(string line)
    {
        var ran = (await _zoho.RunAsync($"[suggest:{line.Length}]", line)).AssertExit(0);
        Assert.Equal("", ran.Error);
        return ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
