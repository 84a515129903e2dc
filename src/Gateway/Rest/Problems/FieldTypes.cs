using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZohoPlatform.Api;

namespace ZohoPlatform.Gateway.Rest.Problems;

/// <summary>What a field of a body has to be, in words.</summary>
internal static class FieldTypes
{
    /// <summary>Null where the body has no such field.</summary>
    /// <param name="json">As bodies are read.</param>
    /// <param name="body">The type that it is read into.</param>
    /// <param name="field">Its path without <c>$</c>: <c>permissions[0].connection_ids</c>.</param>
    public static string? Of(JsonSerializerOptions json, Type body, string field)
    {
        Type? type = body;
        foreach (var part in field.Split('.', '['))
        {
            type = type is null ? null : Within(json, type, part);
        }

        return type is null ? null : Words(type);
    }

    private static Type? Within(JsonSerializerOptions json, Type type, string part)
    {
        var info = json.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Object => info.Properties.FirstOrDefault(property => property.Name == part)?.PropertyType,
            JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => info.ElementType,
            _ => null,
        };
    }

    private static string Words(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        { IsEnum: true } names => $"one of {string.Join(", ", ApiName.All(names))}",
        var text when text == typeof(string) || text == typeof(Uri) => "a text",
        var truth when truth == typeof(bool) => "true or false",
        var number when number == typeof(int) || number == typeof(long) => "a whole number",
        var number when number == typeof(double) || number == typeof(decimal) => "a number",
        var time when time == typeof(DateTimeOffset) => "a time such as 2026-11-21T09:40:00Z",
        var pairs when pairs.IsAssignableTo(typeof(IDictionary)) || IsReadOnlyDictionary(pairs) => "an object",
        var list when list.IsAssignableTo(typeof(IEnumerable)) => "a list",
        _ => "an object",
    };

    private static bool IsReadOnlyDictionary(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>);
}

/// <summary>Marks an endpoint whose body is of one of several types.</summary>
internal sealed record BodyTypes(IReadOnlyList<Type> Types);
