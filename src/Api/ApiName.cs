using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZohoPlatform.Api;

/// <summary>How REST spells an enum's values: <c>HardBounce</c> is <c>hard_bounce</c>.</summary>
public static class ApiName
{
    private const string Unknown = "unknown";

    /// <summary>The spelling of a value; <c>unknown</c> for a number that is none.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Spelling<T>.Names.GetValueOrDefault(value, Unknown);

    /// <summary>What may be said: all values but <c>Unknown</c>, and a contract's <c>Unspecified</c>.</summary>
    public static IReadOnlyCollection<string> All<T>()
        where T : struct, Enum => Spelling<T>.Said;

    /// <inheritdoc cref="All{T}"/>
    public static IReadOnlyCollection<string> All(Type type) =>
        [.. Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).Where(MayBeSaid)];

    /// <summary>The value of that spelling, where it may be said.</summary>
    public static bool TryParse<T>(string? name, out T value)
        where T : struct, Enum
    {
        value = default;
        return name is not null && Spelling<T>.Values.TryGetValue(name, out value);
    }

    private static bool MayBeSaid(string name) => name is not (Unknown or "unspecified");

    private static class Spelling<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Names =
            Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static readonly string[] Said = [.. Names.Values.Where(MayBeSaid)];

        public static readonly Dictionary<string, T> Values = Names
            .Where(name => Said.Contains(name.Value, StringComparer.Ordinal))
            .ToDictionary(name => name.Value, name => name.Key, StringComparer.Ordinal);
    }
}

/// <summary>
/// Reads and writes an enum by its <see cref="ApiName"/>. One that this version does not know becomes the enum's first value, <c>Unknown</c>:
/// a client goes on with it, and the gateway refuses it by the name of its field.
/// </summary>
public sealed class ApiNameConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ApiName.TryParse<T>(reader.GetString(), out var value) ? value : default;

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(ApiName.Of(value));
}
