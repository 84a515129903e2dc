using System.Text.Json.Serialization.Metadata;
using ZohoPlatform.Api;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>What a body cannot be without is what its type's constructor takes and may not be null: the serializer looks for it.</summary>
internal static class RequiredFields
{
    public static void Apply(JsonTypeInfo type)
    {
        if (type.Kind is not JsonTypeInfoKind.Object || type.Type.Assembly != typeof(Problem).Assembly)
        {
            return;
        }

        foreach (var property in type.Properties.Where(property => property.AssociatedParameter is { IsNullable: false, HasDefaultValue: false }))
        {
            property.IsRequired = true;
            property.IsSetNullable = false;
        }
    }
}
