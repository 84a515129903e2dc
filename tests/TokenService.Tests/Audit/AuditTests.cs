using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.Audit;

public sealed class AuditTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Entries_are_read_newest_first_and_page_by_page()
    {
        var connection = await _world.ConnectAsync();
        await HandOutAsync(connection.Id, times: 5);

        var seen = new List<AuditLogEntry>();
        var token = "";
        do
        {
            var page = await ListAsync(new() { PageSize = 3, PageToken = token });
            Assert.InRange(page.Entries.Count, 1, 3);
            seen.AddRange(page.Entries);
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        // settings, the connection, five hand-outs
        Assert.Equal([7, 6, 5, 4, 3, 2, 1], seen.Select(entry => entry.Sequence));
        Assert.Equal(("settings.changed", "settings:zoho", "key:Admin"), (seen[^1].Action, seen[^1].Subject, seen[^1].Actor));
        Assert.Contains("\"purpose\":\"test\"", seen[0].Details, StringComparison.Ordinal);
        Assert.Equal(_world.Clock.GetUtcNow(), seen[0].OccurredAt.ToDateTimeOffset());
    }

    [Fact]
    public async Task Entries_are_found_by_connection_action_and_time()
    {
        var (a, b) = (await _world.ConnectAsync("a", "1000.fake.grant.a"), await _world.ConnectAsync("b", "1000.fake.grant.b"));
        await HandOutAsync(a.Id, times: 2);
        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        var later = _world.Clock.GetUtcNow();
        await HandOutAsync(b.Id, times: 1);

        Assert.Equal(3, (await ListAsync(new() { Filter = new() { ConnectionId = a.Id } })).Entries.Count);
        Assert.Equal(3, (await ListAsync(new() { Filter = new() { Action = "token.handed_out" } })).Entries.Count);
        Assert.Equal(b.Id, Assert.Single((await ListAsync(new() { Filter = new() { From = later.ToTimestamp() } })).Entries).Subject);
        Assert.Equal(5, (await ListAsync(new() { Filter = new() { To = later.ToTimestamp() } })).Entries.Count);
        var exported = await ExportAsync(new() { Filter = new() { ConnectionId = a.Id, Action = "token.handed_out" } });
        Assert.Equal([4, 5], exported.Select(entry => entry.Sequence));
    }

    [Theory]
    [InlineData("connection_id", "not-an-id", "", "", 0)]
    [InlineData("action", "", "token.stolen", "", 0)]
    [InlineData("page_token", "", "", "abc", 0)]
    [InlineData("page_size", "", "", "", 201)]
    public async Task What_is_wrong_in_a_question_is_named(string field, string connection, string action, string token, int size)
    {
        var refused = await TokenWorld.RefusedAsync("invalid_field", () => ListAsync(
            new() { Filter = new() { ConnectionId = connection, Action = action }, PageToken = token, PageSize = size }));

        Assert.Equal(field, refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
    }

    [Fact]
    public async Task Only_admins_read_it_and_only_their_own()
    {
        await _world.ConnectAsync();
        var operators = _world.Host.TicketOf(_world.Tenant, Role.Operator);
        var others = _world.Host.TicketOf(_world.OtherTenant, Role.Admin);

        await TokenWorld.RefusedAsync("role_missing", async () => await _world.Host.Audit.ListEntriesAsync(new(), operators));
        await TokenWorld.RefusedAsync("role_missing", async () => await _world.Host.Audit.VerifyChainAsync(new(), operators));
        await TokenWorld.RefusedAsync("role_missing", async () => await ReadAsync(_world.Host.Audit.ExportEntries(new(), operators)));

        Assert.Empty((await _world.Host.Audit.ListEntriesAsync(new(), others)).Entries);
        Assert.Equal(new VerifyChainResponse { Intact = true }, await _world.Host.Audit.VerifyChainAsync(new(), others));
    }

    [Fact]
    public async Task Every_tenant_counts_for_itself()
    {
        await _world.Host.Settings.UpdateSettingsAsync(
            new() { Provider = Provider.Zoho, ClientId = "1000.FAKEOTHER" }, _world.Host.TicketOf(_world.OtherTenant, Role.Admin));

        var theirs = await _world.Host.Audit.ListEntriesAsync(new(), _world.Host.TicketOf(_world.OtherTenant, Role.Admin));

        Assert.Equal(1, Assert.Single(theirs.Entries).Sequence);
        Assert.Equal(1, (await VerifyAsync()).LastSequence);
    }

    [Fact]
    public async Task Hand_outs_of_one_second_are_one_entry_that_has_the_moment_of_each()
    {
        var connection = await _world.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await _world.TokenAsync(connection.Id);
            _world.Clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        await _world.TokenAsync(connection.Id);
        await RestartAsync();

        var entries = await ExportAsync(new() { Filter = new() { Action = "token.handed_out" } });
        Assert.Equal(2, entries.Count);
        Assert.Contains("\"times\":3,\"later_us\":[50000,100000]", entries[0].Details, StringComparison.Ordinal);
        Assert.Contains("\"times\":1,\"later_us\":[]", entries[1].Details, StringComparison.Ordinal);
        Assert.True((await VerifyAsync()).Intact);
    }

    [Fact]
    public async Task Replicas_that_write_at_once_make_one_chain()
    {
        var other = await _world.StartHostAsync();
        var connection = await _world.ConnectAsync();
        await _world.TokenAsync(connection.Id);

        // each for a purpose of its own, and thereby an entry of its own
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? _world.Host : other).Tokens
            .GetAccessTokenAsync(new() { ConnectionId = connection.Id, Purpose = $"test {i}" }, _world.Service).ResponseAsync));
        await RestartAsync();

        var chain = await VerifyAsync();
        Assert.True(chain.Intact, chain.ToString());
        Assert.Equal(203, chain.LastSequence);
        Assert.Equal(Enumerable.Range(1, 203).Select(i => (long)i), (await ExportAsync(new())).Select(entry => entry.Sequence));
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET actor = 'key:someone-else' WHERE sequence = 4", "entry_changed", 4, 4)]
    [InlineData("UPDATE audit_entries SET details = '{\"purpose\": \"test\"}' WHERE sequence = 4", "entry_changed", 4, 4)]
    [InlineData("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE sequence = 4", "entry_changed", 4, 4)]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 4", "entry_missing", 4, 4)]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 4; DELETE FROM audit_batches WHERE last_sequence = 4", "link_missing", 4, 5)]
    [InlineData("DELETE FROM audit_batches WHERE last_sequence = 5", "entry_added", 5, 5)]
    [InlineData("UPDATE audit_batches SET hash = sha256('x') WHERE last_sequence = 4", "entry_changed", 4, 4)]
    [InlineData(
        "UPDATE audit_entries SET id = CASE sequence WHEN 3 THEN (SELECT id FROM audit_entries WHERE sequence = 4) "
            + "ELSE (SELECT id FROM audit_entries WHERE sequence = 3) END WHERE sequence IN (3, 4)",
        "entry_changed", 3, 3)]
    public async Task The_first_link_that_does_not_fit_is_named(string change, string code, long first, long last)
    {
        var connection = await _world.ConnectAsync();
        await HandOutAsync(connection.Id, times: 3);
        Assert.True((await VerifyAsync()).Intact);

        // swapping two ids needs a moment without their uniqueness
        await _world.SqlAsync("ALTER TABLE audit_entries DROP CONSTRAINT pk_audit_entries");
        await _world.SqlAsync(change);

        var chain = await VerifyAsync();
        Assert.False(chain.Intact);
        Assert.Equal((code, first, last), (chain.Broken.Code, chain.Broken.FirstSequence, chain.Broken.LastSequence));
    }

    [Fact]
    public async Task An_end_that_was_cut_off_shows_to_who_kept_it()
    {
        var connection = await _world.ConnectAsync();
        await HandOutAsync(connection.Id, times: 2);
        var kept = await VerifyAsync();
        await HandOutAsync(connection.Id, times: 1);
        Assert.True((await VerifyAsync(kept)).Intact);

        await _world.SqlAsync("DELETE FROM audit_entries WHERE sequence >= 4; DELETE FROM audit_batches WHERE last_sequence >= 4");

        Assert.True((await VerifyAsync()).Intact);
        var chain = await VerifyAsync(kept);
        Assert.False(chain.Intact);
        Assert.Equal(("known_link_missing", 4L, 3L), (chain.Broken.Code, chain.Broken.FirstSequence, chain.LastSequence));
    }

    [Theory]
    [InlineData("known_hash", 3, "abc")]
    [InlineData("known_hash", 0, "abc")]
    [InlineData("known_sequence", -1, "")]
    public async Task A_known_link_that_cannot_be_one_is_refused(string field, long sequence, string hash)
    {
        var refused = await TokenWorld.RefusedAsync("invalid_field", async () =>
            await _world.Host.Audit.VerifyChainAsync(new() { KnownSequence = sequence, KnownHash = hash }, _world.Admin));

        Assert.Equal(field, refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET actor = 'nobody'")]
    [InlineData("DELETE FROM audit_entries")]
    [InlineData("UPDATE audit_batches SET hash = ''")]
    [InlineData("DELETE FROM audit_batches")]
    public async Task The_services_own_role_cannot_change_it(string sql)
    {
        await using var connection = new NpgsqlConnection(ServiceDatabases.LoginOf(_world.Configuration["ConnectionStrings:tokens"]!));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    // one batch per hand-out, and all of them written
    private async Task HandOutAsync(string connection, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await _world.TokenAsync(connection);
            await RestartAsync();
        }
    }

    // a replica that stops writes what waits
    private async Task RestartAsync()
    {
        await _world.StopHostsAsync();
        await _world.StartHostAsync();
    }

    private async Task<ListAuditEntriesResponse> ListAsync(ListAuditEntriesRequest request) =>
        await _world.Host.Audit.ListEntriesAsync(request, _world.Admin);

    private async Task<VerifyChainResponse> VerifyAsync(VerifyChainResponse? known = null) => await _world.Host.Audit.VerifyChainAsync(
        new() { KnownSequence = known?.LastSequence ?? 0, KnownHash = known?.LastHash ?? "" }, _world.Admin);

    private Task<IReadOnlyList<AuditLogEntry>> ExportAsync(ExportAuditEntriesRequest request) =>
        ReadAsync(_world.Host.Audit.ExportEntries(request, _world.Admin));

    private static async Task<IReadOnlyList<AuditLogEntry>> ReadAsync(AsyncServerStreamingCall<AuditLogEntry> call)
    {
        using (call)
        {
            var entries = new List<AuditLogEntry>();
            await foreach (var entry in call.ResponseStream.ReadAllAsync())
            {
                entries.Add(entry);
            }

            return entries;
        }
    }
}
