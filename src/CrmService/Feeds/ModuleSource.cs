using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CrmService.Feeds;

/// <summary>
/// A module of Zoho CRM as a copy's source, by queries (COQL): they read the database and not the index, 2,000 records for three credits where a list has
/// 200 for one, and pages that begin behind a record do not move. What is deleted is a list of its own. The subject is the module's API name.
/// </summary>
internal sealed class ModuleSource(
    FeatureAccess access, CrmClient crm, ModuleFields fields, TenantDb<CrmDbContext> db, Copies<CrmDbContext> copies, TimeProvider clock) : CopySource
{
    private const string Purpose = "crm.feed";
    private const string Leads = "Leads";

    // the page of limits says 2,000, an error's text 200: the smaller one is what is left where the larger is refused
    private const int RowsWhereRefused = 200;

    // parts of wide records are asked for by their ids, 25 criteria of 50
    private const int RowsOfWide = 200;

    // a look that finds nothing costs one credit this way, and with more rows three
    private const int RowsOfALook = 200;

    // a record that changes while its parts are read is read so often
    private const int MostLooks = 3;

    // Zoho shows no more of what was deleted by number of page
    private const int DeletedPages = 10;

    // a page of records with long texts
    private const int FewestRows = 20;

    private static readonly Failure FieldRefused = new(
        FailureKind.Unavailable, "field_refused", "Zoho CRM does not take a field of the feed in queries: it is read without it in a moment.");

    private static readonly string[] Always = [Column.Id, Column.Modified];
    private static readonly (string, bool)[] ById = [(Column.Id, false)];
    private static readonly (string, bool)[] ByTime = [(Column.Modified, false), (Column.Id, false)];
    /// <summary>What says of a lead that it was converted, and into what.</summary>
    public static readonly IReadOnlyList<string> OfConversion =
        [Column.Converted, Column.ConvertedAt, "Converted_Contact", "Converted_Account", "Converted_Deal"];

    private static readonly TimeSpan SmallerFor = TimeSpan.FromDays(1);

    // organisations where the larger page was refused, and until when the smaller is asked for
    private readonly ConcurrentDictionary<string, DateTimeOffset> _smaller = new(StringComparer.Ordinal);

    public override bool PagesAreStable => true;

    public override bool TellsDeletions => true;

    public override int MostById => 50;

    public override Task<Result<SourcePage<SourceRecord>>> ReadAllAsync(CopyTarget copy, string position, CancellationToken cancellationToken) =>
        WithModuleAsync<SourcePage<SourceRecord>>(
            copy,
            async module => (await ReadAsync(module, Everything(module, position), ById, CrmQuery.MostRows, isPaged: true, cancellationToken)).Succeeded(out var page, out var failure)
                ? page.ToSource(last => last.Id)
                : failure,
            cancellationToken);

    public override Task<Result<SourcePage<SourceRecord>>> ReadChangesAsync(
        CopyTarget copy, DateTimeOffset from, string position, CancellationToken cancellationToken) => WithModuleAsync<SourcePage<SourceRecord>>(
        copy,
        async module =>
        {
            var (where, rows) = (ChangedSince(module, from, position), position.Length == 0 ? RowsOfALook : CrmQuery.MostRows);
            return (await ReadAsync(module, where, ByTime, rows, isPaged: true, cancellationToken)).Succeeded(out var page, out var failure)
                ? page.ToSource(last => $"{CrmTimes.Write(last.ModifiedTime!.Value)} {last.Id}")
                : failure;
        },
        cancellationToken);

    public override Task<Result<SourcePage<SourceKey>>> ReadKeysAsync(CopyTarget copy, string position, CancellationToken cancellationToken) =>
        WithModuleAsync<SourcePage<SourceKey>>(
            copy,
            async module =>
            {
                var columns = module.TellsConversions ? [.. Always, Column.ConvertedAt] : Always;
                if (!(await QueryAsync(module, columns, Everything(module, position), ById, CrmQuery.MostRows, isPaged: true, cancellationToken))
                    .Succeeded(out var page, out var failure))
                {
                    return failure;
                }

                return new SourcePage<SourceKey>(
                    [.. page.Records.Select(record => new SourceKey(record.Id, ChangedAt(record)))],
                    page.HasMore ? page.Records[^1].Id : null,
                    page.SentAt ?? page.AskedAt,
                    module.Calls + page.Calls);
            },
            cancellationToken);

    public override Task<Result<FoundRecords>> ReadByIdAsync(
        CopyTarget copy, IReadOnlyList<string> ids, CancellationToken cancellationToken) => WithModuleAsync<FoundRecords>(
        copy,
        async module =>
        {
            // by Zoho's own rule of what an id is: anything else it would refuse together with all others
            var numbers = ids.Where(id => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out _)).ToList();
            if (numbers.Count == 0)
            {
                return new FoundRecords([], module.Calls);
            }

            var these = WithConverted(module, CrmCondition.In(Column.Id, [.. numbers.Select(CrmValue.Of)]));
            var calls = 0;
            for (var look = 1; look <= MostLooks; look++)
            {
                if (!(await ReadAsync(module, these, ById, RowsOfALook, isPaged: false, cancellationToken)).Succeeded(out var page, out var failure))
                {
                    return failure;
                }

                calls += page.Calls;
                // one that was seen and changed meanwhile is not gone
                if (page.Records.Count == page.Seen.Count)
                {
                    return new FoundRecords(page.Records, calls);
                }
            }

            return CrmFailures.Unavailable;
        },
        cancellationToken);

    public override Task<Result<SourcePage<SourceDeletion>>> ReadDeletionsAsync(
        CopyTarget copy, DateTimeOffset from, string position, CancellationToken cancellationToken) => WithCallAsync<SourcePage<SourceDeletion>>(
        copy,
        async call =>
        {
            var (askedAt, number) = (clock.GetUtcNow(), position.Length == 0 ? 1 : int.Parse(position, CultureInfo.InvariantCulture));
            if (!(await crm.ListDeletedAsync(call, copy.Subject, CrmDeletion.All, from, number, cancellationToken)).Succeeded(out var page, out var failure))
            {
                // a module without such a list: what is gone from it is found when everything is compared
                return failure.CrmClass is CrmCodeClass.BadRequest or CrmCodeClass.Configuration ? new SourcePage<SourceDeletion>([], null, askedAt) : failure;
            }

            return new SourcePage<SourceDeletion>(
                [.. page.Records.Select(deleted => new SourceDeletion(deleted.Id, deleted.DeletedTime ?? from))],
                page.NextPage is { } next && next <= DeletedPages ? next.ToString(CultureInfo.InvariantCulture) : null,
                page.SentAt ?? askedAt)
            {
                IsIncomplete = page.NextPage > DeletedPages,
            };
        },
        cancellationToken);

    // asked before everything is read or compared, which is daily: how many calls the organisation may make is known for a week behind it
    public override Task<Result<SourceCount>> CountAsync(CopyTarget copy, CancellationToken cancellationToken) => WithModuleAsync<SourceCount>(
        copy,
        async module =>
        {
            // who may not read the organisation is kept to the smallest plan
            await crm.GetOrganizationAsync(module.Call, cancellationToken);
            var asked = await crm.CountAsync(module.Call, copy.Subject, Everything(module, ""), cancellationToken);
            return asked.Succeeded(out var count, out var failure) ? new SourceCount(count, module.Calls + 2) : failure;
        },
        cancellationToken);

    private static CrmCondition Everything(Module module, string afterId) =>
        WithConverted(module, afterId.Length == 0 ? CrmCondition.IsNotNull(Column.Id) : CrmCondition.After(Column.Id, CrmValue.Of(Number(afterId))));

    // a conversion does not touch Modified_Time
    private static CrmCondition ChangedSince(Module module, DateTimeOffset from, string position)
    {
        var since = CrmCondition.AtOrAfter(Column.Modified, CrmValue.Of(from));
        if (module.TellsConversions)
        {
            since = since.Or(CrmCondition.AtOrAfter(Column.ConvertedAt, CrmValue.Of(from)));
        }

        if (position.Split(' ') is not [var time, var id])
        {
            return since;
        }

        var last = CrmValue.Of(CrmTimes.Read(time)!.Value);
        return since.And(CrmCondition.After(Column.Modified, last)
            .Or(CrmCondition.Equal(Column.Modified, last).And(CrmCondition.After(Column.Id, CrmValue.Of(Number(id))))));
    }

    // whether converted leads come without being asked for is on no page of Zoho's: both are
    private static CrmCondition WithConverted(Module module, CrmCondition condition) => module.TellsConversions
        ? CrmCondition.Equal(Column.Converted, CrmValue.Of(false)).Or(CrmCondition.Equal(Column.Converted, CrmValue.Of(true))).And(condition)
        : condition;

    private static long Number(string id) => long.Parse(id, NumberStyles.None, CultureInfo.InvariantCulture);

    private static DateTimeOffset ChangedAt(CrmRecord record)
    {
        var (modified, converted) = (record.ModifiedTime ?? DateTimeOffset.UnixEpoch, record.Time(Column.ConvertedAt));
        return converted > modified ? converted.Value : modified;
    }

    private async Task<Result<ReadPage>> ReadAsync(
        Module module, CrmCondition where, IReadOnlyList<(string, bool)> order, int rows, bool isPaged, CancellationToken cancellationToken)
    {
        var parts = module.Parts();
        if (!(await QueryAsync(module, parts[0], where, order, rows, isPaged, cancellationToken)).Succeeded(out var page, out var failure))
        {
            return failure;
        }

        var (records, calls) = (page.Records.ToDictionary(record => record.Id, ContentOf, StringComparer.Ordinal), module.Calls + page.Calls);
        foreach (var part in records.Count > 0 ? parts.Skip(1) : [])
        {
            var these = WithConverted(module, CrmCondition.In(Column.Id, [.. page.Records.Select(record => CrmValue.Of(Number(record.Id)))]));
            if (!(await QueryAsync(module, part, these, ById, rows, isPaged: false, cancellationToken)).Succeeded(out var rest, out failure))
            {
                return failure;
            }

            Join(records, rest.Records);
            calls += rest.Calls;
        }

        return new ReadPage(
            page.Records,
            [.. page.Records.Where(record => records.ContainsKey(record.Id)).Select(record => new SourceRecord(record.Id, ChangedAt(record), records[record.Id]))],
            page.HasMore,
            page.SentAt ?? page.AskedAt,
            calls);
    }

    // one that changed between its parts comes with the changes: half of each is no state that it was ever in
    private static void Join(Dictionary<string, JsonObject> records, IReadOnlyList<CrmRecord> part)
    {
        var seen = part.ToDictionary(record => record.Id, ContentOf, StringComparer.Ordinal);
        foreach (var (id, content) in records)
        {
            if (!seen.TryGetValue(id, out var more) || !JsonNode.DeepEquals(more[Column.Modified], content[Column.Modified]))
            {
                records.Remove(id);
                continue;
            }

            foreach (var (name, value) in more)
            {
                content[name] = value?.DeepClone();
            }
        }
    }

    private static JsonObject ContentOf(CrmRecord record)
    {
        var content = new JsonObject();
        foreach (var field in record.Json.EnumerateObject().Where(field => !field.Name.StartsWith('$') && field.Name != Column.Id))
        {
            content[field.Name] = Plain(field.Value);
        }

        return content;
    }

    // a lookup comes with its name or without: a name is another record's, whose change changes nothing here
    private static JsonNode? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Object when value.TryGetProperty(Column.Id, out var id) => JsonValue.Create(id.ToString()),
        // PostgreSQL keeps no such character in a document
        JsonValueKind.String => value.GetString()!.Replace("\0", "", StringComparison.Ordinal),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(Plain)]),
        JsonValueKind.Object => new JsonObject(value.EnumerateObject().Select(field => KeyValuePair.Create(field.Name, Plain(field.Value)))),
        _ => JsonNode.Parse(value.GetRawText()),
    };

    private async Task<Result<QueriedPage>> QueryAsync(
        Module module, IReadOnlyList<string> columns, CrmCondition where, IReadOnlyList<(string, bool)> order, int most, bool isPaged,
        CancellationToken cancellationToken)
    {
        var (askedAt, organisation) = (clock.GetUtcNow(), $"{module.Call.DataCentre}:{module.Call.AccountId}:{module.Call.Tenant}");
        var isSmaller = _smaller.TryGetValue(organisation, out var until) && until > askedAt;
        var rows = Math.Min(most, columns.Count > Always.Length + 1 && module.IsWide ? RowsOfWide : isSmaller ? RowsWhereRefused : CrmQuery.MostRows);
        var query = new CrmQuery(module.Name, columns) { Where = where, OrderBy = order, Limit = rows };
        var (asked, calls) = (await crm.QueryAsync(module.Call, query, cancellationToken), 1);
        // what is too much is refused, or never arrives as a whole. Where ids are named, a shorter answer would be records that are gone
        while (!asked.Succeeded(out _, out var refused) && isPaged && rows > FewestRows && refused.CrmClass is CrmCodeClass.BadRequest or CrmCodeClass.Retry
            && (rows > RowsWhereRefused || refused.CrmClass is CrmCodeClass.Retry))
        {
            rows = rows > RowsWhereRefused ? RowsWhereRefused : FewestRows;
            (asked, calls) = (await crm.QueryAsync(module.Call, query with { Limit = rows }, cancellationToken), calls + 1);
            if (refused.CrmClass is CrmCodeClass.BadRequest && asked.Succeeded(out _, out _))
            {
                _smaller[organisation] = askedAt + SmallerFor;
            }
        }

        if (asked.Succeeded(out var page, out var failure))
        {
            return new QueriedPage(page.Records, page.HasMore && page.Records.Count > 0, page.SentAt, askedAt, calls);
        }

        if (failure.CrmClass is not CrmCodeClass.BadRequest)
        {
            return failure;
        }

        // one field that queries do not take, or that was hidden a moment ago, stops no other
        return failure.Field is { } field && module.Fields.Contains(field, StringComparer.Ordinal) && fields.Refuse(module.Call, module.Name, field)
            ? FieldRefused
            : failure;
    }

    private async Task<Result<T>> WithCallAsync<T>(CopyTarget copy, Func<ProviderCall, Task<Result<T>>> ask, CancellationToken cancellationToken)
        where T : notnull =>
        (await access.ForAsync(copy.Tenant, copy.ConnectionId, Purpose, cancellationToken, QuotaUse.Copy)).Succeeded(out var call, out var failure)
            ? await ask(call)
            : failure;

    private Task<Result<T>> WithModuleAsync<T>(CopyTarget copy, Func<Module, Task<Result<T>>> ask, CancellationToken cancellationToken)
        where T : notnull => WithCallAsync(
        copy,
        async call => (await ModuleAsync(copy, call, cancellationToken)).Succeeded(out var module, out var failure) ? await ask(module) : failure,
        cancellationToken);

    private async Task<Result<Module>> ModuleAsync(CopyTarget copy, ProviderCall call, CancellationToken cancellationToken)
    {
        if (!(await fields.GetAsync(call, copy.Subject, cancellationToken)).Succeeded(out var known, out var failure))
        {
            return failure;
        }

        var (wanted, noted) = await WantedAsync(copy, cancellationToken);
        // another replica may know better: what is kept here is asked for anew before it is said that a field is there or not
        if (known.Calls == 0 && !MissingOf(wanted, known).SequenceEqual(noted, StringComparer.Ordinal))
        {
            fields.Forget(call, copy.Subject);
            if (!(await fields.GetAsync(call, copy.Subject, cancellationToken)).Succeeded(out known, out failure))
            {
                return failure;
            }
        }

        var missing = MissingOf(wanted, known);
        if (!missing.SequenceEqual(noted, StringComparer.Ordinal))
        {
            await NoteMissingAsync(copy, missing, isMore: noted.Except(missing, StringComparer.Ordinal).Any(), cancellationToken);
        }

        var tells = copy.Subject == Leads && known.Names.Contains(Column.Converted) && known.Names.Contains(Column.ConvertedAt);
        var conversion = tells ? OfConversion.Where(known.Names.Contains) : [];
        return new Module(
            copy.Subject, call, [.. wanted.Except(missing, StringComparer.Ordinal).Union(conversion, StringComparer.Ordinal)], tells, known.Calls);
    }

    private static string[] MissingOf(string[] wanted, KnownFields known) => [.. wanted.Where(name => !known.Names.Contains(name))];

    private async Task<(string[] Wanted, string[] Missing)> WantedAsync(CopyTarget copy, CancellationToken cancellationToken)
    {
        await using var context = db.For(copy.Tenant);
        var feed = await context.Feeds.AsNoTracking().SingleAsync(row => row.Id == copy.Id, cancellationToken);
        return (feed.Fields, feed.MissingFields);
    }

    private async Task NoteMissingAsync(CopyTarget copy, string[] missing, bool isMore, CancellationToken cancellationToken)
    {
        await using var context = db.For(copy.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (isMore)
        {
            // what was read before does not have it, and no time says so
            await copies.ReadAnewAsync(context, copy.Id, cancellationToken);
        }

        await context.Feeds.Where(row => row.Id == copy.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.MissingFields, missing), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static class Column
    {
        public const string Id = "id";
        public const string Modified = "Modified_Time";
        public const string Converted = "Converted__s";
        public const string ConvertedAt = "Converted_Date_Time";
    }

    /// <summary>What is read of a module, and through what.</summary>
    private sealed record Module(string Name, ProviderCall Call, IReadOnlyList<string> Fields, bool TellsConversions, int Calls)
    {
        public bool IsWide => Fields.Count > CrmClient.FieldsPerCall - Always.Length;

        /// <summary>Each with what the parts are joined by.</summary>
        public IReadOnlyList<IReadOnlyList<string>> Parts() =>
        [
            .. Fields.Except(Always, StringComparer.Ordinal).Chunk(CrmClient.FieldsPerCall - Always.Length)
                .DefaultIfEmpty([])
                .Select(part => (IReadOnlyList<string>)[.. Always, .. part]),
        ];
    }

    /// <summary>What a query showed, and the records of it that were read whole.</summary>
    private sealed record ReadPage(
        IReadOnlyList<CrmRecord> Seen, IReadOnlyList<SourceRecord> Records, bool HasMore, DateTimeOffset AnsweredAt, int Calls)
    {
        public SourcePage<SourceRecord> ToSource(Func<CrmRecord, string> positionOf) =>
            new(Records, HasMore ? positionOf(Seen[^1]) : null, AnsweredAt, Calls);
    }

    private sealed record QueriedPage(IReadOnlyList<CrmRecord> Records, bool HasMore, DateTimeOffset? SentAt, DateTimeOffset AskedAt, int Calls);
}
