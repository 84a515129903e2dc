namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>
/// The operations of CRM API v8 that are called (the pages of Zoho CRM's API reference v8, and its OpenAPI files). What may be repeated:
/// reading, and what says by an id or a duplicate check what it is about. What makes something new is not: where its answer is lost
/// somebody has to look first.
/// </summary>
internal static class CrmMethods
{
    private const string Read = "ZohoCRM.modules.{module}.READ";
    private const string Create = "ZohoCRM.modules.{module}.CREATE";
    private const string Update = "ZohoCRM.modules.{module}.UPDATE";
    private const string Delete = "ZohoCRM.modules.{module}.DELETE";

    private const string Records = "/crm/v8/{module}";
    private const string Record = "/crm/v8/{module}/{id}";
    private const string Watches = "/crm/v8/actions/watch";

    public static readonly CrmMethod GetRecord = Reading("get_record", Record, Read);

    public static readonly CrmMethod ListRecords = Reading("list_records", Records, Read) with { SubLimit = CrmSubLimit.WhenSorted };

    /// <summary>What it costs is on no page: counted as two.</summary>
    public static readonly CrmMethod ListDeleted = Reading("list_deleted", "/crm/v8/{module}/deleted", Read) with { Credits = _ => 2 };

    public static readonly CrmMethod Search = Reading("search", "/crm/v8/{module}/search", Read, "ZohoSearch.securesearch.READ") with
    {
        SubLimit = CrmSubLimit.Always,
    };

    /// <summary>A POST that reads: the query is in its body.</summary>
    public static readonly CrmMethod Query = new(
        "query", HttpMethod.Post, "/crm/v8/coql", Repeatable: true, "ZohoCRM.coql.READ", Read)
    {
        Credits = CrmCredits.OfQuery,
        SubLimit = CrmSubLimit.Always,
        MayBeEmpty = true,
    };

    public static readonly CrmMethod Insert = Writing("insert", HttpMethod.Post, Records, repeatable: false, Create);

    public static readonly CrmMethod UpdateRecords = Writing("update", HttpMethod.Put, Records, repeatable: true, Update);

    public static readonly CrmMethod Upsert = Writing(
        "upsert", HttpMethod.Post, "/crm/v8/{module}/upsert", repeatable: true, Create, Update);

    public static readonly CrmMethod DeleteRecords = Writing("delete", HttpMethod.Delete, Records, repeatable: true, Delete);

    /// <summary>The page names the module's CREATE, the OpenAPI file the tags' scope: both are asked for.</summary>
    public static readonly CrmMethod AddTags = Tagging("add_tags", "/crm/v8/{module}/actions/add_tags");

    public static readonly CrmMethod RemoveTags = Tagging("remove_tags", "/crm/v8/{module}/actions/remove_tags");

    public static readonly CrmMethod Convert = new(
        "convert", HttpMethod.Post, "/crm/v8/Leads/{id}/actions/convert", Repeatable: false, "ZohoCRM.modules.leads.CREATE")
    {
        Credits = CrmCredits.OfConversion,
        SubLimit = CrmSubLimit.Always,
    };

    public static readonly CrmMethod CreateNotes = new(
        "create_notes", HttpMethod.Post, "/crm/v8/{module}/{id}/Notes", Repeatable: false, "ZohoCRM.modules.notes.CREATE", Read)
    {
        Credits = CrmCredits.PerTen,
        SubLimit = CrmSubLimit.WhenLarge,
    };

    public static readonly CrmMethod CreateNotesOfMany = Writing(
        "create_notes_of_many", HttpMethod.Post, "/crm/v8/Notes", repeatable: false, "ZohoCRM.modules.notes.CREATE");

    public static readonly CrmMethod ListNotes = Reading("list_notes", "/crm/v8/{module}/{id}/Notes", "ZohoCRM.modules.notes.READ", Read);

    public static readonly CrmMethod UpdateNotes = Writing(
        "update_notes", HttpMethod.Put, "/crm/v8/Notes", repeatable: true, "ZohoCRM.modules.notes.UPDATE");

    public static readonly CrmMethod DeleteNotes = Writing(
        "delete_notes", HttpMethod.Delete, "/crm/v8/Notes", repeatable: true, "ZohoCRM.modules.notes.DELETE");

    /// <summary>Calls have no upsert: a lost answer is looked for by hand.</summary>
    public static readonly CrmMethod CreateCalls = Writing(
        "create_calls", HttpMethod.Post, "/crm/v8/Calls", repeatable: false, "ZohoCRM.modules.calls.CREATE");

    public static readonly CrmMethod Modules = Reading("modules", "/crm/v8/settings/modules", "ZohoCRM.settings.modules.READ");

    public static readonly CrmMethod Fields = Reading("fields", "/crm/v8/settings/fields", "ZohoCRM.settings.fields.READ");

    public static readonly CrmMethod Layouts = Reading("layouts", "/crm/v8/settings/layouts", "ZohoCRM.settings.layouts.READ");

    public static readonly CrmMethod Organization = Reading("organization", "/crm/v8/org", "ZohoCRM.org.READ");

    public static readonly CrmMethod Users = Reading("users", "/crm/v8/users", "ZohoCRM.users.READ");

    /// <summary>The channel's id is ours: the same one again renews it.</summary>
    public static readonly CrmMethod Watch = new("watch", HttpMethod.Post, Watches, Repeatable: true, "ZohoCRM.notifications.CREATE");

    public static readonly CrmMethod ChangeWatch = new(
        "change_watch", HttpMethod.Patch, Watches, Repeatable: true, "ZohoCRM.notifications.UPDATE");

    public static readonly CrmMethod ListWatches = Reading("list_watches", Watches, "ZohoCRM.notifications.READ");

    public static readonly CrmMethod Unwatch = new("unwatch", HttpMethod.Delete, Watches, Repeatable: true, "ZohoCRM.notifications.DELETE");

    /// <summary>A second call would be a second job, and fifty credits more.</summary>
    public static readonly CrmMethod CreateBulkRead = new(
        "create_bulk_read", HttpMethod.Post, "/crm/bulk/v8/read", Repeatable: false, "ZohoCRM.bulk.READ", Read)
    {
        Credits = CrmCredits.OfBulkJob,
    };

    public static readonly CrmMethod GetBulkRead = Reading("get_bulk_read", "/crm/bulk/v8/read/{id}", "ZohoCRM.bulk.READ");

    /// <summary>Ten in a minute, and a zip.</summary>
    public static readonly CrmMethod DownloadBulkRead = Reading(
        "download_bulk_read", "/crm/bulk/v8/read/{id}/result", "ZohoCRM.bulk.READ");

    public static readonly IReadOnlyList<CrmMethod> All =
    [
        GetRecord, ListRecords, ListDeleted, Search, Query, Insert, UpdateRecords, Upsert, DeleteRecords, AddTags, RemoveTags, Convert,
        CreateNotes, CreateNotesOfMany, ListNotes, UpdateNotes, DeleteNotes, CreateCalls, Modules, Fields, Layouts, Organization, Users, Watch, ChangeWatch,
        ListWatches, Unwatch, CreateBulkRead, GetBulkRead, DownloadBulkRead,
    ];

    /// <summary>What a grant must cover for all of them, in the modules that the platform works with.</summary>
    public static readonly IReadOnlyList<string> Scopes = CrmScopes.Of(All);

    private static CrmMethod Reading(string name, string path, params IReadOnlyList<string> scopes) =>
        new(name, HttpMethod.Get, path, Repeatable: true, scopes) { MayBeEmpty = true };

    private static CrmMethod Writing(string name, HttpMethod verb, string path, bool repeatable, params IReadOnlyList<string> scopes) =>
        new(name, verb, path, repeatable, scopes) { Credits = CrmCredits.PerTen, SubLimit = CrmSubLimit.WhenLarge };

    private static CrmMethod Tagging(string name, string path) =>
        new(name, HttpMethod.Post, path, Repeatable: true, Create, "ZohoCRM.settings.tags.ALL");
}
