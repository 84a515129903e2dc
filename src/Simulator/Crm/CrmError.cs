using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm;

/// <summary>A refusal: of the whole call at the root of the answer, or of one record in its place of <c>data</c>.</summary>
internal sealed record CrmError(string Code, string Message, JsonObject Details, int Status = StatusCodes.Status400BadRequest)
{
    public static CrmError InvalidModule() =>
        new("INVALID_MODULE", "the module name given seems to be invalid", new() { ["resource_path_index"] = 0 });

    public static CrmError Invalid(string message, JsonObject details) => new("INVALID_DATA", message, details);

    /// <summary>The record in the address is not there.</summary>
    public static CrmError InvalidPath(int index, string message = "the id given seems to be invalid") =>
        Invalid(message, new() { ["resource_path_index"] = index });

    public static CrmError InvalidId(string id, string message = "the id given seems to be invalid") =>
        Invalid(message, new() { ["id"] = id });

    public static CrmError Missing(string apiName, string path) =>
        new("MANDATORY_NOT_FOUND", "required field not found", At(apiName, path));

    public static CrmError WrongType(string apiName, string path, string expected)
    {
        var details = At(apiName, path);
        details["expected_data_type"] = expected;
        return Invalid("invalid data", details);
    }

    public static CrmError TooLong(string apiName, string path, int maximum)
    {
        var details = At(apiName, path);
        details["maximum_length"] = maximum;
        return Invalid("invalid data", details);
    }

    public static CrmError TooMany(string apiName, string path, int maximum)
    {
        var details = At(apiName, path);
        (details["maximum_length"], details["limit"]) = (maximum, maximum);
        return new("LIMIT_EXCEEDED", "Max limit exceeded", details);
    }

    // the page of the list call says "param", Zoho's files "param_name": both are there
    public static CrmError MissingParameter(string name) => new(
        "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", new() { ["param"] = name, ["param_name"] = name });

    public static CrmError WrongParameter(string name, string message = "Please check whether the input values are correct") =>
        new("PATTERN_NOT_MATCHED", message, new() { ["param_name"] = name });

    public static CrmError Locked() => new("RECORD_LOCKED", "The record under merge is locked", []);

    public static JsonObject At(string apiName, string path) => new() { ["api_name"] = apiName, ["json_path"] = path };

    public JsonObject ToJson() => new()
    {
        ["code"] = Code,
        ["details"] = Details.DeepClone(),
        ["message"] = Message,
        ["status"] = "error",
    };
}

/// <summary>Ends a call from within, as an expected refusal of the whole of it.</summary>
internal sealed class CrmRefusal(CrmError error) : Exception(error.Message)
{
    public CrmError Error { get; } = error;
}
