using System.Text;
using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

/// <summary>Files of users as people have them.</summary>
public sealed class SourceTests : IAsyncLifetime
{
    private const string Users = "email,first_name\nuser1@example.com,José\nuser2@example.com,Zoë\n";
    private const string Sources = "POST /api/v1/campaigns/sync-sources";

    private static readonly string[] Sync = ["campaigns", "sync", "--detach"];

    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        _gateway.On(Sources, Played.Source, 201);
        _gateway.On("POST /api/v1/campaigns/syncs", new { id = Played.SyncId, state = "queued", status_url = Played.SyncPath }, 202);
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [SkippableFact]
    public async Task Standard_input_is_a_source_by_each_of_its_names()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no such names.");
        _zoho.Write("users.csv", Users);

        var ran = (await _zoho.RunAsync([.. Sync, "--csv", "-"], Users)).AssertExit(0);
        Assert.Contains("Uploading standard input.", ran.Out, StringComparison.Ordinal);
        foreach (var way in (string[])["--csv - < users.csv", "--csv /dev/stdin < users.csv", "--csv <(cat users.csv)", "--ndjson /dev/stdin < users.csv"])
        {
            (await _zoho.RunInBashAsync($"zoho campaigns sync --detach {way}")).AssertExit(0);
        }

        (await _zoho.RunInBashAsync("cat users.csv | zoho campaigns sync --detach --csv /dev/stdin")).AssertExit(0);
        var sent = _gateway.Requests.Where(request => request.Call == Sources).ToList();
        Assert.Equal(6, sent.Count);
        Assert.All(sent, request => Assert.Equal(Users, request.Body));
    }

    [Theory]
    [InlineData("windows-1252", "windows-1252", false)]
    [InlineData("utf-16", "utf-16", true)]
    [InlineData("utf-16BE", "utf-16", true)]
    [InlineData("utf-16", "UTF-16LE", false)]
    [InlineData("utf-8", "utf-8", true)]
    public async Task A_file_in_another_encoding_is_sent_as_UTF_8(string written, string named, bool hasMark)
    {
        var encoding = Encoding.GetEncoding(written);
        // more than is read at once
        var users = Users + string.Concat(Enumerable.Range(3, 20_000).Select(i => $"user{i}@example.com,Renée\n"));
        var file = _zoho.Write("users.csv", [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes(users)]);

        (await _zoho.RunAsync([.. Sync, "--csv", file, "--encoding", named])).AssertExit(0);

        // the reader of the played gateway takes a mark away
        Assert.Equal(users, Assert.Single(_gateway.Requests, request => request.Call == "POST /api/v1/campaigns/sync-sources").Body);
    }

    [Theory]
    [InlineData(
        "It looks like UTF-16LE. Save it as UTF-8 (Excel: \"CSV UTF-8 (Comma delimited)\"), or convert it: iconv -f UTF-16LE -t UTF-8 FILE > NEW.",
        "It looks like UTF-16LE. Say so: --encoding utf-16 (source_not_utf8)")]
    [InlineData(
        "It looks like text in an older encoding, such as windows-1252 (Western Europe) or Shift_JIS. Save it as UTF-8, or convert it.",
        "or Shift_JIS. Say which its program wrote, such as --encoding windows-1252, and look at a name")]
    [InlineData("It looks like an Excel workbook. Save it as CSV.", "It looks like an Excel workbook. Save it as CSV. (source_not_utf8)")]
    public async Task What_the_platform_cannot_read_is_told_with_the_option_that_helps(string sentence, string told)
    {
        _gateway.On(Sources, http => PlayedGateway.ProblemAsync(http, 400, "source_not_utf8", $"The file is not UTF-8: line 2. {sentence}"));
        var file = _zoho.Write("users.csv", Encoding.GetEncoding("windows-1252").GetBytes(Users));

        var ran = (await _zoho.RunAsync([.. Sync, "--csv", file])).AssertExit(3);

        Assert.Contains(told, ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("iconv", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_sent_is_refused_before_anything_is()
    {
        _zoho.Write("headless.csv", "user1@example.com,Ada\nuser2@example.com,Grace\n");
        _zoho.Write("users.csv", Users);
        _zoho.Write("odd.csv", [0xFE, 0xFF, 0xD8, 0x00, 0x00, 0x41]);
        _zoho.Write("utf16.csv", [0xFF, 0xFE, 0x41, 0x00]);
        _zoho.Write("utf8.csv", [0xEF, 0xBB, 0xBF, 0x41]);
        (string[] Line, string Said)[] cases =
        [
            (["--csv", "."], ". cannot be read: it is a folder: name a file in it. (file_unreadable)"),
            (["--csv", "nothing.csv"], "nothing.csv cannot be read: there is no such file."),
            (["--csv", "nowhere/users.csv"], "there is no such folder"),
            (["--csv", "headless.csv"], "The first line of headless.csv holds a mail address: put a line above it that names the columns"),
            (["--csv", "users.csv", "--map", "address=Contact Email"], "--map: users.csv has no column address. Its first line is: email,first_name"),
            (["--csv", "users.csv", "--filter", "status=yes"], "--filter: users.csv has no column status."),
            (["--csv", "odd.csv", "--encoding", "utf-16"], "odd.csv is not utf-16"),
            (["--csv", "utf16.csv", "--encoding", "windows-1252"], "utf16.csv begins as UTF-16 does: --encoding utf-16."),
            (["--csv", "utf8.csv", "--encoding", "windows-1252"], "utf8.csv begins as UTF-8 does: leave --encoding out."),
        ];

        foreach (var (line, said) in cases)
        {
            var ran = (await _zoho.RunAsync([.. Sync, .. line])).AssertExit(3);
            Assert.Contains(said, ran.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("user1@example.com", ran.Error, StringComparison.Ordinal);
        }

        Assert.Empty(_gateway.Requests);
    }

    [Fact]
    public async Task A_file_that_turns_out_to_be_in_another_encoding_is_said_and_nothing_is_started()
    {
        var file = _zoho.Write("users.csv", [.. Encoding.ASCII.GetBytes("email\n" + new string('x', 200_000)), 0xFF, 0x0A]);

        var ran = (await _zoho.RunAsync([.. Sync, "--csv", file, "--encoding", "us-ascii"])).AssertExit(3);

        Assert.Contains("users.csv is not us-ascii", ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_gateway.Requests, request => request.Call == "POST /api/v1/campaigns/syncs");
    }
}
