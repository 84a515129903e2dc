using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sync;

/// <summary>Brings records into a copy, in the transaction of its context: what is another one now goes to the copy's kind.</summary>
internal static class RecordWriter
{
    private const int LongestId = 200;

    /// <summary>Of ids that the source gave: those whose record has to be read, because it is unknown, gone or older here.</summary>
    public static async Task<IReadOnlyList<string>> DifferingAsync(
        TenantDbContext context, CopyRow copy, IReadOnlyList<SourceKey> keys, CancellationToken cancellationToken)
    {
        var known = await KnownAsync(context, copy, [.. keys.Select(key => key.Id)], cancellationToken);
        return
        [
            .. keys
                .Where(key => !known.TryGetValue(key.Id, out var row) || row.DeletedAt is not null || row.ModifiedAt != key.ModifiedAt)
                .Select(key => key.Id)
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>Notes that these were seen in the copy's run.</summary>
    public static Task<int> SeenAsync(TenantDbContext context, CopyRow copy, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync(
            $"""
            UPDATE copy_records SET generation = {copy.Generation}
            WHERE copy_id = {copy.Id} AND record_id = ANY ({ids.ToArray()}) AND deleted_at IS NULL AND generation < {copy.Generation}
            """,
            cancellationToken);

    /// <summary>Writes what was read and what is gone; counts both in the copy's run.</summary>
    /// <param name="context">Of the tenant, in the transaction in which the copy moves on.</param>
    /// <param name="kind">Whose records they are.</param>
    /// <param name="copy">The copy, in memory.</param>
    /// <param name="read">As the source has them.</param>
    /// <param name="gone">Ids that the source has no more.</param>
    /// <param name="isSeen">Whether the run has seen them by this; not where somebody has said that they were changed.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellationToken">Of the worker.</param>
    /// <returns>Whether all that was read, more than one record, had been seen in this run before.</returns>
    public static async Task<bool> WriteAsync<TContext>(
        TContext context,
        CopyKind<TContext> kind,
        CopyRow copy,
        IReadOnlyList<SourceRecord> read,
        IReadOnlyCollection<string> gone,
        bool isSeen,
        DateTimeOffset now,
        CancellationToken cancellationToken)
        where TContext : TenantDbContext
    {
        var generation = isSeen ? copy.Generation : copy.Generation - 1;
        // the last one counts where a source gives a record twice
        if (read.FirstOrDefault(record => record.Id.Length is 0 or > LongestId) is { } wrong)
        {
            throw new InvalidOperationException($"The source gave an id of {wrong.Id.Length} characters; it must have 1 to {LongestId}.");
        }

        var records = read.GroupBy(record => record.Id, StringComparer.Ordinal).Select(same => same.Last()).ToList();
        var known = await KnownAsync(context, copy, [.. records.Select(record => record.Id), .. gone], cancellationToken);
        var changes = new List<RecordChange>();
        var written = new List<(SourceRecord Record, byte[] Sha256)>();
        foreach (var record in records)
        {
            var sha256 = ContentHash.Of(record.Content);
            var before = known.GetValueOrDefault(record.Id);
            if (before is null or { DeletedAt: not null })
            {
                copy.Rows++;
            }

            if (before is null or { DeletedAt: not null } || !before.ContentSha256.AsSpan().SequenceEqual(sha256))
            {
                changes.Add(new RecordChange(record.Id, record));
            }

            if (before is null or { DeletedAt: not null }
                || before.Generation < generation || before.ModifiedAt != record.ModifiedAt || !before.ContentSha256.AsSpan().SequenceEqual(sha256))
            {
                written.Add((record, sha256));
            }
        }

        copy.RunWritten += changes.Count;
        var left = gone.Where(id => known.TryGetValue(id, out var row) && row.DeletedAt is null).Distinct(StringComparer.Ordinal).ToArray();
        changes.AddRange(left.Select(id => new RecordChange(id, null)));
        (copy.Rows, copy.RunDeleted, copy.DeletedUnasked) = (copy.Rows - left.Length, copy.RunDeleted + left.Length, copy.DeletedUnasked + left.Length);
        if (written.Count > 0)
        {
            await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO copy_records (tenant_id, copy_id, record_id, modified_at, content_sha256, generation)
                SELECT {copy.TenantId.Value}, {copy.Id}, r.record_id, r.modified_at, r.content_sha256, {generation}
                FROM unnest(
                    {written.Select(one => one.Record.Id).ToArray()},
                    {written.Select(one => one.Record.ModifiedAt.ToUniversalTime()).ToArray()},
                    {written.Select(one => one.Sha256).ToArray()}) AS r(record_id, modified_at, content_sha256)
                ON CONFLICT (tenant_id, copy_id, record_id) DO UPDATE SET
                    modified_at = excluded.modified_at, content_sha256 = excluded.content_sha256,
                    generation = greatest(copy_records.generation, excluded.generation), deleted_at = NULL
                """,
                cancellationToken);
        }

        if (left.Length > 0)
        {
            await context.Database.ExecuteSqlAsync(
                $"UPDATE copy_records SET deleted_at = {now} WHERE copy_id = {copy.Id} AND record_id = ANY ({left})", cancellationToken);
        }

        if (changes.Count > 0)
        {
            await kind.WriteAsync(context, copy.Target, changes, cancellationToken);
        }

        return records.Count > 1 && records.TrueForAll(record => known.TryGetValue(record.Id, out var row) && row.Generation == copy.Generation);
    }

    private static async Task<Dictionary<string, CopyRecordRow>> KnownAsync(
        TenantDbContext context, CopyRow copy, IReadOnlyList<string> ids, CancellationToken cancellationToken) => ids.Count == 0
            ? []
            : await context.Set<CopyRecordRow>().AsNoTracking()
                .Where(row => row.CopyId == copy.Id && ids.Contains(row.RecordId))
                .ToDictionaryAsync(row => row.RecordId, StringComparer.Ordinal, cancellationToken);
}
