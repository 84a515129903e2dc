using System.Text.Json;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    private const string Id = "id";
    private const string ModifiedTime = "Modified_Time";

    /// <summary>Zoho shows only so many records by number of page.</summary>
    private const int RecordsByPage = 2000;

    /// <summary>A record that changes while its parts are read is read so often.</summary>
    private const int MostLooks = 3;

    /// <summary>
    /// One record with the fields that are named, all of them where none is. <c>record_gone</c> (class <see cref="CrmCodeClass.Gone"/>)
    /// where it is deleted, merged into another or was never there; a lead that was converted is gone, too:
    /// <see cref="FindConvertedAsync"/> knows where.
    /// </summary>
    public async Task<Result<CrmRecord>> GetRecordAsync(
        ProviderCall call, string module, string id, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        if (fields.Count > FieldsPerCall)
        {
            var joined = await GetRecordsAsync(call, module, [id], fields, cancellationToken);
            return !joined.Succeeded(out var found, out var refused) ? refused
                : found.Records.Count > 0 ? found.Records[0]
                : found.Unread.Count > 0 ? CrmFailures.Unavailable
                : CrmFailures.RecordGone;
        }

        var asked = new CrmRequest(CrmMethods.GetRecord)
        {
            Module = module,
            Id = CrmIds.Checked(id),
            Query = fields.Count == 0 ? [] : [("fields", string.Join(',', fields))],
        };
        var sent = await AskForAsync(call, asked, "data", CrmRecord.Read, cancellationToken);
        return !sent.Succeeded(out var records, out var failure) ? failure
            : records.Length > 0 ? records[0]
            : CrmFailures.RecordGone;
    }

    /// <summary>
    /// Those of 1 to <see cref="BatchSize"/> records that are there. Which are not, <see cref="CrmFoundRecords.Records"/> shows by leaving
    /// them out.
    /// </summary>
    public async Task<Result<CrmFoundRecords>> GetRecordsAsync(
        ProviderCall call, string module, IReadOnlyList<string> ids, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        var parts = PartsOf(fields);
        if (!(await ReadByIdsAsync(call, module, ids, parts[0], null, cancellationToken)).Succeeded(out var records, out var failure))
        {
            return failure;
        }

        return await CompleteAsync(call, module, records, parts, null, cancellationToken);
    }

    /// <summary>
    /// One page of a module's records: the first, or the one that <paramref name="cursor"/> leads to. By number of page for the first 2,000
    /// and by Zoho's page token after them, which holds for 24 hours and for the same listing: <c>page_token_expired</c> (class
    /// <see cref="CrmCodeClass.Restart"/>) asks to begin again. Records that change meanwhile may be shown twice or left out.
    /// </summary>
    /// <remarks>
    /// More than <see cref="FieldsPerCall"/> fields are read in several calls and joined by id. A record of which two parts do not have one
    /// <c>Modified_Time</c> is read again, three times at most; one that keeps changing or vanishes meanwhile is left out and named in
    /// <see cref="CrmFoundRecords.Unread"/>: the next changes or deletions have it.
    /// </remarks>
    public async Task<Result<CrmRecordPage>> ListRecordsAsync(
        ProviderCall call, string module, CrmListing listing, CrmCursor? cursor, CancellationToken cancellationToken)
    {
        var parts = PartsOf(listing.Fields);
        var page = cursor?.Page ?? 1;
        List<(string, string)> query = [("fields", string.Join(',', parts[0])), ("per_page", Text(PageSize))];
        query.Add(cursor?.Token is { } token ? ("page_token", token) : ("page", Text(page)));
        if (listing.SortBy is { } sortBy)
        {
            query.Add(("sort_by", sortBy));
            query.Add(("sort_order", listing.Descending ? "desc" : "asc"));
        }

        if (listing.Converted is { } converted)
        {
            query.Add(("converted", NameOf(converted)));
        }

        var asked = new CrmRequest(CrmMethods.ListRecords) { Module = module, Query = query, ModifiedSince = listing.ModifiedSince };
        if (!(await AskAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.Root is not { } root)
        {
            return new CrmRecordPage(CrmFoundRecords.None, null);
        }

        if (answer.Entries("data") is not { } entries)
        {
            return CrmFailures.BadAnswer;
        }

        if (!NextOf(root, page).Succeeded(out var next, out failure))
        {
            return failure;
        }

        var records = entries.Select(CrmRecord.Read).OfType<CrmRecord>().ToArray();
        var completed = await CompleteAsync(call, module, records, parts, listing.Converted, cancellationToken);
        return completed.Succeeded(out var found, out failure)
            ? new CrmRecordPage(found, next.Cursor)
            : failure;
    }

    /// <summary>
    /// One page of what was deleted in a module, since <paramref name="since"/> or as far as Zoho remembers: 60 days in the recycle bin,
    /// 120 days for good. One record may be shown twice, first as recycled. Notes have no such list.
    /// </summary>
    public async Task<Result<CrmDeletedPage>> ListDeletedAsync(
        ProviderCall call, string module, CrmDeletion deletion, DateTimeOffset? since, int page, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(page, 1);
        var asked = new CrmRequest(CrmMethods.ListDeleted)
        {
            Module = module,
            Query = [("type", NameOf(deletion)), ("page", Text(page)), ("per_page", Text(PageSize))],
            ModifiedSince = since,
        };
        if (!(await AskAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Root is not { } root ? new CrmDeletedPage([], null, answer.SentAt)
            : answer.Entries("data") is { } entries ?
                new CrmDeletedPage(
                    [.. entries.Select(CrmDeleted.Read).OfType<CrmDeleted>()], HasMore(root) ? page + 1 : null, answer.SentAt)
            : CrmFailures.BadAnswer;
    }

    private static bool HasMore(JsonElement root) => root.Property("info")?.Property("more_records") is { ValueKind: JsonValueKind.True };

    // what comes after a page; a failure where Zoho says that there is more and not how to come to it
    private static Result<Next> NextOf(JsonElement root, int page)
    {
        if (!HasMore(root))
        {
            return new Next(null);
        }

        var token = root.Property("info")?.Text("next_page_token");
        return page * PageSize < RecordsByPage ? new Next(new CrmCursor(page + 1, null))
            : token is not null ? new Next(new CrmCursor(page + 1, token))
            : CrmFailures.BadAnswer;
    }

    // each part has what the parts are joined by
    private static IReadOnlyList<IReadOnlyList<string>> PartsOf(IReadOnlyList<string> fields)
    {
        CrmBounds.Check(fields.Count, 1, int.MaxValue);
        string[] joint = [Id, ModifiedTime];
        return [.. fields.Except(joint, StringComparer.Ordinal).Chunk(FieldsPerCall - joint.Length)
            .DefaultIfEmpty([])
            .Select(part => (IReadOnlyList<string>)[.. joint, .. part])];
    }

    private async Task<Result<CrmFoundRecords>> CompleteAsync(
        ProviderCall call, string module, CrmRecord[] first, IReadOnlyList<IReadOnlyList<string>> parts, CrmConverted? converted,
        CancellationToken cancellationToken)
    {
        if (parts.Count == 1 || first.Length == 0)
        {
            return new CrmFoundRecords(first, []);
        }

        var whole = new Dictionary<string, CrmRecord>(StringComparer.Ordinal);
        foreach (var batch in first.Chunk(BatchSize))
        {
            var unread = batch.ToDictionary(record => record.Id, StringComparer.Ordinal);
            for (var look = 1; unread.Count > 0 && look <= MostLooks; look++)
            {
                var seen = await JoinAsync(call, module, unread, parts, look == 1, converted, cancellationToken);
                if (!seen.Succeeded(out var joined, out var failure))
                {
                    return failure;
                }

                foreach (var record in joined)
                {
                    whole[record.Id] = record;
                    unread.Remove(record.Id);
                }
            }
        }

        return new CrmFoundRecords(
            [.. first.Select(record => whole.GetValueOrDefault(record.Id)).OfType<CrmRecord>()],
            [.. first.Select(record => record.Id).Where(id => !whole.ContainsKey(id))]);
    }

    // those of the records of which all parts were seen in one state
    private async Task<Result<CrmRecord[]>> JoinAsync(
        ProviderCall call, string module, Dictionary<string, CrmRecord> wanted, IReadOnlyList<IReadOnlyList<string>> parts, bool hasFirst,
        CrmConverted? converted, CancellationToken cancellationToken)
    {
        var joined = hasFirst ? new Dictionary<string, CrmRecord>(wanted, StringComparer.Ordinal) : null;
        foreach (var part in hasFirst ? parts.Skip(1) : parts)
        {
            var read = await ReadByIdsAsync(call, module, [.. wanted.Keys], part, converted, cancellationToken);
            if (!read.Succeeded(out var seen, out var failure))
            {
                return failure;
            }

            joined = joined is null
                ? seen.ToDictionary(record => record.Id, StringComparer.Ordinal)
                : seen.Where(record => joined.TryGetValue(record.Id, out var before) && before.ModifiedTime == record.ModifiedTime)
                    .ToDictionary(record => record.Id, record => joined[record.Id].With(record), StringComparer.Ordinal);
        }

        return joined!.Values.ToArray();
    }

    private Task<Result<CrmRecord[]>> ReadByIdsAsync(
        ProviderCall call, string module, IReadOnlyCollection<string> ids, IReadOnlyList<string> fields, CrmConverted? converted,
        CancellationToken cancellationToken)
    {
        List<(string, string)> query =
            [("ids", CrmIds.Joined(ids, BatchSize)), ("fields", string.Join(',', fields)), ("per_page", Text(PageSize))];
        if (converted is { } which)
        {
            query.Add(("converted", NameOf(which)));
        }

        return AskForAsync(
            call, new CrmRequest(CrmMethods.ListRecords) { Module = module, Query = query }, "data", CrmRecord.Read, cancellationToken);
    }

    private static string NameOf(CrmConverted converted) => converted switch
    {
        CrmConverted.Left => "false",
        CrmConverted.Only => "true",
        CrmConverted.Both => "both",
    };

    private static string NameOf(CrmDeletion deletion) => deletion switch
    {
        CrmDeletion.All => "all",
        CrmDeletion.Recycled => "recycle",
        CrmDeletion.Permanent => "permanent",
    };

    private sealed record Next(CrmCursor? Cursor);
}
