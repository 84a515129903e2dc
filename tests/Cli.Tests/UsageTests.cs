using System.Text.Json;
using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

/// <summary>Lines that are not understood.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly Zoho _zoho = new();

    public void Dispose() => _zoho.Dispose();

    [Theory]
    [InlineData("campaings", "campaings is not understood. Did you mean campaigns?")]
    [InlineData("campaigns", "Say which: sync, syncs, contacts, lists, reports.")]
    [InlineData("connections use", "ID is missing. FEATURE is missing.")]
    [InlineData("campaigns sync --csv", "--csv wants a value: --csv FILE.")]
    [InlineData("campaigns sync --csv x --limit abc", "--limit abc: it takes a whole number, 1 or more.")]
    [InlineData("campaigns sync --csv x --limit 0", "--limit 0: it takes a whole number, 1 or more.")]
    [InlineData("campaigns sync --csv x --rate 2001", "--rate 2001: it takes a whole number, 1 to 2000.")]
    [InlineData("campaigns sync --csv x --rate -5", "--rate -5: it takes a whole number, 1 to 2000.")]
    [InlineData("campaigns sync --csv x --encoding nope", "--encoding nope is not known: it takes utf-8,")]
    [InlineData("campaigns sync --csv x --map A=First", "add --map \"COLUMN=Contact Email\".")]
    [InlineData("campaigns sync --csv x --map A=F --map B=F", "--map gives the field F two columns")]
    [InlineData("campaigns syncs --limit 0", "--limit 0: it takes a whole number, 1 or more.")]
    [InlineData("connect zoho --timeout soon", "--timeout soon: it takes a whole number, 0 to 86400.")]
    [InlineData("audit --from yesterday", "--from yesterday: it takes a day or a time, such as 2026-11-27")]
    [InlineData("keys create shop --save x --role boss", "--role boss: it takes viewer, operator, admin.")]
    [InlineData("settings set zoho", "Name what to change: --client-id,")]
    [InlineData("keys create a --role admin --tenant --save key", "--tenant wants a value: --tenant ID.")]
    [InlineData("audit --action --limit", "--action wants a value: --action ACTION.")]
    [InlineData("connect zoho --features --json", "--features wants a value: --features LIST.")]
    [InlineData("doctor --verbose=3", "3 is not understood.")]
    public async Task The_reason_is_a_sentence_for_people_and_JSON_for_machines(string line, string said)
    {
        var words = line.Split(' ');

        var people = (await _zoho.RunAsync(words)).AssertExit(1);
        var machines = (await _zoho.RunAsync(["--json", .. words])).AssertExit(1);

        Assert.StartsWith("Error: ", people.Error, StringComparison.Ordinal);
        Assert.Contains(said, people.Error, StringComparison.Ordinal);
        Assert.Contains(" --help shows how it goes.", people.Error, StringComparison.Ordinal);
        Assert.Equal("", people.Out);
        var error = machines.Json.GetProperty("error");
        Assert.Contains(said, error.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(("command_not_understood", 1), (error.GetProperty("code").GetString(), error.GetProperty("exit_code").GetInt32()));
        Assert.DoesNotContain("System.", people.Error + machines.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_stdout_is_data_a_failure_is_said_on_stderr_in_JSON_too()
    {
        foreach (var line in (string[][])[["campaigns", "syncs", "export"], ["audit", "export", "--from", "soon"], ["audit", "export"]])
        {
            var ran = await _zoho.RunAsync([.. line, "--json"]);

            Assert.Equal("", ran.Out);
            Assert.Equal(ran.Exit, JsonElement.Parse(ran.Error).GetProperty("error").GetProperty("exit_code").GetInt32());
        }
    }

    [Theory]
    [InlineData("settings set zoho --client-secret fake-client-secret", "--client-secret takes no value here.")]
    [InlineData("settings set zoho --client-secret=fake-client-secret", "")]
    [InlineData("settings set zoho --clientsecret fake-client-secret", "There is no option --clientsecret here.")]
    [InlineData("settings set zoho --clientsecret=fake-client-secret", "There is no option --clientsecret here.")]
    [InlineData("login --key fake-client-secret", "There is no option --key here.")]
    [InlineData("login --key-file fake-client-secret", "there is no such file", 3)]
    public async Task What_may_be_a_secret_is_not_repeated(string line, string said, int exit = 1)
    {
        var ran = (await _zoho.RunAsync(line.Split(' '))).AssertExit(exit);

        Assert.Contains(said, ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fake-client-secret", ran.Out + ran.Error, StringComparison.Ordinal);
    }
}
