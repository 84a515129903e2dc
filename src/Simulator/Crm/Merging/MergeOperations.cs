using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Crm.Records;

namespace ZohoPlatform.Simulator.Crm.Merging;

/// <summary>
/// One or two records go into a master and are gone: nothing points from their ids to it. What was related to them is the master's.
/// Zoho CRM "Merge records".
/// </summary>
internal static class MergeOperations
{
    private const int MostChildren = 2;

    public static CrmAnswer Merge(CrmCall call)
    {
        var module = call.Module;
        if (module.ApiName is "Notes" or "Calls" or "Tasks")
        {
            throw new CrmRefusal(new("NOT_SUPPORTED", "the module does not support this operation", new() { ["resource_path_index"] = 0 }));
        }

        var master = call.Parent(module);
        var order = call.Items("merge", 1)[0];
        if (order["data"] is not JsonArray { Count: > 0 } data)
        {
            throw new CrmRefusal(CrmError.Missing("data", "$.merge[0].data"));
        }

        if (data.Count > MostChildren)
        {
            throw new CrmRefusal(CrmError.TooMany("data", "$.merge[0].data", MostChildren));
        }

        var children = data.Select((child, i) => Child(module, master, child, $"$.merge[0].data[{i}]")).ToList();
        if (master.InMerge || children.Exists(child => child.Record.InMerge))
        {
            throw new CrmRefusal(CrmError.Locked());
        }

        var organisation = call.Organisation;
        var (user, settings) = (call.User, call.Settings);
        if (Related(organisation, module, [master, .. children.Select(child => child.Record)]).Count() <= settings.MergeScheduledAbove)
        {
            Do(organisation, module, master, children, user, call.Now, settings);
            return Answer(new() { ["id"] = CrmOrganisation.Text(master.Id) }, "SUCCESS", "records merged successfully");
        }

        var job = new MergeJob(organisation.NextId(), master.Id, call.Now, call.Now.AddSeconds(settings.MergeSeconds));
        organisation.MergeJobs.Add(job);
        foreach (var record in children.Select(child => child.Record).Append(master))
        {
            record.InMerge = true;
        }

        organisation.Due.Enqueue(at => Do(organisation, module, master, children, user, at, settings), job.EndsAt);
        return Answer(new() { ["job_id"] = CrmOrganisation.Text(job.Id) }, "SCHEDULED", "merge scheduled successfully");
    }

    public static CrmAnswer Show(CrmCall call)
    {
        var text = call["job_id"] ?? throw new CrmRefusal(CrmError.MissingParameter("job_id"));
        return CrmOrganisation.TryId(text, out var id) && call.Organisation.MergeJobs.Find(id) is { } job
            && CrmOrganisation.Text(job.Master) == call.Path["id"]
            ? CrmAnswer.Success(new JsonObject
            {
                ["merge"] = new JsonArray(new JsonObject { ["job_id"] = text, ["status"] = job.StatusAt(call.Now) }),
            })
            : CrmAnswer.Refused(CrmError.Invalid("the id given seems to be invalid", new() { ["param_name"] = "job_id" }));
    }

    /// <summary>Merges at once; the fields named for a child are taken from it.</summary>
    public static void Do(
        CrmOrganisation organisation, CrmModule module, CrmRecord master,
        IReadOnlyList<(CrmRecord Record, IReadOnlyList<CrmField> Fields)> children,
        long user, DateTimeOffset now, CrmSettings settings)
    {
        var taken = new Dictionary<CrmField, object?>();
        foreach (var (child, fields) in children)
        {
            foreach (var field in fields)
            {
                taken[field] = field.Of(child);
            }
        }

        foreach (var (other, record, field) in Related(organisation, module, children.Select(child => child.Record)).ToList())
        {
            other.Relink(record, field, new LookupValue(module.ApiName, master.Id));
        }

        foreach (var (child, _) in children)
        {
            child.InMerge = false;
            module.Delete(child, user, now, settings.MergedChildrenPermanent);
            organisation.Tell(module, child, ChangeKind.Delete, []);
        }

        master.InMerge = false;
        module.Change(master, taken, user, now, settings.IndexDelay);
        organisation.Tell(module, master, ChangeKind.Edit, taken.Keys);
    }

    private static (CrmRecord Record, IReadOnlyList<CrmField> Fields) Child(
        CrmModule module, CrmRecord master, JsonNode? given, string path)
    {
        if (!ValueReader.TryId(given, out var id) || module.Find(id) is not { Conversion: null } child || child == master)
        {
            throw new CrmRefusal(CrmError.Invalid("the id given seems to be invalid", CrmError.At("id", $"{path}.id")));
        }

        var names = (given as JsonObject)?["_fields"] as JsonArray ?? [];
        return (child, [.. names.Select((name, i) =>
            module.FindField((name as JsonObject)?["api_name"]?.ToString() ?? "") is { Read: null } field
                ? field
                : throw new CrmRefusal(CrmError.Invalid("invalid data", CrmError.At("api_name", $"{path}._fields[{i}].api_name"))))]);
    }

    private static IEnumerable<(CrmModule Module, CrmRecord Record, CrmField Field)> Related(
        CrmOrganisation organisation, CrmModule module, IEnumerable<CrmRecord> records)
    {
        var ids = records.Select(record => CrmOrganisation.Text(record.Id)).ToList();
        return organisation.Modules.SelectMany(other => other.Fields
            .Where(field => field is { Type: FieldType.Lookup, Read: null }
                && (field.LookupModule is null || field.LookupModule == module.ApiName))
            .SelectMany(field => ids.SelectMany(id => other.With(field, id).Select(record => (other, record, field)))));
    }

    private static CrmAnswer Answer(JsonObject details, string code, string message) => CrmAnswer.Success(new JsonObject
    {
        ["merge"] = new JsonArray(new JsonObject { ["code"] = code, ["details"] = details, ["message"] = message, ["status"] = "success" }),
    });
}
