using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Crm.Paging;

namespace ZohoPlatform.Simulator.Crm.Records;

/// <summary>Reading records: lists by page number, by page_token and by ids, and one record.</summary>
internal static class ListOperations
{
    private const int MostFields = 50;
    private const int MostPerPage = 200;
    private const int MostByNumber = 2000;
    private const int MostByToken = 100_000;

    private static readonly string[] Orders = ["id", "Created_Time", "Modified_Time"];

    public static CrmAnswer List(CrmCall call)
    {
        var module = call.Module;
        var fields = Fields(call);
        if (call["cvid"] is not null)
        {
            throw new CrmRefusal(CrmError.Invalid("Customview not accessible", new() { ["param_name"] = "cvid" }));
        }

        var since = call.Time("If-Modified-Since");
        var sortBy = call["sort_by"] ?? "id";
        if (!Orders.Contains(sortBy, StringComparer.Ordinal))
        {
            throw new CrmRefusal(CrmError.WrongParameter("sort_by"));
        }

        var descending = (call["sort_order"] ?? "desc") switch
        {
            "asc" => false,
            "desc" => true,
            _ => throw new CrmRefusal(CrmError.WrongParameter("sort_order")),
        };
        var wanted = Wanted(call, module, since);
        if (call.Ids("ids") is { } ids)
        {
            var named = ids.Distinct().Select(module.Find).OfType<CrmRecord>().Where(wanted).ToList();
            return Page(call, module, named, fields, 1, Math.Max(MostPerPage, named.Count), sortBy, descending, null, since);
        }

        var perPage = call.Number("per_page", MostPerPage, 1, MostPerPage);
        var page = call.Number("page", 1, 1, int.MaxValue);
        var start = new PageStart(0, descending ? Place.Last : Place.First, null);
        var bound = string.Join('\n', call.Zoho.Zuid, module.ApiName, string.Join(',', fields), perPage, sortBy, descending, since,
            call["converted"]);
        if (call["page_token"] is { } token)
        {
            if (call["page"] is not null)
            {
                throw new CrmRefusal(new(
                    "AMBIGUITY_DURING_PROCESSING", "page and page_token are given together",
                    new() { ["ambiguity_due_to"] = new JsonArray(Parameter("page"), Parameter("page_token")) }));
            }

            start = call.Organisation.PageTokens.Read(token, bound, call.Now);
            page = (start.Told / perPage) + 1;
            if (start.Told + perPage > MostByToken)
            {
                throw new CrmRefusal(new("PAGINATION_LIMIT_EXCEEDED", "the maximum of records by page_token is reached",
                    new() { ["limit"] = MostByToken }));
            }
        }
        else if ((long)page * perPage > MostByNumber)
        {
            throw new CrmRefusal(new(
                "DISCRETE_PAGINATION_LIMIT_EXCEEDED", "use page_token for more records",
                new() { ["limit"] = MostByNumber, ["param_name"] = "page" }));
        }
        else
        {
            start = start with { Told = (page - 1) * perPage };
        }

        var all = call.Settings.PageTokens is PageTokens.Snapshot
            ? start.Ids ?? (start.Told == 0
                ? [.. Ordered(module, sortBy, descending, since, Place.First, Place.Last).Where(wanted).Select(record => record.Id)] : null)
            : null;
        IEnumerable<CrmRecord> rows;
        if (all is not null && call["page_token"] is not null)
        {
            rows = all.Skip(start.Told).Select(module.Find).OfType<CrmRecord>();
        }
        else if (call.Settings.PageTokens is PageTokens.AfterLast && call["page_token"] is not null)
        {
            rows = Ordered(module, sortBy, descending, since, descending ? Place.First : start.After, descending ? start.After : Place.Last)
                .Where(record => CrmModule.PlaceOf(record, sortBy) != start.After)
                .Where(wanted);
        }
        else
        {
            rows = Ordered(module, sortBy, descending, since, Place.First, Place.Last).Where(wanted).Skip(start.Told);
        }

        var shown = rows.Take(perPage + 1).ToList();
        (string, DateTimeOffset)? next = null;
        if (shown.Count > perPage)
        {
            shown.RemoveAt(perPage);
            next = call.Organisation.PageTokens.Issue(
                bound, new(start.Told + perPage, CrmModule.PlaceOf(shown[^1], sortBy), all), call.Now);
        }

        return Page(call, module, shown, fields, page, perPage, sortBy, descending, next, since);
    }

    public static CrmAnswer Show(CrmCall call)
    {
        var module = call.Module;
        if (!call.PathId("id", out var id) || module.Find(id) is not { Conversion: null } record)
        {
            return CrmAnswer.Nothing;
        }

        if (call.Time("If-Modified-Since") is { } since && record.ModifiedAt <= since)
        {
            return new(call.Settings.NothingModifiedStatus, null, "success");
        }

        var json = call["fields"] is null
            ? RecordJson.Whole(call.Organisation, module, record)
            : RecordJson.InList(call.Organisation, module, record, Fields(call));
        return CrmAnswer.Success(new JsonObject { ["data"] = new JsonArray(json) });
    }

    /// <summary>Related lists other than notes are not there; the record in the address is looked at first.</summary>
    public static CrmAnswer Related(CrmCall call)
    {
        call.Parent(call.Module);
        throw new CrmRefusal(CrmError.InvalidPath(2, "the relation name given seems to be invalid"));
    }

    /// <summary>The parameter <c>fields</c>, which must be there and names at most fifty.</summary>
    public static IReadOnlyList<string> Fields(CrmCall call)
    {
        var fields = call["fields"]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            ?? throw new CrmRefusal(CrmError.MissingParameter("fields"));
        return fields.Length <= MostFields
            ? fields
            : throw new CrmRefusal(new("LIMIT_EXCEEDED", "Max field limit exceeded",
                new() { ["limit"] = MostFields, ["param_name"] = "fields" }));
    }

    /// <summary>Whether a converted lead is among what is asked for with <c>converted=true|false|both</c>.</summary>
    public static Func<CrmRecord, bool> Converted(CrmCall call, CrmModule module)
    {
        if (!module.IsLeads)
        {
            return _ => true;
        }

        return (call["converted"] ?? "false") switch
        {
            "false" => record => record.Conversion is null,
            "true" => record => record.Conversion is not null,
            "both" => _ => true,
            _ => throw new CrmRefusal(CrmError.WrongParameter("converted")),
        };
    }

    private static Func<CrmRecord, bool> Wanted(CrmCall call, CrmModule module, DateTimeOffset? since)
    {
        var converted = Converted(call, module);
        var inclusive = call.Settings.ModifiedSinceInclusive;
        return record => converted(record)
            && (since is not { } from || record.ModifiedAt > from || (inclusive && record.ModifiedAt == from));
    }

    // by time, what is older than asked for is not even looked at
    private static IEnumerable<CrmRecord> Ordered(
        CrmModule module, string sortBy, bool descending, DateTimeOffset? since, Place from, Place to)
    {
        var order = module.Order(sortBy);
        if (sortBy is "Modified_Time" && since is { } modified && from.At < modified)
        {
            from = new(modified, long.MinValue);
        }

        var part = (from == Place.First && to == Place.Last) || Place.Order.Compare(from, to) > 0 ? order : order.GetViewBetween(from, to);
        return (descending ? part.Reverse() : part).Select(place => module.Find(place.Id)!);
    }

    private static CrmAnswer Page(
        CrmCall call, CrmModule module, List<CrmRecord> shown, IReadOnlyList<string> fields, int page, int perPage, string sortBy,
        bool descending, (string Token, DateTimeOffset ExpiresAt)? next, DateTimeOffset? since)
    {
        if (shown.Count == 0)
        {
            return since is null ? CrmAnswer.Nothing : new(call.Settings.NothingModifiedStatus, null, "success");
        }

        var organisation = call.Organisation;
        return CrmAnswer.Success(new JsonObject
        {
            ["data"] = new JsonArray([.. shown.Select(record => RecordJson.InList(organisation, module, record, fields))]),
            ["info"] = new JsonObject
            {
                ["per_page"] = perPage,
                ["next_page_token"] = next?.Token,
                ["count"] = shown.Count,
                ["sort_by"] = sortBy,
                ["page"] = page,
                ["previous_page_token"] = null,
                ["page_token_expiry"] = next is { } given ? organisation.Write(given.ExpiresAt) : null,
                ["sort_order"] = descending ? "desc" : "asc",
                ["more_records"] = next is not null,
            },
        });
    }

    private static JsonObject Parameter(string name) => new() { ["param_name"] = name };
}
