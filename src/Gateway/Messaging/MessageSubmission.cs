using System.Text.Json;
using System.Text.Json.Serialization;
using ZohoPlatform.Api.Messaging;

namespace ZohoPlatform.Gateway.Messaging;

/// <summary>A body that is one message, or several under <c>messages</c>: one of the two is there.</summary>
[JsonConverter(typeof(Converter))]
internal sealed record MessageSubmission(NewMessage? One, NewMessages? Several)
{
    private const string Messages = "messages";

    private sealed class Converter : JsonConverter<MessageSubmission>
    {
        public override MessageSubmission Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => HasMessages(reader)
            ? new(null, JsonSerializer.Deserialize<NewMessages>(ref reader, options))
            : new(JsonSerializer.Deserialize<NewMessage>(ref reader, options), null);

        public override void Write(Utf8JsonWriter writer, MessageSubmission value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, (object?)value.One ?? value.Several, options);

        // a copy of the reader: what follows begins where it was
        private static bool HasMessages(Utf8JsonReader ahead)
        {
            if (ahead.TokenType is not JsonTokenType.StartObject)
            {
                return false;
            }

            while (ahead.Read() && ahead.TokenType is JsonTokenType.PropertyName)
            {
                if (ahead.ValueTextEquals(Messages))
                {
                    return true;
                }

                ahead.TrySkip();
            }

            return false;
        }
    }
}
