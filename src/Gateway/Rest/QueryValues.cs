using System.Globalization;
using ZohoPlatform.Api;
using ZohoPlatform.ServiceDefaults.Failures;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>
/// Parameters of a query that are not text, read so that a wrong one is named; an absent one is the contract's "not said".
/// </summary>
internal static class QueryValues
{
    /// <summary>A number from 1 to <paramref name="max"/>; 0 when absent.</summary>
    public static Result<int> PageSize(string? text, int max)
    {
        if (text is null)
        {
            return 0;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size >= 1 && size <= max
            ? size
            : Failure.InvalidField("page_size", $"page_size must be a number from 1 to {max}.");
    }

    /// <summary><c>true</c> or <c>false</c>; false when absent.</summary>
    public static Result<bool> Flag(string name, string? text) => text switch
    {
        null or "false" => false,
        "true" => true,
        _ => Failure.InvalidField(name, $"{name} must be true or false."),
    };

    /// <summary>A time as <see cref="ApiTime"/> reads it; the contract's "not said" when absent.</summary>
    public static Result<Moment> Time(string name, string? text)
    {
        if (text is null)
        {
            return new Moment(null);
        }

        return ApiTime.TryParse(text, out var time)
            ? new Moment(Timestamp.FromDateTimeOffset(time))
            : Failure.InvalidField(name, $"{name} must be a time like 2026-11-21T09:30:00Z, or a day like 2026-11-21.");
    }

    /// <summary>One of the REST spellings of <typeparamref name="T"/>; the enum's 0 when absent.</summary>
    public static Result<T> OneOf<T>(string name, string? text)
        where T : struct, Enum
    {
        if (text is null)
        {
            return default(T);
        }

        return ApiName.TryParse<T>(text, out var value)
            ? value
            : Failure.InvalidField(name, $"{name} must be one of {string.Join(", ", ApiName.All<T>())}.");
    }

    /// <summary>A time that may be absent.</summary>
    internal sealed record Moment(Timestamp? At);
}
