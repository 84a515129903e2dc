using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    /// <summary>
    /// One page of what Zoho's search index finds, 2,000 records at most; compare it with what was meant (<see cref="CrmSearch"/>). None
    /// found is an empty page.
    /// </summary>
    /// <param name="call">On whose behalf.</param>
    /// <param name="module">Where to look.</param>
    /// <param name="search">What for.</param>
    /// <param name="fields">Which fields come beside <c>id</c>, up to <see cref="FieldsPerCall"/>; all of them where none is named.</param>
    /// <param name="converted">Of leads: whether converted ones are found; null for those alone that are not.</param>
    /// <param name="page">1 is the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Result<CrmFoundPage>> SearchAsync(
        ProviderCall call, string module, CrmSearch search, IReadOnlyList<string> fields, CrmConverted? converted, int page,
        CancellationToken cancellationToken)
    {
        CrmBounds.Check(fields.Count, 0, FieldsPerCall);
        ArgumentOutOfRangeException.ThrowIfLessThan(page, 1);
        List<(string, string)> query = [(search.Name, search.Value), ("page", Text(page)), ("per_page", Text(PageSize))];
        if (fields.Count > 0)
        {
            query.Add(("fields", string.Join(',', fields)));
        }

        if (converted is { } which)
        {
            query.Add(("converted", NameOf(which)));
        }

        return await FindAsync(call, new CrmRequest(CrmMethods.Search) { Module = module, Query = query }, cancellationToken);
    }

    /// <summary>
    /// Asks the database itself, which knows what was made a moment ago. A field that a profile does not show makes the whole query fail
    /// (<c>query_refused</c>): take names from <see cref="GetFieldsAsync"/>.
    /// </summary>
    public async Task<Result<CrmFoundPage>> QueryAsync(ProviderCall call, CrmQuery query, CancellationToken cancellationToken)
    {
        if (!query.Write().Succeeded(out var text, out var refused))
        {
            return refused;
        }

        var asked = new CrmRequest(CrmMethods.Query)
        {
            Module = query.Module,
            Body = new JsonObject { ["select_query"] = text },
            Size = query.Limit,
        };
        return await FindAsync(call, asked, cancellationToken);
    }

    /// <summary>How many records of a module meet <paramref name="where"/>: one call of one credit, however many there are.</summary>
    public async Task<Result<long>> CountAsync(ProviderCall call, string module, CrmCondition where, CancellationToken cancellationToken)
    {
        if (where.Refused is { } refused)
        {
            return refused;
        }

        const string Count = "COUNT(id)";
        var asked = new CrmRequest(CrmMethods.Query)
        {
            Module = module,
            Body = new JsonObject { ["select_query"] = $"select {Count} from {CrmNames.Checked(module)} where {where} limit 0, 1" },
        };
        if (!(await AskAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Root is null ? 0
            : answer.Entries("data") is [var row, ..] && row.Number(Count) is { } count ? (long)count
            : CrmFailures.BadAnswer;
    }

    private async Task<Result<CrmFoundPage>> FindAsync(ProviderCall call, CrmRequest asked, CancellationToken cancellationToken)
    {
        if (!(await AskAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Root is not { } root ? new CrmFoundPage([], HasMore: false, answer.SentAt)
            : answer.Entries("data") is { } entries ?
                new CrmFoundPage([.. entries.Select(CrmRecord.Read).OfType<CrmRecord>()], HasMore(root), answer.SentAt)
            : CrmFailures.BadAnswer;
    }
}

/// <summary>Records that were found.</summary>
/// <param name="Records">Those on this page.</param>
/// <param name="HasMore">Whether there are further ones.</param>
/// <param name="SentAt">When Zoho sent the page, by its own clock and to the second; null where it does not say.</param>
public sealed record CrmFoundPage(IReadOnlyList<CrmRecord> Records, bool HasMore, DateTimeOffset? SentAt);
