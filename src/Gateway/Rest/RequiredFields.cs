using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZohoPlatform.Api;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>What a body cannot be without is what its type's constructor takes and may not be null: left out, or null, it is missing.</summary>
internal static class RequiredFields
{
    /// <summary>What the exception says of null; of what is left out the serializer speaks itself.</summary>
    public const string IsNull = "A required field is null.";

    public static void Apply(JsonTypeInfo type)
    {
        if (type.Kind is not JsonTypeInfoKind.Object || type.Type.Assembly != typeof(Problem).Assembly)
        {
            return;
        }

        var required = type.Properties.Where(property => property.AssociatedParameter is { IsNullable: false, HasDefaultValue: false }).ToList();
        foreach (var property in required)
        {
            property.IsRequired = true;
        }

        var readable = required.Where(property => property.Get is not null && !property.PropertyType.IsValueType).ToList();
        if (readable.Count == 0)
        {
            return;
        }

        var before = type.OnDeserialized;
        type.OnDeserialized = read =>
        {
            before?.Invoke(read);
            if (readable.Find(property => property.Get!(read) is null) is { } missing)
            {
                throw new JsonException(IsNull, $"$.{missing.Name}", lineNumber: null, bytePositionInLine: null);
            }
        };
    }
}
