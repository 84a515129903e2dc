using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Crm.Records;

namespace ZohoPlatform.Simulator.Crm.Notes;

/// <summary>Notes: under a record or at /Notes; not among the deleted, watched by nobody. Zoho CRM "Notes".</summary>
internal static class NoteOperations
{
    private const int TitleMaximum = 120;
    private const int MostPerPage = 200;

    private static readonly string[] Changeable = ["Note_Title", "Note_Content"];

    public static CrmAnswer Create(CrmCall call)
    {
        var answers = call.Items("data", WriteOperations.MostRecords).Select((given, i) => Create(call, given, $"$.data[{i}]", null))
            .ToList();
        return CrmAnswer.OfEach("data", answers, StatusCodes.Status201Created, call.Settings);
    }

    public static CrmAnswer CreateUnderParent(CrmCall call)
    {
        var module = call.Module;
        var parent = new LookupValue(module.ApiName, call.Parent(module).Id);
        var answers = call.Items("data", WriteOperations.MostRecords).Select((given, i) => Create(call, given, $"$.data[{i}]", parent))
            .ToList();
        return CrmAnswer.OfEach("data", answers, StatusCodes.Status201Created, call.Settings);
    }

    public static CrmAnswer Update(CrmCall call)
    {
        var notes = Notes(call);
        var answers = call.Items("data", WriteOperations.MostRecords).Select((given, i) =>
        {
            var path = $"$.data[{i}]";
            var named = call.Path.GetValueOrDefault("id") ?? given["id"]?.ToString();
            if (named is null)
            {
                return RecordAnswer.Refused(CrmError.Missing("id", $"{path}.id"));
            }

            if (!CrmOrganisation.TryId(named, out var id) || notes.Find(id) is not { } note)
            {
                return RecordAnswer.Refused(CrmError.InvalidId(named));
            }

            // nothing else of a note can be changed
            var text = new JsonObject(given.Where(value => Changeable.Contains(value.Key, StringComparer.Ordinal))
                .Select(value => KeyValuePair.Create(value.Key, value.Value?.DeepClone())));
            return TooLong(call, text, path) is { } wrong
                ? RecordAnswer.Refused(wrong)
                : WriteOperations.Update(call, notes, note, text, path);
        }).ToList();
        return CrmAnswer.OfEach("data", answers, StatusCodes.Status200OK, call.Settings);
    }

    public static CrmAnswer Delete(CrmCall call) => WriteOperations.Delete(OnNotes(call));

    public static CrmAnswer ListAll(CrmCall call) => ListOperations.List(OnNotes(call));

    public static CrmAnswer Show(CrmCall call) => ListOperations.Show(OnNotes(call));

    public static CrmAnswer ListOfParent(CrmCall call)
    {
        var parent = call.Parent(call.Module);
        var fields = ListOperations.Fields(call);
        var perPage = call.Number("per_page", MostPerPage, 1, MostPerPage);
        var page = call.Number("page", 1, 1, int.MaxValue);
        var notes = Notes(call);
        var since = call.Time("If-Modified-Since");
        var all = notes.With(notes.FindField("Parent_Id")!, CrmOrganisation.Text(parent.Id))
            .Where(note => since is not { } from || note.ModifiedAt > from);
        var ordered = call.Settings.NotesNewestFirst ? all.OrderByDescending(note => note.Id) : all.OrderBy(note => note.Id);
        var shown = ordered.Skip((page - 1) * perPage).Take(perPage + 1).ToList();
        if (shown.Count == 0)
        {
            return since is null ? CrmAnswer.Nothing : new(call.Settings.NothingModifiedStatus, null, "success");
        }

        return CrmAnswer.Success(new JsonObject
        {
            ["data"] = new JsonArray([.. shown.Take(perPage).Select(note => RecordJson.InList(call.Organisation, notes, note, fields))]),
            ["info"] = new JsonObject
            {
                ["per_page"] = perPage,
                ["count"] = Math.Min(perPage, shown.Count),
                ["page"] = page,
                ["more_records"] = shown.Count > perPage,
            },
        });
    }

    private static RecordAnswer Create(CrmCall call, JsonObject given, string path, LookupValue? parent)
    {
        if (Changeable.All(name => given[name]?.ToString() is null or ""))
        {
            return RecordAnswer.Refused(new("EXPECTED_FIELD_MISSING", "one of the expected fields is missing", new()
            {
                ["expected_fields"] = new JsonArray(
                    CrmError.At("Note_Content", $"{path}.Note_Content"), CrmError.At("Note_Title", $"{path}.Note_Title")),
            }));
        }

        if (TooLong(call, given, path) is { } wrong)
        {
            return RecordAnswer.Refused(wrong);
        }

        var text = new JsonObject(Changeable.Select(name => KeyValuePair.Create(name, given[name]?.DeepClone())));
        if (RecordReader.Read(call, Notes(call), text, path, null, out var read) is { } unread)
        {
            return RecordAnswer.Refused(unread);
        }

        if (parent is null && FindParent(call, given["Parent_Id"], path, out parent) is { } lost)
        {
            return RecordAnswer.Refused(lost);
        }

        var notes = Notes(call);
        read.Values[notes.FindField("Parent_Id")!] = parent;
        return RecordAnswer.Done("record added", RecordJson.Written(call.Organisation, WriteOperations.Add(call, notes, read)));
    }

    private static CrmError? FindParent(CrmCall call, JsonNode? given, string path, out LookupValue? parent)
    {
        parent = null;
        var place = $"{path}.Parent_Id";
        if (given is null)
        {
            return CrmError.Missing("Parent_Id", place);
        }

        if (given is not JsonObject named)
        {
            return CrmError.WrongType("Parent_Id", place, "jsonobject");
        }

        if (named["module"] is not JsonObject of || of["api_name"]?.ToString() is not { } apiName)
        {
            return CrmError.Missing("module", $"{place}.module");
        }

        if (call.FindModule(apiName) is not { } module)
        {
            return CrmError.Invalid("the module name given seems to be invalid", CrmError.At("api_name", $"{place}.module.api_name"));
        }

        call.Demand(CrmScopes.Module(apiName, "READ"));
        if (!ValueReader.TryId(named, out var id) || module.Find(id) is not { Conversion: null })
        {
            return CrmError.Invalid("the id given seems to be invalid", CrmError.At("Parent_Id", place));
        }

        parent = new(apiName, id);
        return null;
    }

    private static CrmError? TooLong(CrmCall call, JsonObject given, string path)
    {
        foreach (var (name, most) in new[] { ("Note_Title", TitleMaximum), ("Note_Content", call.Settings.NoteContentMaximum) })
        {
            if (given[name]?.ToString().Length > most)
            {
                return CrmError.TooLong(name, $"{path}.{name}", most);
            }
        }

        return null;
    }

    private static CrmModule Notes(CrmCall call) => call.FindModule("Notes")!;

    private static CrmCall OnNotes(CrmCall call) =>
        call with { Path = new Dictionary<string, string>(call.Path, StringComparer.Ordinal) { ["module"] = "Notes" } };
}
