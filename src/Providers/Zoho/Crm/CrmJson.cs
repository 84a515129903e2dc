using System.Text.Json;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>Reads what Zoho CRM sends beyond what <see cref="ProviderJson"/> does. Nothing here throws.</summary>
internal static class CrmJson
{
    extension(JsonElement element)
    {
        /// <summary>A field by its exact name, because API names differ in case alone; null where this is no object or has none.</summary>
        public JsonElement? Value(string name) =>
            element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

        public bool IsTrue(string name) => element.Property(name) is { ValueKind: JsonValueKind.True };

        /// <summary>The entries of an array; none where there is no array.</summary>
        public IEnumerable<JsonElement> Items(string name) =>
            element.Property(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];
    }
}
