using System.Text.Json;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>One row of a source: what stands in which column. A column without a value is not in it.</summary>
/// <param name="Line">Where it begins in the file, from 1; the row's number where there is no file.</param>
/// <param name="Columns">Values as text, by column in the source's spelling.</param>
internal sealed record SourceRow(long Line, IReadOnlyDictionary<string, string> Columns)
{
    /// <summary>
    /// Reads an object of strings, numbers, booleans and nulls, which is what databases and NDJSON give; null where
    /// <paramref name="isNested"/> is not allowed and a value is an object or a list.
    /// </summary>
    public static IReadOnlyDictionary<string, string>? ReadColumns(JsonElement row, bool isNested)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var column in row.EnumerateObject())
        {
            switch (column.Value.ValueKind)
            {
                case JsonValueKind.Null:
                    break;
                case JsonValueKind.String:
                    columns[column.Name] = column.Value.GetString()!;
                    break;
                case JsonValueKind.Object or JsonValueKind.Array when !isNested:
                    return null;
                default:
                    columns[column.Name] = column.Value.GetRawText();
                    break;
            }
        }

        return columns;
    }
}

/// <summary>A source that cannot be taken, on its way out of the readers.</summary>
internal sealed class SourceException(Failure failure) : Exception(failure.Message)
{
    public Failure Failure { get; } = failure;
}
