using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Records;

/// <summary>Insert, update and delete: up to a hundred records, each answered for itself in the order of the call.</summary>
internal static class WriteOperations
{
    public const int MostRecords = 100;

    public static CrmAnswer Insert(CrmCall call)
    {
        var module = call.Module;
        var answers = call.Items("data", MostRecords).Select((given, i) => Insert(call, module, given, $"$.data[{i}]")).ToList();
        return CrmAnswer.OfEach("data", answers, StatusCodes.Status201Created, call.Settings);
    }

    public static CrmAnswer Update(CrmCall call)
    {
        var module = call.Module;
        var given = call.Items("data", MostRecords);
        var unmodified = call.Time("If-Unmodified-Since");
        if (!call.Path.ContainsKey("id"))
        {
            var each = given.Select((one, i) => Update(call, module, one, $"$.data[{i}]", unmodified)).ToList();
            return CrmAnswer.OfEach("data", each, StatusCodes.Status200OK, call.Settings);
        }

        if (!call.PathId("id", out var id) || module.Find(id) is not { } record)
        {
            return call.Settings.GoneAtRoot
                ? CrmAnswer.Refused(CrmError.InvalidPath(1))
                : CrmAnswer.OfEach("data", [RecordAnswer.Refused(CrmError.InvalidId(call.Path["id"]))], StatusCodes.Status200OK,
                    call.Settings);
        }

        return CrmAnswer.OfEach(
            "data", [Update(call, module, record, given[0], "$.data[0]", unmodified)], StatusCodes.Status200OK, call.Settings);
    }

    public static CrmAnswer Delete(CrmCall call)
    {
        var module = call.Module;
        var byPath = call.Path.ContainsKey("id");
        var texts = byPath ? [call.Path["id"]] : call["ids"]?.Split(',', StringSplitOptions.TrimEntries)
            ?? throw new CrmRefusal(CrmError.MissingParameter("ids"));
        if (!byPath)
        {
            call.Ids("ids");
        }

        var answers = texts.Select(text => Delete(call, module, text)).ToList();
        return CrmAnswer.OfEach("data", answers, StatusCodes.Status200OK, call.Settings);
    }

    public static RecordAnswer Insert(CrmCall call, CrmModule module, JsonObject given, string path)
    {
        if (RecordReader.Read(call, module, given, path, null, out var read) is { } wrong)
        {
            return RecordAnswer.Refused(wrong);
        }

        return Duplicates.Find(call, module, read.Values, path, null) is { } other
            ? RecordAnswer.Refused(other)
            : RecordAnswer.Done("record added", RecordJson.Written(call.Organisation, Add(call, module, read)));
    }

    public static RecordAnswer Update(
        CrmCall call, CrmModule module, CrmRecord record, JsonObject given, string path, DateTimeOffset? unmodified = null)
    {
        if (record.Conversion is not null)
        {
            return RecordAnswer.Refused(new("CONVERTED_RECORD", "can't update the converted record", Named(record)));
        }

        if (record.InMerge)
        {
            return RecordAnswer.Refused(CrmError.Locked());
        }

        if (unmodified is { } since && record.ModifiedAt > since)
        {
            return RecordAnswer.Refused(new(
                "ALREADY_MODIFIED", "the record has been modified", Named(record), StatusCodes.Status412PreconditionFailed));
        }

        if ((RecordReader.Read(call, module, given, path, record, out var read)
            ?? Duplicates.Find(call, module, read.Values, path, record)) is { } wrong)
        {
            return RecordAnswer.Refused(wrong);
        }

        Change(call, module, record, read);
        return RecordAnswer.Done("record updated", RecordJson.Written(call.Organisation, record));
    }

    public static CrmRecord Add(CrmCall call, CrmModule module, ReadRecord read)
    {
        var record = call.Organisation.NewRecord(module, call.User, call.Now);
        record.Owner = read.Owner ?? record.Owner;
        record.Layout = read.Layout;
        record.Values = new object?[read.Values.Count == 0 ? 0 : read.Values.Keys.Max(field => field.Index) + 1];
        foreach (var (field, value) in read.Values)
        {
            record.Values[field.Index] = value;
        }

        module.Add(record);
        call.Made.Add(record.Id);
        call.Organisation.Tell(module, record, ChangeKind.Create, []);
        return record;
    }

    private static RecordAnswer Update(CrmCall call, CrmModule module, JsonObject given, string path, DateTimeOffset? unmodified)
    {
        if (given["id"] is not { } named)
        {
            return RecordAnswer.Refused(CrmError.Missing("id", $"{path}.id"));
        }

        return ValueReader.TryId(named, out var id) && module.Find(id) is { } record
            ? Update(call, module, record, given, path, unmodified)
            : RecordAnswer.Refused(CrmError.InvalidId(named.ToString()));
    }

    private static void Change(CrmCall call, CrmModule module, CrmRecord record, ReadRecord read)
    {
        var changed = read.Values.Where(value => !Equals(value.Key.Of(record), value.Value)).Select(value => value.Key).ToList();
        record.Layout = read.Layout ?? record.Layout;
        if (read.Owner is { } owner && owner != record.Owner)
        {
            record.Owner = owner;
            changed.Add(module.FindField("Owner")!);
        }

        module.Change(record, read.Values, call.User, call.Now, call.Settings.IndexDelay);
        call.Organisation.Tell(module, record, ChangeKind.Edit, changed);
    }

    private static RecordAnswer Delete(CrmCall call, CrmModule module, string text)
    {
        if (!CrmOrganisation.TryId(text, out var id) || module.Find(id) is not { } record)
        {
            return RecordAnswer.Refused(CrmError.InvalidId(text, "record not deleted"));
        }

        if (record.InMerge)
        {
            return RecordAnswer.Refused(CrmError.Locked());
        }

        // notes leave nothing among the deleted
        module.Delete(record, call.User, call.Now, permanent: false);
        if (module.ApiName is "Notes")
        {
            module.Forget(id);
        }

        call.Organisation.Tell(module, record, ChangeKind.Delete, []);
        return RecordAnswer.Done("record deleted", Named(record));
    }

    private static JsonObject Named(CrmRecord record) => new() { ["id"] = CrmOrganisation.Text(record.Id) };
}
