using System.Globalization;

namespace ZohoPlatform.Client.Http;

internal static class Paths
{
    /// <summary>The path with those parameters that have a value.</summary>
    public static string With(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var mark = '?';
        foreach (var (name, value) in parameters)
        {
            if (!string.IsNullOrEmpty(value))
            {
                path += $"{mark}{name}={Uri.EscapeDataString(value)}";
                mark = '&';
            }
        }

        return path;
    }

    /// <summary>A part of a path: an id or key that may hold anything.</summary>
    public static string Part(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        // these two would climb the path
        return value is "." or ".." ? throw new ArgumentException("It is no id.", nameof(value)) : Uri.EscapeDataString(value);
    }

    public static string? Refresh(bool refresh) => refresh ? "true" : null;

    public static string? Time(DateTimeOffset? time) => time?.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>How a list that is newest first by itself is ordered.</summary>
    public static string? Order(bool oldestFirst) => oldestFirst ? "created_at asc" : null;
}
