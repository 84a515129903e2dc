using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ZohoPlatform.Gateway.Access.Idempotency;

/// <summary>
/// What two requests are compared by: for whose rows they came, where they went and what they say. A program that sends a request again writes its JSON anew, maybe in
/// another order and with other spaces; that is the same request.
/// </summary>
internal static class RequestText
{
    public static byte[] Sha256Of(HttpRequest request, string? owner, ReadOnlyMemory<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // another owner's key is shown no answer that it could not have had
        hash.AppendData(Encoding.UTF8.GetBytes($"{owner}\n{request.Path}{QueryString.Create(
            request.Query.OrderBy(parameter => parameter.Key, StringComparer.Ordinal))}\n"));
        hash.AppendData(CanonicalOf(body) ?? body.Span);
        return hash.GetHashAndReset();
    }

    // null where it is no JSON, or one that names a field twice: it is refused as it came
    private static byte[]? CanonicalOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            using var text = new MemoryStream();
            using (var writer = new Utf8JsonWriter(text))
            {
                Write(document.RootElement, writer);
            }

            return text.ToArray();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void Write(JsonElement element, Utf8JsonWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var field in element.EnumerateObject().OrderBy(field => field.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(field.Name);
                    Write(field.Value, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                // however it was escaped
                writer.WriteStringValue(element.GetString());
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
