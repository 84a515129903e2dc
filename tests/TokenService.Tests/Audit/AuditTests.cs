using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Audit.V1;
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
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
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
        Assert.All(seen, entry => Assert.Equal("tokens", entry.Service));
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

        Assert.Equal(3, (await ListAsync(new() { Filter = new() { Subject = $"connection:{a.Id}" } })).Entries.Count);
        Assert.Equal(3, (await ListAsync(new() { Filter = new() { Action = "token.handed_out" } })).Entries.Count);
        Assert.Equal($"connection:{b.Id}", Assert.Single((await ListAsync(new() { Filter = new() { From = later.ToTimestamp() } })).Entries).Subject);
        Assert.Equal(5, (await ListAsync(new() { Filter = new() { To = later.ToTimestamp() } })).Entries.Count);
        var exported = await ExportAsync(new() { Filter = new() { Subject = $"connection:{a.Id}", Action = "token.handed_out" } });
        Assert.Equal([4, 5], exported.Select(entry => entry.Sequence));
    }

    [Theory]
    [InlineData("action", "token.stolen", "", 0)]
    [InlineData("page_token", "", "abc", 0)]
    [InlineData("page_size", "", "", 201)]
    public async Task What_is_wrong_in_a_question_is_named(string field, string action, string token, int size)
    {
        var refused = await TokenWorld.RefusedAsync(
            "invalid_field", () => ListAsync(new() { Filter = new() { Action = action }, PageToken = token, PageSize = size }));

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
            new() { Provider = "zoho", ClientId = "1000.FAKEOTHER" }, _world.Host.TicketOf(_world.OtherTenant, Role.Admin));

        var theirs = await _world.Host.Audit.ListEntriesAsync(new(), _world.Host.TicketOf(_world.OtherTenant, Role.Admin));

        Assert.Equal(1, Assert.Single(theirs.Entries).Sequence);
        Assert.Equal(1, (await VerifyAsync()).Last.Sequence);
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
    public async Task An_entry_tells_of_five_hundred_hand_outs_at_most_so_that_a_page_of_them_can_be_read()
    {
        var connection = await _world.ConnectAsync();
        for (var i = 0; i < 501; i++)
        {
            await _world.TokenAsync(connection.Id);
        }

        await RestartAsync();

        var entries = await ExportAsync(new() { Filter = new() { Action = "token.handed_out" } });
        Assert.Equal([500, 1], entries.Select(entry => JsonElement.Parse(entry.Details).GetProperty("times").GetInt32()));
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
        Assert.Equal(203, chain.Last.Sequence);
        Assert.Equal(Enumerable.Range(1, 203).Select(i => (long)i), (await ExportAsync(new())).Select(entry => entry.Sequence).Order());
    }

    [Fact]
    public async Task Ends_of_chains_are_told_to_services_alone_signed_and_once()
    {
        await _world.ConnectAsync();
        await SetAsync(_world.OtherTenant, "1000.FAKEOTHER");
        await ListAsync(new());
        await _world.Host.Audit.ListEntriesAsync(new(), _world.Host.TicketOf(_world.OtherTenant, Role.Admin));

        await TokenWorld.RefusedAsync("role_missing", async () => await _world.Host.Audit.ListHeadsAsync(new(), _world.Admin));
        var all = await HeadsAsync("");
        Assert.Equal(
            new Dictionary<string, long> { [$"{_world.Tenant}"] = 2, [$"{_world.OtherTenant}"] = 1 },
            all.Heads.ToDictionary(head => head.TenantId, head => head.Head.Sequence));
        var trust = _world.Host.Services.GetRequiredService<TicketCheck>();
        Assert.All(all.Heads, head => Assert.True(trust.HasSignedAsync("tokens", head).Result));
        Assert.False(await trust.HasSignedAsync("campaigns", all.Heads[0]));
        foreach (var change in (Action<SignedHead>[])
            [
                head => head.TenantId = all.Heads[1].TenantId,
                head => head.Head.Sequence++,
                head => head.Head.Hash = new string('0', 64),
            ])
        {
            var changed = all.Heads[0].Clone();
            change(changed);
            Assert.False(await trust.HasSignedAsync("tokens", changed), changed.ToString());
        }

        Assert.Equal((await VerifyAsync()).Last, all.Heads.Single(head => head.TenantId == $"{_world.Tenant}").Head);

        // those that stand still cost nothing the next time
        all = await StillAsync(all.NextSince);
        await SetAsync(_world.OtherTenant, "1000.FAKEANOTHER");
        await _world.Host.Audit.ListEntriesAsync(new(), _world.Host.TicketOf(_world.OtherTenant, Role.Admin));
        var moved = Assert.Single((await HeadsAsync(all.NextSince)).Heads);
        Assert.Equal(($"{_world.OtherTenant}", 2), (moved.TenantId, moved.Head.Sequence));
    }

    [Theory]
    [InlineData("another key", "{0}-other")]
    [InlineData("a database that was put back", "999999999999-{1}")]
    [InlineData("nothing that was told", "yesterday")]
    public async Task Ends_that_may_not_be_known_are_all_told(string why, string since)
    {
        await ListAsync(new());
        var parts = (await HeadsAsync("")).NextSince.Split('-', 2);

        var heads = (await HeadsAsync(string.Format(CultureInfo.InvariantCulture, since, parts[0], parts[1]))).Heads;

        Assert.True(heads.Count == 1, why);
    }

    [Fact]
    public async Task An_end_that_was_not_committed_yet_is_not_missed()
    {
        await ListAsync(new());
        var first = await StillAsync((await HeadsAsync("")).NextSince);
        await using var slow = new NpgsqlConnection(_world.Configuration["ConnectionStrings:tokens"]);
        await slow.OpenAsync();
        await using var transaction = await slow.BeginTransactionAsync();
        await RunAsync(slow, "UPDATE audit_heads SET sequence = sequence + 1, changed_in = pg_current_xact_id()::text::bigint");
        await SetAsync(_world.OtherTenant, "1000.FAKEOTHER");
        await _world.Host.Audit.ListEntriesAsync(new(), _world.Host.TicketOf(_world.OtherTenant, Role.Admin));

        var second = await HeadsAsync(first.NextSince);
        await transaction.CommitAsync();

        Assert.Equal($"{_world.OtherTenant}", Assert.Single(second.Heads).TenantId);
        Assert.Contains((await HeadsAsync(second.NextSince)).Heads, head => head.TenantId == $"{_world.Tenant}" && head.Head.Sequence == 2);
    }

    private async Task SetAsync(TenantId tenant, string clientId) => await _world.Host.Settings.UpdateSettingsAsync(
        new() { Provider = "zoho", ClientId = clientId }, _world.Host.TicketOf(tenant, Role.Admin));

    // the server is other tests' as well: what they have not committed yet keeps a look from getting past its beginning
    private async Task<ListAuditHeadsResponse> StillAsync(string since) => await Eventually.GetAsync(
        async () =>
        {
            var heads = await HeadsAsync(since);
            since = heads.NextSince;
            return heads;
        },
        heads => heads.Heads.Count == 0);

    private async Task<ListAuditHeadsResponse> HeadsAsync(string since) =>
        await _world.Host.Audit.ListHeadsAsync(new() { Since = since }, _world.Gateway);

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    // one entry per hand-out, and all of them written
    private async Task HandOutAsync(string connection, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _world.Clock.Advance(TimeSpan.FromSeconds(1));
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

    private async Task<VerifyChainResponse> VerifyAsync() => await _world.Host.Audit.VerifyChainAsync(new(), _world.Admin);

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
