using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ZohoPlatform.MessagingService.WhatsApp;

/// <summary>Reads JSON that may have other types than it should: what is not there, or is something else, is null or empty.</summary>
internal static class LenientJson
{
    private const int MostIdCharacters = 256;

    // seconds since 1970 have ten digits from 2001 to 2286; anything else is no time of a message
    private const long FirstSecond = 1_000_000_000;
    private const long LastSecond = 9_999_999_999;

    extension(JsonElement element)
    {
        public JsonElement? Object(string name) => element.Property(name) is { ValueKind: JsonValueKind.Object } value ? value : null;

        /// <summary>Whether there is a field of this name that is not null, of whatever type.</summary>
        public bool Has(string name) => element.Property(name) is { ValueKind: not JsonValueKind.Null };

        public IEnumerable<JsonElement> Array(string name) =>
            element.Property(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

        /// <summary>A text or a number, as text; null where it is empty.</summary>
        public string? Text(string name)
        {
            var text = element.Property(name) is { ValueKind: JsonValueKind.String or JsonValueKind.Number } value ? value.Said() : "";
            return text.Length == 0 ? null : text;
        }

        /// <summary>A value as people read it, those of an array one behind the other; empty where it is none.</summary>
        public string Said() => element.ValueKind switch
        {
            JsonValueKind.String => Unescaped(JsonMarshal.GetRawUtf8Value(element)[1..^1]),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => element.GetRawText(),
            JsonValueKind.Array => string.Join(" + ", element.EnumerateArray().Select(Said).Where(one => one.Length > 0)),
            _ => "",
        };

        /// <summary>An object's fields, as people read them.</summary>
        public IEnumerable<(string Name, string Value)> Fields() => element.ValueKind is JsonValueKind.Object
            ? element.EnumerateObject().Select(field => (Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(field)), field.Value.Said()))
            : [];

        /// <summary>A text that is kept as an id: one that is longer than any id is none.</summary>
        public string? Id(string name) => element.Text(name) is { Length: <= MostIdCharacters } id ? id : null;

        public DateTimeOffset? Moment(string name) =>
            long.TryParse(element.Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && seconds is >= FirstSecond and <= LastSecond
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;

        // TryGetProperty throws where another field's name holds half of an emoji; a name that is written with escapes is another one here
        private JsonElement? Property(string name)
        {
            JsonElement? last = null;
            if (element.ValueKind is JsonValueKind.Object)
            {
                foreach (var property in element.EnumerateObject())
                {
                    if (Ascii.Equals(JsonMarshal.GetRawUtf8PropertyName(property), name))
                    {
                        last = property.Value;
                    }
                }
            }

            return last;
        }

        /// <summary>As it stands in the body; bytes that are no UTF-8 are replaced.</summary>
        public string Raw() => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element));
    }

    /// <summary>
    /// The inside of a JSON string. GetString throws where half of an emoji was cut off, as in a profile name that had to be short; here it
    /// becomes a replacement character. NUL is left out.
    /// </summary>
    private static string Unescaped(ReadOnlySpan<byte> inside)
    {
        var written = Encoding.UTF8.GetString(inside);
        var text = written.Contains('\\', StringComparison.Ordinal) ? WithoutEscapes(written) : written;
        return text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "", StringComparison.Ordinal) : text;
    }

    private static string WithoutEscapes(string written)
    {
        var text = new StringBuilder(written.Length);
        for (var at = 0; at < written.Length; at++)
        {
            if (written[at] != '\\')
            {
                text.Append(written[at]);
                continue;
            }

            at++;
            if (written[at] == 'u')
            {
                text.Append((char)ushort.Parse(written.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                at += 4;
            }
            else
            {
                text.Append(written[at] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', var itself => itself });
            }
        }

        return WholeCharacters(text.ToString());
    }

    private static string WholeCharacters(string text)
    {
        if (!text.Any(char.IsSurrogate))
        {
            return text;
        }

        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            whole.Append(rune.ToString());
        }

        return whole.ToString();
    }
}
