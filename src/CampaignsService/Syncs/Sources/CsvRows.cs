using System.Runtime.CompilerServices;
using CsvHelper;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// Reads CSV with a header line (RFC 4180). The header tells which of comma, semicolon and tab separates. Values are trimmed; an empty one
/// is none. A row with more or fewer values than the header has columns is broken: guessing would put values under wrong names.
/// </summary>
internal static class CsvRows
{
    public static async IAsyncEnumerable<SourceRow> ReadAsync(
        UploadBytes bytes, ColumnSet columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = CsvReaderOptions.Default with
        {
            Separator = SeparatorOf(await bytes.PeekLineAsync()),
            // the first record is taken as it is: its names are checked here
            HasHeader = false,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MaxRecordSize = SourceLimits.RowBytes,
            MalformedData = CsvMalformedDataHandling.Throw,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
            IncludeValuesInExceptions = false,
        };
        await using var reader = CsvReader.Create(bytes, options, leaveOpen: true);
        if (!await NextAsync(reader, cancellationToken))
        {
            throw new SourceException(SourceFailures.Empty);
        }

        var names = new string[reader.FieldCount];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = reader.GetString(i).Trim();
            if (names[i].Length == 0)
            {
                throw new SourceException(SourceFailures.Broken(1, $"column {i + 1} of the header has no name."));
            }

            if (!columns.Add(names[i]))
            {
                throw new SourceException(SourceFailures.Broken(1, $"the header names the column {Shown(names[i])} twice."));
            }
        }

        while (await NextAsync(reader, cancellationToken))
        {
            if (reader.FieldCount != names.Length)
            {
                throw new SourceException(SourceFailures.Broken(
                    reader.LineNumber,
                    $"{reader.FieldCount} values, but the header has {names.Length} columns. "
                    + "Put values that hold the separator in quotes."));
            }

            yield return new SourceRow(reader.LineNumber, Given(names, reader));
        }
    }

    private static Dictionary<string, string> Given(string[] names, CsvReader reader)
    {
        var given = new Dictionary<string, string>(names.Length, StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (reader.GetString(i).Trim() is { Length: > 0 } value)
            {
                given[names[i]] = value;
            }
        }

        return given;
    }

    private static async ValueTask<bool> NextAsync(CsvReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (CsvFormatException e)
        {
            throw new SourceException(SourceFailures.Broken(
                Math.Max(e.LineNumber, 1),
                $"a quote stands where none may, a closing one is missing, or the row is longer than {SourceLimits.RowBytes / 1024} KiB."));
        }
    }

    // outside quotes, so that a name such as "Last, first" does not decide
    private static char SeparatorOf(string header)
    {
        Span<int> counts = stackalloc int[3];
        var quoted = false;
        foreach (var c in header)
        {
            quoted ^= c is '"';
            if (!quoted && c is ',' or ';' or '\t')
            {
                counts[c is ',' ? 0 : c is ';' ? 1 : 2]++;
            }
        }

        return counts[1] > counts[0] && counts[1] >= counts[2] ? ';' : counts[2] > counts[0] ? '\t' : ',';
    }

    private static string Shown(string name) => name.Length <= 60 ? name : name[..60] + "...";
}
