using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>Times go out in UTC and say so with a Z; they come in with any offset.</summary>
internal sealed class UtcTimes : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime);
}
