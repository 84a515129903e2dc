using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm;

/// <summary>What a call is answered. <c>Outcome</c> is what the counters keep.</summary>
internal sealed record CrmAnswer(int Status, JsonNode? Body, string Outcome)
{
    /// <summary>A file instead of JSON.</summary>
    public byte[]? File { get; init; }

    /// <summary>Nothing matches: 204 without a body.</summary>
    public static readonly CrmAnswer Nothing = new(StatusCodes.Status204NoContent, null, "success");

    public static CrmAnswer Success(JsonNode body, int status = StatusCodes.Status200OK) => new(status, body, "success");

    public static CrmAnswer Refused(CrmError error) => new(error.Status, error.ToJson(), error.Code);

    /// <summary>Answers of single records in the order of the call: all well, mixed (207), or all refused.</summary>
    public static CrmAnswer OfEach(string key, IReadOnlyList<RecordAnswer> answers, int success, CrmSettings settings)
    {
        var refused = answers.Count(answer => answer.Error is not null);
        var status = refused == 0 ? success
            : refused < answers.Count ? StatusCodes.Status207MultiStatus
            : answers.Count == 1 && answers[0].Error!.Status != StatusCodes.Status400BadRequest ? answers[0].Error!.Status
            : settings.AllRefusedStatus;
        var outcome = refused == 0 ? "success" : refused < answers.Count ? "partial" : answers[0].Error!.Code;
        return new(status, new JsonObject { [key] = new JsonArray([.. answers.Select(answer => answer.ToJson())]) }, outcome);
    }
}

/// <summary>What became of one record of a call.</summary>
internal sealed record RecordAnswer(CrmError? Error, string Message, JsonObject Details)
{
    /// <summary>Keys beside the usual four, such as <c>action</c> of an upsert.</summary>
    public JsonObject Beside { get; init; } = [];

    public static RecordAnswer Refused(CrmError error) => new(error, error.Message, []);

    public static RecordAnswer Done(string message, JsonObject details) => new(null, message, details);

    public JsonObject ToJson()
    {
        var json = Error?.ToJson() ?? new JsonObject
        {
            ["code"] = "SUCCESS",
            ["details"] = Details.DeepClone(),
            ["message"] = Message,
            ["status"] = "success",
        };
        foreach (var (name, value) in Beside)
        {
            json[name] = value?.DeepClone();
        }

        return json;
    }
}
