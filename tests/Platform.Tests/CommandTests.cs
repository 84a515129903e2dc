using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>From a person at a terminal to the list at Zoho: the <c>zoho</c> command on the whole platform.</summary>
[Collection(OneLaunch.Name)]
public sealed class CommandTests(SharedPlatform shared) : IAsyncLifetime
{
    private readonly Platform _platform = shared.Platform;
    private readonly ZohoCommand _zoho = new();

    public async Task InitializeAsync()
    {
        var login = await _zoho.RunAsync(["login", "--url", _platform.Gateway.BaseAddress!.AbsoluteUri], _platform.Key);
        Assert.True(login.Exit == 0, login.Out);
        Assert.Contains("tenant demo, role admin", login.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(_platform.Key, login.Out, StringComparison.Ordinal);
    }

    public Task DisposeAsync()
    {
        _zoho.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task On_a_platform_as_it_is_launched_the_doctor_finds_nothing_in_the_way()
    {
        var diagnosis = await _zoho.RunAsync(0, "doctor");

        Assert.True(diagnosis.GetProperty("ok").GetBoolean());
        Assert.Equal(
            ["account", "client", "connection", "data centre", "gateway", "key", "list", "quota", "scopes"],
            diagnosis.GetProperty("findings").EnumerateArray()
                .Where(finding => finding.GetProperty("status").GetString() == "ok")
                .Select(finding => finding.GetProperty("name").GetString()).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Users_of_a_file_are_tried_then_synced_and_the_command_says_who_failed()
    {
        await _platform.OutcomeAsync(await _platform.RegisterAsync(new { email = "cli-there@example.com" }), "subscribed");
        var before = await _platform.ListedAsync();
        var csv = _zoho.Write("users.csv", string.Join('\n', (string[])
        [
            "email,first_name", "Cli-There@example.com,Ada", "nobody,Eve", "cli1@example.com,User 1", "CLI1@example.com,User 1",
            .. Enumerable.Range(2, 21).Select(i => $"cli{i}@example.com,User {i}"),
        ]));

        var tried = await _zoho.RunAsync(["campaigns", "sync", "--csv", csv, "--dry-run", "--limit", "5"]);

        Assert.True(tried.Exit == 2, tried.Out);
        AssertSummary(
            tried.Out, ("processed", "5 of 5"), ("would be added", "2"), ("would be updated", "1"), ("duplicate", "1"), ("invalid", "1"));
        Assert.Equal(before.Count, (await _platform.ListedAsync()).Count);

        var synced = await _zoho.RunAsync(["campaigns", "sync", "--csv", csv, "--rate", "600", "--verbose"]);

        Assert.True(synced.Exit == 2, synced.Out);
        AssertSummary(
            synced.Out,
            ("processed", "25 of 25"), ("added", "22"), ("updated", "1"), ("duplicate", "1"), ("invalid", "1"), ("errors", "0"));
        Assert.Equal(25, synced.Out.Split('\n').Count(line => line.StartsWith('[') && line.Contains("/25] ", StringComparison.Ordinal)));
        Assert.Contains("row 2  nobody  invalid", synced.Out, StringComparison.Ordinal);
        var listed = await _platform.ListedAsync();
        Assert.Equal(before.Count + 22, listed.Count);
        Assert.Equal("Ada", Assert.Single(listed, contact => IsAddress(contact, "cli-there@example.com"))["First Name"]);
        Assert.All(
            Enumerable.Range(1, 22),
            i => Assert.Equal($"User {i}", Assert.Single(listed, contact => IsAddress(contact, $"cli{i}@example.com"))["First Name"]));
    }

    [Fact]
    public async Task Users_of_a_table_are_synced_and_the_list_is_seen_to_have_grown()
    {
        var server = new NpgsqlConnectionStringBuilder(await _platform.ConnectionStringAsync("campaigns-db"));
        await using var line = new Line($"{server.Host}:{server.Port}", shared.SourcePort);
        var connectionString = _zoho.Write("database", await UsersAsync(server, line.Port));
        var before = (await _platform.ListedAsync()).Count;

        var ended = await _zoho.RunAsync(0, "campaigns", "sync", "--table", "users", "--connection-string-file", connectionString);

        Assert.Equal("ended", ended.GetProperty("event").GetString());
        var counts = ended.GetProperty("sync").GetProperty("counts");
        Assert.Equal((3, 3), (counts.GetProperty("total").GetInt32(), counts.GetProperty("added").GetInt32()));
        Assert.Equal(before + 3, (await _platform.ListedAsync()).Count);
        Assert.Equal(3, (await _platform.ListedAsync()).Count(
            contact => contact["Contact Email"].StartsWith("table", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_export_of_a_sync_reads_back_as_it_was()
    {
        string[] emails =
        [
            "+49@example.com", "-1+1@example.com", "=1+1@example.com", "=1+1", "'=1+1", "''+1;=2", "@SUM(A1)", "a;=1", "O'Neill", "\u200B=1+1", "\uFF1D1",
            "\"=1", "exported@example.com",
        ];
        var first = await ExportAsync("email\r\n" + string.Concat(emails.Select(email => $"\"{email.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\r\n")));

        var second = await ExportAsync(first);

        Assert.Contains("\"'=1+1@example.com\",\"added\"", first, StringComparison.Ordinal);
        Assert.Contains("\"exported@example.com\",\"added\"", first, StringComparison.Ordinal);
        Assert.Equal(WithoutTimes(first), WithoutTimes(second));

        static IEnumerable<string> WithoutTimes(string csv) => csv.Split("\r\n").Select(line => line[..(line.LastIndexOf(',') + 1)]);
    }

    // by a dry run
    private async Task<string> ExportAsync(string csv)
    {
        using var file = new StringContent(csv, Encoding.UTF8, "text/csv");
        using var uploaded = await _platform.Gateway.PostAsync("/api/v1/campaigns/sync-sources?name=users.csv", file);
        // with what went wrong inside
        Assert.True(
            uploaded.IsSuccessStatusCode, string.Join('\n', [await uploaded.Content.ReadAsStringAsync(), .. shared.Collector.Errors]));
        var upload = (await uploaded.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        using var created = await _platform.Gateway.PostAsJsonAsync(
            "/api/v1/campaigns/syncs", new { source = new { upload_id = upload }, dry_run = true, rate = 600 });
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
        var url = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status_url").GetString();
        await Eventually.GetAsync(
            () => _platform.Gateway.GetFromJsonAsync<JsonElement>(url), sync => sync.GetProperty("state").GetString() is "completed");
        return await _platform.Gateway.GetStringAsync($"{url}/contacts.csv");
    }

    private static bool IsAddress(Dictionary<string, string> contact, string email) =>
        contact["Contact Email"].Equals(email, StringComparison.OrdinalIgnoreCase);

    private static void AssertSummary(string said, params (string Name, string Count)[] rows) =>
        Assert.All(rows, row => Assert.Matches($"(?m)^{row.Name} +{row.Count}$", said));

    // a database of the company's own, on the platform's server by a way that is not the platform's
    private static async Task<string> UsersAsync(NpgsqlConnectionStringBuilder server, int port)
    {
        await RunAsync(server, "CREATE DATABASE company");
        server.Database = "company";
        await RunAsync(
            server,
            "CREATE TABLE users (id bigint PRIMARY KEY, email text); "
                + "INSERT INTO users SELECT i, 'table' || i || '@example.com' FROM generate_series(1, 3) i");
        (server.Host, server.Port) = ("127.0.0.1", port);
        return server.ConnectionString;
    }

    private static async Task RunAsync(NpgsqlConnectionStringBuilder database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
