using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using ZohoPlatform.ServiceDefaults.Telemetry;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace ZohoPlatform.Gateway.Rest.Problems;

/// <summary>Why a body was not read, with the name of the field; what the serializer says itself speaks of .NET types and may quote values.</summary>
internal static partial class JsonProblems
{
    public static ProblemResult Of(JsonException exception, HttpContext context)
    {
        var field = exception.Path?.TrimStart('$').TrimStart('.');
        if (MissingIn(exception, field) is { } missing)
        {
            return Problem("missing_field", missing, $"The field {missing} is missing{Wanted(context, missing)}.");
        }

        return exception switch
        {
            { Message: UtcTimes.WithoutZone } => Problem(
                "invalid_field", field, $"The field {field} has no time zone: write it as 2026-11-21T09:40:00Z, or with the zone's offset as 2026-11-21T10:40:00+01:00."),
            _ when IsTooDeep(exception) => Problem("json_too_deep", field: null, "The body is nested too deep: at most 64 objects and lists within each other."),
            _ when IsNotUtf8(exception) => Problem("malformed_json", field: null, NotUtf8(field)),
            // the reader itself gave up: the text is no JSON
            { InnerException: JsonException } or { Path: null } => Problem("malformed_json", field: null, Malformed(exception)),
            _ when string.IsNullOrEmpty(field) => Problem("invalid_field", field: null, "The body must be a JSON object."),
            _ when exception.Message.Contains("could not be mapped", StringComparison.Ordinal) =>
                Problem("unknown_field", field, $"There is no field {field}."),
            _ when exception.Message.Contains("Duplicate", StringComparison.Ordinal) =>
                Problem("duplicate_field", field, $"The field {field} is given twice."),
            _ => Problem("invalid_field", field, $"The field {field} has the wrong type{Wanted(context, field)}."),
        };
    }

    private static ProblemResult Problem(string code, string? field, string detail) =>
        new(StatusCodes.Status400BadRequest, code, detail) { Field = field };

    // null for one that may not be is one that is not there
    private static string? MissingIn(JsonException exception, string? place)
    {
        if (exception.Message == RequiredFields.IsNull)
        {
            return place;
        }

        return MissingName().Match(exception.Message) is { Success: true } name
            ? string.IsNullOrEmpty(place) ? name.Groups["name"].Value : $"{place}.{name.Groups["name"].Value}"
            : null;
    }

    private static string Wanted(HttpContext context, string field)
    {
        var metadata = context.AskedEndpoint?.Metadata;
        var bodies = metadata?.GetMetadata<BodyTypes>()?.Types
            ?? (metadata?.GetMetadata<IAcceptsMetadata>()?.RequestType is { } body ? [body] : []);
        var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        return bodies.Select(type => FieldTypes.Of(json, type, field)).FirstOrDefault(wanted => wanted is not null) is { } wanted
            ? $": it must be {wanted}"
            : "";
    }

    // the reader has no other word for it
    private static bool IsTooDeep(JsonException exception) => exception.Message.Contains("maximum configured depth", StringComparison.Ordinal);

    private static bool IsNotUtf8(JsonException exception) => exception.GetBaseException() is DecoderFallbackException;

    private static string NotUtf8(string? field) => string.IsNullOrEmpty(field)
        ? "The body is not in UTF-8: send it in that encoding."
        : $"The field {field} is not in UTF-8: send the body in that encoding.";

    private static string Malformed(JsonException exception) =>
        $"The body is not valid JSON: see line {exception.LineNumber.GetValueOrDefault() + 1}, byte {exception.BytePositionInLine.GetValueOrDefault() + 1}.";

    // "... was missing required properties including: 'email', ..."
    [GeneratedRegex("missing required properties[^']*'(?<name>[^']+)'", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MissingName();
}
