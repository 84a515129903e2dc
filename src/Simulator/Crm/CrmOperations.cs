using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Crm.Bulk;
using ZohoPlatform.Simulator.Crm.Coql;
using ZohoPlatform.Simulator.Crm.Leads;
using ZohoPlatform.Simulator.Crm.Merging;
using ZohoPlatform.Simulator.Crm.Metadata;
using ZohoPlatform.Simulator.Crm.Notes;
using ZohoPlatform.Simulator.Crm.Notifications;
using ZohoPlatform.Simulator.Crm.Records;
using ZohoPlatform.Simulator.Crm.Search;
using ZohoPlatform.Simulator.Crm.Tags;

namespace ZohoPlatform.Simulator.Crm;

/// <summary>
/// An operation of the API: its address (names in braces), the scopes it demands before it is looked at, and what it does.
/// </summary>
internal sealed record CrmOperation(
    string Name, string Verb, string Pattern, Func<IReadOnlyDictionary<string, string>, IEnumerable<string>> Scopes,
    Func<CrmCall, CrmAnswer> Run)
{
    public string[] Segments { get; } = Pattern.Split('/');

    /// <summary>What it costs at least.</summary>
    public Func<IQueryCollection, JsonNode?, int> Credits { get; init; } = (_, _) => 1;

    /// <summary>Whether it counts against the sub-concurrency.</summary>
    public Func<IQueryCollection, JsonNode?, bool> IsHeavy { get; init; } = (_, _) => false;
}

/// <summary>The operations that are played, the more special address first.</summary>
internal static class CrmOperations
{
    private const string Get = "GET";
    private const string Post = "POST";
    private const string Put = "PUT";
    private const string Patch = "PATCH";
    private const string Delete = "DELETE";
    private const string V8 = "crm/v8/";
    private const string BulkRead = "crm/bulk/v8/read";

    private static readonly Func<IQueryCollection, JsonNode?, bool> Always = (_, _) => true;

    private static readonly IReadOnlyList<CrmOperation> All =
    [
        new("crm.bulk_read", Post, BulkRead, Bare("ZohoCRM.bulk.READ"), BulkOperations.Create) { Credits = (_, _) => 50 },
        new("crm.bulk_read_job", Get, $"{BulkRead}/{{id}}", Bare("ZohoCRM.bulk.READ"), BulkOperations.Show),
        new("crm.bulk_read_result", Get, $"{BulkRead}/{{id}}/result", Bare("ZohoCRM.bulk.READ"), BulkOperations.Download),

        new("crm.org", Get, $"{V8}org", Bare("ZohoCRM.org.READ"), OrganisationOperations.Show),
        new("crm.users", Get, $"{V8}users", Bare("ZohoCRM.users.READ"), OrganisationOperations.Users),
        new("crm.user", Get, $"{V8}users/{{id}}", Bare("ZohoCRM.users.READ"), OrganisationOperations.User),
        new("crm.modules", Get, $"{V8}settings/modules", Bare(CrmScopes.Setting("modules", "READ")), ModuleOperations.Modules),
        new("crm.module", Get, $"{V8}settings/modules/{{name}}", Bare(CrmScopes.Setting("modules", "READ")), ModuleOperations.Module),
        new("crm.fields", Get, $"{V8}settings/fields", Bare(CrmScopes.Setting("fields", "READ")), FieldOperations.Fields),
        new("crm.layouts", Get, $"{V8}settings/layouts", Bare(CrmScopes.Setting("layouts", "READ")), LayoutOperations.Layouts),
        new("crm.layout", Get, $"{V8}settings/layouts/{{id}}", Bare(CrmScopes.Setting("layouts", "READ")), LayoutOperations.Layout),
        new("crm.recycle_bin", Get, $"{V8}settings/recycle_bin", Bare(CrmScopes.Setting("recycle_bin", "READ")), DeletedOperations.Bin),
        new("crm.recycle_bin", Delete, $"{V8}settings/recycle_bin", Bare(CrmScopes.Setting("recycle_bin", "DELETE")),
            DeletedOperations.Empty),
        new("crm.recycle_bin_restore", Post, $"{V8}settings/recycle_bin/{{id}}/actions/restore",
            Bare(CrmScopes.Setting("recycle_bin", "CREATE")), DeletedOperations.Restore),

        new("crm.coql", Post, $"{V8}coql", Bare("ZohoCRM.coql.READ"), CoqlOperations.Query) { IsHeavy = Always },

        new("crm.watch", Get, $"{V8}actions/watch", Bare("ZohoCRM.notifications.READ"), WatchOperations.List),
        new("crm.watch", Post, $"{V8}actions/watch", Bare("ZohoCRM.notifications.CREATE"), WatchOperations.Create),
        new("crm.watch", Put, $"{V8}actions/watch", Bare("ZohoCRM.notifications.UPDATE"), WatchOperations.Replace),
        new("crm.watch", Patch, $"{V8}actions/watch", Bare("ZohoCRM.notifications.UPDATE"), WatchOperations.Change),
        new("crm.watch", Delete, $"{V8}actions/watch", Bare("ZohoCRM.notifications.DELETE"), WatchOperations.Delete),

        new("crm.notes", Get, $"{V8}Notes", Bare(CrmScopes.Module("Notes", "READ")), NoteOperations.ListAll),
        new("crm.notes", Post, $"{V8}Notes", Bare(CrmScopes.Module("Notes", "CREATE")), NoteOperations.Create),
        new("crm.notes", Put, $"{V8}Notes", Bare(CrmScopes.Module("Notes", "UPDATE")), NoteOperations.Update),
        new("crm.notes", Delete, $"{V8}Notes", Bare(CrmScopes.Module("Notes", "DELETE")), NoteOperations.Delete),
        new("crm.note", Get, $"{V8}Notes/{{id}}", Bare(CrmScopes.Module("Notes", "READ")), NoteOperations.Show),
        new("crm.note", Put, $"{V8}Notes/{{id}}", Bare(CrmScopes.Module("Notes", "UPDATE")), NoteOperations.Update),
        new("crm.note", Delete, $"{V8}Notes/{{id}}", Bare(CrmScopes.Module("Notes", "DELETE")), NoteOperations.Delete),
        new("crm.record_notes", Get, $"{V8}{{module}}/{{id}}/Notes", WithNotes("READ"), NoteOperations.ListOfParent),
        new("crm.record_notes", Post, $"{V8}{{module}}/{{id}}/Notes", WithNotes("CREATE"), NoteOperations.CreateUnderParent),

        new("crm.convert_lead", Post, $"{V8}Leads/{{id}}/actions/convert",
            _ => [CrmScopes.Module("Leads", "CREATE"), CrmScopes.Module("Leads", "UPDATE")], ConvertOperations.Convert)
        {
            Credits = (_, _) => 5,
            IsHeavy = Always,
        },
        new("crm.merge", Post, $"{V8}{{module}}/{{id}}/actions/merge",
            path => [CrmScopes.Module(path["module"], "UPDATE"), CrmScopes.Module(path["module"], "DELETE")], MergeOperations.Merge)
        {
            Credits = (_, _) => 50,
        },
        new("crm.merge", Get, $"{V8}{{module}}/{{id}}/actions/merge", OfModule("READ"), MergeOperations.Show),
        new("crm.add_tags", Post, $"{V8}{{module}}/actions/add_tags", ForTags, TagOperations.Add) { Credits = TagCredits },
        new("crm.remove_tags", Post, $"{V8}{{module}}/actions/remove_tags", ForTags, TagOperations.Remove) { Credits = TagCredits },
        new("crm.add_tags", Post, $"{V8}{{module}}/{{id}}/actions/add_tags", ForTags, TagOperations.Add),
        new("crm.remove_tags", Post, $"{V8}{{module}}/{{id}}/actions/remove_tags", ForTags, TagOperations.Remove),

        new("crm.deleted", Get, $"{V8}{{module}}/deleted", OfModule("READ"), DeletedOperations.List) { Credits = (_, _) => 2 },
        new("crm.search", Get, $"{V8}{{module}}/search",
            path => [CrmScopes.Module(path["module"], "READ"), "ZohoSearch.securesearch.READ"], SearchOperations.Search)
        {
            IsHeavy = Always,
        },
        new("crm.upsert", Post, $"{V8}{{module}}/upsert",
            path => [CrmScopes.Module(path["module"], "CREATE"), CrmScopes.Module(path["module"], "UPDATE")], UpsertOperations.Upsert)
        {
            Credits = WriteCredits,
            IsHeavy = ManyRecords,
        },
        new("crm.records", Get, $"{V8}{{module}}", OfModule("READ"), ListOperations.List)
        {
            IsHeavy = (query, _) => query.ContainsKey("sort_by") || query.ContainsKey("cvid"),
        },
        new("crm.records", Post, $"{V8}{{module}}", OfModule("CREATE"), WriteOperations.Insert)
        {
            Credits = WriteCredits,
            IsHeavy = ManyRecords,
        },
        new("crm.records", Put, $"{V8}{{module}}", OfModule("UPDATE"), WriteOperations.Update)
        {
            Credits = WriteCredits,
            IsHeavy = ManyRecords,
        },
        new("crm.records", Delete, $"{V8}{{module}}", OfModule("DELETE"), WriteOperations.Delete),
        new("crm.record", Get, $"{V8}{{module}}/{{id}}", OfModule("READ"), ListOperations.Show),
        new("crm.record", Put, $"{V8}{{module}}/{{id}}", OfModule("UPDATE"), WriteOperations.Update),
        new("crm.record", Delete, $"{V8}{{module}}/{{id}}", OfModule("DELETE"), WriteOperations.Delete),
        new("crm.related", Get, $"{V8}{{module}}/{{id}}/{{list}}", OfModule("READ"), ListOperations.Related),
    ];

    /// <summary>The operation, and what its address holds; no operation but a path when only the verb is wrong.</summary>
    public static (CrmOperation? Operation, IReadOnlyDictionary<string, string>? Path) Find(string verb, string path)
    {
        var segments = path.TrimStart('/').Split('/');
        IReadOnlyDictionary<string, string>? reached = null;
        foreach (var operation in All)
        {
            if (Match(operation.Segments, segments) is { } values)
            {
                // the first that fits says what the address is: Notes is never taken for a module
                reached ??= values;
                if (operation.Verb == verb && reached.Keys.SequenceEqual(values.Keys, StringComparer.Ordinal))
                {
                    return (operation, values);
                }
            }
        }

        return (null, reached);
    }

    /// <summary>What the counters call a call with this path, whatever its verb.</summary>
    public static string? NameOf(string path)
    {
        var segments = path.TrimStart('/').Split('/');
        return All.FirstOrDefault(operation => Match(operation.Segments, segments) is not null)?.Name;
    }

    private static Dictionary<string, string>? Match(string[] pattern, string[] segments)
    {
        if (pattern.Length != segments.Length)
        {
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] is ['{', .. var name, '}'])
            {
                values[name] = Uri.UnescapeDataString(segments[i]);
            }
            else if (pattern[i] != segments[i])
            {
                return null;
            }
        }

        return values.Values.Contains("", StringComparer.Ordinal) ? null : values;
    }

    private static Func<IReadOnlyDictionary<string, string>, IEnumerable<string>> Bare(string scope) => _ => [scope];

    private static Func<IReadOnlyDictionary<string, string>, IEnumerable<string>> OfModule(string verb) =>
        path => [CrmScopes.Module(path["module"], verb)];

    private static Func<IReadOnlyDictionary<string, string>, IEnumerable<string>> WithNotes(string verb) =>
        path => [CrmScopes.Module(path["module"], "READ"), CrmScopes.Module("Notes", verb)];

    // one page names the module's scope, Zoho's files that of the tags: both are demanded
    private static IEnumerable<string> ForTags(IReadOnlyDictionary<string, string> path) =>
        [CrmScopes.Module(path["module"], "UPDATE"), CrmScopes.Setting("tags", "UPDATE")];

    private static int WriteCredits(IQueryCollection query, JsonNode? body) =>
        Math.Max(1, (((body as JsonObject)?["data"] as JsonArray)?.Count + 9) / 10 ?? 1);

    private static int TagCredits(IQueryCollection query, JsonNode? body) =>
        Math.Max(1, (((body as JsonObject)?["ids"] as JsonArray)?.Count + 49) / 50 ?? 1);

    private static bool ManyRecords(IQueryCollection query, JsonNode? body) =>
        ((body as JsonObject)?["data"] as JsonArray)?.Count > 10;
}
