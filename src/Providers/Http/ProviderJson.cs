using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ZohoPlatform.Providers.Http;

/// <summary>
/// Reads JSON that keeps to no schema: names in any case, numbers as text and text as numbers. Nothing here throws, whatever a provider
/// sends.
/// </summary>
internal static class ProviderJson
{
    /// <summary>The object that <paramref name="body"/> is, or null where it is anything else.</summary>
    public static JsonElement? ParseObject(string body)
    {
        var utf8 = Encoding.UTF8.GetBytes(body);
        try
        {
            using var document = JsonDocument.Parse(utf8);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                return null;
            }

            // half a surrogate pair is valid JSON that no string can hold; better found here than in a getter later on
            var reader = new Utf8JsonReader(utf8);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    reader.GetString();
                }
            }

            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    extension(JsonElement element)
    {
        /// <summary>A property by its name in any case; null where this is no object or has none.</summary>
        public JsonElement? Property(string name)
        {
            if (element.ValueKind is not JsonValueKind.Object)
            {
                return null;
            }

            foreach (var property in element.EnumerateObject())
            {
                if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
                {
                    return property.Value;
                }
            }

            return null;
        }

        /// <summary>A property's text, or its number as text; null where it is absent, empty or something else.</summary>
        public string? Text(string name) => element.Property(name) switch
        {
            { ValueKind: JsonValueKind.String } value when value.GetString() is { Length: > 0 } text => text,
            { ValueKind: JsonValueKind.Number } value => value.GetRawText(),
            _ => null,
        };

        /// <summary>A property's whole number, also where it is written as text; null where it is neither.</summary>
        public long? Number(string name) =>
            long.TryParse(element.Text(name), CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
