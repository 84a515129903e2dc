using System.Globalization;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Simulator.Tests.Crm;

/// <summary>Reads <see cref="ZohoOpenApi"/>.</summary>
internal sealed class OpenApiFiles(string folder)
{
    private readonly Dictionary<string, JsonElement?> _files = [];

    /// <summary>
    /// What an answer has otherwise than the file says, by place. A status that a file does not list is held against all of the operation's
    /// bodies, since most files list one status only.
    /// </summary>
    /// <param name="file">Name without its ending.</param>
    /// <param name="method">The verb in lower case.</param>
    /// <param name="path">As the file has it.</param>
    /// <param name="reply">What was answered.</param>
    /// <param name="everyKey">Whether keys that the file calls required must be there. The files of metadata call nearly all keys required,
    /// also those that belong to other types of fields.</param>
    public IReadOnlyList<string> Problems(string file, string method, string path, CrmReply reply, bool everyKey = true)
    {
        if (reply.Code is 204 or 304)
        {
            return reply.Body.ValueKind is JsonValueKind.Undefined ? [] : [$"{method} {path} {reply.Code}: has a body"];
        }

        var responses = Read(file)!.Value.GetProperty("paths").GetProperty(path).GetProperty(method).GetProperty("responses");
        var listed = responses.TryGetProperty(reply.Code.ToString(CultureInfo.InvariantCulture), out var exact) ? [exact] : responses.EnumerateObject().Select(response => response.Value).ToList();
        var schemas = listed.Select(response => Resolve(file, response)).Where(response => response is not null)
            .Select(response => (response!.Value.File, response.Value.Schema))
            .Where(response => response.Schema.TryGetProperty("content", out var content) && content.TryGetProperty("application/json", out _))
            .Select(response => (response.File, Schema: response.Schema.GetProperty("content").GetProperty("application/json").GetProperty("schema")))
            .ToList();
        var all = schemas.Select(schema => Check(schema.File, schema.Schema, reply.Body, "$", everyKey)).ToList();
        return all.Count == 0 ? [$"{method} {path} {reply.Code}: the file lists no body"]
            : all.Exists(problems => problems.Count == 0) ? []
            : [.. all.MinBy(problems => problems.Count)!.Select(problem => $"{method} {path} {reply.Code}: {problem}")];
    }

    private List<string> Check(string file, JsonElement schema, JsonElement value, string at, bool everyKey)
    {
        if (Resolve(file, schema) is not { } resolved)
        {
            return [];      // a file that Zoho's folder does not have
        }

        (file, schema) = resolved;

        // Zoho writes null where its files know a type only, as recorded: next_page_token, duplicate_field, deleted_by
        if (value.ValueKind is JsonValueKind.Null)
        {
            return [];
        }

        if (schema.TryGetProperty("oneOf", out var alternatives))
        {
            // most keys are optional: an alternative that has none of the value's is not meant
            var meant = alternatives.EnumerateArray().Where(alternative => Shares(file, alternative, value)).ToList();
            return meant.Count == 0
                ? [$"{at} has no key of any alternative"]
                : meant.Select(alternative => Check(file, alternative, value, at, everyKey)).MinBy(problems => problems.Count)!;
        }

        var problems = new List<string>();
        // an object without keys is what the files write for a type that they do not know
        var known = schema.TryGetProperty("type", out var type) && (type.GetString() is not "object" || schema.TryGetProperty("properties", out _));
        if (known && !Fits(type.GetString()!, value))
        {
            return [$"{at} is a {value.ValueKind}, not a {type}"];
        }

        // "The module name" in one file is "the module name" in another
        if (schema.TryGetProperty("enum", out var values)
            && !values.EnumerateArray().Any(one => one.ToString().Equals(value.ToString(), StringComparison.OrdinalIgnoreCase)))
        {
            problems.Add($"{at} is \"{value}\", which is none of {values.GetArrayLength()} known");
        }

        if (schema.TryGetProperty("format", out var format) && format.GetString() is "date-time" && !value.TryGetDateTimeOffset(out _))
        {
            problems.Add($"{at} is no time: {value}");
        }

        if (value.ValueKind is JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            problems.AddRange(value.EnumerateArray().SelectMany((item, i) => Check(file, items, item, $"{at}[{i}]", everyKey)));
        }

        if (value.ValueKind is JsonValueKind.Object)
        {
            if (everyKey && schema.TryGetProperty("required", out var required))
            {
                problems.AddRange(required.EnumerateArray().Where(key => !value.TryGetProperty(key.GetString()!, out _)).Select(key => $"{at}.{key} is missing"));
            }

            if (schema.TryGetProperty("properties", out var properties))
            {
                problems.AddRange(properties.EnumerateObject()
                    .Where(property => value.TryGetProperty(property.Name, out _))
                    .SelectMany(property => Check(file, property.Value, value.GetProperty(property.Name), $"{at}.{property.Name}", everyKey)));
            }
        }

        return problems;
    }

    private bool Shares(string file, JsonElement alternative, JsonElement value) =>
        value.ValueKind is not JsonValueKind.Object || Resolve(file, alternative) is not { } resolved
        || !resolved.Schema.TryGetProperty("properties", out var properties)
        || properties.EnumerateObject().Any(property => value.TryGetProperty(property.Name, out _));

    private static bool Fits(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind is JsonValueKind.Object,
        "array" => value.ValueKind is JsonValueKind.Array,
        "string" => value.ValueKind is JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out _),
        _ => value.ValueKind is JsonValueKind.Number,
    };

    private (string File, JsonElement Schema)? Resolve(string file, JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference))
        {
            var parts = reference.GetString()!.Split('#');
            if (parts[0].Length > 0)
            {
                file = Path.GetFileNameWithoutExtension(parts[0]);
            }

            if (Read(file) is not { } root)
            {
                return null;
            }

            schema = parts[1].Trim('/').Split('/').Aggregate(root, (at, name) => at.GetProperty(name));
        }

        return (file, schema);
    }

    private JsonElement? Read(string file)
    {
        if (!_files.TryGetValue(file, out var known))
        {
            var path = Path.Combine(folder, $"{file}.json");
            _files[file] = known = File.Exists(path) ? JsonDocument.Parse(File.ReadAllBytes(path)).RootElement : null;
        }

        return known;
    }
}
