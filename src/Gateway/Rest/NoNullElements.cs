using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>Refuses null in a list: C#'s annotations say that there is none, and the serializer does not look.</summary>
internal static class NoNullElements
{
    public static void Apply(JsonTypeInfo type)
    {
        var lists = type.Properties
            .Where(property => property.Get is not null
                && property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)))
            .ToList();
        if (type.Kind is not JsonTypeInfoKind.Object || lists.Count == 0)
        {
            return;
        }

        var before = type.OnDeserialized;
        type.OnDeserialized = read =>
        {
            before?.Invoke(read);
            foreach (var list in lists)
            {
                var place = list.Get!(read) is IEnumerable elements ? elements.Cast<object?>().ToList().IndexOf(null) : -1;
                if (place >= 0)
                {
                    throw new JsonException(
                        message: null,
                        string.Create(CultureInfo.InvariantCulture, $"$.{list.Name}[{place}]"),
                        lineNumber: null,
                        bytePositionInLine: null);
                }
            }
        };
    }
}
