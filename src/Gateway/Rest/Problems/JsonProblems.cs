using System.Text.Json;

namespace ZohoPlatform.Gateway.Rest.Problems;

/// <summary>Why a body was not read, with the name of the field; what the serializer says itself speaks of .NET types and may quote values.</summary>
internal static class JsonProblems
{
    public static ProblemResult Of(JsonException exception)
    {
        var field = exception.Path?.TrimStart('$').TrimStart('.');
        var (code, detail) = exception switch
        {
            // the reader itself gave up: the text is no JSON
            { InnerException: JsonException } or { Path: null } => ("malformed_json", Malformed(exception)),
            _ when string.IsNullOrEmpty(field) => ("invalid_field", "The body must be a JSON object."),
            _ when exception.Message.Contains("could not be mapped", StringComparison.Ordinal) => ("unknown_field", $"There is no field {field}."),
            _ when exception.Message.Contains("Duplicate", StringComparison.Ordinal) => ("duplicate_field", $"The field {field} is given twice."),
            _ => ("invalid_field", $"The field {field} has the wrong type."),
        };
        return new ProblemResult(StatusCodes.Status400BadRequest, code, detail) { Field = string.IsNullOrEmpty(field) || code is "malformed_json" ? null : field };
    }

    private static string Malformed(JsonException exception) =>
        $"The body is not valid JSON: see line {exception.LineNumber.GetValueOrDefault() + 1}, byte {exception.BytePositionInLine.GetValueOrDefault() + 1}.";
}
