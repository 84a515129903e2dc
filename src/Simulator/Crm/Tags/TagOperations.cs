using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Crm.Records;

namespace ZohoPlatform.Simulator.Crm.Tags;

/// <summary>Tags of records: up to 500 ids in one call, the whole set of each afterwards in the answer. Zoho CRM "Add tags".</summary>
internal static class TagOperations
{
    private const int MostIds = 500;
    private const int LongestName = 25;

    public static CrmAnswer Add(CrmCall call)
    {
        var overWrite = (call.Body as JsonObject)?["over_write"]?.ToString() is "true" or "True";
        return Run(call, create: true, (before, tags) => overWrite ? tags : [.. before.Union(tags)]);
    }

    public static CrmAnswer Remove(CrmCall call) => Run(call, create: false, (before, tags) => [.. before.Except(tags)]);

    private static CrmAnswer Run(CrmCall call, bool create, Func<IReadOnlyList<long>, IReadOnlyList<long>, IReadOnlyList<long>> change)
    {
        var module = call.Module;
        var records = Records(call, module);
        if (records.Any(record => record.InMerge))
        {
            throw new CrmRefusal(CrmError.Locked());
        }

        var errors = new List<RecordAnswer>();
        var tags = new List<long>();
        foreach (var (given, i) in call.Items("tags", MostIds).Select((given, i) => (given, i)))
        {
            if (Find(call, module, given, $"$.tags[{i}]", create, out var tag) is { } wrong)
            {
                errors.Add(RecordAnswer.Refused(wrong));
            }
            else if (tag is not null)
            {
                tags.Add(tag.Id);
            }
        }

        if (errors.Count > 0)
        {
            return CrmAnswer.OfEach("tags", errors, StatusCodes.Status200OK, call.Settings);
        }

        foreach (var record in records)
        {
            record.Tags = change(record.Tags, tags);
            module.Change(record, new Dictionary<CrmField, object?>(), call.User, call.Now, call.Settings.IndexDelay);
            call.Organisation.Tell(module, record, ChangeKind.Edit, []);
        }

        return CrmAnswer.Success(new JsonObject
        {
            ["data"] = new JsonArray([.. records.Select(record => RecordAnswer.Done("tags updated successfully", new()
            {
                ["id"] = CrmOrganisation.Text(record.Id),
                ["tags"] = new JsonArray([.. record.Tags.Select(
                    id => (JsonNode)RecordJson.Tag(call.Organisation.Tags.Find(tag => tag.Id == id)!))]),
            }).ToJson())]),
            ["success_count"] = CrmOrganisation.Text(records.Count),
            ["locked_count"] = "0",
        });
    }

    // one deleted id refuses the whole call without naming it
    private static List<CrmRecord> Records(CrmCall call, CrmModule module)
    {
        if (call.Path.ContainsKey("id"))
        {
            return call.PathId("id", out var named) && module.Find(named) is { } record
                ? [record]
                : throw new CrmRefusal(CrmError.InvalidPath(1));
        }

        if ((call.Body as JsonObject)?["ids"] is not JsonArray { Count: > 0 } ids)
        {
            throw new CrmRefusal(CrmError.Missing("ids", "$.ids"));
        }

        if (ids.Count > MostIds)
        {
            throw new CrmRefusal(CrmError.TooMany("ids", "$.ids", MostIds));
        }

        return [.. ids.Select(given => ValueReader.TryId(given, out var id) && module.Find(id) is { } record
            ? record
            : throw new CrmRefusal(CrmError.Invalid("invalid data", [])))];
    }

    private static CrmError? Find(CrmCall call, CrmModule module, JsonObject given, string path, bool create, out CrmTag? tag)
    {
        var organisation = call.Organisation;
        tag = null;
        if (given["id"] is { } byId)
        {
            tag = ValueReader.TryId(byId, out var id)
                ? organisation.Tags.Find(known => known.Id == id && known.Module == module.ApiName)
                : null;
            return tag is null ? CrmError.Invalid("the id given seems to be invalid", CrmError.At("id", $"{path}.id")) : null;
        }

        if (given["name"]?.ToString() is not { Length: > 0 } name)
        {
            return CrmError.Missing("name", $"{path}.name");
        }

        if (name.Length > LongestName)
        {
            return CrmError.TooLong("name", $"{path}.name", LongestName);
        }

        tag = organisation.Tags.Find(known => known.Module == module.ApiName
            && known.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (tag is null && create)
        {
            if (!call.Settings.UnknownTagsCreated)
            {
                return CrmError.Invalid("there is no such tag", CrmError.At("name", $"{path}.name"));
            }

            tag = new(organisation.NextId(), module.ApiName, name, given["color_code"]?.ToString());
            organisation.Tags.Add(tag);
        }

        return null;
    }
}
