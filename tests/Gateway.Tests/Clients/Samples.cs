using System.Collections;
using System.Reflection;
using System.Text.Json;

namespace ZohoPlatform.Gateway.Tests.Clients;

/// <summary>A value of any type that the client takes, with everything in it that can be set.</summary>
internal static class Samples
{
    public const string Text = "sample";

    public static object? Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => Text,
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => 7,
            _ when type == typeof(long) => 7L,
            _ when type == typeof(double) => 0.5,
            _ when type == typeof(DateTimeOffset) => new DateTimeOffset(2026, 11, 21, 9, 30, 0, TimeSpan.Zero),
            _ when type == typeof(Uri) => new Uri("https://example.com/"),
            _ when type == typeof(JsonElement) => JsonElement.Parse("{}"),
            _ when type == typeof(CancellationToken) => CancellationToken.None,
            _ when type == typeof(Stream) => new MemoryStream(),
            { IsEnum: true } => Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1),
            { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => ListOf(type.GenericTypeArguments[0]),
            { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) =>
                DictionaryOf(type.GenericTypeArguments[1]),
            _ => RecordOf(type),
        };
    }

    private static Array ListOf(Type item)
    {
        var list = Array.CreateInstance(item, 1);
        list.SetValue(Of(item), 0);
        return list;
    }

    private static object DictionaryOf(Type value)
    {
        var type = typeof(Dictionary<,>).MakeGenericType(typeof(string), value);
        var dictionary = (IDictionary)Activator.CreateInstance(type)!;
        dictionary.Add(Text, Of(value));
        return dictionary;
    }

    private static object RecordOf(Type type)
    {
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)!;
        var record = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Of(parameter.ParameterType))]);
        var settable = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null);
        foreach (var property in settable)
        {
            if (property.GetValue(record) is null)
            {
                property.SetValue(record, Of(property.PropertyType));
            }
        }

        return record;
    }
}
