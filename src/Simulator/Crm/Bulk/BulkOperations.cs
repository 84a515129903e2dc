using System.Globalization;
using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Crm.Coql;
using ZohoPlatform.Simulator.Crm.Records;

namespace ZohoPlatform.Simulator.Crm.Bulk;

/// <summary>Bulk reads: a job of up to 200,000 rows that takes its time, and its file. Zoho CRM "Bulk read".</summary>
internal static class BulkOperations
{
    private const int MostPages = 50;

    public static CrmAnswer Create(CrmCall call)
    {
        if (call.Body is not JsonObject { Count: > 0 } body)
        {
            throw Refused("REQUEST_BODY_IS_EMPTY", "the request body is empty", []);
        }

        if (body["query"] is not JsonObject given)
        {
            throw Refused("QUERY_NOT_SUPPORTED", "the query is missing", CrmError.At("query", "$.query"));
        }

        if ((body["file_type"]?.ToString() ?? "csv") is not "csv")
        {
            throw Refused("JOB_NOT_SUPPORTED", "only csv is played", CrmError.At("file_type", "$.file_type"));
        }

        var callback = Callback(body["callback"]);
        var query = given["page_token"] is { } token
            ? call.Organisation.BulkJobs.ReadToken(token.ToString(), call.Zoho.Zuid, call.Now)
            : Read(call, given);
        call.Demand(CrmScopes.Module(query.Module.ApiName, "READ"));

        var organisation = call.Organisation;
        var job = new BulkJob(
            organisation.NextId(), call.User, call.Zoho.Zuid, query, call.Now, TimeSpan.FromSeconds(call.Settings.BulkSeconds), callback);
        organisation.BulkJobs.Add(job);
        var settings = call.Settings;
        organisation.Due.Enqueue(at => End(organisation, job, at, settings), job.EndsAt);
        var details = Head(organisation, job);
        details["state"] = "ADDED";
        return CrmAnswer.Success(
            new JsonObject
            {
                ["data"] = new JsonArray(new JsonObject
                {
                    ["status"] = "success",
                    ["code"] = "ADDED_SUCCESSFULLY",
                    ["message"] = "Added successfully.",
                    ["details"] = details,
                }),
                ["info"] = new JsonObject(),
            },
            StatusCodes.Status201Created);
    }

    public static CrmAnswer Show(CrmCall call) => Find(call) is { } job
        ? CrmAnswer.Success(new JsonObject { ["data"] = new JsonArray(Detail(call.Organisation, job, call.Now, call.Settings)) })
        : NotFound(call, StatusCodes.Status404NotFound);

    public static CrmAnswer Download(CrmCall call)
    {
        if (Find(call) is not { File: { } file } job || !BulkJobs.IsKept(job, call.Now))
        {
            return NotFound(call, StatusCodes.Status404NotFound);
        }

        return call.Organisation.BulkJobs.TryDownload(call.Now)
            ? new(StatusCodes.Status200OK, null, "success") { File = file }
            : CrmAnswer.Refused(new(
                "TOO_MANY_REQUESTS", "Too many downloads in a minute.", [], StatusCodes.Status429TooManyRequests));
    }

    private static BulkJob? Find(CrmCall call) => call.PathId("id", out var id)
        ? call.Organisation.BulkJobs.Find(id, call.Zoho.Zuid)
        : null;

    private static CrmAnswer NotFound(CrmCall call, int status) =>
        CrmAnswer.Refused(new("RESOURCE_NOT_FOUND", "The requested resource doesn't exist.", new() { ["resource"] = call.Path["id"] },
            status));

    private static BulkQuery Read(CrmCall call, JsonObject given)
    {
        var apiName = (given["module"] as JsonObject)?["api_name"]?.ToString() ?? "";
        if (apiName is "Notes")
        {
            throw Refused("MODULE_NOT_SUPPORTED", "the module is not supported", new() { ["api_name"] = apiName });
        }

        var module = call.FindModule(apiName)
            ?? throw Refused("MODULE_NOT_AVAILABLE", "the module is not available", new() { ["api_name"] = apiName });
        if (given["cvid"] is not null)
        {
            throw Refused("CVID_NOT_SUPPORTED", "custom views are not played", []);
        }

        var names = (given["fields"] as JsonArray)?.Select(name => name?.ToString() ?? "").ToList()
            ?? [.. module.Fields.Select(field => field.ApiName)];
        foreach (var name in names.Where(name => name is not "$converted"))
        {
            try
            {
                CoqlColumns.Find(call.Organisation, module, name);
            }
            catch (CrmRefusal)
            {
                throw Refused("FIELD_NOT_SUPPORTED", "the field is not supported", new() { ["api_name"] = name });
            }
        }

        var page = 1;
        if (given["page"] is { } asked
            && (!int.TryParse(asked.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out page) || page is < 1 or > MostPages))
        {
            throw Refused("PAGE_RANGE_EXCEEDED", "the page is out of range", new() { ["max_limit"] = MostPages });
        }

        return new(module, names, BulkCriteria.Compile(call.Organisation, module, given["criteria"]), given, page, 0);
    }

    private static string? Callback(JsonNode? given)
    {
        if (given is null)
        {
            return null;
        }

        if ((given as JsonObject)?["method"]?.ToString() is not "post")
        {
            throw Refused("INVALID_CALLBACK_METHOD", "the callback method is not valid", []);
        }

        var url = given["url"]?.ToString();
        return Uri.TryCreate(url, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? url
            : throw Refused("INVALID_CALLBACK_URL", "the callback url is not valid", []);
    }

    // reads what is there at its end
    private static void End(CrmOrganisation organisation, BulkJob job, DateTimeOffset now, CrmSettings settings)
    {
        if (settings.BulkFails)
        {
            job.Failed = true;
        }
        else
        {
            var (query, most) = (job.Query, settings.BulkRows);
            var rows = query.Module.Order("id").GetViewBetween(new(default, query.After + 1), Place.Last)
                .Select(place => query.Module.Find(place.Id)!)
                .Where(query.Wanted)
                .Skip(query.After > 0 ? 0 : (query.Page - 1) * most).Take(most + 1)
                .ToList();
            var more = rows.Count > most;
            rows = more ? rows[..most] : rows;
            job.Count = rows.Count;
            job.File = BulkFile.Write(organisation, query, job.Id, rows);
            job.NextToken = more
                ? organisation.BulkJobs.IssueToken(job.Zuid, query with { Page = query.Page + 1, After = rows[^1].Id }, now)
                : null;
        }

        if (job.Callback is { } url)
        {
            organisation.BulkJobs.CallBack(url, new() { ["data"] = new JsonArray(Detail(organisation, job, now, settings)) });
        }
    }

    private static JsonObject Head(CrmOrganisation organisation, BulkJob job) => new()
    {
        ["id"] = CrmOrganisation.Text(job.Id),
        ["operation"] = "read",
        ["created_by"] = RecordJson.Short(organisation, job.User),
        ["created_time"] = organisation.Write(job.CreatedAt),
    };

    private static JsonObject Detail(CrmOrganisation organisation, BulkJob job, DateTimeOffset now, CrmSettings settings)
    {
        var json = Head(organisation, job);
        json["state"] = job.StateAt(now, settings);
        json["query"] = job.Query.Told.DeepClone();
        json["query"]!["page"] = job.Query.Page;
        json["file_type"] = "csv";
        if (job.Failed)
        {
            json["result"] = new JsonObject
            {
                ["error_message"] = new CrmError("INTERNAL_SERVER_ERROR", "the job has failed", []).ToJson(),
            };
        }
        else if (job.File is not null || settings.BulkResultEarly)
        {
            json["result"] = new JsonObject
            {
                ["page"] = job.Query.Page,
                ["count"] = job.Count,
                ["download_url"] = $"/crm/bulk/v8/read/{job.Id}/result",
                ["per_page"] = settings.BulkRows,
                ["more_records"] = job.NextToken is not null,
                ["next_page_token"] = job.NextToken,
            };
        }

        return json;
    }

    private static CrmRefusal Refused(string code, string message, JsonObject details) => new(new(code, message, details));
}
