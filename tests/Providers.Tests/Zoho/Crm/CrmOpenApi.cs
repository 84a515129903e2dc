using System.Text.Json;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

/// <summary>
/// What Zoho's OpenAPI files say of a request. They list as required what only answers have, as objects what is text, and a pattern that no
/// address fits: none of that is held against a request.
/// </summary>
internal sealed class CrmOpenApi
{
    private readonly Dictionary<string, JsonElement> _files;

    private CrmOpenApi(Dictionary<string, JsonElement> files) => _files = files;

    public static CrmOpenApi Read(string folder) => new(Directory.GetFiles(folder, "*.json").ToDictionary(
        file => Path.GetFileName(file), file => JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(file)), StringComparer.Ordinal));

    /// <summary>What is wrong with a request; null where no file describes its operation.</summary>
    public IReadOnlyList<string>? Judge(PlayedProvider.Received request)
    {
        var found = _files.SelectMany(file => Operations(file.Key, request)).ToList();
        if (found.Count == 0)
        {
            return null;
        }

        // an operation may be in several files, each with its parameters; a path with fewer open parts is the closer one
        var closest = found.Min(one => one.Open);
        return found.Where(one => one.Open == closest).Select(one => Judge(one.File, one.Operation, one.Shared, request)).MinBy(faults => faults.Count);
    }

    private IEnumerable<(string File, JsonElement Operation, JsonElement? Shared, int Open)> Operations(string file, PlayedProvider.Received request)
    {
        if (!_files[file].TryGetProperty("paths", out var paths))
        {
            yield break;
        }

        foreach (var path in paths.EnumerateObject())
        {
            var (asked, described) = (request.Path.Split('/'), path.Name.Split('/'));
            if (asked.Length == described.Length
                && asked.Zip(described).All(part => part.First == part.Second || part.Second.StartsWith('{'))
                && path.Value.TryGetProperty(request.Method.Method.ToLowerInvariant(), out var operation))
            {
                yield return (
                    file, operation, path.Value.TryGetProperty("parameters", out var shared) ? shared : null, described.Count(part => part.StartsWith('{')));
            }
        }
    }

    private List<string> Judge(string file, JsonElement operation, JsonElement? shared, PlayedProvider.Received request)
    {
        var faults = new List<string>();
        var parameters = new[] { shared, operation.TryGetProperty("parameters", out var own) ? own : (JsonElement?)null }.OfType<JsonElement>()
            .SelectMany(list => list.EnumerateArray())
            .Select(parameter => Resolve(file, parameter).Json)
            .ToList();
        foreach (var (name, value) in request.Query)
        {
            var described = parameters.FirstOrDefault(one => one.GetProperty("name").GetString() == name && one.GetProperty("in").GetString() == "query");
            if (described.ValueKind is JsonValueKind.Undefined)
            {
                faults.Add($"the query parameter {name} is not described");
            }
            else if (described.GetProperty("schema") is var schema
                && schema.TryGetProperty("enum", out var words)
                && words.EnumerateArray().All(word => word.GetString() != value))
            {
                faults.Add($"the query parameter {name} has no value {value}");
            }
        }

        faults.AddRange(parameters
            .Where(one => one.GetProperty("in").GetString() == "query"
                && one.TryGetProperty("required", out var required) && required.GetBoolean()
                && !request.Query.ContainsKey(one.GetProperty("name").GetString()!))
            .Select(one => $"the query parameter {one.GetProperty("name")} is missing"));
        if (operation.TryGetProperty("requestBody", out var body))
        {
            var (bodyFile, described) = Resolve(file, body);
            var schema = described.GetProperty("content").GetProperty("application/json").GetProperty("schema");
            if (request.Body.Length == 0)
            {
                faults.Add("the body is missing");
            }
            else
            {
                Compare(bodyFile, schema, request.Json, "$", faults);
            }
        }
        else if (request.Body.Length > 0)
        {
            faults.Add("no body is described");
        }

        return faults;
    }

    private void Compare(string file, JsonElement schema, JsonElement value, string path, List<string> faults)
    {
        var isRecord = schema.TryGetProperty("$ref", out var name) && name.GetString()!.EndsWith("/Record", StringComparison.Ordinal);
        (file, schema) = Resolve(file, schema);
        var hasProperties = schema.TryGetProperty("properties", out var properties);
        switch (schema.TryGetProperty("type", out var type) ? type.GetString() : null)
        {
            case "object" when hasProperties:
                if (value.ValueKind is not JsonValueKind.Object)
                {
                    faults.Add($"{path} is no object");
                    return;
                }

                foreach (var property in value.EnumerateObject())
                {
                    if (properties.TryGetProperty(property.Name, out var described))
                    {
                        Compare(file, described, property.Value, $"{path}.{property.Name}", faults);
                    }
                    else if (!isRecord)
                    {
                        faults.Add($"{path}.{property.Name} is not described");
                    }
                }

                break;
            case "array":
                if (value.ValueKind is not JsonValueKind.Array)
                {
                    faults.Add($"{path} is no array");
                    return;
                }

                foreach (var entry in value.EnumerateArray())
                {
                    Compare(file, schema.GetProperty("items"), entry, $"{path}[]", faults);
                }

                break;
            case "string" when value.ValueKind is not JsonValueKind.String:
                faults.Add($"{path} is no text");
                break;
            case "boolean" when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                faults.Add($"{path} is neither true nor false");
                break;
            case "integer" when value.ValueKind is not JsonValueKind.Number:
                faults.Add($"{path} is no number");
                break;
        }

        if (schema.TryGetProperty("enum", out var values)
            && value.ValueKind is JsonValueKind.String
            && values.EnumerateArray().All(one => one.ToString() != value.GetString()))
        {
            faults.Add($"{path} has no value {value}");
        }
    }

    private (string File, JsonElement Json) Resolve(string file, JsonElement json)
    {
        while (json.TryGetProperty("$ref", out var reference))
        {
            var (address, pointer) = (reference.GetString()!.Split('#')[0], reference.GetString()!.Split('#')[1]);
            file = address.Length == 0 ? file : address.Split('/')[^1];
            if (!_files.TryGetValue(file, out json))
            {
                return (file, JsonSerializer.Deserialize<JsonElement>("{}"));      // a file that is not among those that were kept
            }

            json = pointer.Split('/', StringSplitOptions.RemoveEmptyEntries)
                .Aggregate(json, (at, part) => at.GetProperty(part.Replace("~1", "/", StringComparison.Ordinal)));
        }

        return (file, json);
    }
}
