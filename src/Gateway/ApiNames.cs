using System.Text.Json;

namespace ZohoPlatform.Gateway;

/// <summary>How an enum value of a contract or of ours is spelled in REST: <c>AlreadySubscribed</c> is <c>already_subscribed</c>.</summary>
internal static class ApiNames
{
    /// <summary>The REST spelling; the value 0 of a contract's enum, which means "not said", has none.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>All REST spellings of <typeparamref name="T"/>, except the contract's "not said".</summary>
    public static IEnumerable<string> All<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(Of).Where(name => name != "unspecified");

    public static bool TryParse<T>(string? name, out T value)
        where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            if (Of(candidate) == name && name != "unspecified")
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }
}
