using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZohoPlatform.Client;

/// <summary>How the gateway spells an enum's values: <c>HardBounce</c> is <c>hard_bounce</c>.</summary>
public static class ApiName
{
    public static string Of<T>(T value)
        where T : struct, Enum => Spelling<T>.Names[value];

    internal static class Spelling<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Names =
            Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static readonly Dictionary<string, T> Values = Names.ToDictionary(
            name => name.Value, name => name.Key, StringComparer.Ordinal);
    }
}

/// <summary>
/// Reads and writes an enum by its <see cref="ApiName"/>. One that this version of the client does not know becomes <c>Unknown</c>, its
/// first value.
/// </summary>
public sealed class ApiNameConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ApiName.Spelling<T>.Values.GetValueOrDefault(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(ApiName.Of(value));
}
