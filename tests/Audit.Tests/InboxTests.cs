using System.Diagnostics;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Audit.Tests;

/// <summary>What is written, when it gets its number, and how it is read.</summary>
public sealed class InboxTests : IAsyncLifetime
{
    private const string Everything =
        "SELECT (SELECT count(*) FROM audit_entries) || ' chained, ' || (SELECT count(*) FROM audit_inbox) || ' waiting, '"
            + " || (SELECT count(*) FROM audit_queue) || ' queued'";

    private LedgerHost _ledger = null!;

    public async Task InitializeAsync() => _ledger = await LedgerHost.StartAsync();

    public async Task DisposeAsync() => await _ledger.DisposeAsync();

    [Fact]
    public async Task An_entry_is_written_with_what_it_tells_of_or_not_at_all()
    {
        await using (var context = _ledger.Db.For(_ledger.Tenant))
        {
            await using var transaction = await context.Database.BeginTransactionAsync();
            context.Changes.Add(new Change { TenantId = _ledger.Tenant, Id = 1 });
            context.Audit(_ledger.Entry("rolled back"));
            await context.SaveChangesAsync();
        }

        await using (var context = _ledger.Db.For(_ledger.Tenant))
        {
            context.Changes.Add(new Change { TenantId = _ledger.Tenant, Id = 2 });
            context.Audit(_ledger.Entry("written"));
            await context.SaveChangesAsync();
        }

        Assert.Equal("written", Assert.Single(await _ledger.ListAsync()).Subject);
        Assert.Equal(2, await _ledger.SqlAsync("SELECT id FROM changes"));
    }

    [Fact]
    public async Task Many_at_once_are_written_as_one_by_one()
    {
        var entries = new[] { _ledger.Entry("first"), _ledger.Entry("second"), _ledger.Entry("third") };
        await using (var context = _ledger.Db.For(_ledger.Tenant))
        {
            await context.WriteAuditAsync(entries, CancellationToken.None);
            await Assert.ThrowsAsync<PostgresException>(() => context.WriteAuditAsync(entries, CancellationToken.None));
        }

        await using var each = _ledger.Db.For(_ledger.Tenant);
        var at = 0;
        foreach (var entry in await each.Set<AuditEntry>().AsNoTracking().OrderBy(row => EF.Property<long>(row, AuditTables.Arrival)).ToListAsync())
        {
            Assert.Equivalent(entries[at++], entry, strict: true);
        }

        Assert.Equal(entries.Length, at);
        Assert.Equal(["third", "second", "first"], (await _ledger.ListAsync()).Select(entry => entry.Subject));
    }

    [Fact]
    public async Task Who_asks_at_once_sees_all_that_was_said()
    {
        await _ledger.WriteAsync();

        var entry = Assert.Single(await _ledger.ListAsync());

        Assert.Equal(
            new AuditLogEntry
            {
                Sequence = 1,
                Id = entry.Id,
                OccurredAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(_ledger.Clock.GetUtcNow()),
                Actor = "key:test",
                FromAddress = "192.0.2.7",
                Action = LedgerHost.Written,
                Subject = "thing",
                Details = """{"before_that":"a","after":"b"}""",
                Service = "ledger",
            },
            entry);
    }

    [Fact]
    public async Task What_was_done_in_a_call_is_found_by_its_trace()
    {
        using (var call = new Activity("call").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            await _ledger.WriteAsync();
            var found = Assert.Single(await _ledger.ListAsync(new AuditFilter { TraceId = call.TraceId.ToHexString() }));
            Assert.Equal(call.TraceId.ToHexString(), found.TraceId);
        }

        await _ledger.WriteAsync();

        Assert.Equal("", (await _ledger.ListAsync())[0].TraceId);
        Assert.Empty(await _ledger.ListAsync(new AuditFilter { TraceId = ActivityTraceId.CreateRandom().ToHexString() }));
        var refused = await Assert.ThrowsAsync<RpcException>(() => _ledger.ListAsync(new AuditFilter { TraceId = "4BF92" }));
        Assert.Equal("trace_id", refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
    }

    [Fact]
    public async Task Writers_of_one_tenant_do_not_wait_for_each_other()
    {
        await using var slow = _ledger.Db.For(_ledger.Tenant);
        await using var transaction = await slow.Database.BeginTransactionAsync();
        slow.Audit(_ledger.Entry("slow"));
        await slow.SaveChangesAsync();
        _ledger.Clock.Advance(TimeSpan.FromSeconds(1));

        await _ledger.WriteAsync().WaitAsync(Eventually.Limit);
        Assert.Equal(1, Assert.Single(await _ledger.ListAsync()).Sequence);

        await transaction.CommitAsync();
        // by its time the older one, by its number the later one
        Assert.Equal([("thing", 1), ("slow", 2)], (await _ledger.ListAsync()).Select(entry => (entry.Subject, entry.Sequence)));
        Assert.True((await _ledger.VerifyAsync()).Intact);
    }

    [Fact]
    public async Task What_waits_is_numbered_in_the_order_of_its_times()
    {
        var started = _ledger.Clock.GetUtcNow();
        await using (var context = _ledger.Db.For(_ledger.Tenant))
        {
            foreach (var second in (int[])[3, 1, 2])
            {
                context.Audit(AuditEntry.Of(_ledger.Tenant, started.AddSeconds(second), "service:ledger", LedgerHost.Written, $"{second}", new { }));
            }

            await context.SaveChangesAsync();
        }

        Assert.Equal([("3", 3), ("2", 2), ("1", 1)], (await _ledger.ListAsync()).Select(entry => (entry.Subject, entry.Sequence)));
    }

    [Fact]
    public async Task A_worker_chains_what_nobody_asks_for()
    {
        await using var worker = await _ledger.AnotherAsync();

        await _ledger.WriteAsync(5);

        await Eventually.GetAsync(() => _ledger.SqlAsync(Everything), counts => counts is "5 chained, 0 waiting, 0 queued");
    }

    [Fact]
    public async Task What_a_dead_replica_has_not_chained_another_one_chains()
    {
        await _ledger.WriteAsync(5);
        Assert.Equal("0 chained, 5 waiting, 5 queued", await _ledger.SqlAsync(Everything));

        await using var worker = await _ledger.AnotherAsync();

        await Eventually.GetAsync(() => _ledger.SqlAsync(Everything), counts => counts is "5 chained, 0 waiting, 0 queued");
        Assert.True((await _ledger.VerifyAsync()).Intact);
    }

    [Fact]
    public async Task A_worker_that_is_killed_while_it_chains_loses_and_doubles_nothing()
    {
        await _ledger.WriteAsync(5);
        await using (var session = new NpgsqlConnection(await ConnectionStringAsync()))
        {
            await session.OpenAsync();
            await using var hold = await session.BeginTransactionAsync();
            await RunAsync(session, "LOCK TABLE audit_links IN EXCLUSIVE MODE");
            await using var worker = await _ledger.AnotherAsync();
            // the entries are inserted, the link is not
            var killed = await Eventually.GetAsync(
                () => _ledger.SqlAsync(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
                        + "AND wait_event_type = 'Lock' AND wait_event = 'relation'"),
                count => count is > 0L);
            Assert.NotNull(killed);
            await hold.RollbackAsync();
            // what failed is due again in a while
            await Eventually.GetAsync(
                () =>
                {
                    _ledger.Clock.Advance(TimeSpan.FromSeconds(5));
                    return _ledger.SqlAsync(Everything);
                },
                counts => counts is "5 chained, 0 waiting, 0 queued");
        }

        Assert.Equal([5, 4, 3, 2, 1], (await _ledger.ListAsync()).Select(entry => entry.Sequence));
        Assert.True((await _ledger.VerifyAsync()).Intact);
    }

    [Fact]
    public async Task What_is_written_again_after_a_commit_without_an_answer_stands_there_once()
    {
        var entry = _ledger.Entry();
        foreach (var _ in (int[])[1, 2])
        {
            await using var context = _ledger.Db.For(_ledger.Tenant);
            context.Audit(entry);
            await context.SaveChangesAsync();
            Assert.Single(await _ledger.ListAsync());
            await _ledger.SqlAsync("DELETE FROM audit_queue");
        }

        Assert.Equal("1 chained, 0 waiting, 0 queued", await _ledger.SqlAsync(Everything));
        Assert.Equal(1, (await _ledger.VerifyAsync()).Last.Sequence);
    }

    [Fact]
    public async Task Replicas_that_chain_at_once_make_one_chain()
    {
        await using var one = await _ledger.AnotherAsync();
        await using var two = await _ledger.AnotherAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                await using var context = _ledger.Db.For(_ledger.Tenant);
                context.Audit(_ledger.Entry());
                await context.SaveChangesAsync();
            }
        })));

        await Eventually.GetAsync(() => _ledger.SqlAsync(Everything), counts => counts is "100 chained, 0 waiting, 0 queued");
        var chain = await _ledger.VerifyAsync();
        Assert.True(chain.Intact, chain.ToString());
        Assert.Equal(100, chain.Last.Sequence);
    }

    [Fact]
    public async Task More_than_a_link_takes_becomes_several()
    {
        await using (var context = _ledger.Db.For(_ledger.Tenant))
        {
            context.Audit([.. Enumerable.Range(0, 2_100).Select(_ => _ledger.Entry())]);
            await context.SaveChangesAsync();
        }

        Assert.Equal(2_100, (await _ledger.VerifyAsync()).Last.Sequence);
        Assert.Equal(3L, await _ledger.SqlAsync("SELECT count(*) FROM audit_links"));
        Assert.Equal(2_100, await _ledger.Reader.ExportAsync(_ledger.Tenant, new(), default).CountAsync());
    }

    [Fact]
    public async Task Pages_go_on_where_the_one_before_ended_also_among_entries_of_one_moment()
    {
        await using (var context = _ledger.Db.For(_ledger.Tenant))
        {
            context.Audit([.. Enumerable.Range(0, 7).Select(i => _ledger.Entry($"{i}"))]);
            await context.SaveChangesAsync();
        }

        await _ledger.WriteAsync(3);
        var all = await _ledger.Reader.ExportAsync(_ledger.Tenant, new(), default).ToListAsync();
        var paged = new List<AuditLogEntry>();
        var token = "";
        do
        {
            var page = await _ledger.Reader.ListAsync(_ledger.Tenant, new() { PageSize = 4, PageToken = token }, default);
            paged.AddRange(page.Entries);
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(10, all.Count);
        Assert.Equal(all.AsEnumerable().Reverse(), paged);
    }

    [Fact]
    public async Task Entries_of_one_moment_are_chained_and_read_in_the_order_in_which_they_were_written()
    {
        foreach (var i in Enumerable.Range(0, 30))
        {
            await using var context = _ledger.Db.For(_ledger.Tenant);
            context.Audit(_ledger.Entry($"{i}"));
            await context.SaveChangesAsync();
        }

        await using (var context = _ledger.Db.For(_ledger.Tenant))
        {
            context.Audit([.. Enumerable.Range(30, 70).Select(i => _ledger.Entry($"{i}"))]);
            await context.SaveChangesAsync();
        }

        var listed = (await _ledger.ListAsync()).Reverse();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => ($"{i}", i + 1L)), listed.Select(entry => (entry.Subject, entry.Sequence)));
        Assert.Equal(
            Enumerable.Range(0, 100).Select(i => $"{i}"),
            await _ledger.Reader.ExportAsync(_ledger.Tenant, new(), default).Select(entry => entry.Subject).ToListAsync());
    }

    [Fact]
    public async Task Of_one_moment_what_is_written_first_is_chained_first_whoever_was_first_to_make_it()
    {
        var (made, later) = (_ledger.Entry("made first"), _ledger.Entry("made later"));
        foreach (var entry in (AuditEntry[])[later, made])
        {
            await using var context = _ledger.Db.For(_ledger.Tenant);
            context.Audit(entry);
            await context.SaveChangesAsync();
        }

        Assert.Equal(["made first", "made later"], (await _ledger.ListAsync()).Select(entry => entry.Subject));
    }

    [Fact]
    public async Task Who_goes_by_numbers_misses_nothing_that_is_written_late()
    {
        await using var slow = _ledger.Db.For(_ledger.Tenant);
        await using var transaction = await slow.Database.BeginTransactionAsync();
        slow.Audit(_ledger.Entry("slow"));
        await slow.SaveChangesAsync();
        await _ledger.WriteAsync(3);

        Assert.Equal([1, 2], await AfterAsync(0, 2));
        Assert.Equal([3], await AfterAsync(2, 2));
        await transaction.CommitAsync();
        // the oldest by its time
        Assert.Equal([4], await AfterAsync(3, 2));
        Assert.Empty(await AfterAsync(4, 2));
        Assert.Equal([4], await AfterAsync(0, 2, "slow"));

        async Task<IEnumerable<long>> AfterAsync(long number, int size, string subject = "") => (await _ledger.Reader.ListAsync(
            _ledger.Tenant, new() { AfterSequence = number, PageSize = size, Filter = new() { Subject = subject } }, default))
            .Entries.Select(entry => entry.Sequence);
    }

    [Theory]
    [InlineData(-1, "")]
    [InlineData(0, "1763717400000000-ledger-1")]
    public async Task A_number_that_was_not_seen_is_refused(long number, string token)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => _ledger.Reader.ListAsync(_ledger.Tenant, new() { AfterSequence = number, PageToken = token }, default));

        Assert.Equal("after_sequence", refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
    }

    [Fact]
    public async Task A_subject_says_of_what_kind_it_is()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => _ledger.ListAsync(new() { Subject = Guid.NewGuid().ToString() }));

        Assert.Equal("subject", refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
        Assert.Contains("connection:", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_are_found_by_subject_action_and_time()
    {
        await _ledger.WriteAsync(2);
        var from = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(_ledger.Clock.GetUtcNow());
        await using (var context = _ledger.Db.For(_ledger.Tenant))
        {
            context.Audit(_ledger.Entry("other", LedgerHost.Read));
            await context.SaveChangesAsync();
        }

        Assert.Equal(2, (await _ledger.ListAsync(new() { Subject = "thing" })).Count);
        Assert.Equal("other", Assert.Single(await _ledger.ListAsync(new() { Action = LedgerHost.Read })).Subject);
        Assert.Equal(2, (await _ledger.ListAsync(new() { From = from })).Count);
        Assert.Equal(1, Assert.Single(await _ledger.ListAsync(new() { To = from })).Sequence);
    }

    [Theory]
    [InlineData("ledger.burnt", "", 0, "action", "action must be one of ledger.written, ledger.read.")]
    [InlineData("", "17", 0, "page_token", null)]
    [InlineData("", "99999999999999999999-ledger-1", 0, "page_token", null)]
    [InlineData("", "", 201, "page_size", null)]
    public async Task What_is_wrong_in_a_question_is_named(string action, string token, int size, string field, string? sentence)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => _ledger.Reader.ListAsync(
            _ledger.Tenant, new() { Filter = new() { Action = action }, PageToken = token, PageSize = size }, default));

        Assert.Equal(field, refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
        Assert.Equal(sentence ?? refused.Status.Detail, refused.Status.Detail);
    }

    [Fact]
    public async Task Every_tenant_has_a_chain_of_its_own_and_sees_no_other()
    {
        var other = new TenantId(Guid.CreateVersion7());
        await _ledger.WriteAsync(2);
        await using (var context = _ledger.Db.For(other))
        {
            context.Audit(_ledger.Entry("theirs", tenant: other));
            await context.SaveChangesAsync();
        }

        var theirs = await _ledger.Reader.ListAsync(other, new(), default);
        Assert.Equal((1, "theirs"), (Assert.Single(theirs.Entries).Sequence, theirs.Entries[0].Subject));
        Assert.Equal(2, (await _ledger.ListAsync()).Count);
        await using var wrong = _ledger.Db.For(_ledger.Tenant);
        wrong.Audit(_ledger.Entry("in another's name", tenant: other));
        await Assert.ThrowsAsync<DbUpdateException>(() => wrong.SaveChangesAsync());
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string> ConnectionStringAsync() => new NpgsqlConnectionStringBuilder((await TestServers.Shared).Postgres)
    {
        Database = (string)(await _ledger.SqlAsync("SELECT current_database()::text"))!,
    }.ConnectionString;
}
