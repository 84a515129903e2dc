using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Records;

/// <summary>What is no longer there: the list of the deleted, and the recycle bin. Zoho CRM "Get deleted records", "Recycle bin".</summary>
internal static class DeletedOperations
{
    private const int MostPerPage = 200;
    private const int MostListed = 2000;

    private static readonly TimeSpan InBin = TimeSpan.FromDays(60);
    private static readonly TimeSpan Known = TimeSpan.FromDays(120);

    public static CrmAnswer List(CrmCall call)
    {
        var module = call.Module;
        if (module.ApiName is "Notes")
        {
            throw new CrmRefusal(new("NOT_SUPPORTED", "the module does not support this operation", new() { ["resource_path_index"] = 0 }));
        }

        var type = call["type"] ?? "all";
        if (type is not ("all" or "recycle" or "permanent"))
        {
            throw new CrmRefusal(CrmError.WrongParameter("type"));
        }

        var perPage = call.Number("per_page", MostPerPage, 1, MostPerPage);
        var page = call.Number("page", 1, 1, int.MaxValue);
        if (call.Settings.DeletedCapped && (long)page * perPage > MostListed)
        {
            throw new CrmRefusal(new(
                "DISCRETE_PAGINATION_LIMIT_EXCEEDED", "the maximum of records by page is reached",
                new() { ["limit"] = MostListed, ["param_name"] = "page" }));
        }

        var since = call.Time("If-Modified-Since");
        var rows = module.Deleted
            .Select(deleted => (Row: deleted, At: EndOf(deleted, call.Now), Permanent: IsPermanent(deleted, call.Now)))
            .Where(row => row.Row.At + Known > call.Now)
            .Where(row => type is "all" || row.Permanent == type is "permanent")
            .Where(row => since is not { } from || row.At > from || (call.Settings.ModifiedSinceInclusive && row.At == from))
            .OrderByDescending(row => row.At).ThenByDescending(row => row.Row.Record.Id)
            .Skip((page - 1) * perPage).Take(perPage + 1)
            .ToList();
        if (rows.Count == 0)
        {
            return since is null ? CrmAnswer.Nothing : new(call.Settings.NothingModifiedStatus, null, "success");
        }

        return CrmAnswer.Success(new JsonObject
        {
            ["data"] = new JsonArray([.. rows.Take(perPage).Select(row => Row(call.Organisation, module, row.Row, row.At, row.Permanent))]),
            ["info"] = new JsonObject
            {
                ["per_page"] = perPage,
                ["count"] = Math.Min(perPage, rows.Count),
                ["page"] = page,
                ["more_records"] = rows.Count > perPage,
            },
        });
    }

    public static CrmAnswer Bin(CrmCall call)
    {
        var ids = call.Ids("ids");
        var rows = call.Organisation.Modules
            .SelectMany(module => module.Deleted.Select(deleted => (Module: module, Deleted: deleted)))
            .Where(row => !IsPermanent(row.Deleted, call.Now) && (ids is null || ids.Contains(row.Deleted.Record.Id)))
            .OrderByDescending(row => row.Deleted.At)
            .Take(MostPerPage)
            .ToList();
        return rows.Count == 0
            ? CrmAnswer.Nothing
            : CrmAnswer.Success(new JsonObject
            {
                ["recycle_bin"] = new JsonArray(
                [.. rows.Select(row => Entry(call.Organisation, row.Module, row.Deleted))])
            });
    }

    public static CrmAnswer Restore(CrmCall call)
    {
        if (InTheBin(call, call.Path["id"]) is not var (module, deleted))
        {
            return CrmAnswer.Refused(CrmError.InvalidPath(2));
        }

        module.Restore(deleted, call.User, call.Now);
        call.Organisation.Tell(module, deleted.Record, ChangeKind.Edit, []);
        return Done(call, [RecordAnswer.Done("record restored", new() { ["id"] = CrmOrganisation.Text(deleted.Record.Id) })]);
    }

    public static CrmAnswer Empty(CrmCall call)
    {
        var ids = call.Ids("ids") ?? throw new CrmRefusal(CrmError.MissingParameter("ids"));
        return Done(call, [.. ids.Select(id =>
        {
            var text = CrmOrganisation.Text(id);
            if (InTheBin(call, text) is not var (module, deleted))
            {
                return RecordAnswer.Refused(CrmError.InvalidId(text));
            }

            module.Bury(deleted);
            return RecordAnswer.Done("record deleted", new() { ["id"] = text });
        })]);
    }

    /// <summary>Whether nothing but the id is known any more.</summary>
    public static bool IsPermanent(DeletedRecord deleted, DateTimeOffset now) => deleted.Permanent || deleted.At + InBin <= now;

    // the bin lets go after 60 days: that is a deletion of its own
    private static DateTimeOffset EndOf(DeletedRecord deleted, DateTimeOffset now) =>
        !deleted.Permanent && deleted.At + InBin <= now ? deleted.At + InBin : deleted.At;

    private static (CrmModule Module, DeletedRecord Deleted)? InTheBin(CrmCall call, string text) =>
        CrmOrganisation.TryId(text, out var id)
            ? call.Organisation.Modules
                .Select(module => (Module: module, Deleted: module.FindDeleted(id)))
                .Where(row => row.Deleted is not null && !IsPermanent(row.Deleted, call.Now))
                .Select(row => ((CrmModule Module, DeletedRecord Deleted)?)(row.Module, row.Deleted!))
                .FirstOrDefault()
            : null;

    private static CrmAnswer Done(CrmCall call, IReadOnlyList<RecordAnswer> answers) =>
        CrmAnswer.OfEach("recycle_bin", answers, StatusCodes.Status200OK, call.Settings);

    private static JsonObject Row(
        CrmOrganisation organisation, CrmModule module, DeletedRecord deleted, DateTimeOffset at, bool permanent)
    {
        var (record, by) = (deleted.Record, deleted.By);
        return new()
        {
            ["deleted_by"] = permanent ? null : RecordJson.Short(organisation, by),
            ["id"] = CrmOrganisation.Text(record.Id),
            ["display_name"] = permanent ? null : CrmOrganisation.NameOf(module, record),
            ["type"] = permanent ? "permanent" : "recycle",
            ["created_by"] = permanent ? null : RecordJson.Short(organisation, record.CreatedBy),
            ["deleted_time"] = organisation.Write(at),
        };
    }

    private static JsonObject Entry(CrmOrganisation organisation, CrmModule module, DeletedRecord deleted) => new()
    {
        ["id"] = CrmOrganisation.Text(deleted.Record.Id),
        ["display_name"] = CrmOrganisation.NameOf(module, deleted.Record),
        ["deleted_by"] = RecordJson.Short(organisation, deleted.By),
        ["deleted_time"] = organisation.Write(deleted.At),
        ["module"] = new JsonObject { ["api_name"] = module.ApiName, ["id"] = CrmOrganisation.Text(module.Id) },
    };
}
