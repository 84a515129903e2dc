using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>Reads what became of the rows of a sync's source.</summary>
internal sealed class SyncLedger(TenantDb<CampaignsDbContext> db)
{
    private const int RowsPerRead = 1_000;
    private const string Columns = "position, email, outcome, code, message, at";

    /// <summary>Rows behind <paramref name="after"/> in the source's order, of one outcome or of all.</summary>
    public async Task<IReadOnlyList<SyncContact>> PageAsync(
        TenantId tenant, Guid id, SyncContactOutcome outcome, long after, int count, CancellationToken cancellationToken) =>
        outcome is SyncContactOutcome.Unspecified
            ? await ReadAsync(
                tenant, $"SELECT {Columns} FROM sync_contacts WHERE sync_id = $1 AND position > $2 ORDER BY position LIMIT $3",
                [id, after, count], cancellationToken)
            : await ReadAsync(
                tenant,
                $"SELECT {Columns} FROM sync_contacts WHERE sync_id = $1 AND outcome = $4 AND position > $2 ORDER BY position LIMIT $3",
                [id, after, count, (int)outcome], cancellationToken);

    /// <summary>All of it, read in pages while it is sent.</summary>
    public async IAsyncEnumerable<SyncContact> AllAsync(
        TenantId tenant, Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = 0L;
        while (true)
        {
            var page = await PageAsync(tenant, id, SyncContactOutcome.Unspecified, after, RowsPerRead, cancellationToken);
            foreach (var contact in page)
            {
                yield return contact;
            }

            if (page.Count < RowsPerRead)
            {
                yield break;
            }

            after = page[^1].Position;
        }
    }

    /// <summary>The last outcomes behind an event up to another one, oldest first.</summary>
    public async Task<IEnumerable<SyncContact>> SinceAsync(
        TenantId tenant, Guid id, long after, long upTo, int most, CancellationToken cancellationToken) =>
        (await ReadAsync(
            tenant,
            $"""
            SELECT {Columns} FROM sync_contacts WHERE sync_id = $1 AND event > $2 AND event <= $3
            ORDER BY event DESC, position DESC LIMIT $4
            """,
            [id, after, upTo, most],
            cancellationToken)).Reverse();

    private async Task<IReadOnlyList<SyncContact>> ReadAsync(
        TenantId tenant, string sql, object[] parameters, CancellationToken cancellationToken)
    {
        var contacts = new List<SyncContact>();
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql, parameters);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            contacts.Add(Read(rows));
        }

        return contacts;
    }

    private static SyncContact Read(NpgsqlDataReader rows) => new()
    {
        Position = rows.GetInt64(0),
        Email = rows.GetString(1),
        Outcome = (SyncContactOutcome)rows.GetInt32(2),
        Code = rows.IsDBNull(3) ? "" : rows.GetString(3),
        Message = rows.IsDBNull(4) ? "" : rows.GetString(4),
        DecidedAt = rows.IsDBNull(5) ? null : rows.GetFieldValue<DateTimeOffset>(5).ToTimestamp(),
    };
}
