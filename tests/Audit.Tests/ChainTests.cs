using Grpc.Core;
using Npgsql;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Audit.Tests;

/// <summary>The audit shows what was done to it.</summary>
public sealed class ChainTests : IAsyncLifetime
{
    private const string Forged =
        "INSERT INTO audit_entries (tenant_id, id, at, actor, from_address, trace_id, action, subject, details, sequence) "
            + "SELECT tenant_id, gen_random_uuid(), at, 'nobody', '', '', action, subject, details, ";

    private LedgerHost _ledger = null!;

    public async Task InitializeAsync() => _ledger = await LedgerHost.StartAsync();

    public async Task DisposeAsync() => await _ledger.DisposeAsync();

    [Theory]
    [InlineData("UPDATE audit_entries SET actor = 'key:someone-else' WHERE sequence = 4", "entry_changed", 4, 4)]
    [InlineData("UPDATE audit_entries SET from_address = '192.0.2.8' WHERE sequence = 4", "entry_changed", 4, 4)]
    [InlineData("UPDATE audit_entries SET trace_id = '4bf92f3577b34da6a3ce929d0e0e4736' WHERE sequence = 4", "entry_changed", 4, 4)]
    [InlineData("UPDATE audit_entries SET details = '{\"after\": \"b\"}' WHERE sequence = 4", "entry_changed", 4, 4)]
    [InlineData("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE sequence = 4", "entry_changed", 4, 4)]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 4", "entry_missing", 4, 4)]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 4; DELETE FROM audit_links WHERE last_sequence = 4", "link_missing", 4, 5)]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 1; DELETE FROM audit_links WHERE last_sequence = 1", "link_missing", 1, 2)]
    [InlineData("DELETE FROM audit_links WHERE last_sequence = 5", "entry_added", 5, 5)]
    [InlineData("UPDATE audit_links SET hash = sha256('x') WHERE last_sequence = 4", "entry_changed", 4, 4)]
    [InlineData(
        "UPDATE audit_entries SET id = CASE sequence WHEN 3 THEN (SELECT id FROM audit_entries WHERE sequence = 4) "
            + "ELSE (SELECT id FROM audit_entries WHERE sequence = 3) END WHERE sequence IN (3, 4)",
        "entry_changed", 3, 3)]
    [InlineData(Forged + "0 FROM audit_entries WHERE sequence = 1", "entry_added", 0, 0)]
    [InlineData(Forged + "-7 FROM audit_entries WHERE sequence = 1", "entry_added", -7, -7)]
    [InlineData(Forged + "6 FROM audit_entries WHERE sequence = 1", "entry_added", 6, 6)]
    [InlineData("INSERT INTO audit_links SELECT tenant_id, 0, 0, hash FROM audit_links WHERE last_sequence = 1", "link_added", 0, 0)]
    public async Task The_first_place_that_does_not_fit_is_named(string change, string code, long first, long last)
    {
        await WriteLinksAsync(5);
        Assert.True((await _ledger.VerifyAsync()).Intact);

        // swapping two ids needs a moment without their uniqueness
        await _ledger.SqlAsync("ALTER TABLE audit_entries DROP CONSTRAINT pk_audit_entries");
        await _ledger.SqlAsync(change);

        var chain = await _ledger.VerifyAsync();
        Assert.False(chain.Intact);
        Assert.Equal((code, first, last), (chain.Broken.Code, chain.Broken.FirstSequence, chain.Broken.LastSequence));
    }

    [Fact]
    public async Task An_end_that_was_cut_off_shows_to_who_kept_it()
    {
        await WriteLinksAsync(4);
        var kept = (await _ledger.VerifyAsync()).Last;
        await WriteLinksAsync(1);
        Assert.True((await _ledger.VerifyAsync(kept)).Intact);

        await _ledger.SqlAsync("DELETE FROM audit_entries WHERE sequence >= 4; DELETE FROM audit_links WHERE last_sequence >= 4");

        Assert.True((await _ledger.VerifyAsync()).Intact);
        var chain = await _ledger.VerifyAsync(kept);
        Assert.False(chain.Intact);
        Assert.Equal(("end_missing", 4L, 0L, 3L), (chain.Broken.Code, chain.Broken.FirstSequence, chain.Broken.LastSequence, chain.Last.Sequence));
    }

    [Fact]
    public async Task A_chain_that_was_written_anew_shows_to_who_kept_its_end()
    {
        await WriteLinksAsync(3);
        var kept = (await _ledger.VerifyAsync()).Last;

        await _ledger.SqlAsync(
            "DELETE FROM audit_entries WHERE sequence >= 3; DELETE FROM audit_links WHERE last_sequence >= 3; DELETE FROM audit_heads");
        await WriteLinksAsync(3);

        Assert.True((await _ledger.VerifyAsync()).Intact);
        Assert.Equal(("known_link_missing", 3L), Summary(await _ledger.VerifyAsync(kept)));
    }

    [Fact]
    public async Task A_chain_that_is_gone_shows_to_who_kept_its_end()
    {
        await WriteLinksAsync(2);
        var kept = (await _ledger.VerifyAsync()).Last;

        await _ledger.SqlAsync("DELETE FROM audit_entries; DELETE FROM audit_links; DELETE FROM audit_heads");

        Assert.Equal(("end_missing", 2L), Summary(await _ledger.VerifyAsync(kept)));
    }

    [Theory]
    [InlineData(3, "abc")]
    [InlineData(0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData(3, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_known_link_that_cannot_be_one_is_refused(long sequence, string hash)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => _ledger.VerifyAsync(new ChainPoint { Sequence = sequence, Hash = hash }));

        Assert.Equal("known", refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET actor = 'nobody'")]
    [InlineData("DELETE FROM audit_entries")]
    [InlineData("TRUNCATE audit_entries")]
    [InlineData("UPDATE audit_links SET hash = ''")]
    [InlineData("DELETE FROM audit_links")]
    [InlineData("UPDATE audit_inbox SET actor = 'nobody'")]
    public async Task The_services_own_role_cannot_change_it(string sql)
    {
        await WriteLinksAsync(1);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => _ledger.ServiceSqlAsync(sql));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task What_the_services_role_adds_of_its_own_does_not_pass_for_an_earlier_one()
    {
        await WriteLinksAsync(2);

        await _ledger.ServiceSqlAsync(Forged + "0 FROM audit_entries WHERE sequence = 1");

        Assert.Equal(("entry_added", 0L), Summary(await _ledger.VerifyAsync()));
    }

    // one link per entry
    private async Task WriteLinksAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _ledger.WriteAsync();
            await _ledger.ListAsync();
        }
    }

    private static (string Code, long First) Summary(VerifyChainResponse chain) => (chain.Broken.Code, chain.Broken.FirstSequence);
}
