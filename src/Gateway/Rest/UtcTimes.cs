using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>Times go out in UTC and say so with a Z; they come in with any offset, and not without one: nobody can tell whose they are.</summary>
internal sealed class UtcTimes : JsonConverter<DateTimeOffset>
{
    /// <summary>What the exception says of a time without an offset.</summary>
    public const string WithoutZone = "A time has no zone.";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var time = reader.GetDateTimeOffset();
        var text = reader.GetString()!;
        return text.IndexOf('T', StringComparison.OrdinalIgnoreCase) is var clock and >= 0 && text.AsSpan(clock).ContainsAny(['Z', 'z', '+', '-'])
            ? time
            : throw new JsonException(WithoutZone);
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime);
}
