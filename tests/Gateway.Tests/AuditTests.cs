using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Gateway.Audit;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>All services' audits in one order, whether they are as they were written, and what the gateway itself logs.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private const string Prefix = "/api/v1/audit";
    private const string EntryId = "0193a2b4-7a11-7c32-8d90-5e6f70819203";

    private static readonly string Hash = new('a', 64);

    private GatewayHost _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayHost.StartAsync();
        _gateway.Services.VerifyAudit = (_, _) => new() { Intact = true, Last = new() { Sequence = 9, Hash = Hash } };
        _gateway.Services.ListAuditEntries = (_, _) => new();
        _gateway.Services.ExportAuditEntries = (_, _) => [];
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task A_page_is_asked_for_with_its_filters()
    {
        ListAuditEntriesRequest? asked = null;
        _gateway.Services.ListAuditEntries = (request, _) =>
        {
            asked = request;
            return new() { Entries = { EntryAt(0) }, NextPageToken = "more" };
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        const string token = "1763717400000000-tokens-8";

        var answer = await admin.GetAsync(
            $"{Prefix}?subject=c1&action=token.handed_out&from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00%2B01:00&page_size=2&page_token={token}");

        Assert.Equal($$"""{"entries":[{{EntryJson}}],"next_page_token":"1795253400000000-tokens-7"}""", answer.Text);
        Assert.Equal(
            new ListAuditEntriesRequest
            {
                Filter = new()
                {
                    Subject = "c1",
                    Action = "token.handed_out",
                    From = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero).ToTimestamp(),
                    To = new DateTimeOffset(2026, 11, 21, 23, 0, 0, TimeSpan.Zero).ToTimestamp(),
                },
                PageSize = 2,
                PageToken = token,
            },
            asked);
    }

    [Fact]
    public async Task All_services_are_one_order_page_by_page()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        _gateway.Services.ListAuditEntries = (request, _) => Page(request, EntryAt(-3), EntryAt(9), EntryAt(1));
        // the gateway's own is the key that the tenant was made with
        var seen = new List<string>();
        string? token = null;
        do
        {
            var page = (await admin.GetAsync($"{Prefix}?page_size=1{(token is null ? "" : $"&page_token={token}")}")).Json;
            seen.AddRange(page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("service").GetString()!));
            token = page.TryGetProperty("next_page_token", out var next) ? next.GetString() : null;
        }
        while (token is not null);

        Assert.Equal(["gateway", "tokens", "tokens", "tokens"], seen.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("?from=yesterday", "from")]
    [InlineData("?from=11/12/2026", "from")]
    [InlineData("/verify?known=token:1:00", "known")]
    [InlineData("/export?to=12:00", "to")]
    [InlineData("?subject=%00", "subject")]
    [InlineData("?to=21.11.2026%20x", "to")]
    [InlineData("?page_size=0", "page_size")]
    [InlineData("?page_size=201", "page_size")]
    [InlineData("?page_token=7", "page_token")]
    [InlineData("?service=books", "service")]
    [InlineData("?action=token.stolen", "action")]
    [InlineData("/export?from=yesterday", "from")]
    [InlineData("/feed?after=7", "after")]
    [InlineData("/feed?after=bm90aGluZw", "after")]
    [InlineData("/feed?page_size=0", "page_size")]
    [InlineData("/feed?action=token.stolen", "action")]
    [InlineData("?service=gateway&subject=0193a2b4-7a11-7c32-8d90-5e6f70819203", "subject")]
    [InlineData("/export?action=token.stolen", "action")]
    [InlineData("/verify?known=tokens", "known")]
    [InlineData("/verify?known=gateway:3:abc", "known")]
    public async Task What_is_wrong_in_a_question_is_named(string query, string field)
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        (await admin.GetAsync(Prefix + query)).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
    }

    [Fact]
    public async Task A_refused_action_comes_with_all_that_are_known()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var refused = await admin.GetAsync($"{Prefix}?action=token.stolen");

        Assert.Contains(
            "audit.exported, key.created, key.deleted, key.renamed, key.replaced, key.rotated, key_ring.rotated, key_ring.rotation_requested, settings.changed, sync.created, tenant.created, "
                + "tenant.deleted, tenant.erased, token.handed_out",
            refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_polls_sees_all_of_every_service_once_though_some_is_written_late()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        List<AuditLogEntry> tokens = [Numbered(1, day: 5), Numbered(2, day: 1), Numbered(3, day: 9)];
        _gateway.Services.ListAuditEntries = (request, _) => new()
        {
            Entries = { tokens.Where(entry => entry.Sequence > request.AfterSequence).Take(request.PageSize) },
        };
        var seen = new List<string>();
        string? cursor = null;

        await ReadAsync();
        // by its time older than all that was seen
        tokens.Add(Numbered(4, day: -30));
        Assert.Equal(["tokens 4"], await ReadAsync());
        Assert.Empty(await ReadAsync());
        await admin.PostAsync("/api/v1/admin/keys", new { name = "second", role = "viewer" });
        Assert.Equal(["gateway 2"], await ReadAsync());

        Assert.Equal(["gateway 1", "gateway 2", "tokens 1", "tokens 2", "tokens 3", "tokens 4"], seen.Order(StringComparer.Ordinal));
        Assert.Equal(["tokens 1", "tokens 2", "tokens 3", "tokens 4"], seen.Where(one => one.StartsWith("tokens", StringComparison.Ordinal)));
        // one service's part of what was seen goes on, and the others' stays
        cursor = (await admin.GetAsync($"{Prefix}/feed?service=tokens")).Json.GetProperty("cursor").GetString();
        Assert.Equal(["gateway 1", "gateway 2"], await ReadAsync());

        async Task<IReadOnlyList<string>> ReadAsync()
        {
            var read = new List<string>();
            while (true)
            {
                var page = (await admin.GetAsync($"{Prefix}/feed?page_size=2{(cursor is null ? "" : $"&after={cursor}")}")).Json;
                cursor = page.GetProperty("cursor").GetString();
                var entries = page.GetProperty("entries").EnumerateArray()
                    .Select(entry => $"{entry.GetProperty("service").GetString()} {entry.GetProperty("sequence").GetInt64()}").ToList();
                read.AddRange(entries);
                seen.AddRange(entries.Except(seen));
                if (entries.Count < 2)
                {
                    return read;
                }
            }
        }
    }

    [Fact]
    public async Task All_services_entries_are_put_together_by_their_times()
    {
        List<AuditLogEntry> tokens = [Numbered(1, day: -3650), Numbered(2, day: 3650)];
        _gateway.Services.ListAuditEntries = (request, _) => new()
        {
            Entries = { request.HasAfterSequence ? tokens : tokens.AsEnumerable().Reverse() },
        };
        _gateway.Services.ExportAuditEntries = (_, _) => tokens;
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var listed = (await admin.GetAsync(Prefix)).Json.GetProperty("entries").EnumerateArray();
        var fed = (await admin.GetAsync($"{Prefix}/feed")).Json.GetProperty("entries").EnumerateArray();
        var exported = (await admin.GetAsync($"{Prefix}/export")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line));

        Assert.Equal(["tokens 2", "gateway 1", "tokens 1"], listed.Select(NameOf));
        Assert.Equal(["tokens 1", "gateway 1", "tokens 2"], fed.Select(NameOf));
        // the export is an entry itself, which may be told of in it or not
        Assert.Equal(["tokens 1", "gateway 1", "tokens 2"], exported.Select(NameOf).Where(name => name != "gateway 2"));

        static string NameOf(JsonElement entry) => $"{entry.GetProperty("service").GetString()} {entry.GetProperty("sequence").GetInt64()}";
    }

    [Fact]
    public async Task Ends_of_chains_are_asked_for_once_a_minute_however_many_replicas_there_are_and_from_where_the_last_look_ended()
    {
        // what the gateway does by itself when it starts
        await Eventually.GetAsync(() => Task.FromResult(_gateway.Services.AuditHeadLooks), looks => looks == 1);
        var asked = new ConcurrentQueue<string>();
        _gateway.Services.AuditHeadsAsked = asked.Enqueue;
        var (tenant, _) = await _gateway.CreateTenantAsync();

        // what they share is in the database alone: two looks at once are those of two replicas
        var keeper = _gateway.Provider.GetRequiredService<HeadKeeper>();
        _gateway.Services.AuditHeads = [Signed(tenant, 7, Hash)];
        _gateway.Clock.Skip(HeadKeeper.Every);
        await Task.WhenAll(keeper.KeepAllAsync(default), keeper.KeepAllAsync(default));
        await keeper.KeepAllAsync(default);
        // one that its service has not signed is not kept: the look after it begins there again
        _gateway.Services.NextSince = "18-key";
        _gateway.Services.AuditHeads = [Signed(tenant, 8, Hash), new() { TenantId = tenant, Head = new() { Sequence = 9, Hash = Hash }, Signature = "forged" }];
        _gateway.Clock.Skip(HeadKeeper.Every);
        await keeper.KeepAllAsync(default);
        _gateway.Services.AuditHeads = [Signed(tenant, 9, Hash)];
        _gateway.Clock.Skip(HeadKeeper.Every);
        await keeper.KeepAllAsync(default);
        // where nothing has moved nothing is written
        _gateway.Services.NextSince = "19-key";
        _gateway.Services.AuditHeads = [];
        for (var look = 0; look < 2; look++)
        {
            _gateway.Clock.Skip(HeadKeeper.Every);
            await keeper.KeepAllAsync(default);
        }

        // a replica whose clock was ahead has looked in the future, and keeps nobody from looking now
        await SqlAsync(_gateway.Database, "UPDATE audit_head_looks SET looked_at = looked_at + interval '1 year'");
        await keeper.KeepAllAsync(default);

        Assert.Equal(["", "17-key", "17-key", "18-key", "18-key", "18-key"], asked);
    }

    [Fact]
    public async Task A_service_that_is_away_is_named_and_the_others_can_be_read()
    {
        _gateway.Services.CampaignsAudit = () => throw Away;
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var refused = await admin.GetAsync(Prefix);

        refused.AssertProblem(HttpStatusCode.ServiceUnavailable, "audit_incomplete");
        Assert.Contains("campaigns", refused.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"{Prefix}?service=gateway")).Status);
    }

    [Fact]
    public async Task An_export_is_one_object_per_line_and_an_entry_itself()
    {
        _gateway.Services.ExportAuditEntries = (request, _) => request.Filter.Action == "token.handed_out" ? Enumerable.Repeat(EntryAt(0), 3000) : [];
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.GetAsync($"{Prefix}/export?action=token.handed_out");
        var own = await admin.GetAsync($"{Prefix}/export?service=gateway");

        Assert.Equal("application/x-ndjson", answer.Header("Content-Type"));
        var lines = answer.Text.Split('\n');
        Assert.Equal((3001, ""), (lines.Length, lines[^1]));
        Assert.All(lines[..^1], line => Assert.Equal(EntryJson, line));
        Assert.Contains("\"action\":\"audit.exported\",\"subject\":\"audit\",\"details\":{\"service\":null,", own.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_that_breaks_off_does_not_look_complete()
    {
        static IEnumerable<AuditLogEntry> Half()
        {
            yield return EntryAt(0);
            throw Away;
        }

        _gateway.Services.ExportAuditEntries = (_, _) => Half();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => admin.GetAsync($"{Prefix}/export?service=tokens"));
    }

    [Fact]
    public async Task A_verification_covers_all_chains()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = (await admin.GetAsync($"{Prefix}/verify")).Json;

        Assert.True(answer.GetProperty("intact").GetBoolean());
        Assert.Equal(
            ["gateway intact 1", "campaigns intact 0", "crm intact 0", "messaging intact 0", "tokens intact 9", "webhooks intact 0"],
            answer.GetProperty("services").EnumerateArray().Select(chain =>
                $"{chain.GetProperty("service")} {chain.GetProperty("state")} {chain.GetProperty("last_sequence")}"));
    }

    [Fact]
    public async Task A_chain_that_is_broken_or_cannot_be_read_is_never_intact()
    {
        _gateway.Services.VerifyAudit = (_, _) => new()
        {
            Last = new() { Sequence = 5, Hash = Hash },
            Broken = new() { FirstSequence = 6, LastSequence = 8, Code = "entry_changed", Message = "An entry was changed." },
        };
        _gateway.Services.CampaignsAudit = () => throw Away;
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.GetAsync($"{Prefix}/verify");

        Assert.False(answer.Json.GetProperty("intact").GetBoolean());
        Assert.Contains(
            "\"service\":\"tokens\",\"state\":\"broken\",\"last_sequence\":5,\"last_hash\":\"" + Hash
                + "\",\"broken\":{\"first_sequence\":6,\"last_sequence\":8,\"code\":\"entry_changed\",\"message\":\"An entry was changed.\"}",
            answer.Text, StringComparison.Ordinal);
        Assert.Contains("\"service\":\"campaigns\",\"state\":\"missing\"", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_known_of_a_chain_is_held_against_it()
    {
        var (tenant, key) = await _gateway.CreateTenantAsync();
        using var admin = _gateway.CreateClient(key);
        VerifyChainRequest? asked = null;
        _gateway.Services.VerifyAudit = (request, _) =>
        {
            asked = request;
            return new() { Intact = true };
        };
        await KeepAsync(Signed(tenant, 7, Hash));
        // one that is behind what is kept is not taken, and one that the service has not signed is none
        await KeepAsync(Signed(tenant, 6, new string('b', 64)));
        var forged = Signed(tenant, 8, Hash);
        forged.Head.Sequence = 80;
        await KeepAsync(forged);

        await admin.GetAsync($"{Prefix}/verify?known=tokens:3:{new string('c', 64)}&known=campaigns:2:{Hash}");

        Assert.Equal([(3L, new string('c', 64)), (7, Hash)], asked!.Known.Select(point => (point.Sequence, point.Hash)));
    }

    [Fact]
    public async Task A_head_that_stands_still_is_signed_anew_once_its_service_has_another_key()
    {
        var (tenant, key) = await _gateway.CreateTenantAsync();
        using var admin = _gateway.CreateClient(key);
        _gateway.Services.VerifyAudit = (_, _) => new() { Intact = true };
        await KeepAsync(Signed(tenant, 7, Hash));
        // as of a key that is not trusted any more
        await SqlAsync(_gateway.Database, $"UPDATE audit_kept_heads SET signature = 'gone' || signature WHERE tenant_id = '{tenant}'");
        Assert.Contains("\"code\":\"head_forged\"", (await admin.GetAsync($"{Prefix}/verify")).Text, StringComparison.Ordinal);

        await KeepAsync(Signed(tenant, 7, Hash));

        Assert.True((await admin.GetAsync($"{Prefix}/verify")).Json.GetProperty("intact").GetBoolean());
    }

    [Fact]
    public async Task A_key_is_logged_with_whom_it_is_bound_to_and_what_it_may()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        await admin.PostAsync("/api/v1/admin/keys", new { name = "of ada", role = "viewer", owner = "ada" });

        var entries = (await admin.GetAsync($"{Prefix}?action=key.created&service=gateway")).Text;

        Assert.Contains("\"owner\":\"ada\",\"permissions\":[]", entries, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kept_head_goes_neither_back_nor_away_and_a_forged_one_is_noticed()
    {
        var (tenant, key) = await _gateway.CreateTenantAsync();
        using var admin = _gateway.CreateClient(key);
        await KeepAsync(Signed(tenant, 7, Hash));
        foreach (var sql in (string[])["UPDATE audit_kept_heads SET sequence = 3", "DELETE FROM audit_kept_heads"])
        {
            await Assert.ThrowsAsync<PostgresException>(() => SqlAsync(ServiceDatabases.LoginOf(_gateway.Database), sql));
        }

        await SqlAsync(ServiceDatabases.LoginOf(_gateway.Database), "UPDATE audit_kept_heads SET sequence = 8");

        Assert.Contains("\"code\":\"head_forged\"", (await admin.GetAsync($"{Prefix}/verify")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_and_tenants_are_logged_with_who_and_from_where()
    {
        using var platform = _gateway.CreateClient();
        var (tenant, key) = await _gateway.CreateTenantAsync();
        using var admin = _gateway.CreateClient(key);
        var made = (await admin.PostAsync("/api/v1/admin/keys", new { name = "second", role = "viewer" })).Json;
        var id = made.GetProperty("id").GetString();
        await admin.DeleteAsync($"/api/v1/admin/keys/{id}");

        var theirs = (await admin.GetAsync($"{Prefix}?service=gateway")).Text;
        var platforms = (await platform.GetAsync($"{Prefix}?service=gateway&subject=tenant:{tenant}")).Text;

        const string asked = "\"from_address\":\"127.0.0.1\",\"trace_id\":\"[0-9a-f]{32}\"";
        Assert.Matches($"{asked},\"action\":\"key.deleted\",\"subject\":\"key:{id}\"", theirs);
        Assert.Matches($"\"actor\":\"key:bootstrap\",{asked},\"action\":\"key.created\"", theirs);
        Assert.Contains("\"details\":{\"name\":\"second\",\"role\":\"viewer\"", theirs, StringComparison.Ordinal);
        Assert.DoesNotContain(made.GetProperty("key").GetString()!, theirs, StringComparison.Ordinal);
        Assert.Contains("\"action\":\"tenant.created\"", platforms, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_one_call_did_is_found_by_its_trace()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        await admin.PostAsync("/api/v1/admin/keys", new { name = "second", role = "viewer" });
        await admin.PostAsync("/api/v1/admin/keys", new { name = "third", role = "viewer" });
        var all = (await admin.GetAsync($"{Prefix}?service=gateway&action=key.created")).Json.GetProperty("entries");
        var trace = all[0].GetProperty("trace_id").GetString();

        var found = (await admin.GetAsync($"{Prefix}?service=gateway&trace_id={trace}")).Json.GetProperty("entries");

        Assert.Equal("third", Assert.Single(found.EnumerateArray()).GetProperty("details").GetProperty("name").GetString());
        (await admin.GetAsync($"{Prefix}?trace_id=nonsense")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "trace_id");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/export")]
    [InlineData("/verify")]
    public async Task Only_admins_read_it(string path)
    {
        using var operators = await _gateway.CreateClientOfNewTenantAsync("operator");

        Assert.Equal(HttpStatusCode.Forbidden, (await operators.GetAsync(Prefix + path)).Status);
    }

    private static Grpc.Core.RpcException Away =>
        new Failure(FailureKind.Unavailable, "storage_unavailable", "The database is away.").ToRpcException();

    private const string EntryJson =
        "{\"service\":\"tokens\",\"sequence\":7,\"id\":\"" + EntryId + "\",\"occurred_at\":\"2026-11-21T09:30:00Z\","
            + "\"actor\":\"service:campaigns\",\"action\":\"token.handed_out\",\"subject\":\"c1\",\"details\":{\"purpose\":\"push\"}}";

    private static AuditLogEntry EntryAt(int day) => new()
    {
        Service = "tokens",
        Sequence = 7,
        Id = EntryId,
        OccurredAt = new DateTimeOffset(2026, 11, 21, 9, 30, 0, TimeSpan.Zero).AddDays(day).ToTimestamp(),
        Actor = "service:campaigns",
        Action = "token.handed_out",
        Subject = "c1",
        Details = """{"purpose":"push"}""",
    };

    private static AuditLogEntry Numbered(long sequence, int day)
    {
        var entry = EntryAt(day);
        (entry.Sequence, entry.Id) = (sequence, Guid.NewGuid().ToString());
        return entry;
    }

    // as a service pages: by the token's time
    private static ListAuditEntriesResponse Page(ListAuditEntriesRequest request, params AuditLogEntry[] entries)
    {
        var before = request.PageToken.Length == 0
            ? long.MaxValue
            : long.Parse(request.PageToken.Split('-')[0], System.Globalization.CultureInfo.InvariantCulture);
        var left = entries.Where(entry => entry.OccurredAt.Seconds * 1_000_000 < before).OrderByDescending(entry => entry.OccurredAt.Seconds).ToList();
        return new() { Entries = { left.Take(request.PageSize) }, NextPageToken = left.Count > request.PageSize ? "more" : "" };
    }

    private static SignedHead Signed(string tenant, long sequence, string hash) =>
        TestTickets.Of("tokens").Sign(TenantId.Parse(tenant, null), new ChainPoint { Sequence = sequence, Hash = hash });

    private async Task KeepAsync(params SignedHead[] heads)
    {
        _gateway.Services.AuditHeads = heads;
        _gateway.Clock.Skip(HeadKeeper.Every);
        await _gateway.Provider.GetRequiredService<HeadKeeper>().KeepAllAsync(default);
    }

    private static async Task<object?> SqlAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
